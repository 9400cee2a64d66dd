--- The document that is edited: nodes over plain LSON, made only where somebody looks.
---
--- An entry, the value of a field or list item, is a scalar, a table of the plain LSON as it was read (`raw`), or a
--- node: one that was made for a raw table when it was looked at, or a new one. The raw tables are never changed: a
--- node holds the entries it `was` read with and, once it is written, those it has `now`.
local divided = require "liveblocks.storage.divided"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local sequence = require "liveblocks.storage.sequence"

local node = {}

--- The kinds of plain LSON, and which of them hold a list.
node.kinds = { LiveObject = "object", LiveMap = "object", LiveList = "list", LiveText = "leaf", LiveFile = "leaf" }

---@class liveblocks.storage.Node
---@field kind string a kind of plain LSON, or "plain" for JSON that is not a Live structure
---@field list boolean
---@field doc table? the document it was read from
---@field raw table? what it was read as
---@field was table? the entries it was read with
---@field now table? the entries it has, once written
---@field items liveblocks.storage.Sequence? the same of a list
---@field parent liveblocks.storage.Node? where it was read
---@field key string? its name there, when that is not a list
---@field at integer? its position there as it was read, when that is a list that was not written yet
---@field opened liveblocks.storage.Node[]? the nodes made of its entries
local Node = {}
Node.__index = Node
Node.__name = "liveblocks.storage.node"

local DEPTH = 500

function node.is(value)
  return getmetatable(value) == Node
end

local function is_array(value)
  return getmetatable(value) == json.array_mt or #value > 0
end
node.is_array = is_array

--- The kind of a table of plain LSON. What only looks like a Live structure is plain JSON.
---@param raw table
---@return string
function node.kind_of(raw)
  local kind, data = raw.liveblocksType, raw.data
  local shape = node.kinds[kind]
  if not shape or type(data) ~= "table" then return "plain" end
  if shape == "object" and is_array(data) then return "plain" end
  if (shape == "list" or kind == "LiveText") and not is_array(data) and next(data) ~= nil then return "plain" end
  return kind
end

--- The node of a raw table, made when it is not there yet.
---@param doc table
---@param raw table
---@param parent liveblocks.storage.Node?
---@param key string? its name in an object
---@param at integer? its position in a list that was not written yet
function node.open(doc, raw, parent, key, at)
  local one = doc.nodes[raw]
  if one then return one end
  local kind = parent and parent.kind == "plain" and "plain" or node.kind_of(raw)
  local list = kind == "LiveList" or (kind == "plain" and is_array(raw))
  one = setmetatable({ kind = kind, list = list, doc = doc, raw = raw, was = kind == "plain" and raw or raw.data,
    parent = parent, key = key, at = at }, Node)
  doc.nodes[raw] = one
  if parent then
    parent.opened = parent.opened or {}
    parent.opened[#parent.opened + 1] = one
  end
  if kind == "plain" and not (parent and parent.kind == "plain") or node.kinds[kind] == "leaf" then
    doc.parts[#doc.parts + 1] = one
  end
  return one
end

--- A new node.
---@param kind string
---@param list boolean
---@param entries table
function node.new(kind, list, entries)
  return setmetatable({ kind = kind, list = list, now = entries }, Node)
end

--- The entries of a node; not to be changed.
function Node:entries()
  if self.items then self.now = self.items:array() end
  return self.now or self.was
end

--- The entries of an object, map, text or file, to be changed.
function Node:writable()
  if self.doc and self.doc.closed then
    errors.usage("this Storage document is closed; edit it inside the function given to mutate_storage")
  end
  if not self.now then
    local copy = {}
    for key, value in pairs(self.was) do copy[key] = value end
    self.now = copy
  end
  return self.now
end

--- The items of a list, to be changed.
---@return liveblocks.storage.Sequence
function Node:sequence()
  local now = self:writable()
  self.items = self.items or sequence.of(now)
  return self.items
end

--- The entry at a key or position.
---@param key string|integer?
function Node:get(key)
  if self.items then return self.items:get(key) end
  return (self.now or self.was)[key]
end

--- The number of items of a list.
function Node:length()
  return self.items and self.items.n or #(self.now or self.was)
end

--- Where it stood in the list that it was read in, from 1; nil when it was read elsewhere.
function Node:position()
  if self.at then return self.at end
  local list = self.parent
  if not list.positions then
    list.positions = {}
    for i, entry in ipairs(list.was) do
      if type(entry) == "table" then list.positions[entry] = i end
    end
  end
  return list.positions[self.raw]
end

--- The node of an entry, or nil when it is a scalar. `key` is its name in an object.
---@param entry any
---@param key string|integer?
function Node:child(entry, key)
  if type(entry) ~= "table" then return nil end
  if node.is(entry) then return entry end
  if not self.list then return node.open(self.doc, entry, self, key) end
  return node.open(self.doc, entry, self, nil, not self.now and key or nil)
end

--- What stays the same while an entry moves about: the raw table it was read as, the new node, or the scalar.
---@param entry any
function node.identity(entry)
  return node.is(entry) and entry.raw or entry
end

-- ---- New values ----------------------------------------------------------------------------------

local scalars = { string = true, number = true, boolean = true }

-- Is it a value without parts, as JSON has them?
local function is_scalar(value)
  return scalars[type(value)] or value == json.null or json.is_number(value)
end

local function refuse(where, value)
  errors.usage("%s: a %s cannot be stored", where, type(value))
end

-- Are the keys of a table 1..n?
local function is_sequence(value)
  if getmetatable(value) == json.array_mt then return true end
  if getmetatable(value) == json.object_mt or value[1] == nil then return false end
  return true
end

local function check_key(key, list, count, where)
  if list then
    if math.type(key) ~= "integer" or key < 1 or key > count then
      errors.usage("%s: a list has a hole or a key that is not a position (%s)", where, tostring(key))
    end
  elseif type(key) ~= "string" then
    errors.usage("%s: a name must be a string, got %s", where, tostring(key))
  end
end

local adopt

-- The entries of a table of the caller's, copied.
local function entries_of(value, list, plain, where, depth)
  if depth > DEPTH then errors.usage("%s: more than %d levels, or a table that contains itself", where, DEPTH) end
  local entries, count = {}, #value
  for key, item in pairs(value) do
    check_key(key, list, count, where)
    entries[key] = adopt(item, plain, ("%s.%s"):format(where, key), depth + 1)
  end
  if list and #entries ~= count then errors.usage("%s: the list has a hole", where) end
  return entries
end

-- The entry for a value of the caller's.
function adopt(value, plain, where, depth)
  if is_scalar(value) then
    if value ~= value or value == math.huge or value == -math.huge then
      errors.usage("%s: %s has no JSON form", where, tostring(value))
    end
    return value
  end
  local known = node.of_view(value)
  if known then
    if plain then errors.usage("%s: a Live structure cannot stand inside plain JSON", where) end
    return known
  end
  if type(value) ~= "table" then refuse(where, value) end
  local list = is_sequence(value)
  return node.new("plain", list, entries_of(value, list, true, where, depth or 1))
end
node.adopt = adopt

--- A new Live structure from a table of the caller's.
---@param kind string
---@param value table
---@param where string for messages
function node.make(kind, value, where)
  local list = node.kinds[kind] == "list"
  local known = node.of_view(value)
  if not known and type(value) ~= "table" then errors.usage("%s: a table expected, got %s", where, type(value)) end
  if known and known.list ~= list then errors.usage("%s: a %s cannot be made of a %s", where, kind, known.kind) end
  if not list and not known and is_sequence(value) then
    errors.usage("%s: names and values expected, got a list", where)
  end
  return node.new(kind, list, entries_of(value, list, false, where, 1))
end

--- A new node with the same content as plain LSON, or the scalar itself.
---@param value any
---@param plain boolean? inside plain JSON
function node.load(value, plain)
  if type(value) ~= "table" then return value end
  divided.point()
  local kind = plain and "plain" or node.kind_of(value)
  if node.kinds[kind] == "leaf" then return node.new(kind, false, value.data) end
  local data, entries = kind == "plain" and value or value.data, {}
  for key, item in pairs(data) do entries[key] = node.load(item, kind == "plain") end
  return node.new(kind, kind == "LiveList" or (kind == "plain" and is_array(data)), entries)
end

--- Set by the views: the node of a view, or nil.
---@type fun(value: any): liveblocks.storage.Node?
node.of_view = nil

return node
