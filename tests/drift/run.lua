-- Prints where the endpoint table and the official SDKs differ, and exits with 1 when they do:
--
--   lbhost run tests/drift/run.lua ROOT PYTHON.json NODE.json
package.path = arg[1] .. "/?.lua;" .. package.path
local compare = require "tests.drift.compare"
local json = require "liveblocks.json"
local known = require "tests.drift.known"

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return json.decode(file:read "a")
end

local python, node = read(arg[2]), read(arg[3])
local found, explained = compare(python, node, known)
for _, line in ipairs(found) do print(line) end
print(("drift: %d operations of the Python SDK %s, %d requests of the Node SDK %s: %d differences, %d explained"):format(
  #python.operations, python.version, #node.requests, node.version, #found, explained))
os.exit(#found == 0 and 0 or 1)
