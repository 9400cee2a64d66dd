--- What shared types hold that JSON does not know, types that are in no document yet, and values as the core takes them.
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local subdocument = require "liveblocks.yjs.subdocument"

local values = {}

--- The kinds of shared types, numbered as in updates.
values.kinds = { [0] = "array", "map", "text", "xml element", "xml fragment", "xml hook", "xml text", "unknown" }
values.numbers = {}
for number, kind in pairs(values.kinds) do values.numbers[kind] = number end

values.DEPTH = 500 -- of new types in new types

-- ---- Arguments -----------------------------------------------------------------------------------

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

--- A position that may count from the end, checked.
---@param value any
---@param what string
---@param name string
---@return integer
function values.offset(value, what, name)
  if type(value) ~= "number" or value <= -2 ^ 53 or value >= 2 ^ 53 or value ~= math.floor(value) then
    errors.usage("%s: %s must be an integer, got %s", what, name, tostring(value))
  end
  return value
end

--- A string, checked.
---@return string
function values.text(value, what, name)
  if type(value) ~= "string" then errors.usage("%s: %s must be a string, got %s", what, name, errors.a(type(value))) end
  return value
end

--- The name of a type, checked.
---@return string
function values.name(value, what)
  local _, bad = utf8.len(values.text(value, what, "the name"))
  if bad then errors.usage("%s: the name is not valid UTF-8 at byte %d", what, bad) end
  return value
end

--- A function, checked.
---@return function
function values.callable(value, what)
  if type(value) ~= "function" then errors.usage("%s: a function expected, got %s", what, errors.a(type(value))) end
  return value
end

--- The length of a list without holes: # of one with holes is any border, and not the same in each Lua.
---@param list any
---@return integer? length nil when it is not such a list
---@return string? problem
function values.length(list)
  if type(list) ~= "table" or values.stands_for(list) then return nil, "a list of values expected, got " .. values.name_of(list) end
  local count, largest = 0, 0
  for _ in pairs(list) do
    count = count + 1
    if list[count] == nil then break end
  end
  if count == 0 or list[count] ~= nil then return count end -- as many keys as elements
  count = 0
  for key in pairs(list) do
    if type(key) ~= "number" or key < 1 or key ~= math.floor(key) then
      return nil, ("a list of values expected, got a table with the key '%s'"):format(tostring(key))
    end
    largest, count = math.max(largest, key), count + 1
  end
  if largest == count then return count end
  local hole = 1
  while list[hole] ~= nil do hole = hole + 1 end
  return nil, ("a value expected at %d of the list, got nil (json.null and yjs.undefined stand for nothing)"):format(hole)
end

local function length_of(list, what)
  local length, problem = values.length(list)
  if not length then errors.usage("%s: %s", what, problem) end
  return length
end

-- ---- What stands for something else --------------------------------------------------------------

-- Each has a key that JSON does not have: within a plain value, the encoder stops at it.

--- A value that JavaScript calls undefined, which is not null.
values.undefined = setmetatable({ [false] = true }, { __tostring = function() return "undefined" end })

local Binary = { __tostring = function(self) return ("binary (%d bytes)"):format(#self.bytes) end }
local New = { __tostring = function(self) return "new " .. self.kind end }

--- Bytes, distinguished from strings.
---@param bytes string
function values.binary(bytes)
  if type(bytes) ~= "string" then errors.usage("yjs.binary: a string of bytes expected, got %s", errors.a(type(bytes))) end
  return setmetatable({ bytes = bytes, [false] = true }, Binary)
end

function values.is_binary(value) return getmetatable(value) == Binary end

--- What a table stands for: "undefined", "binary", "new" (a type that is in no document), "shared" (one that is) or "document";
--- nil for a plain value.
---@param value any
---@return string?
function values.stands_for(value)
  if type(value) ~= "table" then return nil end
  local mt = getmetatable(value)
  if mt == nil or mt == json.array_mt or mt == json.object_mt then return nil end
  if value == values.undefined then return "undefined" end
  if mt == Binary then return "binary" end
  if mt == New then return "new" end
  if subdocument.is(value) then return "document" end
  return rawget(value, "_yjs") and "shared" or nil
end

local names = { undefined = "undefined", binary = "bytes", new = "a new shared type", shared = "a shared type", document = "a subdocument" }

--- What a value is, for messages.
---@param value any
---@return string
function values.name_of(value) return names[values.stands_for(value)] or errors.a(type(value)) end

local function depth_of(contents) return contents and contents.depth or 0 end

--- A type to be inserted. `holds` is what is put into it: `children`, of values.contents(), `entries`, of values.entries(),
--- `delta`, of values.delta(), `text`, of values.string(), or `fill`, a function that gets the shared type when it is in the document.
---@param kind string
---@param name string?
---@param holds table
---@param what string the function, for messages
function values.new(kind, name, holds, what)
  local depth = math.max(depth_of(holds.children), depth_of(holds.entries), depth_of(holds.delta)) + 1
  if depth > values.DEPTH then
    errors.usage("%s: new types are nested in more than %d levels; insert the outer ones first", what, values.DEPTH)
  end
  return setmetatable({ kind = kind, name = name, children = holds.children, entries = holds.entries, delta = holds.delta,
    text = holds.text, fill = holds.fill, depth = depth, [false] = true }, New)
end

function values.is_new(value) return getmetatable(value) == New end

--- Is it a value that JSON knows, so that several of them are one item?
function values.is_plain(value)
  if type(value) ~= "table" then return value ~= nil end
  return values.stands_for(value) == nil
end

--- Is it a shared type of that document?
function values.is_of(value, document)
  return values.stands_for(value) == "shared" and rawget(value, "document") == document
end

-- ---- As the core takes them ----------------------------------------------------------------------

--- A plain value as JSON; or, when it holds bytes or undefined, as a NUL and the bytes of the "any" encoding.
---@param value any
---@param what string the function, for messages
---@param single boolean? of a list of one
---@return string
function values.encode(value, what, single)
  if type(value) == "boolean" then return value and "true" or "false" end
  local ok, text = pcall(json.encode, value)
  if ok then return text end
  return "\0" .. require("liveblocks.yjs.any").encode(value, what, single)
end

--- A value as content of an item: kind, data and name as the core takes them.
---@param value any
---@param what string for messages
function values.content(value, what)
  if value == nil then errors.usage("%s: a value expected, got nil (json.null and yjs.undefined stand for nothing)", what) end
  local kind = values.stands_for(value)
  if kind == "undefined" then return kind end
  if kind == "binary" then return kind, value.bytes end
  if kind == "document" then return kind, values.encode(value.options, what), value.guid end
  if kind == "new" then return "type", values.numbers[value.kind], value.name end
  if kind == "shared" then
    errors.usage("%s: a shared type that is in a document cannot be inserted again; insert a new one", what)
  end
  return "any", values.encode(json.array { value }, what, true)
end

local function content_of(value, what, into)
  local kind, data, name = values.content(value, what)
  local is_new = values.is_new(value)
  if is_new then into.depth = math.max(into.depth, value.depth) end
  return { kind = kind, data = data, name = name, count = 1, new = is_new and value or nil }
end

--- The values of a list as content of items, all of them checked: { kind =, data =, name =, count =, new = }. Plain ones that
--- follow each other are one item.
---@param list any[]
---@param what string for messages
---@return table[] contents with `depth`: of the new types in it
function values.contents(list, what)
  local at, length, contents = 1, length_of(list, what), { depth = 0 }
  while at <= length do
    if values.is_plain(list[at]) then
      local plain = json.array {}
      while at <= length and values.is_plain(list[at]) do
        plain[#plain + 1] = list[at]
        at = at + 1
      end
      contents[#contents + 1] = { kind = "any", data = values.encode(plain, what), count = #plain }
    else
      contents[#contents + 1] = content_of(list[at], what, contents)
      at = at + 1
    end
  end
  return contents
end

-- The keys of a table, which must be strings, sorted.
local function check_keys(entries, what, expected, name)
  if type(entries) ~= "table" or values.stands_for(entries) then
    errors.usage("%s: %s expected, got %s", what, expected, values.name_of(entries))
  end
  local keys = {}
  for key in pairs(entries) do
    if type(key) ~= "string" then errors.usage("%s: %s must be a string, got %s", what, name, errors.a(type(key))) end
    if key:find "[\128-\255]" then
      local _, bad = utf8.len(key)
      if bad then errors.usage("%s: %s is not valid UTF-8 at byte %d", what, name, bad) end
    end
    keys[#keys + 1] = key
  end
  if keys[2] then table.sort(keys) end
  return keys
end

--- Keys and values, sorted by the keys as bytes, or a list of pairs in its own order: contents with `key`.
---@param entries table<string, any>
---@param what string for messages
---@param order string[]? the keys in the order that is wanted
---@return table[] contents with `depth`
function values.entries(entries, what, order)
  local keys = check_keys(entries, what, "a table of keys and values", "a key")
  local contents = { depth = 0 }
  for i, key in ipairs(order or keys) do
    contents[i] = content_of(entries[key], what, contents)
    contents[i].key = key
  end
  return contents
end

--- Attributes of a text, sorted: key, JSON text, key, JSON text ...; nil stays nil.
function values.attributes(attributes, what)
  if attributes == nil then return nil end
  local keys = check_keys(attributes, what, "a table of attributes", "the name of an attribute")
  local list = {}
  for i = 1, #keys do
    local value = attributes[keys[i]]
    if value == values.undefined then
      errors.usage("%s: attribute '%s': Yjs has no format that is undefined (json.null removes one)", what, keys[i])
    end
    list[2 * i - 1], list[2 * i] = keys[i], values.encode(value, what)
  end
  return list
end

-- Halves of surrogate pairs, which JSON may have, become U+FFFD, as in Yjs: UTF-8 does not have them.
function values.whole(text)
  if not text:find "\237[\160-\191]" then return text end
  return (text:gsub("\237[\160-\191][\128-\191]", "\239\191\189"))
end

--- A text that can be inserted.
---@param text string
---@param what string for messages
---@return string
function values.string(text, what)
  text = values.whole(text)
  if text:find "[\128-\255]" then
    local _, bad = utf8.len(text)
    if bad then errors.usage("%s: the text is not valid UTF-8 at byte %d", what, bad) end
  end
  return text
end

--- A type, or a value, as embedded content.
function values.embed(value, what)
  if value == nil or values.is_new(value) then return values.content(value, what) end
  local kind = values.stands_for(value)
  if kind and kind ~= "binary" then errors.usage("%s: a value or a new shared type expected, got %s", what, values.name_of(value)) end
  return "embed", values.encode(value, what)
end

local function operation_of(given, at, what, operations)
  if type(given) ~= "table" then errors.usage("%s: operation %d must be a table, got %s", what, at, values.name_of(given)) end
  local attributes = values.attributes(given.attributes, what)
  if type(given.insert) == "string" then
    return { kind = "text", data = values.string(given.insert, what), attributes = attributes }
  elseif given.insert ~= nil then
    local kind, data, name = values.embed(given.insert, what)
    local new = values.is_new(given.insert) and given.insert or nil
    if new then operations.depth = math.max(operations.depth, new.depth) end
    return { kind = kind, data = data, name = name, new = new, attributes = attributes }
  elseif given.retain then
    return { retain = values.count(given.retain, what, "retain"), attributes = attributes }
  elseif given.delete then
    return { delete = values.count(given.delete, what, "delete") }
  end
  return errors.usage("%s: operation %d has no insert, retain or delete", what, at)
end

--- The operations of a delta, all of them checked.
---@param delta table[]
---@param what string for messages
---@return table[] operations with `depth`
function values.delta(delta, what)
  local operations = { depth = 0 }
  local length, problem = values.length(delta)
  if not length then errors.usage("%s: %s", what, (problem:gsub("of values", "of operations"))) end
  for at = 1, length do operations[at] = operation_of(delta[at], at, what, operations) end
  return operations
end

return values
