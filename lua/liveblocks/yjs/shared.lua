--- Shared types of a Yjs document: methods as in Yjs, in snake_case. Positions count from 0, in UTF-16 units.
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local subdocument = require "liveblocks.yjs.subdocument"
local values = require "liveblocks.yjs.values"

local shared = {}

local check_count = values.count

local function check_text(value, what, name)
  if type(value) ~= "string" then errors.usage("%s: %s must be a string, got %s", what, name, errors.a(type(value))) end
  return value
end

-- A value as the core gives it.
local function from_core(self, kind, value, name)
  if kind == "type" then return self.document:_type(value) end
  if kind == "binary" then return values.binary(value) end
  if kind == "undefined" then return values.undefined end
  if kind == "document" then return subdocument.of(name, value) end
  return value
end

local function filled(self, value, number)
  if number and value.fill then value.fill(self.document:_type(number)) end
end

-- ---- What all of them have -----------------------------------------------------------------------

---@class liveblocks.yjs.Type
---@field document liveblocks.yjs.Document
local Type = {}

--- "array", "map", "text", "xml element", "xml fragment", "xml hook", "xml text"; "unknown" for a root type that nobody has
--- asked for as something.
---@return string
function Type:kind() return values.kinds[(self._core:kind(self._yjs))] end

--- The name of a root type, or of an XML element.
---@return string?
function Type:name()
  local _, name = self._core:kind(self._yjs)
  return name
end

--- Has it been deleted?
---@return boolean
function Type:is_deleted() return (self._core:place(self._yjs)) end

--- The type that it is in; nil for a root type.
---@return liveblocks.yjs.Type?
function Type:parent()
  local _, parent = self._core:place(self._yjs)
  return parent and self.document:_type(parent)
end

--- Its key in a map, or its position in a list.
---@return string|integer|nil
function Type:key()
  local _, _, key, index = self._core:place(self._yjs)
  return key or index
end

--- As Yjs's toJSON: plain values.
---@return any
function Type:to_json() return require("liveblocks.yjs.render").value(self.document, self._yjs) end

--- A new type with what it holds now, to be inserted somewhere else.
---@return any
function Type:clone() return require "liveblocks.yjs.clone"(self) end

-- ---- Lists ---------------------------------------------------------------------------------------

local List = {}

--- How many values, elements or UTF-16 units there are.
---@return integer
function List:length() return self._core:length(self._yjs) end

-- The length of a list without holes: # of one with holes is any border, and not the same in each Lua.
local function length_of(list, what)
  if type(list) ~= "table" then errors.usage("%s: a list of values expected, got %s", what, type(list)) end
  local largest, count = 0, 0
  for key in pairs(list) do
    if type(key) ~= "number" or key < 1 or key ~= math.floor(key) then
      errors.usage("%s: a list of values expected, got a table with the key '%s'", what, tostring(key))
    end
    largest, count = math.max(largest, key), count + 1
  end
  if largest == count then return count end
  local hole = 1
  while list[hole] ~= nil do hole = hole + 1 end
  return errors.usage("%s: a value expected at %d of the list, got nil (json.null and yjs.undefined stand for nothing)", what, hole)
end

-- Inserts values one after the other; plain ones that follow each other are one item.
local function insert_all(self, index, list, what)
  local at, length = 1, length_of(list, what)
  self.document:transact(function()
    while at <= length do
      local value, count = list[at], 1
      if values.is_plain(value) then
        local plain = json.array {}
        while at + #plain <= length and values.is_plain(list[at + #plain]) do plain[#plain + 1] = list[at + #plain] end
        count = #plain
        self._core:list_insert(self._yjs, index, "any", json.encode(plain))
      else
        filled(self, value, self._core:list_insert(self._yjs, index, values.content(value, what)))
      end
      at = at + count
      index = index and index + count
    end
  end)
end

--- Inserts a list of values before a position.
---@param index integer
---@param list any[]
function List:insert(index, list)
  insert_all(self, check_count(index, "insert", "the position"), list, "insert")
end

--- Inserts a list of values at the beginning.
---@param list any[]
function List:unshift(list) insert_all(self, 0, list, "unshift") end

--- Deletes values.
---@param index integer
---@param length integer? default 1
function List:delete(index, length)
  self._core:list_delete(self._yjs, check_count(index, "delete", "the position"),
    check_count(length or 1, "delete", "the length"))
end

local function read(self, first, count)
  local list, out = self._core:list(self._yjs, first, count), {}
  local n = 0
  for at = 1, 3 * count, 3 do
    if list[at] == nil then break end
    n = n + 1
    out[n] = from_core(self, list[at], list[at + 1], list[at + 2])
  end
  return out
end

--- The value at a position; nil beyond the end.
---@param index integer
---@return any
function List:get(index) return read(self, check_count(index, "get", "the position"), 1)[1] end

--- The values from first up to, not including, last; negative positions count from the end.
---@param first integer? default 0
---@param last integer? default the length
---@return any[]
function List:slice(first, last)
  local length = self:length()
  first, last = first or 0, last or length
  if first < 0 then first = math.max(0, length + first) end
  if last < 0 then last = length + last end
  last = math.min(last, length)
  return last > first and read(self, first, last - first) or {}
end

--- All values.
---@return any[]
function List:to_array() return read(self, 0, self:length()) end

--- Calls fn(value, position) for all values.
---@param fn fun(value: any, index: integer)
function List:for_each(fn)
  for i, value in ipairs(self:to_array()) do fn(value, i - 1) end
end

--- What fn(value, position) returns for all values.
---@param fn fun(value: any, index: integer): any
---@return any[]
function List:map(fn)
  local made = {}
  for i, value in ipairs(self:to_array()) do made[i] = fn(value, i - 1) end
  return made
end

local Array = {}

--- Inserts a list of values at the end.
---@param list any[]
function Array:push(list) insert_all(self, nil, list, "push") end

-- ---- Maps ----------------------------------------------------------------------------------------

local Map = {}

--- Sets the value of a key; returns it, a shared type as it is in the document.
---@param key string
---@param value any
---@return any
function Map:set(key, value)
  check_text(key, "set", "the key")
  local made
  self.document:transact(function()
    made = self._core:map_set(self._yjs, key, values.content(value, "set"))
    filled(self, value, made)
  end)
  return made and self.document:_type(made) or value
end

--- The value of a key, or nil.
---@param key string
---@return any
function Map:get(key)
  local kind, value, name = self._core:map_get(self._yjs, check_text(key, "get", "the key"))
  if kind then return from_core(self, kind, value, name) end
end

--- Has it that key?
---@param key string
---@return boolean
function Map:has(key) return self._core:map_get(self._yjs, check_text(key, "has", "the key")) ~= nil end

--- Deletes a key, if it is there.
---@param key string
function Map:delete(key) self._core:map_delete(self._yjs, check_text(key, "delete", "the key")) end

--- Iterates over keys and values, in the order in which the keys came up.
---@return fun(): string?, any
function Map:entries()
  local at = 0
  return function()
    local next_at, key, kind, value, name = self._core:map_next(self._yjs, at)
    if not next_at then return nil end
    at = next_at
    return key, from_core(self, kind, value, name)
  end
end

--- The keys, in the order in which they came up.
---@return string[]
function Map:keys()
  local keys = {}
  for key in self:entries() do keys[#keys + 1] = key end
  return keys
end

--- The values, in the order in which their keys came up.
---@return any[]
function Map:values()
  local list = {}
  for _, value in self:entries() do list[#list + 1] = value end
  return list
end

--- Calls fn(value, key) for all keys.
---@param fn fun(value: any, key: string)
function Map:for_each(fn)
  for _, key in ipairs(self:keys()) do fn(self:get(key), key) end
end

--- How many keys there are.
---@return integer
function Map:size() return #self:keys() end

--- Deletes all keys.
function Map:clear()
  self.document:transact(function()
    for _, key in ipairs(self:keys()) do self:delete(key) end
  end)
end

-- ---- Attributes, which elements and texts have ---------------------------------------------------

local Attributes = { set_attribute = Map.set, get_attribute = Map.get, has_attribute = Map.has, remove_attribute = Map.delete }

--- All attributes by their names.
---@return table<string, any>
function Attributes:get_attributes()
  local found = {}
  for key, value in Map.entries(self) do found[key] = value end
  return found
end

-- ---- Texts ---------------------------------------------------------------------------------------

local Text = { length = List.length }

-- Halves of surrogate pairs, which JSON may have, become U+FFFD, as in Yjs: UTF-8 does not have them.
local function whole(text)
  return (text:gsub("\237[\160-\191][\128-\191]", "\239\191\189"))
end

--- Inserts text before a position; without attributes it gets those of the place.
---@param index integer
---@param text string
---@param attributes table<string, any>?
function Text:insert(index, text, attributes)
  check_text(text, "insert", "the text")
  self._core:text_insert(self._yjs, check_count(index, "insert", "the position"),
    values.attributes(attributes, "insert"), "text", whole(text))
end

-- A type, or a value, as embedded content.
local function embed(value, what)
  if values.is_new(value) then return values.content(value, what) end
  return "embed", json.encode(value)
end

--- Inserts a value, or a new shared type, that has the length 1; returns a type as it is in the document.
---@param index integer
---@param value any
---@param attributes table<string, any>?
---@return liveblocks.yjs.Type?
function Text:insert_embed(index, value, attributes)
  check_count(index, "insert_embed", "the position")
  local given, made = values.attributes(attributes, "insert_embed"), nil
  self.document:transact(function()
    made = self._core:text_insert(self._yjs, index, given, embed(value, "insert_embed"))
    filled(self, value, made)
  end)
  return made and self.document:_type(made)
end

--- Deletes units.
---@param index integer
---@param length integer
function Text:delete(index, length)
  self._core:text_delete(self._yjs, check_count(index, "delete", "the position"),
    check_count(length, "delete", "the length"))
end

--- Gives attributes to what is there; json.null removes one.
---@param index integer
---@param length integer
---@param attributes table<string, any>
function Text:format(index, length, attributes)
  self._core:text_format(self._yjs, check_count(index, "format", "the position"), check_count(length, "format", "the length"),
    values.attributes(attributes or {}, "format"))
end

--- Applies a delta (https://quilljs.com/docs/delta): a list of { insert =, attributes = }, { retain =, attributes = } and
--- { delete = }.
---@param delta table[]
function Text:apply_delta(delta)
  if type(delta) ~= "table" then errors.usage("apply_delta: a list of operations expected, got %s", type(delta)) end
  local at, operation = 0, nil
  local function next_operation(made)
    if made then return filled(self, operation.insert, made) end
    at = at + 1
    operation = delta[at]
    if operation == nil then return nil end
    local attributes = values.attributes(operation.attributes, "apply_delta")
    if type(operation.insert) == "string" then return "insert", attributes, "text", whole(operation.insert) end
    if operation.insert ~= nil then return "insert", attributes, embed(operation.insert, "apply_delta") end
    if operation.retain then return "retain", check_count(operation.retain, "apply_delta", "retain"), attributes end
    if operation.delete then return "delete", check_count(operation.delete, "apply_delta", "delete") end
    errors.usage("apply_delta: operation %d has no insert, retain or delete", at)
  end
  self.document:transact(function() self._core:delta(self._yjs, next_operation) end)
end

local function encoded(snapshot)
  if snapshot == nil then return nil end
  if type(snapshot) ~= "table" or not snapshot.encode then
    errors.usage("to_delta: a snapshot expected, got %s", errors.a(type(snapshot)))
  end
  return snapshot:encode()
end

--- The text as a delta, at a snapshot, or with what changed between two: such parts have an attribute `ychange`.
---@param snapshot liveblocks.yjs.Snapshot?
---@param before liveblocks.yjs.Snapshot?
---@return table[]
function Text:to_delta(snapshot, before)
  local parts = self._core:to_delta(self._yjs, encoded(snapshot), encoded(before))
  local delta = json.array {}
  for i, part in ipairs(parts) do
    delta[i] = { insert = from_core(self, part[1], part[2]), attributes = part[3] }
  end
  return delta
end

--- The text without formats and embedded values.
---@return string
function Text:to_string()
  local list, parts = self._core:list(self._yjs), {}
  local at = 1
  while list[at] do
    if list[at] == "text" then parts[#parts + 1] = list[at + 1] end
    at = at + 3
  end
  return table.concat(parts)
end

-- ---- XML -----------------------------------------------------------------------------------------

local Node = {}

--- The next node in the same parent.
---@return liveblocks.yjs.Type?
function Node:next_sibling()
  local found = self._core:sibling(self._yjs, true)
  return found and self.document:_type(found)
end

--- The node before in the same parent.
---@return liveblocks.yjs.Type?
function Node:prev_sibling()
  local found = self._core:sibling(self._yjs, false)
  return found and self.document:_type(found)
end

local Fragment = {}

--- Inserts a list of nodes at the end.
---@param list any[]
function Fragment:push(list) insert_all(self, self:length(), list, "push") end

--- The first node.
---@return liveblocks.yjs.Type?
function Fragment:first_child() return self:get(0) end

--- Inserts nodes after one of the children, at the beginning for nil.
---@param node liveblocks.yjs.Type?
---@param list any[]
function Fragment:insert_after(node, list)
  local index = node and node:key()
  if node and (type(index) ~= "number" or node:parent() ~= self) then
    errors.usage("insert_after: the node is not one of the children")
  end
  insert_all(self, node and index + 1 or 0, list, "insert_after")
end

--- Goes through all nodes in it, in the order of the document: for node in fragment:create_tree_walker(filter) do ... end.
---@param filter (fun(node: liveblocks.yjs.Type): boolean)?
---@return fun(): liveblocks.yjs.Type?
function Fragment:create_tree_walker(filter) return require "liveblocks.yjs.walk"(self, filter) end

local function named(name)
  name = check_text(name, "query_selector", "the name"):upper()
  return function(node) return node.node_name and node:node_name():upper() == name end
end

--- The first element of that name in it, in whatever case.
---@param name string
---@return liveblocks.yjs.Type?
function Fragment:query_selector(name) return self:create_tree_walker(named(name))() end

--- All elements of that name in it.
---@param name string
---@return liveblocks.yjs.Type[]
function Fragment:query_selector_all(name)
  local found = {}
  for node in self:create_tree_walker(named(name)) do found[#found + 1] = node end
  return found
end

--- As Yjs writes it: `<p class="a">text</p>`.
---@return string
function Fragment:to_string() return self:to_json() end

local Element = {}

--- The name of the element, as "paragraph".
---@return string
function Element:node_name() return self:name() or "UNDEFINED" end

local XmlText = { to_string = Type.to_json }

-- ---- Classes -------------------------------------------------------------------------------------

local function class(...)
  local methods = {}
  for _, part in ipairs { Type, ... } do
    for name, method in pairs(part) do methods[name] = method end
  end
  return { __index = methods, __name = "liveblocks.yjs.Type" }
end

local classes = {
  array = class(List, Array),
  map = class(Map),
  text = class(Attributes, Text),
  ["xml element"] = class(List, Fragment, Attributes, Element, Node),
  ["xml fragment"] = class(List, Fragment, Node),
  ["xml hook"] = class(Map, Node),
  ["xml text"] = class(Attributes, Text, Node, XmlText),
  unknown = class(List, Map),
}

--- The names of all methods, for tests of the annotations.
---@return table<string, boolean>
function shared.methods()
  local names = {}
  for _, mt in pairs(classes) do
    for name in pairs(mt.__index) do names[name] = true end
  end
  return names
end

--- The object of a shared type.
function shared.object(document, number)
  local kind = values.kinds[(document._core:kind(number))]
  return setmetatable({ document = document, _core = document._core, _yjs = number }, classes[kind])
end

--- Was the object made when its kind was not known yet?
function shared.is_unknown(object) return getmetatable(object) == classes.unknown end

return shared
