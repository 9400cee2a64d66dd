--- Picks parts of a decoded JSON value by a path: id, data[0].id, data[].metadata.color. [] stands for every element.
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local sorted_keys = require "liveblocks.sorted_keys"

local json_path = {}

-- "data[].id" -> { { key = "data" }, { each = true }, { key = "id" } }
local function parse(path)
  local steps, from = {}, 1
  while from <= #path do
    local key, next_key = path:match("^%.?([^.%[%]]+)()", from)
    local index, next_index = path:match("^%[(%d*)%]()", from)
    if key and (from > 1) == (path:sub(from, from) == ".") then
      steps[#steps + 1], from = { key = key }, next_key
    elseif index then
      steps[#steps + 1] = index == "" and { each = true } or { index = tonumber(index) + 1 }
      from = next_index
    else
      errors.usage("'%s' is not a path at '%s': write id, data[0].id or data[].id", path, path:sub(from))
    end
  end
  if not steps[1] then errors.usage "the path is empty: write id, data[0].id or data[].id" end
  return steps
end

local function is_list(value)
  return type(value) == "table" and json.is_array(value)
end

local function walk(value, steps, i, out)
  local step = steps[i]
  if not step then
    out[#out + 1] = value
  elseif step.each then
    if is_list(value) then
      for _, one in ipairs(value) do walk(one, steps, i + 1, out) end
    elseif type(value) == "table" then
      for _, key in ipairs(sorted_keys(value)) do walk(value[key], steps, i + 1, out) end
    end
  elseif type(value) == "table" and (step.index ~= nil) == is_list(value) then
    local part = value[step.index or step.key]
    if part ~= nil then walk(part, steps, i + 1, out) end
  end
end

--- The parts that a path names, in order; what is not there is left out.
---@param value any
---@param path string
---@return any[]
function json_path.select(value, path)
  local out = {}
  walk(value, parse(path), 1, out)
  return out
end

return json_path
