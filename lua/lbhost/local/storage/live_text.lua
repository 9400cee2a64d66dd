--- The text of a LiveText: segments of characters with the same attributes, and the operations that change it.
--- Indices and lengths on the wire count UTF-16 units, as JavaScript does; no operation splits a character.
local json = require "liveblocks.json"

local live_text = {}

-- ---- Segments and characters ---------------------------------------------------------------------

--- Is this a list of segments, [text] or [text, attributes]?
function live_text.is_valid(data)
  if not json.is_array(data) then return false end
  for _, segment in ipairs(data) do
    if not json.is_array(segment) or #segment < 1 or #segment > 2 or type(segment[1]) ~= "string" then return false end
    local attributes = segment[2]
    if attributes ~= nil and (type(attributes) ~= "table" or json.is_array(attributes)) then return false end
  end
  return true
end

-- { chars = { "a", ... }, attributes = { table or false, ... } }
local function explode(data)
  local text = { chars = {}, attributes = {} }
  for _, segment in ipairs(data) do
    local attributes = segment[2] or false
    for char in segment[1]:gmatch(utf8.charpattern) do
      table.insert(text.chars, char)
      table.insert(text.attributes, attributes)
    end
  end
  return text
end

-- Attributes are compared as JavaScript does with ===: an object in them is like itself alone.
local function alike(a, b)
  if a == b then return true end
  if not a or not b then return false end
  for name, value in pairs(a) do
    if b[name] ~= value then return false end
  end
  for name in pairs(b) do
    if a[name] == nil then return false end
  end
  return true
end

local function implode(text)
  local data = json.array {}
  local first = 1
  for i = 1, #text.chars do
    local attributes = text.attributes[i]
    if i == #text.chars or not alike(attributes, text.attributes[i + 1]) then
      local segment = json.array { table.concat(text.chars, "", first, i) }
      if attributes then segment[2] = attributes end
      data[#data + 1] = segment
      first = i + 1
    end
  end
  return data
end

local function units(char) return #char == 4 and 2 or 1 end

-- How many characters lie before a UTF-16 index, and the index that is, which is lower inside a surrogate pair.
local function place_of(text, index)
  local at = 0
  for i, char in ipairs(text.chars) do
    if at + units(char) > index then return i - 1, at end
    at = at + units(char)
  end
  return #text.chars, at
end

-- The places around the characters of a range, and the indices that are; it takes in a pair that it would split.
local function range_of(text, op)
  local index = math.max(op.index, 0)
  local first, from = place_of(text, index)
  if op.length <= 0 then return first, first, from, from end
  local last, to = place_of(text, index + op.length)
  if to < index + op.length and last < #text.chars then return first, last + 1, from, to + units(text.chars[last + 1]) end
  return first, last, from, to
end

-- ---- Operations ----------------------------------------------------------------------------------

local function splice(list, place, remove, insert)
  local tail = table.move(list, place + remove + 1, #list, 1, {})
  for i = #list, place + 1, -1 do list[i] = nil end
  table.move(insert, 1, #insert, place + 1, list)
  table.move(tail, 1, #tail, #list + 1, list)
end

local function with_changes(attributes, changes)
  local all = {}
  for name, value in pairs(attributes or {}) do all[name] = value end
  for name, value in pairs(changes) do
    if value == json.null then all[name] = nil else all[name] = value end
  end
  return next(all) ~= nil and all or false
end

-- Each applies an operation and returns it as it was applied, within the text and between characters.
local apply = {}

function apply.insert(text, op)
  local place, at = place_of(text, math.max(op.index, 0))
  local added = explode { { op.text, op.attributes } }
  splice(text.chars, place, 0, added.chars)
  splice(text.attributes, place, 0, added.attributes)
  return { type = "insert", index = at, text = op.text, attributes = op.attributes }
end

function apply.delete(text, op)
  local first, last, from, to = range_of(text, op)
  splice(text.chars, first, last - first, {})
  splice(text.attributes, first, last - first, {})
  return { type = "delete", index = from, length = to - from }
end

function apply.format(text, op)
  local first, last, from, to = range_of(text, op)
  for i = first + 1, last do text.attributes[i] = with_changes(text.attributes[i], op.attributes) end
  return { type = "format", index = from, length = to - from, attributes = op.attributes }
end

--- Applies operations in turn.
---@param data table segments
---@param ops table[]
---@return table data new segments
---@return table[] applied the operations as they took effect
function live_text.apply(data, ops)
  local text, applied = explode(data), json.array {}
  for i, op in ipairs(ops) do applied[i] = apply[op.type](text, op) end
  return implode(text), applied
end

-- ---- Transformation ------------------------------------------------------------------------------

local function utf16_length(text)
  local n = 0
  for char in text:gmatch(utf8.charpattern) do n = n + units(char) end
  return n
end

local function moved(op, index, length)
  return { type = op.type, index = index, length = length, text = op.text, attributes = op.attributes }
end

local function over_delete(op, other)
  local stop = other.index + other.length
  local function map(x) return x <= other.index and x or x >= stop and x - other.length or other.index end
  if op.type == "insert" then return { moved(op, map(op.index)) } end
  local first, last = map(op.index), map(op.index + op.length)
  return last > first and { moved(op, first, last - first) } or {}
end

-- `later`: op comes after the other, so that at the same place it goes to its right.
local function over_insert(op, other, later)
  local size, at = utf16_length(other.text), other.index
  if op.type == "insert" then
    return { moved(op, (at < op.index or (at == op.index and later)) and op.index + size or op.index) }
  end
  if at <= op.index then return { moved(op, op.index + size, op.length) } end
  if at >= op.index + op.length then return { op } end
  local before = at - op.index
  -- When the first half was deleted the second one has moved to the left.
  local second = op.type == "delete" and op.index + size or at + size
  return { moved(op, op.index, before), moved(op, second, op.length - before) }
end

local function over(op, other, later)
  if other.type == "delete" then return over_delete(op, other) end
  if other.type == "insert" then return over_insert(op, other, later) end
  return { op }
end

local function append(list, more)
  table.move(more, 1, #more, #list + 1, list)
end

local cross

-- One operation over a list: what becomes of it, and of the list over it.
local function cross_one(op, others)
  local pieces, passed = { op }, {}
  for _, other in ipairs(others) do
    local after
    if #pieces == 1 then
      pieces, after = over(pieces[1], other, true), over(other, pieces[1], false)
    else
      pieces, after = cross(pieces, { other })
    end
    append(passed, after)
  end
  return pieces, passed
end

function cross(ops, others)
  local out = {}
  for _, op in ipairs(ops) do
    local pieces
    pieces, others = cross_one(op, others)
    append(out, pieces)
  end
  return out, others
end

--- What operations become that were made without knowing of others which were accepted before them.
---@param ops table[]
---@param accepted table[]
---@return table[]
function live_text.transform(ops, accepted)
  return (cross(ops, accepted))
end

return live_text
