--- An ordered set of records: sorted blocks of bounded size, so that adding, removing and finding a position cost
--- little however many there are, and a page costs the same at the beginning and at the end.
---
--- Records are ordered by two numbers, for example the time they were made and their sequence number. The two must
--- not change while the record is in the index: remove it first.
---@class lbhost.local.Index
local Index = {}
Index.__index = Index

local index = {}

local BLOCK <const> = 256

local function created(record) return record.created, record.seq end

--- An empty index.
---@param position (fun(record: table): number, number)? default: record.created, record.seq
---@return lbhost.local.Index
function index.new(position)
  return setmetatable({ position = position or created, blocks = { {} }, size = 0 }, Index)
end

function Index:count() return self.size end

-- The block in which a position is or belongs: the last one that begins at or before it.
local function block_at(self, a, b)
  local blocks, position = self.blocks, self.position
  local low, high = 1, #blocks
  while low < high do
    local middle = (low + high + 1) // 2
    local first_a, first_b = position(blocks[middle][1])
    if first_a < a or (first_a == a and first_b <= b) then low = middle else high = middle - 1 end
  end
  return low
end

-- In a block: the slot of the first record at or after a position.
local function slot_at(self, block, a, b)
  local position = self.position
  local low, high = 1, #block + 1
  while low < high do
    local middle = (low + high) // 2
    local at_a, at_b = position(block[middle])
    if at_a < a or (at_a == a and at_b < b) then low = middle + 1 else high = middle end
  end
  return low
end

local function split(self, number)
  local block = self.blocks[number]
  local half = #block // 2
  local upper = table.move(block, half + 1, #block, 1, {})
  for i = #block, half + 1, -1 do block[i] = nil end
  table.insert(self.blocks, number + 1, upper)
end

--- Adds a record; one that is already there stays once.
---@param record table
function Index:insert(record)
  local a, b = self.position(record)
  local number = block_at(self, a, b)
  local block = self.blocks[number]
  local slot = slot_at(self, block, a, b)
  if block[slot] == record then return end
  table.insert(block, slot, record)
  self.size = self.size + 1
  if #block > BLOCK then split(self, number) end
end

--- Removes a record.
---@param record table
---@return boolean removed false when it was not there
function Index:remove(record)
  local a, b = self.position(record)
  local number = block_at(self, a, b)
  local block = self.blocks[number]
  local slot = slot_at(self, block, a, b)
  if block[slot] ~= record then return false end
  table.remove(block, slot)
  self.size = self.size - 1
  if not block[1] and #self.blocks > 1 then table.remove(self.blocks, number) end
  return true
end

local function step_down(self, state)
  if state.slot <= 1 then
    if state.number <= 1 then return nil end
    state.number = state.number - 1
    state.slot = #self.blocks[state.number] + 1
  end
  state.slot = state.slot - 1
  return self.blocks[state.number][state.slot]
end

--- Iterates from the newest to the oldest, or over those before a position. The index must not change meanwhile.
---@param a number?
---@param b number?
---@return fun(): table?
function Index:newest(a, b)
  local state = { number = #self.blocks, slot = #self.blocks[#self.blocks] + 1 }
  if a then
    state.number = block_at(self, a, b)
    state.slot = slot_at(self, self.blocks[state.number], a, b)
  end
  return function() return step_down(self, state) end
end

--- Iterates from the oldest to the newest, or over those after a position. The index must not change meanwhile.
---@param a number?
---@param b number?
---@return fun(): table?
function Index:oldest(a, b)
  local number, slot = 1, 0
  if a then
    number = block_at(self, a, b)
    local block = self.blocks[number]
    slot = slot_at(self, block, a, b)
    local at_a, at_b
    if block[slot] then at_a, at_b = self.position(block[slot]) end
    if not (at_a == a and at_b == b) then slot = slot - 1 end
  end
  return function()
    slot = slot + 1
    local block = self.blocks[number]
    if block[slot] == nil then
      number, slot = number + 1, 1
      block = self.blocks[number]
    end
    return block and block[slot]
  end
end

return index
