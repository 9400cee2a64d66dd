-- Journals and event stores whose files are any bytes: opened, or refused with the name of the file.
local journal = require "lbhost.migrate.journal"
local store = require "lbhost.serve.store"
local support = dofile "tests/fuzz/targets/support.lua"

local path = os.tmpname()

local function write(bytes)
  for _, suffix in ipairs { "-wal", "-shm", "-journal" } do os.remove(path .. suffix) end
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
end

local function try(open)
  local ok, opened = support.refusable(open, path, {})
  if ok and opened then opened:close() end
  if not ok then assert(opened.message:find(path, 1, true), "the file is not named: " .. opened.message) end
end

-- The head of a file of SQLite, so that more than the check of it is reached.
local HEAD = "SQLite format 3\0\16\0\1\1\0\64\32\32"

return function(bytes)
  local text = bytes:byte(1) == 0 and bytes:sub(2) or HEAD .. bytes
  write(text)
  try(journal.open)
  write(text)
  try(store.open)
end
