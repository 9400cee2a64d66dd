--- Work side by side: as many workers as are wanted, which can be changed, held and stopped while they work.
local task = require "liveblocks.task"

local workers = {}

---@class lbhost.migrate.Workers
---@field wanted integer items at a time
---@field in_flight integer items that are being done
---@field stopping string? why no further item is started
---@field paused boolean
---@field on_stop function? is called when it is to stop
local Workers = {}
Workers.__index = Workers

--- @param count integer items at a time
---@return lbhost.migrate.Workers
function workers.new(count)
  return setmetatable({ wanted = count, in_flight = 0, paused = false, waiting = {}, tasks = {}, active = 0 }, Workers)
end

local function wake(self)
  local list = self.waiting
  self.waiting = {}
  for _, event in ipairs(list) do event:set() end
end

--- Waits while the work is paused; false when it is to stop.
---@return boolean
function Workers:may_go_on()
  while self.paused and not self.stopping do
    local event = task.event()
    table.insert(self.waiting, event)
    event:wait()
  end
  return not self.stopping
end

--- What is in flight is finished, and nothing more is started. The first reason stays.
---@param reason "interrupted"|"stopped"|"error"|"failed"|"declined"
function Workers:stop(reason)
  self.stopping = self.stopping or reason
  if self.on_stop then self.on_stop() end
  wake(self)
end

function Workers:pause()
  self.paused = true
end

function Workers:unpause()
  self.paused = false
  wake(self)
end

-- Takes items until there are no more, the work stops, or there are more workers than are wanted.
local function work(self)
  while self.active <= self.wanted and self:may_go_on() do
    local key, value = self.next_item()
    if key == nil then
      self.ended = true
      break
    end
    self.in_flight = self.in_flight + 1
    local ok, err = pcall(self.each, key, value)
    self.in_flight = self.in_flight - 1
    if not ok then error(err, 0) end
  end
end

local function spawn(self)
  self.active = self.active + 1
  self.tasks[#self.tasks + 1] = task.spawn(function()
    local ok, err = pcall(work, self)
    self.active = self.active - 1
    if not ok then
      self.problem = self.problem or err
      self:stop "failed"
    end
  end)
end

--- Changes how many items are done at a time.
---@param count integer
function Workers:set_count(count)
  self.wanted = count
  while self.each and not self.ended and not self.stopping and self.active < count do spawn(self) end
end

--- Calls each(key, value) for all items; returns when that is done or stopped. An error of `each` stops the work and is
--- raised in the end.
---@param next_item fun(): any, any
---@param each fun(key: any, value: any)
function Workers:run(next_item, each)
  self.next_item, self.each, self.ended, self.tasks = next_item, each, false, {}
  self:set_count(self.wanted)
  local i = 1
  while self.tasks[i] do -- more may come
    self.tasks[i]:wait()
    i = i + 1
  end
  self.each = nil
  if self.problem then
    local problem = self.problem
    self.problem = nil
    error(problem, 0)
  end
end

return workers
