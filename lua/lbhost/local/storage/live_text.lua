--- The text of a LiveText: segments of characters with the same attributes, and the operations that change it.
--- Indices and lengths on the wire count UTF-16 units, as JavaScript does; no operation splits a character.
local divided = require "liveblocks.storage.divided"
local javascript = require "lbhost.local.rules.javascript"
local json = require "liveblocks.json"
local sequence = require "liveblocks.storage.sequence"

local live_text = {}

-- ---- Segments and characters ---------------------------------------------------------------------

--- Is this a list of segments, [text] or [text, attributes]?
function live_text.is_valid(data)
  if not json.is_array(data) then return false end
  for _, segment in ipairs(data) do
    divided.point()
    if not json.is_array(segment) or #segment < 1 or #segment > 2 or type(segment[1]) ~= "string" then return false end
    local attributes = segment[2]
    if attributes ~= nil and (type(attributes) ~= "table" or json.is_array(attributes)) then return false end
  end
  return true
end

-- The second UTF-16 unit of a character that has two.
local SECOND <const> = {}

-- A text as its UTF-16 units: { char, attributes table or false } for the first one of a character.
local function units_of(data)
  local units = {}
  for _, segment in ipairs(data) do
    local attributes = segment[2] or false
    for char in segment[1]:gmatch(utf8.charpattern) do
      divided.point()
      units[#units + 1] = { char, attributes }
      if #char == 4 then units[#units + 1] = SECOND end
    end
  end
  return units
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

local function segments_of(units)
  local data, words, attributes = json.array {}, {}, nil
  local function close()
    if words[1] then data[#data + 1] = json.array { table.concat(words), attributes or nil } end
  end
  for _, unit in ipairs(units) do
    divided.point()
    if unit ~= SECOND then
      if words[1] and not alike(attributes, unit[2]) then
        close()
        words = {}
      end
      words[#words + 1], attributes = unit[1], unit[2]
    end
  end
  close()
  return data
end

-- The index that is, within the text and not between the units of one character.
local function clamp(units, index)
  index = math.max(index, 0)
  if index >= units.n then return units.n end
  return units:get(index + 1) == SECOND and index - 1 or index
end

-- The indices around a range; it takes in a character that it would split.
local function range_of(units, op)
  local index = math.max(op.index, 0)
  local first = clamp(units, index)
  if op.length <= 0 then return first, first end
  local last = clamp(units, index + op.length)
  if last < index + op.length and last < units.n then last = last + 2 end
  return first, last
end

-- ---- Operations ----------------------------------------------------------------------------------

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

function apply.insert(units, op)
  local at = clamp(units, op.index)
  for i, unit in ipairs(units_of { { op.text, op.attributes } }) do units:insert(at + i, unit) end
  return { type = "insert", index = at, text = op.text, attributes = op.attributes }
end

function apply.delete(units, op)
  local first, last = range_of(units, op)
  for i = last, first + 1, -1 do
    divided.point()
    units:remove(i)
  end
  return { type = "delete", index = first, length = last - first }
end

function apply.format(units, op)
  local first, last = range_of(units, op)
  for i = first + 1, last do
    divided.point()
    local unit = units:get(i)
    if unit ~= SECOND then units:set(i, { unit[1], with_changes(unit[2], op.attributes) }) end
  end
  return { type = "format", index = first, length = last - first, attributes = op.attributes }
end

--- Applies operations in turn.
---@param data table segments
---@param ops table[]
---@return table data new segments
---@return table[] applied the operations as they took effect
function live_text.apply(data, ops)
  local units, applied = sequence.of(units_of(data)), json.array {}
  for i, op in ipairs(ops) do
    divided.point()
    applied[i] = apply[op.type](units, op)
  end
  return segments_of(units:array()), applied
end

-- ---- Transformation ------------------------------------------------------------------------------

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

-- `later`: op comes after the other, so that at the same index it goes to its right.
local function over_insert(op, other, later)
  local size, at = javascript.length(other.text), other.index
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

-- One operation over a list: what becomes of it, and of the list over it. `budget.left`: how many more times one may be
-- transformed over another one; once there is none left the results mean nothing.
local function cross_one(op, others, budget)
  local pieces, passed = { op }, {}
  for _, other in ipairs(others) do
    divided.point()
    budget.left = budget.left - 1
    if budget.left < 0 then break end
    local after
    if #pieces == 1 then
      pieces, after = over(pieces[1], other, true), over(other, pieces[1], false)
    else
      pieces, after = cross(pieces, { other }, budget)
    end
    append(passed, after)
  end
  return pieces, passed
end

function cross(ops, others, budget)
  local out = {}
  for _, op in ipairs(ops) do
    if budget.left < 0 then break end
    local pieces
    pieces, others = cross_one(op, others, budget)
    append(out, pieces)
  end
  return out, others
end

--- What operations become that were made without knowing of others which were accepted before them.
---@param ops table[]
---@param accepted table[]
---@param crossings integer how many times one may be transformed over another one; a part of one that was split counts as one
---@return table[]? ops nil when that is not enough
function live_text.transform(ops, accepted, crossings)
  local budget = { left = crossings }
  local transformed = cross(ops, accepted, budget)
  return budget.left >= 0 and transformed or nil
end

return live_text
