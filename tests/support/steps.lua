-- Counts the work of a function, so that its growth can be tested without a clock: instructions of the Lua machine, the elements
-- that the functions of `table` shift, which run outside of it, and the memory that is taken, such as that of copies of strings.
local steps = {}

local EVERY <const> = 100 -- instructions
local BYTES <const> = 64 -- that are counted as an instruction

local insert, remove, move = table.insert, table.remove, table.move

--- How many instructions, shifted elements and pieces of memory fn() takes, to about 100.
---@param fn fun()
---@return integer
function steps.of(fn)
  local count = 0
  table.insert = function(list, at, ...) -- luacheck: ignore 122
    if select("#", ...) == 0 then return insert(list, at) end
    count = count + #list - at + 1
    return insert(list, at, ...)
  end
  table.remove = function(list, at, ...) -- luacheck: ignore 122
    count = count + #list - (at or #list)
    return remove(list, at, ...)
  end
  table.move = function(list, first, last, ...) -- luacheck: ignore 122
    count = count + math.max(last - first, 0)
    return move(list, first, last, ...)
  end
  collectgarbage()
  collectgarbage "stop"
  local before = collectgarbage "count"
  debug.sethook(function() count = count + EVERY end, "", EVERY)
  local ok, err = pcall(fn)
  debug.sethook()
  count = count + (collectgarbage "count" - before) * 1024 // BYTES
  collectgarbage "restart"
  table.insert, table.remove, table.move = insert, remove, move -- luacheck: ignore 122
  if not ok then error(err, 0) end
  return count
end

--- By how much the work grows when n becomes 4 n. make(n) prepares and returns the function to count.
---@param make fun(n: integer): fun()
---@param n integer
---@return number growth 4 when the work is linear, 4.8 for n log n and 1,000, 8 for n^1.5, 16 when it is quadratic
function steps.growth(make, n)
  local small, large = make(n), make(4 * n)
  return steps.of(large) / steps.of(small)
end

return steps
