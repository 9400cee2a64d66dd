--- Work on a large document that is divided: it has points at which the task that does it may be paused, where a step of an engine
--- has a budget, or where the local Liveblocks lets other requests run. Outside of divided.run(), or divided.enter() and leave(),
--- they do nothing, so that what a script calls, such as storage.to_json(), lets no other task in.
local core = require "liveblocks.core"

local EVERY = 32 -- points, of about a microsecond each, between two looks at the clock
local PIECE = 64 -- items of a list that are sorted in one go

local divided = {}

local running, left = false, EVERY -- what pauses the work that is divided now

-- Looks at the clock, and pauses what runs if it is to.
local function look()
  left = EVERY
  if not running then return end
  local pause = running
  running = false -- for what others do meanwhile
  pause()
  running, left = pause, EVERY
end

--- A point at which the work may be paused.
function divided.point()
  left = left - 1
  if left <= 0 then look() end
end

--- From now on the work has points, at some of which pause() is called, until divided.leave(). For callers that see to it that
--- this is called; run() does so itself.
---@param pause fun()
function divided.enter(pause)
  running = pause
end

function divided.leave()
  running = false
end

local function ended(ok, ...)
  running = false
  if not ok then error((...), 0) end
  return ...
end

--- Calls fn(...) with its points; returns what it returns, and raises what it raises.
---@param fn function
---@param ... any
---@return any ...
function divided.run(fn, ...)
  running = core.checkpoint
  return ended(pcall(fn, ...))
end

-- Merges two sorted runs of `from` into `to`: from first to middle, and on to last.
local function merge(from, to, first, middle, last)
  local i, j = first, middle + 1
  for at = first, last do
    divided.point()
    if i <= middle and (j > last or from[i] <= from[j]) then
      to[at] = from[i]
      i = i + 1
    else
      to[at] = from[j]
      j = j + 1
    end
  end
end

--- Sorts a list of strings; it is the caller's until then.
---@param list string[]
---@return string[] list that list, or another one
function divided.sort(list)
  local count = #list
  if not running or count <= PIECE then
    table.sort(list)
    return list
  end
  for first = 1, count, PIECE do
    local piece = table.move(list, first, math.min(first + PIECE - 1, count), 1, {})
    table.sort(piece)
    table.move(piece, 1, #piece, first, list)
    look()
  end
  local other, size = {}, PIECE
  while size < count do
    for first = 1, count, 2 * size do
      merge(list, other, first, math.min(first + size - 1, count), math.min(first + 2 * size - 1, count))
    end
    list, other, size = other, list, 2 * size
  end
  return list
end

return divided
