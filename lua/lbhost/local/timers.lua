--- Things that are due at a time. They run from app:tick(), in the order of their times.
local index = require "lbhost.local.index"

---@class lbhost.local.Timers
---@field on_sooner? function called when a new timer is the next one
local Timers = {}
Timers.__index = Timers

local timers = {}

---@param now fun(): integer milliseconds
---@return lbhost.local.Timers
function timers.new(now)
  return setmetatable({ now = now, count = 0, queue = index.new(function(t) return t.due, t.number end) }, Timers)
end

--- Runs fn(...) once, when `due` has come.
---@param due integer milliseconds since 1970
---@param fn function
---@return table timer for cancel
function Timers:at(due, fn, ...)
  self.count = self.count + 1
  local timer = { due = due, number = self.count, fn = fn, arguments = table.pack(...) }
  self.queue:insert(timer)
  if self.on_sooner and self:next() == due then self.on_sooner() end
  return timer
end

--- Forgets a timer; one that has run or was cancelled is left alone.
function Timers:cancel(timer)
  if timer then self.queue:remove(timer) end
end

--- When the next one is due, or nil.
---@return integer?
function Timers:next()
  local first = self.queue:oldest()()
  return first and first.due
end

--- Runs what is due.
function Timers:run()
  while true do
    local first = self.queue:oldest()()
    if not first or first.due > self.now() then return end
    self.queue:remove(first)
    first.fn(table.unpack(first.arguments, 1, first.arguments.n))
  end
end

function Timers:clear()
  self.queue = index.new(self.queue.position)
end

return timers
