-- JSON Patches and whole bodies for the local Liveblocks: all operations or none, never a 500.
local json = require "liveblocks.json"
local support = require "tests.support.local_app"

local START = [==[{"liveblocksType":"LiveObject","data":{"a":1,"list":{"liveblocksType":"LiveList","data":[1,2,3]},
  "map":{"liveblocksType":"LiveMap","data":{"k":"v"}},"o":{"liveblocksType":"LiveObject","data":{"x":null}},
  "text":{"liveblocksType":"LiveText","data":[["hello"]]}}}]==]

local AS_JSON = { ["content-type"] = "application/json" }
local app = support.new()
assert(support.call(app, "POST", "/v2/rooms", { id = "r", defaultAccesses = json.array {} }) == 200)

local function document()
  local _, value = support.call(app, "GET", "/v2/rooms/r/storage")
  return json.encode(value)
end

return function(bytes)
  support.call(app, "DELETE", "/v2/rooms/r/storage")
  assert(support.call(app, "POST", "/v2/rooms/r/storage", START, AS_JSON) == 200)
  local before = document()
  local status = support.call(app, "PATCH", "/v2/rooms/r/storage/json-patch", bytes, AS_JSON)
  assert(status < 500, "a failure of the server's own")
  assert(status < 300 or document() == before, "a refused patch has changed the document")
end
