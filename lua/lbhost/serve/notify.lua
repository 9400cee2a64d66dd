--- Says to the service manager how the service is: systemd's notify protocol. Without one, nothing is sent.
--- Documentation: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
local liveblocks = require "liveblocks"
local host = require "lbhost.host"
local task = require "liveblocks.task"

local notify = {}

--- Sends lines such as "READY=1".
---@param log fun(level: string, message: string, fields: table?)
---@param ... string
function notify.send(log, ...)
  local sent, problem = host.notify(table.concat({ ... }, "\n"))
  if sent == nil then log("warn", "the service manager cannot be notified", { reason = problem }) end
end

--- It loads its configuration again; "READY=1" says that this is done.
function notify.reloading(log)
  notify.send(log, "RELOADING=1", ("MONOTONIC_USEC=%d"):format(liveblocks.now() * 1000000 // 1))
end

-- Seconds between signs of life, when they are asked for and meant for this process.
local function watchdog_period()
  local microseconds, pid = tonumber(os.getenv "WATCHDOG_USEC"), os.getenv "WATCHDOG_PID"
  if not microseconds or microseconds <= 0 or (pid and pid ~= tostring(host.process_id())) then return nil end
  return microseconds / 2000000
end

--- Sends signs of life for as long as the loop turns, when the service manager wants them.
---@param log fun(level: string, message: string, fields: table?)
---@return liveblocks.Task? task to cancel
function notify.watchdog(log)
  local period = watchdog_period()
  return period and task.spawn(function()
    while true do
      notify.send(log, "WATCHDOG=1")
      task.sleep(period)
    end
  end)
end

return notify
