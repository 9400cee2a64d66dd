-- Writes random edits as JSON Lines { seed, before, patch, after } for an independent RFC 6902: cases.lua COUNT FILE
local storage = require("liveblocks").storage
local cases = require "tests.support.storage_cases"
local json = require "liveblocks.json"
local value = require "liveblocks.storage.value"

local count, path = math.tointeger(tonumber(arg[1])), arg[2]
local file = assert(io.open(path, "w"))
local allowed = { allow_conversion = true, allow_map = true }

local function write(n, before, patch, after)
  file:write(json.encode { seed = n, before = before, patch = cases.plain_patch(patch), after = after }, "\n")
end

for n = 1, count do
  local before, change = cases.make(n)
  local document = storage.open(before)
  local ok, patch = pcall(function()
    change(document.root)
    return storage.patch(document, allowed)
  end)
  -- An edit may try to put a part into itself, or a copy of a text anywhere, which is refused.
  if ok then write(n, value.before(before), patch, value.form(document.root_node, "patch")) end
  local other = cases.without_texts(cases.document(n + 1))
  write(n, value.before(before), storage.diff(before, other, allowed), value.before(other))
end
assert(file:close())
