--- Controls a run from another terminal: orders are written to its journal, and the run reads them.
local errors = require "liveblocks.errors"
local task = require "liveblocks.task"

local control = {}

local LOOK_EVERY <const> = 0.3 -- seconds

local function positive(text, whole)
  local number = tonumber(text)
  if whole then number = math.tointeger(number) end
  return number and number > 0 and number <= (whole and 1000 or 1e6) and number or nil
end

-- What may be set: how its text is read, and what it must be.
local settings = {
  rate = { function(text) return text == "none" and "none" or positive(text) end, "requests a second, or none" },
  concurrency = { function(text) return positive(text, true) end, "1 to 1000 items at a time" },
}

--- Reads what --set gives: "rate=20,concurrency=4".
---@param text string
---@return { rate: number|false|nil, concurrency: integer? } rate is false when there is no limit
function control.parse(text)
  local values = {}
  for part in text:gmatch "[^,]+" do
    local name, given = part:match "^%s*([%w_]+)%s*=%s*(.-)%s*$"
    if not name then errors.usage("migrate: --set takes rate=N,concurrency=N, got '%s'", part) end
    local row = settings[name]
    if not row then errors.usage("migrate: --set knows no '%s'%s", name, errors.hint(name, settings)) end
    local value = row[1](given)
    if not value then errors.usage("migrate: --set %s takes %s, got '%s'", name, row[2], given) end
    if value == "none" then value = false end
    values[name] = value
  end
  if next(values) == nil then errors.usage "migrate: --set takes rate=N,concurrency=N" end
  return values
end

--- By whom an order is given: the user and the machine.
---@return string
function control.who()
  local file <close> = io.open("/proc/sys/kernel/hostname", "r")
  return ("%s@%s"):format(os.getenv "USER" or os.getenv "LOGNAME" or "?", file and file:read "l" or "?")
end

local actions = {
  pause = function(run) run.workers:pause() end,
  unpause = function(run) run.workers:unpause() end,
  stop = function(run, why) run.workers:stop(why and "error" or "stopped") end,
  set = function(run, value) run:set(control.parse(value)) end,
}

local done = { pause = "paused", unpause = "goes on", stop = "is stopping", set = "is set to" }

--- The value of an order to stop that a run with --stop-on-error gives to the others.
control.FAILURE = "failure"
local values = { [control.FAILURE] = "at the first failure," }

--- An order, described: "paused by alice@host".
---@param order { what: string, who: string, value: string? }
---@return string
function control.describe(order)
  return ("%s%s by %s"):format(done[order.what] or order.what, order.value and " " .. (values[order.value] or order.value) or "", order.who)
end

-- Reads the orders that are new, and does them.
local function obey(run)
  local journal, log = run.journal, run.log
  local read, orders = pcall(journal.orders, journal, journal.obeyed)
  if not read and not (errors.is(orders) and orders.unavailable) then error(orders, 0) end -- else soon again
  for _, order in ipairs(read and orders or {}) do
    journal.obeyed = order.id
    local act = actions[order.what]
    if order.what == "stop" and order.id <= (journal.old_orders or 0) then act = function() end end -- it was for the others
    local ok, problem = pcall(act or error, run, order.value)
    log(ok and control.describe(order) or ("the order '%s' was not obeyed: %s"):format(order.what, tostring(problem)))
  end
end

--- Obeys the orders that have come since the journal was opened, until the task that is returned is cancelled. Those that the
--- other hosts had already are obeyed when it returns: a host that joins a paused run begins nothing.
---@param run lbhost.migrate.Run with a journal
---@return liveblocks.Task
function control.watch(run)
  pcall(obey, run) -- what fails here fails below, too
  return task.spawn(function()
    while true do
      task.sleep(LOOK_EVERY)
      obey(run)
    end
  end)
end

return control
