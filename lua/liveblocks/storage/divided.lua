--- Work on a large document that is divided where a step of an engine has a budget: it has points at which the task that does
--- it may be paused, and goes on in the next step. Outside of divided.run() they do nothing, so that what a script calls,
--- such as storage.to_json(), lets no other task in.
local core = require "liveblocks.core"

local EVERY = 32 -- points, of about a microsecond each, between two looks at the clock

local divided = {}

local running, left = false, EVERY

--- A point at which the work may be paused.
function divided.point()
  if not running then return end
  left = left - 1
  if left > 0 then return end
  left, running = EVERY, false -- for what others do meanwhile
  core.checkpoint()
  running = true
end

local function ended(...)
  running = false
  return ...
end

--- Calls fn(...) with its points; returns what pcall() returns.
---@param fn function
---@param ... any
---@return boolean ok
---@return any ...
function divided.run(fn, ...)
  running = true
  return ended(pcall(fn, ...))
end

return divided
