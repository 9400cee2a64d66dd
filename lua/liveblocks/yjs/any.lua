--- Values with parts that JSON does not have: bytes and undefined, within objects and lists. They are written and read in
--- lib0's "any" encoding (https://github.com/dmonad/lib0), in which Yjs keeps values.
local core = require("liveblocks.core").yjs
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local sorted_keys = require "liveblocks.sorted_keys"
local values = require "liveblocks.yjs.values"

local any = {}

local BYTES, LIST, OBJECT, STRING, UNDEFINED = 116, 117, 118, 119, 127
local DEPTH = 1000 -- as of JSON

-- ---- Writing -------------------------------------------------------------------------------------

-- A count, in groups of seven bits.
local function uint(n)
  local groups = {}
  while n >= 128 do
    groups[#groups + 1] = string.char(n % 128 + 128)
    n = math.floor(n / 128)
  end
  groups[#groups + 1] = string.char(n)
  return table.concat(groups)
end

-- A value that is one in JSON, too.
local function scalar(value, place)
  local ok, text = pcall(json.encode, value)
  if not ok then place:fail(text:match "^.*:%s*(.*)$" or text) end
  return core.any(text)
end

local Place = {}
Place.__index = Place

function Place:fail(problem)
  local path = {}
  for i, step in ipairs(self) do
    path[i] = type(step) == "number" and ("[%d]"):format(step) or (path[1] and "." or "") .. tostring(step)
  end
  errors.usage("%s: %s%s", self.what, path[1] and table.concat(path) .. ": " or "", problem)
end

local instead = {
  shared = "a shared type that is in a document cannot be inserted again; insert a new one",
  new = "a new shared type cannot be in a plain table; make what is around it with yjs.map or yjs.array",
  document = "a subdocument cannot be in a plain table; make what is around it with yjs.map or yjs.array",
}

local put

local function put_list(out, list, place)
  local length, problem = values.length(list)
  if not length then place:fail(problem) end
  out[#out + 1] = string.char(LIST) .. uint(length)
  for i = 1, length do
    place[#place + 1] = i
    put(out, list[i], place)
    place[#place] = nil
  end
end

local function put_object(out, object, place)
  for key in pairs(object) do
    if type(key) ~= "string" then place:fail(("a key of type %s has no JSON form (use strings, or 1..n)"):format(type(key))) end
  end
  local keys = sorted_keys(object)
  out[#out + 1] = string.char(OBJECT) .. uint(#keys)
  for _, key in ipairs(keys) do
    place[#place + 1] = key
    out[#out + 1] = scalar(key, place):sub(2)
    put(out, object[key], place)
    place[#place] = nil
  end
end

function put(out, value, place)
  local kind = values.stands_for(value)
  if instead[kind] then place:fail(instead[kind]) end
  if kind == "undefined" then
    out[#out + 1] = string.char(UNDEFINED)
  elseif kind == "binary" then
    out[#out + 1] = string.char(BYTES) .. uint(#value.bytes) .. value.bytes
  elseif type(value) ~= "table" then
    out[#out + 1] = scalar(value, place)
  else
    place.depth = place.depth + 1
    if place.depth > DEPTH then
      for i = #place, 1, -1 do place[i] = nil end
      place:fail(("the value has more than %d levels, or contains itself"):format(DEPTH))
    end
    local is_list = json.is_array(value) or getmetatable(value) ~= json.object_mt and value[1] ~= nil
    if is_list then put_list(out, value, place) else put_object(out, value, place) end
    place.depth = place.depth - 1
  end
end

--- The bytes of a value. Raises a usage error for what has no form in Yjs, with its place.
---@param value any
---@param what string the function, for messages
---@param single boolean? the value is a list of one, of which messages say nothing
---@return string
function any.encode(value, what, single)
  local out, place = {}, setmetatable({ what = what, depth = 0 }, Place)
  if single then
    out[1] = string.char(LIST, 1)
    put(out, value[1], place)
  else
    put(out, value, place)
  end
  return table.concat(out)
end

-- ---- Reading -------------------------------------------------------------------------------------

-- A count and the position after it.
local function get_uint(bytes, at)
  local n, factor = 0, 1
  while true do
    local byte = bytes:byte(at)
    at = at + 1
    n = n + byte % 128 * factor
    if byte < 128 then return n, at end
    factor = factor * 128
  end
end

local function get_bytes(bytes, at)
  local size, from = get_uint(bytes, at)
  return bytes:sub(from, from + size - 1), from + size
end

-- How long the scalars are that JSON has; an integer goes up to its last group.
local sizes = { [120] = 1, [121] = 1, [122] = 9, [123] = 9, [124] = 5, [126] = 1 }

local function get(bytes, at)
  local kind = bytes:byte(at)
  if kind == BYTES then
    local found, after = get_bytes(bytes, at + 1)
    return values.binary(found), after
  elseif kind == UNDEFINED then
    return values.undefined, at + 1
  elseif kind == STRING then
    return get_bytes(bytes, at + 1)
  elseif kind == LIST then
    local list, length, next_at = json.array {}, get_uint(bytes, at + 1)
    for i = 1, length do list[i], next_at = get(bytes, next_at) end
    return list, next_at
  elseif kind == OBJECT then
    local object, count, next_at = json.object {}, get_uint(bytes, at + 1)
    for _ = 1, count do
      local key, value_at = get_bytes(bytes, next_at)
      object[key], next_at = get(bytes, value_at)
    end
    return object, next_at
  end
  local after = sizes[kind] and at + sizes[kind] or select(2, get_uint(bytes, at + 1))
  return json.decode(core.json(bytes:sub(at, after - 1))), after
end

--- The value of bytes that the core gave.
---@param bytes string
---@return any
function any.decode(bytes) return (get(bytes, 1)) end

--- As any.decode, with what JSON.stringify makes of bytes and undefined.
---@param bytes string
---@return any
function any.plain(bytes) return json.decode(core.json(bytes)) end

return any
