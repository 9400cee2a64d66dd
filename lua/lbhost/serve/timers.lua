--- Timers of plugins. When a timer has run is stored before it runs: a restart runs it neither twice nor never, and
--- what was missed while the program was down is made up for once. Of several hosts that share a store, the one runs it
--- that has stored this first.
local liveblocks = require "liveblocks"
local schedule = require "lbhost.util.schedule"
local task = require "liveblocks.task"
local wait_within = require "lbhost.util.event_timeout"

local AGAIN = 1 -- seconds until a timer is looked at again that runs
local LOOK_EVERY = 15 -- seconds: the clock of the system may be set at any time

---@class lbhost.serve.Timers
local Timers = {}
Timers.__index = Timers

local timers = {}

--- @param options { handlers: table, store: table, call: function, context: function, log: function, metrics: table,
--- now: fun(): number }
function timers.new(options)
  return setmetatable({ options = options, list = {}, busy = {}, outcomes = {}, count = 0 }, Timers)
end

--- All timers: { name, plugin, fn, schedule }, by name.
function Timers:all()
  local list = {}
  for _, plugin in ipairs(self.options.handlers.list) do
    for text, fn in pairs(plugin.timers) do
      list[#list + 1] = { name = plugin.name .. ":" .. text, plugin = plugin, fn = fn, schedule = schedule.parse(text) }
    end
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

--- Runs a timer now, in the task that runs; returns true, or false and what happened.
function Timers:run(timer)
  local options = self.options
  self.busy[timer.name], self.count = timer, self.count + 1
  local began = liveblocks.now()
  local ok, err = options.call(timer.plugin, timer.fn, options.context(timer))
  self.outcomes[timer.name] = { ok = ok, reason = not ok and tostring(err) or nil, seconds = liveblocks.now() - began }
  self.busy[timer.name], self.count = nil, self.count - 1
  if self.count == 0 and self.idle then self.idle:set() end
  options.metrics:count("lbhost_timer_runs_total", "outcome", ok and "done" or "failed")
  options.log(ok and "debug" or "error", ok and "timer has run" or "timer failed", { timer = timer.name,
    reason = not ok and tostring(err) or nil })
  return ok, err
end

--- When a timer is due next: after its last run, and after `now` when it has never run. A last run that lies in the
--- future says that the clock was wrong then.
---@return number
function timers.due(parsed, last, now)
  local period = parsed.every or 86400
  if not last or last > now + period then return schedule.next(parsed, now) end
  return schedule.next(parsed, last)
end

-- When the timer has last run; for one that never has, the time at which it could have.
local function last_run(self, timer)
  local options = self.options
  local last = options.store:timer(timer.name)
  if last then return last end
  last = schedule.next(timer.schedule, options.now()) - (timer.schedule.every or 86400)
  -- so that a restart before its first run does not put it off
  if options.store:put_timer(timer.name, last) == false then last = options.store:timer(timer.name) end
  return last
end

-- Runs the timer if it is due; returns the seconds until it is due next.
local function look(self, timer)
  local options, now = self.options, self.options.now()
  if not timer.last then timer.last = last_run(self, timer) end
  local due = timers.due(timer.schedule, timer.last, now)
  if due > now then return due - now end
  if self.busy[timer.name] then return AGAIN end -- its version from before a reload still runs
  -- The latest moment at which it was due: those before it are not made up for.
  local period = timer.schedule.every or 86400
  local latest = due + (now - due) // period * period
  local ok, problem = pcall(options.store.put_timer, options.store, timer.name, latest, timer.last)
  if ok and problem == false then -- another host runs it
    timer.last = nil
    return 0
  end
  if not ok then
    options.log("error", "timer waits: its run cannot be stored", { timer = timer.name, reason = tostring(problem) })
    return LOOK_EVERY
  end
  timer.last = latest
  self:run(timer)
  return 0
end

local function start(self, timer)
  local round = self.round
  timer.task = task.spawn(function()
    while self.round == round do
      local ok, wait = pcall(look, self, timer)
      if not ok then
        self.options.log("error", "timer waits: the store does not say when it ran", { timer = timer.name,
          reason = tostring(wait) })
        wait = LOOK_EVERY
      end
      if self.round == round and wait > 0 then task.sleep(math.min(wait, LOOK_EVERY)) end
    end
  end)
end

--- Starts all timers, after those of before have been left.
function Timers:start()
  self.round = {}
  for _, one in ipairs(self.list) do
    if self.busy[one.name] ~= one then one.task:cancel() end
  end
  self.list = self:all()
  for _, timer in ipairs(self.list) do start(self, timer) end
end

--- Leaves all timers, and waits until those that run have ended, for at most `seconds`.
---@param seconds number
---@return integer running
function Timers:stop(seconds)
  self.round, self.list = nil, {}
  if self.count > 0 and seconds > 0 then
    local idle = task.event()
    self.idle = idle
    wait_within(idle, seconds)
  end
  return self.count
end

return timers
