--- Handling one event: every handler of its type, within its budget; what fails is tried again later, and what fails
--- too often is a dead letter.
local liveblocks = require "liveblocks"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local limits = require "lbhost.limits"
local printable = require "lbhost.util.printable"
local secrets = require "lbhost.util.secrets"
local task = require "liveblocks.task"
local traceback = require "lbhost.util.traceback"
local wtf8 = require "liveblocks.wtf8"

local WATCH_EVERY = 0.25 -- seconds between checks at handlers that wait for too long
local LONGEST_TEXT = 4000 -- bytes of what a handler has failed with, in the store and in the log
local MIB = 1024 * 1024

---@class lbhost.serve.Handling
local Handling = {}
Handling.__index = Handling

local handle = {}

---@param options { settings: table, handlers: table, batches: table, store: table, client: table, log: function,
---metrics: table, now: fun(): number } settings: the options of `lbhost serve`, by their names there
function handle.new(options)
  return setmetatable({ options = options, running = {}, budgets = {} }, Handling)
end

-- ---- What a handler is given ---------------------------------------------------------------------

-- A name as every store takes it, as text: another one for each name.
local function storable(name)
  if utf8.len(name) and not name:find("\0", 1, true) then return name end
  return "base64 " .. liveblocks.crypto.base64_encode(name)
end

-- fn() unless it has succeeded before for this event; its result (JSON) is kept.
local function once(self, event, key)
  return function(name, fn)
    if type(name) ~= "string" or type(fn) ~= "function" then errors.usage("ctx.once takes a name and a function") end
    local full = storable(key .. "/" .. name)
    if event.lost then error("other hosts have this event by now", 0) end
    local found, result = self.options.store:once(event.id, full)
    if found then return result and json.decode(result) end
    local value = fn()
    if event.lost then error("other hosts have this event by now", 0) end
    local encoded, text = pcall(json.encode, value)
    self.options.store:put_once(event.id, full, encoded and value ~= nil and text or nil)
    return value
  end
end

-- The fields that are made when they are first used.
local late = {
  once = function(ctx) return once(ctx.handling, ctx.record, ctx.key) end,
  log = function(ctx)
    local record, plugin, log = ctx.record, ctx.plugin, ctx.handling.options.log
    return function(level, message, fields)
      local all = { event = record.id, plugin = plugin.name }
      for name, value in pairs(fields or {}) do all[name] = value end
      log(level, message, all)
    end
  end,
}

local context = {
  __index = function(ctx, name)
    local make = late[name]
    local value = make and make(ctx)
    rawset(ctx, name, value)
    return value
  end,
}

local function new_context(self, record, handler)
  local plugin = handler.plugin
  return setmetatable({ client = self.options.client, options = plugin.options, host = plugin.host, event_id = record.id,
    attempt = record.attempts + 1, received = record.received, handling = self, record = record, plugin = plugin,
    key = handler.key }, context)
end

-- ---- Budgets -------------------------------------------------------------------------------------

local function guarded(budget, fn, ...)
  local _ <close> = budget:begin()
  fn(...)
end

-- Handlers that wait are stopped from outside.
local function watch(self)
  if self.watching then return end
  self.watching = true
  task.spawn(function()
    while next(self.running) do
      task.sleep(WATCH_EVERY)
      local now = liveblocks.now()
      for one in pairs(self.running) do
        if one.deadline < now then
          one.late = true
          one.budget:expire() -- so that what catches the interrupt does not go on
          task.cancel_wait(one.thread) -- again and again: it may wait for tasks of its own to end
        end
      end
    end
    self.watching = false
  end)
end

-- A budget that nobody uses, by the seconds that it allows.
local function take_budget(self, seconds)
  local idle = self.budgets[seconds]
  if not idle then
    idle = {}
    self.budgets[seconds] = idle
  end
  local settings = self.options.settings
  return table.remove(idle) or { budget = limits.new { seconds = seconds, instructions = settings.handler_instructions,
    memory = math.floor(settings.handler_memory * MIB) } }
end

--- Calls fn(...) of a plugin within the limits, in the task that runs; returns true, or false and what happened.
---@param plugin table it is not stopped meanwhile
---@param seconds number
---@param fn function
function Handling:call(plugin, seconds, fn, ...)
  local options = self.options
  local one = take_budget(self, seconds)
  one.thread, one.deadline, one.late = task.current(), liveblocks.now() + seconds, false
  self.running[one] = true
  watch(self)
  options.handlers:hold(plugin)
  local ok, err = xpcall(guarded, traceback.handler, one.budget, fn, ...)
  self.running[one], one.thread = nil, nil
  table.insert(self.budgets[seconds], one)
  if one.late then task.clear_cancel() end
  options.handlers:release(plugin)
  if ok then return true end
  local exceeded = one.budget:exceeded()
  if exceeded == "seconds" then
    return false, ("stopped after %g seconds"):format(seconds), "stopped"
  elseif exceeded == "memory" then
    collectgarbage()
    return false, ("stopped: it needed more than %d MiB of memory"):format(math.floor(options.settings.handler_memory)), "stopped"
  elseif exceeded then
    return false, ("stopped after %g instructions"):format(options.settings.handler_instructions), "stopped"
  end
  return false, err
end

-- ---- Outcomes ------------------------------------------------------------------------------------

-- What a handler has failed with, as text that every store and every log takes.
local function text_of(err)
  local text = wtf8.to_utf8(secrets.hide(tostring(err)))
  if #text > LONGEST_TEXT then
    text = text:sub(1, (utf8.offset(text, 0, LONGEST_TEXT + 1) or LONGEST_TEXT + 1) - 1) .. "..."
  end
  return printable.utf8((text:gsub("\0", "?")))
end

-- What an event names may be gone by the time it is handled.
local function is_gone(err)
  return errors.is(err) and err.kind == "http" and err.status == 404 and type(err.path) == "string" and
    err.path:find("/v2/", 1, true) ~= nil
end

local function run_handler(self, record, event, handler)
  local ok, err, stopped = self:call(handler.plugin, self.options.settings.handler_seconds, handler.fn, event,
    new_context(self, record, handler))
  local log, fields = self.options.log, { event = record.id, type = record.type, plugin = handler.plugin.name,
    attempt = record.attempts + 1 }
  if ok then return true end
  if is_gone(err) then
    fields.reason = text_of(err)
    log("info", "what the event names is gone", fields)
    return true
  end
  fields.reason = text_of(err)
  self.options.metrics:count("lbhost_handler_failures_total", "plugin", handler.plugin.name)
  log("warn", stopped and "handler stopped" or "handler failed", fields)
  return false, fields.reason
end

-- Seconds until the next attempt: 1, 4, 16, ... with jitter, so that many do not come back at once.
local function wait_before(settings, attempts)
  local seconds = math.min(settings.backoff * 4 ^ (attempts - 1), settings.longest_wait)
  return seconds * (0.75 + math.random() / 2)
end

local function give_back(self, record, handled, problem)
  local options, attempts = self.options, record.attempts + 1
  local note = { seq = record.seq, attempts = attempts, error = problem, handled = handled }
  if attempts >= options.settings.attempts then
    options.batches:note("parked", note)
    options.metrics:count("lbhost_events_handled_total", "outcome", "parked")
    options.log("error", "event is a dead letter; see: lbhost queue show " .. record.id, { event = record.id, type = record.type,
      attempts = attempts, reason = problem })
    return nil
  end
  local delay = wait_before(options.settings, attempts)
  note.due = options.now() + delay
  options.batches:note("failed", note)
  options.metrics:count("lbhost_events_handled_total", "outcome", "failed")
  return delay
end

-- The handlers that are done with an event, each after a space and before one: one name may end as another.
local function is_done(handled, key)
  return (" " .. handled):find(" " .. key .. " ", 1, true) ~= nil
end

-- The event of a record, or nil and what is wrong with it.
local function event_of(record)
  local known = record.event
  record.event = nil
  if known then return known end
  local event, problem = json.try_decode(record.body or "")
  if problem then return nil, "the stored body is not an event: " .. tostring(problem) end
  return event
end

--- Handles an event; returns the seconds after which it is to be tried again, or nil when it is done or a dead letter.
---@param record table of the store; `event` when it is decoded already
---@return number?
function Handling:handle(record)
  local options, began = self.options, liveblocks.now()
  local handled = record.handled
  local event, problem = event_of(record)
  local found = event and options.handlers:of(event.type) or {}
  for _, handler in ipairs(found) do
    if not is_done(handled, handler.key) then
      local ok, reason = run_handler(self, record, event, handler)
      if ok then handled = handled .. handler.key .. " " else problem = problem or reason end
    end
  end
  options.metrics:observe("lbhost_handler_seconds", liveblocks.now() - began)
  if record.lost then
    options.log("warn", "what became of an event is not recorded: another host has it by now", { event = record.id,
      type = record.type, lane = record.lane })
    return nil
  end
  if problem then return give_back(self, record, handled, problem) end
  options.batches:note("done", record.seq)
  options.metrics:count("lbhost_events_handled_total", "outcome", "done")
  if options.settings.log_handled ~= "off" then
    options.log("info", "event handled", { event = record.id, type = record.type, lane = record.lane, handlers = #found,
      seconds = liveblocks.now() - began })
  end
  return nil
end

return handle
