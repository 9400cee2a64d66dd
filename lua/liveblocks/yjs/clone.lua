--- Copies of shared types, to be inserted somewhere else, as Yjs's clone() makes them.
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

local function entries_of(entries)
  local list = {}
  for key, value in entries do list[#list + 1] = { key, copy(value) } end
  return list
end

local function delta_of(text)
  local delta = text:to_delta()
  for _, part in ipairs(delta) do part.insert = copy(part.insert) end
  return delta
end

local function attributes_of(type)
  local list = {}
  for key, value in pairs(type:get_attributes()) do list[#list + 1] = { key, copy(value) } end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

local function set_attributes(shared, list)
  for _, entry in ipairs(list) do shared:set_attribute(entry[1], entry[2]) end
end

local by_kind = {
  array = function(type)
    local list = copies(type:to_array())
    return function(shared) shared:insert(0, list) end
  end,
  map = function(type)
    local list = entries_of(type:entries())
    return function(shared)
      for _, entry in ipairs(list) do shared:set(entry[1], entry[2]) end
    end
  end,
  text = function(type)
    local delta = delta_of(type)
    return function(shared) shared:apply_delta(delta) end
  end,
  ["xml element"] = function(type)
    local children, attributes = copies(type:to_array()), attributes_of(type)
    return function(shared)
      shared:insert(0, children)
      set_attributes(shared, attributes)
    end
  end,
}
by_kind["xml fragment"], by_kind["xml text"], by_kind["xml hook"] = by_kind.array, by_kind.text, by_kind.map

--- A new type with what the given one holds now.
---@param type liveblocks.yjs.Type
---@return table value to be inserted
function clone(type)
  local kind = type:kind()
  local name = (kind == "xml element" or kind == "xml hook") and type:name() or nil
  return values.new(kind, name, by_kind[kind] and by_kind[kind](type))
end

return clone
