--- The `test` operations of a patch: the document is still as it was read wherever that matters.
---
--- All of them stand at the start of the patch, so their pointers are those of the document as it was read.
local divided = require "liveblocks.storage.divided"
local json = require "liveblocks.json"
local node = require "liveblocks.storage.node"
local pointer = require "liveblocks.storage.pointer"
local value = require "liveblocks.storage.value"

---@class liveblocks.storage.Guard
---@field tests table<string, any> what is expected at a pointer
---@field order string[] the pointers
---@field compound boolean? is an object or list expected somewhere?
local Guard = {}
Guard.__index = Guard

-- Fields that identify an item of a list among its neighbours.
local NAMES = { "id", "_id", "key", "uuid" }

local CROWD = 4

local guard = {}

function guard.new(doc)
  return setmetatable({ doc = doc, tests = {}, order = {}, paths = {}, ways = {}, holds_leaf = {} }, Guard)
end

-- The name or position under which a node was read.
local function key_of(one)
  return one.parent.list and one:position() or one.key
end

local function step_of(container, key)
  return container.list and key - 1 or key
end

--- The pointer to a node as it was read.
---@param one liveblocks.storage.Node
function Guard:path(one)
  local path = self.paths[one]
  if not path then
    path = one.parent and pointer.join(self:path(one.parent), step_of(one.parent, key_of(one))) or ""
    self.paths[one] = path
  end
  return path
end

function Guard:add(path, expected)
  if self.tests[path] == nil then self.order[#self.order + 1] = path end
  self.tests[path] = expected
  if type(expected) == "table" then self.compound = true end
end

-- A raw entry is still the same. How a LiveText or LiveFile looks inside of a larger value is nowhere said: what contains one
-- is tested in parts.
function Guard:expect(path, raw)
  local kind = type(raw) == "table" and node.kind_of(raw) or "plain"
  if kind == "plain" or node.kinds[kind] == "leaf" then return self:add(path, value.before(raw)) end
  local whole
  if self.holds_leaf[raw] == nil then whole = value.without_leaf(raw, self.holds_leaf) end
  if whole then return self:add(path, whole) end
  if self.holds_leaf[raw] == false then return self:add(path, value.before(raw)) end
  for key, item in pairs(raw.data) do
    self:expect(pointer.join(path, kind == "LiveList" and key - 1 or key), item)
  end
end

--- What was read under `key` of a node is still there, whole.
---@param one liveblocks.storage.Node
---@param key string|integer
function Guard:whole(one, key)
  local entry = one.was[key]
  if entry == nil then return end
  local path = pointer.join(self:path(one), step_of(one, key))
  if one.kind == "plain" then self:add(path, entry) else self:expect(path, entry) end
end

--- The node is still as it was read, with all that is in it.
---@param one liveblocks.storage.Node
function Guard:node(one)
  if not one.parent then return self:expect("", one.raw) end
  self:whole(one.parent, key_of(one))
end

--- At this position of a list still stands the same item.
---@param list liveblocks.storage.Node
---@param position integer from 1
function Guard:item(list, position)
  local entry = list.was[position]
  if entry == nil then return end
  if type(entry) == "table" then
    local kind = node.kind_of(entry)
    for _, name in ipairs(kind == "LiveObject" and NAMES or {}) do
      local id = entry.data[name]
      if type(id) == "string" or math.type(id) == "integer" then
        self:add(pointer.join(("%s/%d"):format(self:path(list), position - 1), name), id)
        return
      end
    end
  end
  self:whole(list, position)
end

--- The lists on the way to a node still have the same items there.
---@param one liveblocks.storage.Node
function Guard:way(one)
  while one.parent and not self.ways[one] do
    self.ways[one] = true
    if one.parent.list then self:item(one.parent, key_of(one)) end
    one = one.parent
  end
end

-- Lists of which so many items were read that one test of the whole is shorter than tests of each.
function Guard:crowded_lists()
  local counts, crowded = {}, {}
  for one in pairs(self.doc.reads) do
    local list = one.parent and one.parent.list and one.parent
    divided.point()
    if list then counts[list] = (counts[list] or 0) + 1 end
  end
  for list, count in pairs(counts) do
    if count >= CROWD and count * 2 >= #list.was then crowded[list] = true end
  end
  return crowded
end

-- What the function looked at, on ways that are still the same.
function Guard:reads(looks)
  local crowded = self:crowded_lists()
  for list in pairs(crowded) do
    self:way(list)
    self:node(list)
  end
  for one, keys in pairs(self.doc.reads) do
    divided.point()
    if not (one.parent and crowded[one.parent]) then
      self:way(one)
      for key in pairs(keys) do self:whole(one, key) end
    end
  end
  for one in pairs(self.doc.whole) do
    divided.point()
    self:way(one)
    self:node(one)
  end
  if not looks then return end
  for one in pairs(self.doc.looked) do
    divided.point()
    self:way(one)
    self:node(one)
  end
end

-- Is a part that contains this path tested whole?
function Guard:covered(path)
  if not self.compound then return false end
  local parent = path
  while parent ~= "" do
    parent = parent:match "^(.*)/" or ""
    if self.tests[parent] ~= nil then return true end
  end
  return false
end

--- The operations, in the order of their pointers.
---@return table[]
function Guard:operations()
  local out = {}
  for _, path in ipairs(divided.sort(self.order)) do
    divided.point()
    if not self:covered(path) then
      out[#out + 1] = json.object { op = "test", path = path, value = self.tests[path] }
    end
  end
  return out
end

return guard
