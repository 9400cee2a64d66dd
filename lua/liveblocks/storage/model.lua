--- What the server has while a patch is made: changed along with each operation, so that pointers are right at the
--- moment at which their operation is applied.
---
--- Parts of the document are named by the raw table they were read as. A part that was sent whole (`given`) holds what
--- it shall hold in the end, so what was in it can no longer be fetched from there.
local divided = require "liveblocks.storage.divided"
local node = require "liveblocks.storage.node"
local pointer = require "liveblocks.storage.pointer"
local sequence = require "liveblocks.storage.sequence"

local model = {}

---@class liveblocks.storage.Model
---@field containers table<table, any> what containers have now: a table by name, or a sequence of boxes
---@field boxes table<table, table> the box of a part in the list that it stands in
local Model = {}
Model.__index = Model

--- A model of a document as it was read.
---@param doc table
function model.new(doc)
  return setmetatable({ doc = doc, containers = {}, parents = {}, keys = {}, boxes = {}, given = {} }, Model)
end

-- Items of a list are boxes, for a scalar may occur twice.
function Model:box(entry, at)
  local box = { entry = entry, at = at }
  if type(entry) == "table" then self.boxes[entry] = box end
  return box
end

--- What the server has in a container now: a copy of its own. Items of a list are { entry, at = position as read }.
---@param raw table
function Model:current(raw)
  local now = self.containers[raw]
  if now then return now end
  now = {}
  local one = self.doc.nodes[raw]
  if one.list then
    for i, entry in ipairs(one.was) do
      divided.point()
      now[i] = self:box(entry, i)
    end
    now = sequence.of(now, true)
  else
    for key, entry in pairs(one.was) do now[key] = entry end
  end
  self.containers[raw] = now
  return now
end

--- The same of an object or map to look at: not to be changed.
---@param raw table
function Model:fields(raw)
  return self.containers[raw] or self.doc.nodes[raw].was
end

--- The container a part stands in; false when it was removed.
---@param raw table
function Model:parent_of(raw)
  local moved = self.parents[raw]
  if moved ~= nil then return moved end
  local one = self.doc.nodes[raw]
  return one.parent and one.parent.raw
end

--- The position of a part in the list that it stands in.
---@param list table its raw table
---@param raw table
function Model:index_of(list, raw)
  local now = self.containers[list]
  if not now then return self.doc.nodes[raw]:position() end
  return now:index_of(self.boxes[raw])
end

--- The name of a part in the object or map that it stands in.
---@param raw table
function Model:key_of(raw)
  return self.keys[raw] or self.doc.nodes[raw].key
end

--- Where a part stands on the server now, as a pointer; nil when it has been removed.
---@param raw table
function Model:path(raw)
  if raw == self.doc.root_node.raw then return "" end
  local parent = self:parent_of(raw)
  -- What was sent whole holds only what it shall hold in the end.
  local base = parent and not self.given[parent] and self:path(parent)
  if not base then return nil end
  if not self.doc.nodes[parent].list then return pointer.join(base, self:key_of(raw)) end
  return ("%s/%d"):format(base, self:index_of(parent, raw) - 1)
end

--- A part has been removed or replaced.
---@param entry any
function Model:left(entry)
  if type(entry) == "table" and not node.is(entry) then self.parents[entry] = false end
end

--- A part has come to stand in a container, in an object under a key.
---@param entry any
---@param parent table its raw table
---@param key string?
function Model:arrived(entry, parent, key)
  if type(entry) == "table" and not node.is(entry) then self.parents[entry], self.keys[entry] = parent, key end
end

--- Takes a part out of where it stands.
---@param entry any
function Model:take(entry)
  local from = self:parent_of(entry)
  local now = self:current(from)
  if self.doc.nodes[from].list then
    now:remove(now:index_of(self.boxes[entry]))
  else
    now[self:key_of(entry)] = nil
  end
end

return model
