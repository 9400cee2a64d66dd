-- Files of a backup that are any bytes: read, or refused with the name of the file.
local archive = require "lbhost.migrate.archive"
local support = dofile "tests/fuzz/targets/support.lua"

local path = os.tmpname()
os.remove(path)
local opened = archive.open(path, true)

return function(bytes)
  local parts = support.parts(bytes, 3)
  for i, name in ipairs { "room.json", "storage.json", "threads.jsonl" } do opened:write("r", name, parts[i] or "{}") end
  opened:write("r", "room.json", '{"id":"r"}')
  local again = archive.open(path)
  for _, name in ipairs { "room.json", "storage.json" } do support.refusable(again.read_json, again, "r", name) end
  support.refusable(function()
    for value in again:lines("r", "threads.jsonl") do assert(value ~= nil) end
  end)
  opened:write("r", "room.json", parts[1])
  support.refusable(function()
    for id in again:rooms() do assert(id == "r", "a room of another name") end
  end)
  support.refusable(again.find, again, parts[1], "room.json")
end
