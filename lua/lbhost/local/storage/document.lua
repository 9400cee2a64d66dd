--- The Storage document of a room: a tree of nodes, and the changes that keep it whole.
---
--- A node is a plain table, so that a document is saved as it is:
---   LiveObject  { id, kind, data = { name = plain JSON }, children = { name = node } }
---   LiveMap     { id, kind, children = { key = node } }
---   LiveList    { id, kind, items = { nodes in the order of their keys } }
---   LiveText    { id, kind, data = segments, version }      LiveFile { id, kind, data }
---   Register    { id, kind, data = plain JSON }: a plain value in a list or a map
--- and knows as `key` the name, key or position under which its parent holds it.
local responses = require "lbhost.local.http.response"
local divided = require "liveblocks.storage.divided"
local positions = require "lbhost.local.storage.positions"
local sequence = require "liveblocks.storage.sequence"

---@class lbhost.local.Node
---@field id string
---@field kind "LiveObject"|"LiveMap"|"LiveList"|"LiveText"|"LiveFile"|"Register"
---@field key string?
---@field data any
---@field children table<string, lbhost.local.Node>?
---@field items lbhost.local.Node[]?
---@field version integer?

---@class lbhost.local.Document
---@field root lbhost.local.Node
local Document = {}
Document.__index = Document

local document = {}

--- The saved form of a document without data.
function document.empty()
  return { root = { id = "root", kind = "LiveObject", data = {}, children = {} }, last_id = 0, last_actor = 0 }
end

--- Has a saved form no data?
function document.is_empty(saved)
  return next(saved.root.data) == nil and next(saved.root.children) == nil
end

-- ---- Nodes by their ids, and their parents: worked out from the saved form ------------------------

-- The items of the lists that the open transaction changes: node -> sequence. `node.items` may be out of date meanwhile.
local sequences = setmetatable({}, { __mode = "k" })

--- The items of a list as an array, not to be changed.
---@param list lbhost.local.Node
function document.items(list)
  local items = sequences[list]
  if items then list.items = items:array() end
  return list.items
end

--- The number of items of a list.
---@param list lbhost.local.Node
function document.count(list)
  local items = sequences[list]
  return items and items.n or #list.items
end

--- The item of a list at an index, from 1.
---@param list lbhost.local.Node
---@param index integer
function document.at(list, index)
  local items = sequences[list]
  if items then return items:get(index) end
  return list.items[index]
end

--- The node's children in a list or map or object: an iterator over them, in order for a list.
---@param node table
---@return fun(): table?
function document.children(node)
  if node.items then
    local items, i = document.items(node), 0
    return function()
      i = i + 1
      return items[i]
    end
  end
  local key, child
  return function()
    key, child = next(node.children or {}, key)
    return child
  end
end

local function register(self, node, parent)
  divided.point()
  self.parents[node] = parent
  if self.nodes[node.id] == node then return end -- it is being moved, with all that is below it
  self.nodes[node.id] = node
  for child in document.children(node) do register(self, child, node) end
end

local function forget(self, node)
  divided.point()
  self.parents[node] = nil
  if node == self.moving then return end
  self.nodes[node.id] = nil
  for child in document.children(node) do forget(self, child) end
end

local open = setmetatable({}, { __mode = "k" })

--- The document of a saved form, which it changes in place.
---@param saved table
---@return lbhost.local.Document
function document.open(saved)
  local self = open[saved]
  if not self then
    self = setmetatable({ saved = saved, root = saved.root, nodes = {}, parents = {},
      text_history = setmetatable({}, { __mode = "k" }) }, Document)
    register(self, self.root, nil)
    open[saved] = self
  end
  return self
end

--- Forgets what was worked out about a saved form that was changed by other means.
---@param saved table
function document.close(saved)
  open[saved] = nil
end

--- A new id for a node made by the server.
function Document:new_id()
  self.saved.last_id = self.saved.last_id + 1
  return ("si:%d"):format(self.saved.last_id)
end

--- A new actor for a client that is going to send operations.
function Document:new_actor()
  self.saved.last_actor = self.saved.last_actor + 1
  return self.saved.last_actor
end

-- ---- Changes -------------------------------------------------------------------------------------

-- While a transaction is open, how to take back each change.
local function remember(self, undo)
  local list = self.undo
  if list then list[#list + 1], self.undo_moving[#list + 1] = undo, self.moving or false end
end

-- The items of a list, to be changed.
local function items_of(self, list)
  local items = sequences[list]
  if not items then
    items = sequence.of(list.items)
    sequences[list], self.changed[list] = items, true
  end
  return items
end

-- The saved form has arrays, and positions for all items.
local function write_back(changed, unplaced)
  for list in pairs(changed) do
    document.items(list)
    sequences[list] = nil
  end
  for list in pairs(unplaced) do positions.fill(list.items) end
end

local function roll_back(self)
  local undo, moving = self.undo, self.undo_moving
  self.undo = nil
  for i = #undo, 1, -1 do
    divided.point()
    self.moving = moving[i] or nil
    undo[i]()
  end
  self.moving = nil
end

--- Does all that fn does to the document, or nothing when it raises. Whatever changes a document is called by such a fn.
---@param fn fun()
function Document:transaction(fn)
  self.undo, self.undo_moving, self.touched, self.changed, self.unplaced = {}, {}, {}, {}, {}
  local ok, err = pcall(fn)
  if not ok then roll_back(self) end
  local changed, unplaced = self.changed, self.unplaced
  self.undo, self.undo_moving, self.touched, self.changed, self.unplaced = nil, nil, nil, nil, nil
  write_back(changed, unplaced)
  if not ok then error(err, 0) end
end

--- Calls fn(), which takes a node out of one container and puts it into another: nobody needs to look at what is below it.
---@param node table
---@param fn fun()
function Document:move(node, fn)
  self.moving = node
  local ok, err = pcall(fn)
  self.moving = nil
  if not ok then error(err, 0) end
end

--- Notes that items of a list have no position yet: they get one at the end of the transaction.
---@param list lbhost.local.Node
function Document:place_later(list)
  self.unplaced[list] = true
end

local function touch(self, node)
  if self.touched then self.touched[node] = true end
end

--- Sets or, with nil, deletes a plain value of a LiveObject.
---@param node lbhost.local.Node
---@param name string
---@param value any
function Document:set_data(node, name, value)
  local old = node.data[name]
  node.data[name] = value
  touch(self, node)
  remember(self, function() node.data[name] = old end)
end

local function put_child(self, node, key, child)
  local old = node.children[key]
  if old then forget(self, old) end
  node.children[key] = child
  if child then
    child.key = key
    register(self, child, node)
  end
  return old
end

--- Sets or, with nil, deletes a child of a LiveObject or LiveMap.
---@param node lbhost.local.Node
---@param key string
---@param child lbhost.local.Node
function Document:set_child(node, key, child)
  local old = put_child(self, node, key, child)
  if child then touch(self, child) end
  remember(self, function() put_child(self, node, key, old) end)
end

-- The index of the first item whose position is at or after `key`.
local function index_of(list, key)
  local low, high = 1, document.count(list) + 1
  while low < high do
    local middle = (low + high) // 2
    if document.at(list, middle).key < key then low = middle + 1 else high = middle end
  end
  return low
end

local function add_item(self, list, child, key)
  child.key = key
  items_of(self, list):insert(index_of(list, key), child)
  register(self, child, list)
end

local function drop_item(self, list, child)
  local items, index = items_of(self, list), index_of(list, child.key)
  while index < items.n and items:get(index) ~= child do index = index + 1 end -- positions that a client chose may occur twice
  items:remove(index)
  forget(self, child)
end

--- Adds an item to a list at a position that is free.
---@param list lbhost.local.Node
---@param child lbhost.local.Node
---@param key string
function Document:add_item(list, child, key)
  add_item(self, list, child, key)
  touch(self, child)
  remember(self, function() drop_item(self, list, child) end)
end

--- Removes an item of a list.
---@param list lbhost.local.Node
---@param child lbhost.local.Node
function Document:drop_item(list, child)
  local key = child.key
  drop_item(self, list, child)
  remember(self, function() add_item(self, list, child, key) end)
end

--- Gives an item of a list another position, which is free.
---@param list lbhost.local.Node
---@param child lbhost.local.Node
---@param key string
function Document:move_item(list, child, key)
  local old = child.key
  drop_item(self, list, child)
  add_item(self, list, child, key)
  remember(self, function()
    drop_item(self, list, child)
    add_item(self, list, child, old)
  end)
end

-- The next three name items by their indices, from 1, and leave it to the end of the transaction to give new ones a
-- position: many in one gap get short ones then.

local function insert_at(self, list, index, child, key)
  child.key = key
  if not key then self:place_later(list) end
  items_of(self, list):insert(index, child)
  register(self, child, list)
end

local function remove_at(self, list, index)
  local child = items_of(self, list):remove(index)
  forget(self, child)
  return child
end

--- Inserts an item so that it comes to stand at an index.
---@param list lbhost.local.Node
---@param index integer
---@param child lbhost.local.Node
function Document:insert_at(list, index, child)
  insert_at(self, list, index, child, nil)
  touch(self, child)
  remember(self, function() remove_at(self, list, index) end)
end

--- Removes the item at an index.
---@param list lbhost.local.Node
---@param index integer
function Document:remove_at(list, index)
  local child = remove_at(self, list, index)
  local key = child.key
  remember(self, function() insert_at(self, list, index, child, key) end)
end

--- Replaces the item at an index.
---@param list lbhost.local.Node
---@param index integer
---@param child lbhost.local.Node
function Document:replace_at(list, index, child)
  local old = document.at(list, index)
  local key = old.key
  self:remove_at(list, index)
  insert_at(self, list, index, child, key)
  touch(self, child)
  remember(self, function() remove_at(self, list, index) end)
end

local HISTORY <const> = 100

--- Replaces the segments of a LiveText; `accepted` are the operations that did it, kept for a while for those who send
--- operations without having seen them.
---@param node lbhost.local.Node
---@param data any
---@param accepted table[]
function Document:set_text(node, data, accepted)
  local old, version = node.data, node.version
  local history = self.text_history[node] or {}
  node.data, node.version = data, version + 1
  history[version], history[version - HISTORY] = accepted, nil
  self.text_history[node] = history
  touch(self, node)
  remember(self, function() node.data, node.version = old, version end)
end

--- The operations on a LiveText since a version, or nil when they are no longer known.
---@param node lbhost.local.Node
---@param version integer
---@return table[]?
function Document:text_since(node, version)
  local all, history = {}, self.text_history[node] or {}
  for v = version, node.version - 1 do
    local ops = history[v]
    if not ops then return nil end
    table.move(ops, 1, #ops, #all + 1, all)
  end
  return all
end

--- Takes a node away from its parent.
---@param node lbhost.local.Node
function Document:detach(node)
  local parent = self.parents[node]
  if parent.items then self:drop_item(parent, node) else self:set_child(parent, node.key, nil) end
end

-- ---- Lists ---------------------------------------------------------------------------------------

--- The item at a position, or nil.
---@param list lbhost.local.Node
---@param key string
function document.item_at(list, key)
  local item = document.at(list, index_of(list, key))
  return item and item.key == key and item or nil
end

--- The position for a new item before the one at an index (from 1); after the last one when there is none.
---@param list lbhost.local.Node
---@param index integer
function document.position_at(list, index)
  local before, at = index > 1 and document.at(list, index - 1), document.at(list, index)
  return positions.make(before and before.key, at and at.key)
    or responses.fail(422, "UNPROCESSABLE_ENTITY", ("There is no position between %q and %q"):format(before.key, at.key))
end

--- A free position: the one nearest to what is wanted, or one between the item there and the next.
---@param list lbhost.local.Node
---@param wanted string
function document.free_position(list, wanted)
  local key = positions.nearest(wanted)
  local index = index_of(list, key)
  local item = document.at(list, index)
  if not item or item.key ~= key then return key end
  return document.position_at(list, index + 1)
end

return document
