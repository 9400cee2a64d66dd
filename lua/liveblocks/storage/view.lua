--- Views: a Storage document as plain Lua. Fields of objects and maps are read and written by name, lists by
--- position from 1 with #, ipairs, pairs and the functions of `table`.
---
--- A view is an empty table but for one key of no JSON type, so that encoding one by mistake fails instead of giving {}.
--- Before Lua 5.3 the functions of `table` pass metamethods by, and would take it for an empty table: there it is a userdata,
--- which they refuse. list:each(), list:length() and storage.each() work everywhere. What is read is noted, so that the
--- patch can guard it.
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local node = require "liveblocks.storage.node"
local same = require("liveblocks.storage.value").equal
local sorted_keys = require "liveblocks.sorted_keys"

local view = {}

local NODE = {}

local view_of

-- Do the functions of `table` respect metamethods?
local as_tables = table.unpack(setmetatable({}, { __index = function() return true end }), 1, 1) == true

local node_of = as_tables and function(value)
  return type(value) == "table" and rawget(value, NODE) or nil
end or core.proxied
node.of_view = node_of

-- ---- What was read -------------------------------------------------------------------------------

local function note_whole(one)
  if one.doc.closed then return end -- its patch may be in the making
  while one.parent and one.parent.kind == "plain" do one = one.parent end
  one.doc.whole[one] = true
end

local function note_read(one, key)
  local doc = one.doc
  if not doc or doc.closed or not one.raw then return end
  -- Positions of a list that was written are not those it was read with.
  if one.kind == "plain" or (one.list and one.now) then return note_whole(one) end
  local reads = doc.reads[one]
  if not reads then
    reads = {}
    doc.reads[one] = reads
  end
  reads[key] = true
end

-- Somebody looked which names or positions there are.
local function note_look(one)
  if not one.doc or one.doc.closed or not one.raw then return end
  if one.kind == "plain" then return note_whole(one) end
  one.doc.looked[one] = true
end

local function get(one, key)
  local entry = one:get(key)
  if entry == nil then
    note_look(one)
    return nil
  end
  local child = one:child(entry, key)
  if child then return view_of(child) end
  note_read(one, key)
  return entry
end

local function place(one, key)
  return ("%s.%s"):format(one.kind, tostring(key))
end

local function adopt(one, key, value)
  local entry = node.adopt(value, one.kind == "plain", place(one, key))
  if node.is(entry) and entry.doc and entry.doc ~= one.doc and one.doc then
    -- From another document: a copy, for what is here must not change there.
    entry = view.copy(entry)
  end
  return entry
end

-- ---- Objects and maps ----------------------------------------------------------------------------

local object = { __name = "liveblocks.storage.object", __proxy = true }

local function check_name(key)
  if type(key) ~= "string" then
    errors.usage("a field of an object or map has a name, got a %s (%s)", type(key), tostring(key))
  end
end

function object.__index(self, key)
  check_name(key)
  return get(node_of(self), key)
end

function object.__newindex(self, key, value)
  check_name(key)
  local one = node_of(self)
  if value ~= nil then value = adopt(one, key, value) end
  one:writable()[key] = value
end

-- Goes through names as they were at the start, in order, so that fields may be written meanwhile.
function object.__pairs(self)
  local one, i = node_of(self), 0
  note_look(one)
  local names = sorted_keys(one:entries())
  return function()
    while true do
      i = i + 1
      local name = names[i]
      if name == nil then return nil end
      if one:entries()[name] ~= nil then return name, get(one, name) end
    end
  end, self, nil
end

-- ---- Lists ---------------------------------------------------------------------------------------

local list = { __name = "liveblocks.storage.list", __proxy = true }
local methods = {}

local function check_position(name, position, max)
  if math.type(position) ~= "integer" or position < 1 or position > max then
    errors.usage("%s: position %s is outside of 1 to %d", name, tostring(position), max)
  end
end

function list.__index(self, key)
  if methods[key] then return methods[key] end
  if math.type(key) ~= "integer" then
    if math.type(key) == "float" and math.tointeger(key) then return list.__index(self, math.tointeger(key)) end
    errors.usage("a list has positions from 1 and the methods each, length, insert, remove and move; got '%s'", tostring(key))
  end
  return get(node_of(self), key)
end

function list.__newindex(self, key, value)
  local one = node_of(self)
  local count, at = one:length(), math.type(key) and math.tointeger(key)
  if not at or at < 1 or at > count + 1 then
    errors.usage("a list of %d is written at 1 to %d, got %s", count, count + 1, tostring(key))
  end
  if value == nil then
    if at < count then errors.usage("nil would leave a hole in the list; use list:remove(%d)", at) end
    if at == count then one:sequence():remove(at) end
    return
  end
  value = adopt(one, at, value)
  local items = one:sequence()
  if at > count then items:insert(at, value) else items:set(at, value) end
end

function list.__len(self)
  local one = node_of(self)
  note_look(one)
  return one:length()
end

function list.__pairs(self)
  local one, i = node_of(self), 0
  note_look(one)
  return function()
    i = i + 1
    if i <= one:length() then return i, get(one, i) end
  end, self, nil
end

list.__ipairs = list.__pairs -- of Lua 5.2

--- list:each() goes through the items: for position, item in list:each() do ... end
function methods.each(self)
  return list.__pairs(self)
end

--- list:length() is how many there are.
function methods.length(self)
  return list.__len(self)
end

--- list:insert(value) appends; list:insert(position, value) moves the rest up.
function methods.insert(self, ...)
  local one = node_of(self)
  local position, value = ...
  if select("#", ...) < 2 then position, value = one:length() + 1, position end
  check_position("insert", position, one:length() + 1)
  if value == nil then errors.usage("insert: nil cannot be stored; use liveblocks.null") end
  value = adopt(one, position, value)
  one:sequence():insert(position, value)
end

--- list:remove([position]) takes an item out, the last one by default, and returns it.
function methods.remove(self, position)
  local one = node_of(self)
  local count = one:length()
  if position == nil then
    if count == 0 then return nil end
    position = count
  end
  check_position("remove", position, count)
  local value = get(one, position)
  one:sequence():remove(position)
  return value
end

--- list:move(from, to): the item at `from` comes to stand at `to`.
function methods.move(self, from, to)
  local one = node_of(self)
  check_position("move", from, one:length())
  check_position("move", to, one:length())
  local items = one:sequence()
  items:insert(to, items:remove(from))
end

-- ---- Text and files ------------------------------------------------------------------------------

local leaf = { __name = "liveblocks.storage.leaf", __proxy = true }

local function copy_of(value)
  if type(value) ~= "table" then return value end
  local copy = setmetatable({}, getmetatable(value))
  for key, item in pairs(value) do copy[key] = copy_of(item) end
  return copy
end

function leaf.__index(self, key)
  local one = node_of(self)
  if one.doc then note_whole(one) end
  if key == "data" then return copy_of(one:entries()) end
  if one.kind == "LiveFile" then return one:entries()[key] end
  errors.usage("a %s has the field 'data', got '%s'", one.kind, tostring(key))
end

function leaf.__newindex(self, key, value)
  local one = node_of(self)
  if one.kind ~= "LiveText" or key ~= "data" then
    errors.usage("a %s cannot be changed; put another in its place", one.kind)
  end
  local data = view.segments(value)
  one:writable()
  one.now = data
end

-- As the server keeps them: none without text, and neighbours with the same attributes are one.
local function add_segment(data, text, attributes)
  if text == "" then return end
  local last = data[#data]
  if last and same(last[2], attributes) then
    last[1] = last[1] .. text
  else
    data[#data + 1] = json.array { text, attributes }
  end
end

--- The segments of a LiveText from a string or a list of segments.
function view.segments(value)
  if type(value) == "string" then value = { { value } } end
  if type(value) ~= "table" or (next(value) ~= nil and #value == 0) then
    errors.usage("a string or a list of segments { string } or { string, attributes } expected")
  end
  local data = json.array {}
  for i, segment in ipairs(value) do
    local good = type(segment) == "table" and type(segment[1]) == "string"
      and (segment[2] == nil or type(segment[2]) == "table") and segment[3] == nil
    if not good then errors.usage("segment %d of the LiveText must be { string } or { string, attributes }", i) end
    local attributes = segment[2] and next(segment[2]) ~= nil and json.object(copy_of(segment[2])) or nil
    add_segment(data, segment[1], attributes)
  end
  return data
end

-- ---- Making views --------------------------------------------------------------------------------

local function describe(self)
  local one = node_of(self)
  local what = one.kind == "plain" and (one.list and "plain list" or "plain object") or one.kind
  if one.list then return ("%s of %d"):format(what, one:length()) end
  return what
end
for _, meta in ipairs { object, list, leaf } do meta.__tostring = describe end

--- The view of a node, always the same one.
function view_of(one)
  if not one.view then
    local meta = node.kinds[one.kind] == "leaf" and leaf or one.list and list or object
    one.view = as_tables and setmetatable({ [NODE] = one }, meta) or core.proxy(meta, one)
  end
  return one.view
end
view.of = view_of

--- Goes through the fields of an object or a map by name, in order, or through the items of a list by position.
function view.each(self)
  local one = node_of(self)
  if not one or node.kinds[one.kind] == "leaf" then
    errors.usage("storage.each: an object, a map or a list of a document expected, got %s", one and one.kind or type(self))
  end
  return (one.list and list or object).__pairs(self)
end

--- The node of a view, or nil for any other value.
view.node = node_of

--- A new node with the content of another.
function view.copy(one, depth)
  depth = depth or 1
  if depth > 1000 then errors.usage("a %s cannot contain itself", one.kind) end
  local entries = {}
  if node.kinds[one.kind] == "leaf" then return node.new(one.kind, false, copy_of(one:entries())) end
  for key, entry in pairs(one:entries()) do
    local child = one:child(entry, key)
    entries[key] = child and view.copy(child, depth + 1) or entry
  end
  return node.new(one.kind, one.list, entries)
end

--- Opens plain LSON as a document; its root is `document.root`.
---@param lson table
function view.open(lson)
  if type(lson) ~= "table" or node.kind_of(lson) ~= "LiveObject" then
    errors.usage("a Storage document in plain LSON expected: { liveblocksType = 'LiveObject', data = ... }")
  end
  local doc = { nodes = {}, parts = {}, reads = {}, whole = {}, looked = {} }
  doc.root_node = node.open(doc, lson)
  doc.root = view_of(doc.root_node)
  return doc
end

return view
