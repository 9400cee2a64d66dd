-- The patches of random_patches.py, applied by the local Liveblocks to documents that are live all through.
--
--   lbhost run server.lua CASES ROOT
package.path = arg[2] .. "/?.lua;" .. package.path
local equal = require("liveblocks.storage.value").equal
local json = require "liveblocks.json"
local support = require "tests.support.local_app"

local app = support.new()
support.call(app, "POST", "/v2/rooms", { id = "r", defaultAccesses = json.array {} })
local STORAGE <const> = "/v2/rooms/r/storage"

local count, refused = 0, 0
for line in io.lines(arg[1]) do
  local case = json.decode(line)
  support.call(app, "DELETE", STORAGE)
  local fill = json.array {}
  for key, value in pairs(case.document) do
    fill[#fill + 1] = { op = "add", path = "/" .. key:gsub("~", "~0"):gsub("/", "~1"), value = value }
  end
  assert(support.call(app, "PATCH", STORAGE .. "/json-patch", fill) == 200)
  local status, problem = support.call(app, "PATCH", STORAGE .. "/json-patch", json.array(case.patch))
  local _, got = support.call(app, "GET", STORAGE .. "?format=json")
  local wanted = case.result == json.null and case.document or case.result
  local wanted_status = case.result == json.null and 422 or 200
  if status ~= wanted_status or not equal(got, wanted) then
    io.stderr:write(("patches: case %d: wanted %d %s\ngot %d %s %s\ndocument %s\npatch %s\n"):format(count + 1, wanted_status,
      json.encode(wanted), status, json.encode(got), status == 422 and problem.message or "", json.encode(case.document),
      json.encode(case.patch)))
    os.exit(1)
  end
  count, refused = count + 1, refused + (status == 422 and 1 or 0)
end
print(("patches: the local Liveblocks applies %d and refuses %d as jsonpatch does"):format(count - refused, refused))
