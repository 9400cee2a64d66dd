--- Brings a list into shape: inserts, removals, moves and replacements of items, as few as can be.
local align = require "liveblocks.storage.align"
local divided = require "liveblocks.storage.divided"
local value = require "liveblocks.storage.value"

---@class liveblocks.storage.Diff
local Diff = {}

-- First in, first out, in constant time.
local function push(queues, key, item)
  local queue = queues[key]
  if not queue then
    queue = { first = 1 }
    queues[key] = queue
  end
  queue[#queue + 1] = item
end

local function take(queue)
  local item = queue[queue.first]
  queue.first = queue.first + 1
  return item
end

-- The boxes that do not leave for another list, and their entries; those that do are parked.
function Diff:staying(raw, boxes)
  local live, keys, count, home = {}, {}, 0, self.layout.home
  for _, box in ipairs(boxes) do
    divided.point()
    box.kept, box.moving, box.parked = nil, nil, nil
    local entry = box.entry
    local elsewhere = type(entry) == "table" and home[entry]
    if elsewhere and elsewhere ~= raw then
      box.parked = true
    else
      count = count + 1
      live[count], keys[count] = box, entry
    end
  end
  return live, keys
end

-- Marks the boxes: kept in place, moving within the list, parked for another place, or (none of these) dropped.
function Diff:plan_list(raw, now, goal)
  local boxes = now:array()
  local live, keys = self:staying(raw, boxes)
  local assigned, free = {}, {}
  for j, i in pairs(align.lists(keys, goal)) do
    divided.point()
    assigned[j] = live[i]
    live[i].kept = true
  end
  for _, box in ipairs(live) do
    if not box.kept then push(free, box.entry, box) end
  end
  for j, entry in ipairs(goal) do
    divided.point()
    local queue = not assigned[j] and free[entry]
    local box = queue and take(queue)
    if box then
      assigned[j] = box
      box.moving = true
    end
  end
  for _, box in ipairs(live) do
    if not box.kept and not box.moving and self:is_needed(box.entry) then box.parked = true end
  end
  for _, box in ipairs(boxes) do
    if box.parked then self.parked[#self.parked + 1] = { raw, box.entry } end
  end
  return assigned
end

local function droppable(box)
  return box and not box.kept and not box.moving and not box.parked
end

function Diff:drop(raw, position)
  local box = self.model:current(raw):remove(position)
  if box.at then self.guard:whole(self.doc.nodes[raw], box.at) end
  self.losing = box.entry
  self:emit("remove", ("%s/%d"):format(self.model:path(raw), position - 1))
  self.model:left(box.entry)
end

-- An insertion is guarded by the item that it comes to stand before.
function Diff:insert(raw, position, entry)
  local now, one = self.model:current(raw), self.doc.nodes[raw]
  local source, box = self:source_of(entry), now:get(position)
  if box and box.at then self.guard:item(one, box.at) end
  local at, last = ("/%d"):format(position - 1), not box and "/-" or nil
  if source then
    self:fetch(entry, source, function() return self.model:path(raw) .. (last or at) end)
  else
    local path = self.model:path(raw)
    self:put("add", path .. at, entry, one, last and path .. last)
  end
  box = self.model:box(entry)
  box.kept = true
  now:insert(position, box)
  self.model:arrived(entry, raw)
end

function Diff:overwrite(raw, position, entry)
  local now, one = self.model:current(raw), self.doc.nodes[raw]
  local old = now:get(position)
  local old_is_text = value.is_text(old.entry)
  if old_is_text and not value.is_text(entry) then
    self:drop(raw, position)
    return self:insert(raw, position, entry)
  end
  if old.at then self.guard:whole(one, old.at) end
  self.losing = old.entry
  local path = ("%s/%d"):format(self.model:path(raw), position - 1)
  if old_is_text then self:put_text(path, entry) else self:put("replace", path, entry, one) end
  self.model:left(old.entry)
  local box = self.model:box(entry)
  box.kept = true
  now:set(position, box)
  self.model:arrived(entry, raw)
end

-- Moves an item of the list to a position of the list as it is now; returns where it then stands.
function Diff:shift(raw, box, position)
  local now, one = self.model:current(raw), self.doc.nodes[raw]
  local from = now:index_of(box)
  local to = from < position and position - 1 or position
  if from ~= to then
    local path, next_one = self.model:path(raw), now:get(position)
    if type(box.entry) == "table" then
      self:check_move(box.entry, one, ("%s/%d"):format(path, from - 1), " move it")
    end
    if box.at then self.guard:item(one, box.at) end
    if next_one and next_one.at then self.guard:item(one, next_one.at) end
    self:emit("move", ("%s/%d"):format(path, to - 1), { from = ("%s/%d"):format(path, from - 1) })
    now:remove(from)
    now:insert(to, box)
  end
  box.moving, box.kept = nil, true
  return to
end

function Diff:shape_list(raw, goal)
  local now, one = self.model:current(raw), self.doc.nodes[raw]
  local assigned = self:plan_list(raw, now, goal)
  local touched = #self.patch
  local position = 1
  for j, entry in ipairs(goal) do
    divided.point()
    local box = assigned[j]
    if box and box.kept then
      while now:get(position) ~= box do
        if droppable(now:get(position)) then self:drop(raw, position) else position = position + 1 end
      end
    elseif box then
      position = self:shift(raw, box, position)
    elseif droppable(now:get(position)) and not self:source_of(entry) then
      self:overwrite(raw, position, entry)
    else
      self:insert(raw, position, entry)
    end
    position = position + 1
  end
  for i = now.n, position, -1 do
    divided.point()
    if droppable(now:get(i)) then self:drop(raw, i) end
  end
  if #self.patch > touched then
    self.guard:way(one)
    self.doc.looked[one] = true -- else an item could be appended twice, or two equal ones be removed
  end
end

return Diff
