--- Waiting. C begins what takes time and takes its result; between the two a coroutine yields, and it does so here, in Lua,
--- never across a C function.
local core = require "liveblocks.core"

-- What yields, where C cannot (wait.c).
if core.YIELD then
  local YIELD, yield = core.YIELD, core.yield
  for _, name in ipairs { "await", "pause_turn", "checkpoint" } do
    local begin = core[name]
    core[name] = function(waitable)
      local result = begin(waitable)
      if result == YIELD then return yield() end
      return result
    end
  end
end

local await, ENDED, finish = core.await, core.ENDED, core.finish
local begin_short, finish_short = core.begin_short, core.finish_short
local pause_turn, UNFINISHED = core.pause_turn, core.UNFINISHED
local in_task, done = core.in_task, core.waitable_methods.done

local wait = {}

local hook -- of the engine

--- Waits until it has ended. In a task others go on meanwhile; anywhere else the loop is pumped.
---@param waitable userdata a call, a timer or an event
local function until_ended(waitable)
  if hook and not in_task() then
    while not done(waitable) and hook(waitable) ~= false do end
  end
  -- Code that resumes the coroutine before that passes something else, or nothing.
  while await(waitable) ~= ENDED do end
end

-- Results are those of finish(waitable): where a step has a budget, a large response is decoded in more than one turn.
local function results(finish_call, waitable, ...)
  if (...) ~= UNFINISHED then return ... end
  pause_turn()
  return results(finish_call, waitable, finish_call(waitable, (select(2, ...))))
end

--- How an engine waits where the code that waits is not in a task of this module: fn(waitable) lets the engine go on, by
--- a sleep of its own for example, steps the loop, and is called again until waitable:done(). It returns false where the
--- engine cannot go on, such as outside of its coroutines: then the loop is pumped.
---@param fn? fun(waitable: userdata): any nil: the loop is always pumped
function wait.on_wait(fn)
  if fn ~= nil and type(fn) ~= "function" then
    require("liveblocks.errors").usage("liveblocks.on_wait: a function expected, got %s", type(fn))
  end
  hook = fn
end

--- Waits, and takes the result: that of a call is value, meta [, warning], or it raises its error.
---@param waitable userdata
---@return any ...
function wait.wait(waitable)
  until_ended(waitable)
  return results(finish, waitable, finish(waitable))
end

--- A call with one path parameter and nothing else, from its beginning to its end; nothing when that is empty or not a
--- string.
---@param client userdata
---@param id integer of its row
---@param path any
---@return any ...
function wait.short(client, id, path)
  local call = begin_short(client, id, nil, path)
  if not call then return end
  if hook then return wait.wait(call) end -- the hook has seen it
  while await(call) ~= ENDED do end
  local value, meta, warning = finish_short(call)
  if value == UNFINISHED then return results(finish_short, call, value, meta) end
  return value, meta, warning
end

--- Waits without blocking other tasks.
---@param seconds number
function wait.sleep(seconds)
  until_ended(core.timer(seconds))
end

core.waitable_methods.wait = wait.wait

return wait
