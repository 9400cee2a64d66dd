--- Waiting. C begins what takes time and takes its result; between the two a coroutine yields, and it does so here, in Lua,
--- never across a C function.
local core = require "liveblocks.core"

local await, ENDED, finish = core.await, core.ENDED, core.finish
local begin_short, finish_short = core.begin_short, core.finish_short

local wait = {}

--- Waits until it has ended. In a task others go on meanwhile; anywhere else the loop is pumped.
---@param waitable userdata a call, a timer or an event
local function until_ended(waitable)
  -- Whoever resumes the coroutine before that gives it something else, or nothing.
  while await(waitable) ~= ENDED do end
end

--- Waits, and takes the result: that of a call is value, meta [, warning], or it raises its error.
---@param waitable userdata
---@return any ...
function wait.wait(waitable)
  until_ended(waitable)
  return finish(waitable)
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
  while await(call) ~= ENDED do end
  return finish_short(call)
end

--- Waits without blocking other tasks.
---@param seconds number
function wait.sleep(seconds)
  until_ended(core.timer(seconds))
end

core.waitable_methods.wait = wait.wait

return wait
