--- Timers of plugins. When a timer has run is stored before it runs: a restart runs it neither twice nor never, and
--- what was missed while the program was down is made up for once.
local schedule = require "lbhost.schedule"
local task = require "liveblocks.task"

local LOOK_EVERY = 15 -- seconds: the clock of the system may be set at any time

---@class lbhost.serve.Timers
local Timers = {}
Timers.__index = Timers

local timers = {}

--- @param options { handlers: table, store: table, call: function, context: function, log: function, metrics: table,
--- now: fun(): number }
function timers.new(options)
  return setmetatable({ options = options, running = {} }, Timers)
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
  timer.busy = true
  local ok, err = options.call(timer.fn, options.context(timer))
  timer.busy = false
  options.metrics:count("lbhost_timer_runs_total", "outcome", ok and "done" or "failed")
  options.log(ok and "debug" or "error", ok and "timer has run" or "timer failed", { timer = timer.name,
    reason = not ok and tostring(err) or nil })
  return ok, err
end

--- When a timer is due next: behind its last run, and behind `now` when it has never run. A last run that lies in the
--- future says that the clock was wrong then.
---@return number
function timers.due(parsed, last, now)
  local period = parsed.every or 86400
  if not last or last > now + period then return schedule.next(parsed, now) end
  return schedule.next(parsed, last)
end

-- Runs the timer if it is due; returns the seconds until it is due next.
local function look(self, timer)
  local options, now = self.options, self.options.now()
  local due = timers.due(timer.schedule, timer.last, now)
  if due > now then return due - now end
  -- The latest moment at which it was due: those before it are not made up for.
  local period = timer.schedule.every or 86400
  local latest = due + (now - due) // period * period
  local ok, problem = pcall(options.store.put_timer, options.store, timer.name, latest)
  if not ok then
    options.log("error", "timer waits: its run cannot be stored", { timer = timer.name, reason = tostring(problem) })
    return LOOK_EVERY
  end
  timer.last = latest
  self:run(timer)
  return 0
end

local function start(self, timer)
  local options = self.options
  timer.last = options.store:timer(timer.name)
  if not timer.last then -- so that a restart before its first run does not put it off
    timer.last = schedule.next(timer.schedule, options.now()) - (timer.schedule.every or 86400)
    pcall(options.store.put_timer, options.store, timer.name, timer.last)
  end
  local round = self.round
  timer.task = task.spawn(function()
    while self.round == round do
      local wait = look(self, timer)
      if self.round == round and wait > 0 then task.sleep(math.min(wait, LOOK_EVERY)) end
    end
  end)
end

--- Starts all timers, after those of before have been left.
function Timers:start()
  self.round = {}
  for _, one in ipairs(self.running) do
    if not one.busy then one.task:cancel() end
  end
  self.running = self:all()
  for _, timer in ipairs(self.running) do start(self, timer) end
end

--- Leaves all timers; one that runs goes on to its end.
function Timers:stop()
  self.round = nil
  self.running = {}
end

return timers
