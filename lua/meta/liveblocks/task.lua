---@meta liveblocks.task
-- Made from lua/liveblocks/task.lua by scripts/tools/generate.lua; changes here are lost.

---@class liveblocks.task
local task = {}

---@class liveblocks.Task
---@field done boolean
---@field traceback string? where it failed
---@field handle userdata for task.cancel_wait
local Task = {}

--- Starts fn(...) as a task, at the next step of the loop.
---@param fn function
---@param ... any
---@return liveblocks.Task
function task.spawn(fn, ...) end

--- Starts fn(...) as a task that nobody waits for and that catches its own errors: it costs less than spawn(). An error
--- that it does not catch is reported as the failure of a task.
---@param fn function
---@param ... any
---@return userdata handle
function task.start(fn, ...) end

--- From now on the tasks that the running coroutine starts, and those that they start, are in the background: the program
--- does not wait for them to end.
function task.background() end

--- Closes the coroutines of all tasks that wait: they are not resumed, but their to-be-closed variables are closed. For
--- a program that ends. What those do cannot wait. (Lua 5.4 and later; elsewhere nothing happens.)
function task.close_all() end

--- Is there something left that the program has to wait for?
---@return boolean
function task.any_left() end

--- Waits for the task: returns what its function returned, or raises its error.
---@return any ...
function Task:wait() end

--- Makes what the task waits for, or its next wait, raise an error of kind "cancelled"; its call is ended.
function Task:cancel() end

--- Runs fn(...) as a task and waits for it.
---@param fn function
---@param ... any
---@return any ...
function task.run(fn, ...) end

--- Runs functions (or waits for tasks) side by side and returns the list of their first results.
---@param list (function|liveblocks.Task)[]
---@return any[]
function task.all(list) end

--- The same iterator for many tasks, though it waits inside, as pages do: one task at a time is in it. After its end, or
--- an error, it is not called again.
---@param iterator fun(): any, any
---@return fun(): any, any
function task.one_at_a_time(iterator) end

--- Calls fn(item, index) for every item, `concurrency` (16) at a time; returns the results in order. The first
--- error ends the others.
---@generic T
---@param items T[]|integer|fun(): T? a list, a count or an iterator
---@param fn fun(item: T, index: integer): any, ...: any
---@param options? { concurrency?: integer }
---@return any[]
function task.map(items, fn, options) end

--- Waits without blocking other tasks.
---@param seconds number
function task.sleep(seconds) end

--- An event: event:wait() waits until another task calls event:set(); one task at a time waits for an event.
---@return liveblocks.Event
function task.event() end

--- The handle of the task that runs, for task.cancel_wait; nil outside of tasks. That of a liveblocks.Task is its field
--- `handle`.
---@return userdata?
function task.current() end

--- Makes the present wait of a task, or its next one, raise an error of kind "cancelled". Unlike Task:cancel() it does not
--- mean the whole task, which goes on when it catches the error.
---@param handle userdata
function task.cancel_wait(handle) end

--- In a long piece of work, at each of its parts: where the step that runs has a budget (liveblocks.step(seconds),
--- lblua_step_for) and it is spent, the task goes on in the next step, before others. Elsewhere it does nothing.
function task.checkpoint() end

--- Forgets a cancellation of the task that runs, if no wait of it has raised it yet.
function task.clear_cancel() end

--- Runs fn(...) for at most `seconds`; then cancels it and raises an error of kind "timeout".
---@param seconds number
---@param fn function
---@param ... any
---@return any ...
function task.timeout(seconds, fn, ...) end

--- Tasks that have failed without anybody waiting for them; the list is emptied.
---@return liveblocks.Task[]
function task.unseen_failures() end

--- Calls fn(task) when a task fails that nobody waits for, instead of keeping it for unseen_failures. nil: no longer.
---@param fn fun(task: liveblocks.Task)?
function task.on_failure(fn) end

--- Is this code running in a task?
---@return boolean
function task.in_task() end

return task
