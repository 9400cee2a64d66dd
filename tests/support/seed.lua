--- The seed of all random tests: the same on each run, so that a failure comes again; LBHOST_SEED=N tries others.
local seed = {}

local given = os.getenv "LBHOST_SEED" or "1"
seed.value = math.tointeger(tonumber(given)) or error(("LBHOST_SEED must be a whole number, not '%s'"):format(given), 0)

--- Begins the sequence of math.random.
---@return integer seed for messages
function seed.start()
  math.randomseed(seed.value)
  return seed.value
end

return seed
