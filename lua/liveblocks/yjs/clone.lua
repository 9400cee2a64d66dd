--- Copies of shared types, to be inserted somewhere else, as Yjs's clone() makes them.
local errors = require "liveblocks.errors"
local values = require "liveblocks.yjs.values"

local clone

-- A value as it can be inserted again.
local function copy(value)
  if type(value) == "table" and rawget(value, "_yjs") then return clone(value) end
  return value
end

local function copies(list)
  local copied = {}
  for i, value in ipairs(list) do copied[i] = copy(value) end
  return copied
end

local function entries_of(map)
  local entries, order = {}, {}
  for key, value in map:entries() do
    entries[key], order[#order + 1] = copy(value), key
  end
  return values.entries(entries, "clone", order)
end

local function attributes_of(element)
  local attributes = element:get_attributes()
  for key, value in pairs(attributes) do attributes[key] = copy(value) end
  return values.entries(attributes, "clone")
end

local function delta_of(text)
  local delta = text:to_delta()
  for _, part in ipairs(delta) do part.insert = copy(part.insert) end
  return values.delta(delta, "clone")
end

local by_kind = {
  array = function(shared) return { children = values.contents(copies(shared:to_array()), "clone") } end,
  map = function(shared) return { entries = entries_of(shared) } end,
  text = function(shared) return { delta = delta_of(shared) } end,
  ["xml element"] = function(shared)
    return { children = values.contents(copies(shared:to_array()), "clone"), entries = attributes_of(shared) }
  end,
}
by_kind["xml fragment"], by_kind["xml text"], by_kind["xml hook"] = by_kind.array, by_kind.text, by_kind.map

--- A new type with what the given one holds now.
---@param type liveblocks.yjs.Type
---@return table value to be inserted
function clone(type)
  local kind = type:kind()
  local name = (kind == "xml element" or kind == "xml hook") and type:name() or nil
  if not by_kind[kind] then errors.usage("clone: nothing says yet what the root type is; get it as what it is to be") end
  return values.new(kind, name, by_kind[kind](type), "clone")
end

return clone
