--- What the server has while a patch is made: changed along with each operation, so that pointers are right at the
--- moment at which their operation is applied.
---
--- Parts of the document are named by the raw table they were read as. A part that was sent whole (`given`) holds what
--- it shall hold in the end, so what was in it can no longer be fetched from there.
local node = require "liveblocks.storage.node"
local pointer = require "liveblocks.storage.pointer"

local model = {}

---@class liveblocks.storage.Model
local Model = {}
Model.__index = Model

--- A model of a document as it was read.
function model.new(doc)
  return setmetatable({ doc = doc, containers = {}, parents = {}, keys = {}, positions = {}, given = {} }, Model)
end

--- What the server has in a container now. Items of a list are boxes, for a scalar may occur twice.
function Model:current(raw)
  local now = self.containers[raw]
  if now then return now end
  now = {}
  local one = self.doc.nodes[raw]
  if one.list then
    for i, entry in ipairs(one.was) do now[i] = { entry = entry, at = i } end
  else
    for key, entry in pairs(one.was) do now[key] = entry end
  end
  self.containers[raw] = now
  return now
end

local function index_of(boxes, raw)
  for i, box in ipairs(boxes) do
    if box.entry == raw then return i end
  end
end
model.index_of = index_of

--- The container a part stands in; false when it was removed.
function Model:parent_of(raw)
  local moved = self.parents[raw]
  if moved ~= nil then return moved end
  local one = self.doc.nodes[raw]
  return one.parent and one.parent.raw
end

--- Where a part stands on the server now, as a pointer; nil when it has been removed. Positions in
--- lists are remembered until the list changes.
function Model:path(raw)
  if raw == self.doc.root_node.raw then return "" end
  local parent = self:parent_of(raw)
  -- What was sent whole holds only what it shall hold in the end.
  local base = parent and not self.given[parent] and self:path(parent)
  if not base then return nil end
  local list = self.doc.nodes[parent].list
  if not list then return pointer.join(base, self.keys[raw] or self.doc.nodes[raw].key) end
  local map = self.positions[parent]
  if not map then
    map = {}
    for i, box in ipairs(self:current(parent)) do
      if type(box.entry) == "table" then map[box.entry] = i end
    end
    self.positions[parent] = map
  end
  return ("%s/%d"):format(base, map[raw] - 1)
end

--- A part has been removed or replaced.
function Model:left(entry)
  if type(entry) == "table" and not node.is(entry) then self.parents[entry] = false end
end

--- A part has come to stand in a container, in an object under a key.
function Model:arrived(entry, parent, key)
  if type(entry) == "table" and not node.is(entry) then self.parents[entry], self.keys[entry] = parent, key end
end

--- Takes a part out of where it stands.
function Model:take(entry)
  local from = self:parent_of(entry)
  local now = self:current(from)
  if self.doc.nodes[from].list then
    table.remove(now, index_of(now, entry))
    self.positions[from] = nil
  else
    now[self.keys[entry] or self.doc.nodes[entry].key] = nil
  end
end

--- Forgets the positions of a list that has changed.
function Model:changed(raw)
  self.positions[raw] = nil
end

return model
