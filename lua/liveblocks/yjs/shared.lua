--- Shared types of a Yjs document: methods as in Yjs, in snake_case. Positions count from 0, in UTF-16 units.
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local snapshot = require "liveblocks.yjs.snapshot"
local subdocument = require "liveblocks.yjs.subdocument"
local values = require "liveblocks.yjs.values"

local shared = {}

local check_count, check_text = values.count, values.text

-- A value as the core gives it. `name` is "any" for one that JSON does not have, as bytes.
local function from_core(self, kind, value, name)
  if kind == "type" then return self.document:_type(value) end
  if kind == "binary" then return values.binary(value) end
  if kind == "undefined" then return values.undefined end
  if kind == "document" then return subdocument.of(name, value) end
  if name == "any" and (kind == "value" or kind == "embed") then return require("liveblocks.yjs.any").decode(value) end
  return value
end

-- ---- Insertion -----------------------------------------------------------------------------------

local insert, put, apply

-- Puts into a shared type what the new one holds that it was made of.
local function filled(self, new, number)
  if not number then return end
  local made = self.document:_type(number)
  if new.children then insert(made, 0, new.children) end
  if new.entries then
    for _, content in ipairs(new.entries) do put(made, content.key, content) end
  end
  if new.text then self._core:text_insert(number, 0, nil, "text", new.text) end
  if new.delta then apply(made, new.delta) end
  if new.fill then new.fill(made) end
  return made
end

-- Inserts values.contents() one after the other; at the end for nil.
function insert(self, index, contents)
  local core, number = self._core, self._yjs
  local first = contents[1]
  if first and not contents[2] and not first.new then -- which is a transaction of its own
    core:list_insert(number, index, first.kind, first.data, first.name)
    return
  end
  self.document:transact(function()
    for _, content in ipairs(contents) do
      local made = core:list_insert(number, index, content.kind, content.data, content.name)
      if content.new then filled(self, content.new, made) end
      index = index and index + content.count
    end
  end)
end

-- Sets a key; returns the type that was made, if it is one.
function put(self, key, content)
  if not content.new then
    self._core:map_set(self._yjs, key, content.kind, content.data, content.name)
    return nil
  end
  local made
  self.document:transact(function()
    made = filled(self, content.new, self._core:map_set(self._yjs, key, content.kind, content.data, content.name))
  end)
  return made
end

-- Takes values.delta().
function apply(self, operations)
  local core, number = self._core, self._yjs
  self.document:transact(function()
    local cursor = core:cursor(number, 0)
    for _, operation in ipairs(operations) do
      if operation.kind then
        local made = core:cursor_insert(cursor, operation.attributes, operation.kind, operation.data, operation.name)
        if operation.new then
          filled(self, operation.new, made)
          core:cursor_settle(cursor)
        end
      elseif operation.retain then
        core:cursor_retain(cursor, operation.retain, operation.attributes)
      else
        core:cursor_delete(cursor, operation.delete)
      end
    end
  end)
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

--- Inserts a list of values before a position.
---@param index integer
---@param list any[]
function List:insert(index, list)
  insert(self, check_count(index, "insert", "the position"), values.contents(list, "insert"))
end

--- Inserts a list of values at the beginning.
---@param list any[]
function List:unshift(list) insert(self, 0, values.contents(list, "unshift")) end

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
  first = first == nil and 0 or values.offset(first, "slice", "the first position")
  last = last == nil and length or values.offset(last, "slice", "the last position")
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
  values.callable(fn, "for_each")
  for i, value in ipairs(self:to_array()) do fn(value, i - 1) end
end

--- What fn(value, position) returns for all values.
---@param fn fun(value: any, index: integer): any
---@return any[]
function List:map(fn)
  local made = {}
  values.callable(fn, "map")
  for i, value in ipairs(self:to_array()) do made[i] = fn(value, i - 1) end
  return made
end

local Array = {}

--- Inserts a list of values at the end.
---@param list any[]
function Array:push(list) insert(self, nil, values.contents(list, "push")) end

-- ---- Maps ----------------------------------------------------------------------------------------

-- Maps have keys, elements and texts attributes: the same under other names.
local function keyed(names)
  local methods = {}
  methods[names.set] = function(self, key, value)
    check_text(key, names.set, "the key")
    local kind, data, name = values.content(value, names.set)
    if values.is_new(value) then return put(self, key, { kind = kind, data = data, name = name, new = value }) end
    self._core:map_set(self._yjs, key, kind, data, name)
    return value
  end
  methods[names.get] = function(self, key)
    local kind, value, name = self._core:map_get(self._yjs, check_text(key, names.get, "the key"))
    if kind then return from_core(self, kind, value, name) end
  end
  methods[names.has] = function(self, key)
    return self._core:map_get(self._yjs, check_text(key, names.has, "the key")) ~= nil
  end
  methods[names.delete] = function(self, key)
    self._core:map_delete(self._yjs, check_text(key, names.delete, "the key"))
  end
  return methods
end

-- map:set(key, value) sets the value of a key and returns it, a shared type as it is in the document; map:get(key) is the value
-- of a key, or nil; map:has(key); map:delete(key) deletes a key, if it is there.
local Map = keyed { set = "set", get = "get", has = "has", delete = "delete" }

--- Iterates over keys and values, in the order in which the keys appeared.
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

--- The keys, in the order in which they appeared.
---@return string[]
function Map:keys()
  local keys = {}
  for key in self:entries() do keys[#keys + 1] = key end
  return keys
end

--- The values, in the order in which their keys appeared.
---@return any[]
function Map:values()
  local list = {}
  for _, value in self:entries() do list[#list + 1] = value end
  return list
end

--- Calls fn(value, key) for all keys.
---@param fn fun(value: any, key: string)
function Map:for_each(fn)
  values.callable(fn, "for_each")
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

local Attributes = keyed { set = "set_attribute", get = "get_attribute", has = "has_attribute", delete = "remove_attribute" }

--- All attributes by their names.
---@return table<string, any>
function Attributes:get_attributes()
  local found = {}
  for key, value in Map.entries(self) do found[key] = value end
  return found
end

-- ---- Texts ---------------------------------------------------------------------------------------

local Text = { length = List.length }
local whole = values.whole

--- Inserts text before a position; without attributes it gets those of the place.
---@param index integer
---@param text string
---@param attributes table<string, any>?
function Text:insert(index, text, attributes)
  check_count(index, "insert", "the position")
  self._core:text_insert(self._yjs, index, attributes ~= nil and values.attributes(attributes, "insert") or nil, "text",
    whole(check_text(text, "insert", "the text")))
end

--- Inserts a value, or a new shared type, that has the length 1; returns a type as it is in the document.
---@param index integer
---@param value any
---@param attributes table<string, any>?
---@return liveblocks.yjs.Type?
function Text:insert_embed(index, value, attributes)
  check_count(index, "insert_embed", "the position")
  local given, made = values.attributes(attributes, "insert_embed"), nil
  local kind, data, name = values.embed(value, "insert_embed")
  if not values.is_new(value) then return self._core:text_insert(self._yjs, index, given, kind, data, name) end
  self.document:transact(function()
    local cursor = self._core:cursor(self._yjs, index)
    made = filled(self, value, self._core:cursor_insert(cursor, given, kind, data, name))
    self._core:cursor_settle(cursor)
  end)
  return made
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
    values.attributes(attributes == nil and {} or attributes, "format"))
end

--- Applies a delta (https://quilljs.com/docs/delta): a list of { insert =, attributes = }, { retain =, attributes = } and
--- { delete = }.
---@param delta table[]
function Text:apply_delta(delta) apply(self, values.delta(delta, "apply_delta")) end

local function encoded(given)
  if given == nil then return nil end
  if not snapshot.is(given) then errors.usage("to_delta: a snapshot expected, got %s", errors.a(type(given))) end
  return given:encode()
end

--- The text as a delta, at a snapshot, or with what changed between two: such parts have an attribute `ychange`.
---@param at liveblocks.yjs.Snapshot?
---@param before liveblocks.yjs.Snapshot?
---@return table[]
function Text:to_delta(at, before)
  local parts = self._core:to_delta(self._yjs, encoded(at), encoded(before))
  local delta = json.array {}
  for i, part in ipairs(parts) do
    local attributes, others = part[4], part[5]
    for k = 1, others and #others or 0, 4 do -- those that JSON does not have
      attributes[others[k]] = from_core(self, others[k + 1], others[k + 2], others[k + 3] or nil)
    end
    delta[i] = { insert = from_core(self, part[1], part[2], part[3]), attributes = attributes }
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
function Fragment:push(list) insert(self, self:length(), values.contents(list, "push")) end

--- The first node.
---@return liveblocks.yjs.Type?
function Fragment:first_child() return self:get(0) end

--- Inserts nodes after one of the children, at the beginning for nil.
---@param node liveblocks.yjs.Type?
---@param list any[]
function Fragment:insert_after(node, list)
  local index = values.is_of(node, self.document) and node:key() or nil
  if node ~= nil and (type(index) ~= "number" or node:parent() ~= self) then
    errors.usage("insert_after: the node is not one of the children")
  end
  insert(self, node and index + 1 or 0, values.contents(list, "insert_after"))
end

--- Goes through all nodes in it, in the order of the document: for node in fragment:create_tree_walker(filter) do ... end.
---@param filter (fun(node: liveblocks.yjs.Type): boolean)?
---@return fun(): liveblocks.yjs.Type?
function Fragment:create_tree_walker(filter)
  if filter ~= nil then values.callable(filter, "create_tree_walker") end
  return require "liveblocks.yjs.walk"(self, filter)
end

local function named(name, what)
  name = check_text(name, what, "the name"):upper()
  return function(node) return node.node_name and node:node_name():upper() == name end
end

--- The first element of that name in it, in whatever case.
---@param name string
---@return liveblocks.yjs.Type?
function Fragment:query_selector(name) return self:create_tree_walker(named(name, "query_selector"))() end

--- All elements of that name in it.
---@param name string
---@return liveblocks.yjs.Type[]
function Fragment:query_selector_all(name)
  local found = {}
  for node in self:create_tree_walker(named(name, "query_selector_all")) do found[#found + 1] = node end
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

--- The methods with their names.
---@return table<function, string>
function shared.names()
  local names = {}
  for _, mt in pairs(classes) do
    for name, method in pairs(mt.__index) do names[method] = name end
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
