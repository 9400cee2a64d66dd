--- What shared types hold that JSON does not know, and types that are in no document yet.
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local subdocument = require "liveblocks.yjs.subdocument"

local values = {}

--- The kinds of shared types, numbered as in updates.
values.kinds = { [0] = "array", "map", "text", "xml element", "xml fragment", "xml hook", "xml text", "unknown" }
values.numbers = {}
for number, kind in pairs(values.kinds) do values.numbers[kind] = number end

--- A position or a length, checked.
---@param value any
---@param what string the method, for messages
---@param name string
---@return integer
function values.count(value, what, name)
  if type(value) ~= "number" or value < 0 or value >= 2 ^ 53 or value ~= math.floor(value) then
    errors.usage("%s: %s must be an integer from 0 on, got %s", what, name, tostring(value))
  end
  return value
end

--- A value that JavaScript calls undefined, which is not null.
values.undefined = setmetatable({}, { __tostring = function() return "undefined" end })

local Binary = { __tostring = function(self) return ("binary (%d bytes)"):format(#self.bytes) end }
local New = {}

--- Bytes, distinguished from strings.
---@param bytes string
function values.binary(bytes)
  if type(bytes) ~= "string" then errors.usage("yjs.binary: a string of bytes expected, got %s", type(bytes)) end
  return setmetatable({ bytes = bytes }, Binary)
end

function values.is_binary(value) return getmetatable(value) == Binary end

--- A type to be inserted; fill(shared) is called when it is in the document.
function values.new(kind, name, fill)
  return setmetatable({ kind = kind, name = name, fill = fill }, New)
end

function values.is_new(value) return getmetatable(value) == New end

--- A value as content of an item: kind, data and name as the core takes them.
---@param value any
---@param what string for messages
function values.content(value, what)
  local mt = getmetatable(value)
  if value == nil then errors.usage("%s: a value expected, got nil (json.null and yjs.undefined stand for nothing)", what) end
  if value == values.undefined then return "undefined" end
  if mt == Binary then return "binary", value.bytes end
  if subdocument.is(value) then return "document", json.encode(value.options), value.guid end
  if mt == New then return "type", values.numbers[value.kind], value.name end
  if type(value) == "table" and rawget(value, "_yjs") then
    errors.usage("%s: a shared type that is in a document cannot be inserted again; insert a new one", what)
  end
  return "any", json.encode(json.array { value })
end

--- Is it a value that JSON knows, so that several of them are one item?
function values.is_plain(value)
  local mt = getmetatable(value)
  return value ~= nil and value ~= values.undefined and mt ~= Binary and mt ~= New and not subdocument.is(value)
    and not (type(value) == "table" and rawget(value, "_yjs"))
end

--- Is it a shared type of that document?
function values.is_of(value, document)
  return type(value) == "table" and rawget(value, "_yjs") ~= nil and rawget(value, "document") == document
end

--- Attributes of a text, sorted: key, JSON text, key, JSON text ...; nil stays nil.
function values.attributes(attributes, what)
  if attributes == nil then return nil end
  if type(attributes) ~= "table" then errors.usage("%s: a table of attributes expected, got %s", what, type(attributes)) end
  local keys, list = {}, {}
  for key in pairs(attributes) do
    if type(key) ~= "string" then errors.usage("%s: the names of attributes are strings, got %s", what, errors.a(type(key))) end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  for _, key in ipairs(keys) do
    list[#list + 1] = key
    list[#list + 1] = json.encode(attributes[key])
  end
  return list
end

return values
