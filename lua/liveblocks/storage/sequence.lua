--- A list in which insertion and removal at any position take logarithmic time: a plain array while that is cheap, a
--- counted B+ tree once many items would have had to be shifted.
---
--- A tracked sequence holds tables, each of them once, and knows the position of each.
local sequence = {}

local LEAF, FAN = 64, 32 -- items of a leaf, children of an inner node, at most

---@class liveblocks.storage.Sequence
---@field n integer number of items
---@field items any[]? the array, while there is no tree
---@field root table? the tree
---@field leaf_of table<table, table>? of a tracked sequence: the leaf that an item is in
---@field shifted integer how many items were shifted in the array
local Sequence = {}
Sequence.__index = Sequence

--- A sequence over an array, which belongs to the sequence from then on.
---@param items any[]
---@param tracked boolean?
---@return liveblocks.storage.Sequence
function sequence.of(items, tracked)
  return setmetatable({ items = items, n = #items, shifted = 0, leaf_of = tracked and {} or nil }, Sequence)
end

-- ---- The tree ------------------------------------------------------------------------------------

local function own(node, leaf_of)
  for i = 1, #node do
    if node.is_leaf then
      if leaf_of then leaf_of[node[i]] = node end
    else
      node[i].parent = node
    end
  end
end

-- Nodes of up to `max` entries each over a list of entries, half full so that there is room.
local function level(entries, max, is_leaf, leaf_of)
  local nodes, size = {}, math.floor(max / 2)
  for first = 1, #entries, size do
    local node, count = { is_leaf = is_leaf }, 0
    for i = first, math.min(first + size - 1, #entries) do
      node[#node + 1] = entries[i]
      count = count + (is_leaf and 1 or entries[i].count)
    end
    node.count = count
    own(node, leaf_of)
    nodes[#nodes + 1] = node
  end
  return nodes
end

local function grow(self)
  local nodes = level(self.items, LEAF, true, self.leaf_of)
  while #nodes > 1 do nodes = level(nodes, FAN, false) end
  self.root, self.items = nodes[1] or { is_leaf = true, count = 0 }, nil
end

-- The leaf in which a position is, and the position there; for an insertion also the one after a leaf's last.
local function find(self, position, adding)
  local node, slack = self.root, adding and 1 or 0
  while not node.is_leaf do
    local i, count = 1, #node
    while i < count and position > node[i].count + slack do
      position = position - node[i].count
      i = i + 1
    end
    node = node[i]
  end
  return node, position
end

local function slot(parent, child)
  for i = 1, #parent do
    if parent[i] == child then return i end
  end
end

local function add_count(node, change)
  while node do
    node.count = node.count + change
    node = node.parent
  end
end

-- Halves a node that is too full; its parent gets the second half, and may be halved in turn.
local function split(self, node)
  local size, keep = #node, math.floor(#node / 2)
  local right = { is_leaf = node.is_leaf, count = 0, parent = node.parent }
  for i = keep + 1, size do
    right[i - keep] = node[i]
    right.count = right.count + (node.is_leaf and 1 or node[i].count)
    node[i] = nil
  end
  node.count = node.count - right.count
  own(right, self.leaf_of)
  local parent = node.parent
  if not parent then
    self.root = { is_leaf = false, count = node.count + right.count, node, right }
    node.parent, right.parent = self.root, self.root
    return
  end
  table.insert(parent, slot(parent, node) + 1, right)
  if #parent > FAN then split(self, parent) end
end

local function drop_empty(self, node)
  while node.count == 0 and node.parent do
    local parent = node.parent
    table.remove(parent, slot(parent, node))
    node = parent
  end
  if self.n == 0 then self.root = { is_leaf = true, count = 0 } end
end

-- ---- Access --------------------------------------------------------------------------------------

--- Is it worth a tree to shift so many items of the array once more?
local function shift(self, count)
  if count <= LEAF then return end
  self.shifted = self.shifted + count
  if self.shifted > 4 * self.n + 1024 then grow(self) end
end

function Sequence:get(position)
  if self.items then return self.items[position] end
  local leaf, at = find(self, position)
  return leaf[at]
end

--- Puts another item in the place of the one at `position`.
---@param position integer from 1
---@param item any
function Sequence:set(position, item)
  if self.items then
    self.items[position] = item
    return
  end
  local leaf, at = find(self, position)
  if self.leaf_of then self.leaf_of[leaf[at]], self.leaf_of[item] = nil, leaf end
  leaf[at] = item
end

--- Inserts an item so that it comes to stand at `position`, from 1 to n + 1.
---@param position integer from 1
---@param item any
function Sequence:insert(position, item)
  if self.items then shift(self, self.n + 1 - position) end
  self.n = self.n + 1
  if self.items then return table.insert(self.items, position, item) end
  local leaf, at = find(self, position, true)
  table.insert(leaf, at, item)
  if self.leaf_of then self.leaf_of[item] = leaf end
  add_count(leaf, 1)
  if #leaf > LEAF then split(self, leaf) end
end

--- Takes the item at `position` out and returns it.
---@param position integer from 1
function Sequence:remove(position)
  if self.items then shift(self, self.n - position) end
  self.n = self.n - 1
  if self.items then return table.remove(self.items, position) end
  local leaf, at = find(self, position)
  local item = table.remove(leaf, at)
  if self.leaf_of then self.leaf_of[item] = nil end
  add_count(leaf, -1)
  if leaf.count == 0 then drop_empty(self, leaf) end
  return item
end

--- The position of an item of a tracked sequence, nil when it is not there.
---@param item any
function Sequence:index_of(item)
  if self.items and self.n > LEAF then grow(self) end
  if self.items then return slot(self.items, item) end
  local node = self.leaf_of[item]
  if not node then return nil end
  local position = slot(node, item)
  while node.parent do
    local parent = node.parent
    for i = 1, #parent do
      if parent[i] == node then break end
      position = position + parent[i].count
    end
    node = parent
  end
  return position
end

--- All items as an array, which stays the sequence's own: it is good until the next insertion or removal.
---@return any[]
function Sequence:array()
  if self.items then return self.items end
  local items = {}
  local function collect(node)
    for i = 1, #node do
      if node.is_leaf then items[#items + 1] = node[i] else collect(node[i]) end
    end
  end
  collect(self.root)
  self.items, self.root, self.shifted = items, nil, 0
  if self.leaf_of then self.leaf_of = {} end
  return items
end

return sequence
