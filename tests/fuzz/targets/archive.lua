-- Files of a backup that are any bytes: read, or refused with the name of the file.
local archive = require "lbhost.migrate.archive"
local support = dofile "tests/fuzz/targets/support.lua"

local path = os.tmpname()
os.remove(path)
archive.open(path, true):write("r", "room.json", "{}")

-- Not Archive:write(), which waits for the disk.
local function write(name, bytes)
  local file <close> = assert(io.open(path .. "/rooms/r/" .. name, "wb"))
  assert(file:write(bytes))
end

return function(bytes)
  local parts = support.parts(bytes, 3)
  for i, name in ipairs { "room.json", "storage.json", "threads.jsonl" } do write(name, parts[i] or "{}") end
  local again = archive.open(path)
  for _, name in ipairs { "room.json", "storage.json" } do support.refusable(again.read_json, again, "r", name) end
  support.refusable(function()
    for value in again:lines("r", "threads.jsonl") do assert(value ~= nil) end
  end)
  write("room.json", '{"id":"r"}')
  assert(again:read_json("r", "room.json").id == "r" and again:rooms()() == "r")
  write("room.json", parts[1])
  support.refusable(function()
    for id in again:rooms() do assert(id == "r", "a room of another name") end
  end)
  support.refusable(again.find, again, parts[1], "room.json")
end
