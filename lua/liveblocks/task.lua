--- Tasks: functions that run side by side and wait without blocking each other.
---
---   local rooms = liveblocks.task.map(ids, function(id) return client:get_room(id) end, { concurrency = 20 })
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local wait = require "liveblocks.wait"

local task = {}

---@class liveblocks.Task
---@field done boolean
---@field traceback string? where it failed
---@field handle userdata for task.cancel_wait
local Task = {}
Task.__index = Task
Task.__name = "liveblocks.task"

-- Tasks that have not ended, by their handles.
local by_handle = {}

-- Tasks that failed and that nobody has waited for.
local unseen = {}
local report -- set by task.on_failure

-- Coroutines whose tasks are in the background, and how many other tasks have not ended.
local background = setmetatable({}, { __mode = "k" })
local unfinished, any_background = 0, false

local Failure = {}

local trace = debug and debug.traceback or tostring -- an engine may hide it

local function on_error(err)
  local text = errors.is(err) and tostring(err) or err
  return setmetatable({ error = err, traceback = trace(type(text) == "string" and text or tostring(text), 2) },
    Failure)
end

local function note_failure(self, failure)
  -- For want of memory xpcall() gives the bare error.
  local is_whole = getmetatable(failure) == Failure
  local err, traceback = failure, nil
  if is_whole then err, traceback = failure.error, failure.traceback end
  self.error, self.traceback = err, traceback
  if errors.is(err) and not err.traceback then err.traceback = traceback end
  if not self.waiters and not self.cancelled and not report then unseen[self] = true end
end

-- For want of memory the task may die in here: then this runs again (core.on_failed), and goes on where it was.
local function finish(self, ok, first, ...)
  if self.done then return end
  if self.ok == nil then
    if ok then self.results = table.pack(first, ...) else note_failure(self, first) end
    self.ok = ok
  end
  local waiters = self.waiters
  for i = 1, waiters and #waiters or 0 do waiters[i]:set() end
  self.done, self.waiters, by_handle[self.handle] = true, nil, nil -- none of this needs memory
  if not self.background then unfinished = unfinished - 1 end
  if not self.ok and not waiters and not self.cancelled and report then pcall(report, self) end
end

core.on_failed(function(handle, err)
  local self = by_handle[handle] or setmetatable({ done = false, background = true, handle = handle }, Task)
  finish(self, false, err)
end)

local function body(self, fn, ...)
  if not self.started then return end -- spawn() has raised: out of memory
  self.coroutine = coroutine.running()
  if self.background then background[coroutine.running()] = true end
  finish(self, xpcall(fn, on_error, ...))
end

--- Starts fn(...) as a task, at the next step of the loop.
---@param fn function
---@param ... any
---@return liveblocks.Task
function task.spawn(fn, ...)
  if type(fn) ~= "function" then errors.usage("task.spawn: a function expected, got %s", type(fn)) end
  local self = setmetatable({ done = false, started = false, handle = false,
    background = background[coroutine.running()] }, Task)
  self.handle = core.spawn(body, self, fn, ...)
  by_handle[self.handle] = self
  self.started = true
  if not self.background then unfinished = unfinished + 1 end
  return self
end

--- Starts fn(...) as a task that nobody waits for and that catches its own errors: it costs less than spawn(). An error
--- that it does not catch is reported as the failure of a task.
---@param fn function
---@param ... any
---@return userdata handle
function task.start(fn, ...)
  return core.spawn(fn, ...)
end

--- From now on the tasks that the running coroutine starts, and those that they start, are in the background: the program
--- does not wait for them to end.
function task.background()
  background[coroutine.running()], any_background = true, true
end

--- Closes the coroutines of all tasks that wait: they are not resumed, but their to-be-closed variables are closed. For
--- a program that ends. What those do cannot wait. (Lua 5.4 and later; elsewhere nothing happens.)
function task.close_all()
  if not coroutine.close then return end
  local suspended = {}
  for _, one in pairs(by_handle) do
    if one.coroutine and coroutine.status(one.coroutine) == "suspended" then suspended[#suspended + 1] = one.coroutine end
  end
  for _, one in ipairs(suspended) do coroutine.close(one) end
end

--- Is there something left that the program has to wait for?
---@return boolean
function task.any_left()
  if any_background then return unfinished > 0 end
  return core.pending() > 0
end

--- Waits for the task: returns what its function returned, or raises its error.
---@return any ...
function Task:wait()
  if not self.done then
    local event = core.event()
    self.waiters = self.waiters or {}
    table.insert(self.waiters, event)
    event:wait()
  end
  unseen[self] = nil
  if self.ok then return table.unpack(self.results, 1, self.results.n) end
  error(self.error, 0)
end

-- waiters: a list of what has a method `set`, which is called once the task has ended, however it ended (an event, for
-- example); again, when memory runs out in there. To set it needs no memory.
function Task:notify(waiters)
  self.waiters = waiters
end

--- Makes what the task waits for, or its next wait, raise an error of kind "cancelled"; its call is ended.
function Task:cancel()
  if self.done then return end
  self.cancelled = true
  core.cancel(self.handle)
end

Task.__close = Task.cancel

--- Runs fn(...) as a task and waits for it.
---@param fn function
---@param ... any
---@return any ...
function task.run(fn, ...)
  return task.spawn(fn, ...):wait()
end

-- Waits until all have ended or one has failed; returns the first that failed.
local function wait_for_failure(tasks)
  local failed, left, event = nil, 0, core.event()
  for _, one in ipairs(tasks) do
    if not one.done then
      left = left + 1
      one.waiters = one.waiters or {}
      local counted = false
      table.insert(one.waiters, { set = function()
        if not counted then left, counted = left - 1, true end
        failed = failed or (not one.ok and one or nil)
        if failed or left == 0 then event:set() end
      end })
    else
      failed = failed or (not one.ok and one or nil)
    end
  end
  if left > 0 and not failed then event:wait() end
  return failed
end

-- Waits for all; when one fails, or the waiting is cancelled, the others are cancelled at once.
local function wait_all(tasks)
  local ok, failed = pcall(wait_for_failure, tasks)
  if ok and not failed then return end
  for _, one in ipairs(tasks) do one:cancel() end
  for _, one in ipairs(tasks) do pcall(one.wait, one) end
  if ok then failed = failed.error end
  error(failed, 0)
end

--- Runs functions (or waits for tasks) side by side and returns the list of their first results.
---@param list (function|liveblocks.Task)[]
---@return any[]
function task.all(list)
  if type(list) ~= "table" then errors.usage("task.all: a list expected, got %s", type(list)) end
  for i, one in ipairs(list) do
    if type(one) ~= "function" and getmetatable(one) ~= Task then
      errors.usage("task.all: functions and tasks expected, got %s at %d", type(one), i)
    end
  end
  local tasks, results = {}, {}
  for i, one in ipairs(list) do tasks[i] = type(one) == "function" and task.spawn(one) or one end
  wait_all(tasks)
  for i, one in ipairs(tasks) do results[i] = one.results[1] end
  return results
end

--- The same iterator for many tasks, though it waits inside, as pages do: one task at a time is in it. After its end, or
--- an error, it is not called again.
---@param iterator fun(): any, any
---@return fun(): any, any
function task.one_at_a_time(iterator)
  local busy, ended, waiting = false, false, {}
  return function()
    while busy do
      local turn = core.event()
      waiting[#waiting + 1] = turn
      turn:wait()
    end
    if ended then return nil end
    busy = true
    local ok, item, more = pcall(iterator)
    busy, ended = false, not ok or item == nil
    local list = waiting
    waiting = {}
    for _, turn in ipairs(list) do turn:set() end
    if not ok then error(item, 0) end
    return item, more
  end
end

-- Turns what map() takes into a function that returns index, item... until the items end.
local function source_of(items)
  local i = 0
  if type(items) == "function" then
    local next_item = task.one_at_a_time(items)
    return function()
      local item = next_item()
      if item == nil then return nil end
      i = i + 1
      return i, item
    end
  elseif math.type(items) == "integer" then
    return function()
      if i < items then
        i = i + 1
        return i, i
      end
    end
  elseif type(items) == "table" then
    return function()
      if i < #items then
        i = i + 1
        return i, items[i]
      end
    end
  end
  errors.usage("task.map: a list, a number or an iterator function expected, got %s", type(items))
end

--- Calls fn(item, index) for every item, `concurrency` (16) at a time; returns the results in order. The first
--- error ends the others.
---@generic T
---@param items T[]|integer|fun(): T? a list, a count or an iterator
---@param fn fun(item: T, index: integer): any, ...: any
---@param options? { concurrency?: integer }
---@return any[]
function task.map(items, fn, options)
  if type(fn) ~= "function" then errors.usage("task.map: a function expected after the items, got %s", type(fn)) end
  local concurrency = options and options.concurrency or 16
  if math.type(concurrency) ~= "integer" or concurrency < 1 then
    errors.usage("task.map: concurrency must be an integer of at least 1")
  end
  local next_item, results, workers, ended = source_of(items), {}, {}, false
  local function work()
    while not ended do
      local i, item = next_item()
      if i == nil then
        ended = true
        return
      end
      results[i] = fn(item, i)
    end
  end
  local count = type(items) == "table" and #items or math.type(items) == "integer" and items or concurrency
  for i = 1, math.min(concurrency, count) do workers[i] = task.spawn(work) end
  wait_all(workers)
  return results
end

--- Waits without blocking other tasks.
---@param seconds number
function task.sleep(seconds)
  wait.sleep(seconds)
end

--- An event: event:wait() waits until another task calls event:set(); one task at a time waits for an event.
---@return liveblocks.Event
task.event = core.event

--- The handle of the task that runs, for task.cancel_wait; nil outside of tasks. That of a liveblocks.Task is its field
--- `handle`.
---@return userdata?
task.current = core.current

--- Makes the present wait of a task, or its next one, raise an error of kind "cancelled". Unlike Task:cancel() it does not
--- mean the whole task, which goes on when it catches the error.
---@param handle userdata
task.cancel_wait = core.cancel

--- In a long piece of work, at each of its parts: where the step that runs has a budget (liveblocks.step(seconds),
--- lblua_step_for) and it is spent, the task goes on in the next step, before others. Elsewhere it does nothing.
task.checkpoint = core.checkpoint

--- Forgets a cancellation of the task that runs, if no wait of it has raised it yet.
task.clear_cancel = core.clear_cancel

--- Runs fn(...) for at most `seconds`; then cancels it and raises an error of kind "timeout".
---@param seconds number
---@param fn function
---@param ... any
---@return any ...
function task.timeout(seconds, fn, ...)
  if type(seconds) ~= "number" or seconds ~= seconds or seconds < 0 then
    errors.usage("task.timeout: a number of seconds expected, got %s", tostring(seconds))
  end
  local one, late = task.spawn(fn, ...), false
  local started, clock = pcall(task.spawn, function()
    wait.sleep(seconds)
    late = true
    one:cancel()
  end)
  local results = table.pack(pcall(started and one.wait or error, started and one or clock, 0))
  if started then clock:cancel() end
  if not results[1] then
    one:cancel()
    if late then error(errors.new("timeout", ("the task took more than %g seconds"):format(seconds)), 0) end
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

--- Tasks that have failed without anybody waiting for them; the list is emptied.
---@return liveblocks.Task[]
function task.unseen_failures()
  local list = {}
  for one in pairs(unseen) do list[#list + 1] = one end
  unseen = {}
  return list
end

--- Calls fn(task) when a task fails that nobody waits for, instead of keeping it for unseen_failures. nil: no longer.
---@param fn fun(task: liveblocks.Task)?
function task.on_failure(fn)
  report = fn
end

--- Is this code running in a task?
---@return boolean
task.in_task = core.in_task

return task
