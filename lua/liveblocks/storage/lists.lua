--- Brings a list into shape: inserts, removals, moves and replacements of items, as few as can be.
local align = require "liveblocks.storage.align"

---@class liveblocks.storage.Diff
local Diff = {}

-- Marks the boxes: kept in place, moving within the list, parked for another place, or (none of these) dropped.
function Diff:plan_list(raw, now, goal)
  local live, keys, count, home = {}, {}, 0, self.places.home
  for _, box in ipairs(now) do
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
  local kept = align.lists(keys, goal)
  local assigned, spare = {}, {}
  for j, i in pairs(kept) do
    assigned[j] = live[i]
    live[i].kept = true
  end
  for _, box in ipairs(live) do
    if not box.kept then
      local queue = spare[box.entry] or {}
      spare[box.entry] = queue
      queue[#queue + 1] = box
    end
  end
  for j, entry in ipairs(goal) do
    local queue = not assigned[j] and spare[entry]
    local box = queue and table.remove(queue, 1)
    if box then
      assigned[j] = box
      box.moving = true
    end
  end
  for _, box in ipairs(live) do
    if not box.kept and not box.moving and self:is_needed(box.entry) then box.parked = true end
  end
  for _, box in ipairs(now) do
    if box.parked then self.parked[#self.parked + 1] = { raw, box.entry } end
  end
  return assigned
end

local function droppable(box)
  return box and not box.kept and not box.moving and not box.parked
end

function Diff:drop(raw, position)
  local now = self.model:current(raw)
  local box = table.remove(now, position)
  if box.at then self.guard:whole(self.doc.nodes[raw], box.at) end
  self.losing = box.entry
  self:emit("remove", ("%s/%d"):format(self.model:path(raw), position - 1))
  self.model:left(box.entry)
  self.model:changed(raw)
end

-- An insertion is guarded by the item that it comes to stand before.
function Diff:insert(raw, position, entry)
  local now, one = self.model:current(raw), self.doc.nodes[raw]
  local source, box = self:source_of(entry), now[position]
  if box and box.at then self.guard:item(one, box.at) end
  local at, last = ("/%d"):format(position - 1), not box and "/-" or nil
  if source then
    self:fetch(entry, source, function() return self.model:path(raw) .. (last or at) end)
  else
    local path = self.model:path(raw)
    self:put("add", path .. at, entry, one, last and path .. last)
  end
  table.insert(now, position, { entry = entry, kept = true })
  self.model:arrived(entry, raw)
  self.model:changed(raw)
end

function Diff:overwrite(raw, position, entry)
  local now, one = self.model:current(raw), self.doc.nodes[raw]
  local box = now[position]
  if box.at then self.guard:whole(one, box.at) end
  self.losing = box.entry
  self:put("replace", ("%s/%d"):format(self.model:path(raw), position - 1), entry, one)
  self.model:left(box.entry)
  now[position] = { entry = entry, kept = true }
  self.model:arrived(entry, raw)
  self.model:changed(raw)
end

-- Moves an item of the list to a position of the list as it is now; returns where it then stands.
function Diff:shift(raw, box, position)
  local now, one = self.model:current(raw), self.doc.nodes[raw]
  local from
  for i, other in ipairs(now) do
    if other == box then from = i end
  end
  local to = from < position and position - 1 or position
  if from ~= to then
    local path = self.model:path(raw)
    if type(box.entry) == "table" then self:check(box.entry, one, ("%s/%d"):format(path, from - 1), " move it") end
    if box.at then self.guard:item(one, box.at) end
    if now[position] and now[position].at then self.guard:item(one, now[position].at) end
    self:emit("move", ("%s/%d"):format(path, to - 1), { from = ("%s/%d"):format(path, from - 1) })
    table.remove(now, from)
    table.insert(now, to, box)
    self.model:changed(raw)
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
    local box = assigned[j]
    if box and box.kept then
      while now[position] ~= box do
        if droppable(now[position]) then self:drop(raw, position) else position = position + 1 end
      end
    elseif box then
      position = self:shift(raw, box, position)
    elseif droppable(now[position]) and not self:source_of(entry) then
      self:overwrite(raw, position, entry)
    else
      self:insert(raw, position, entry)
    end
    position = position + 1
  end
  for i = #now, position, -1 do
    if droppable(now[i]) then self:drop(raw, i) end
  end
  if #self.patch > touched then self.guard:way(one) end
end

return Diff
