--- Signals as functions that run in tasks.
---
---   signals.on("TERM", function() server:stop() end)
---
--- Names: INT, TERM, HUP, USR1, USR2, WINCH, CONT, PIPE. A program that has taken a signal waits for it: it goes on until
--- signals.off. SIGINT that is not taken interrupts what runs.
local host = require "lbhost.host"
local task = require "liveblocks.task"

local signals = {}
local handlers = {}
local wake -- of the task that listens

local function listen()
  while next(handlers) do
    wake = task.event()
    host.signal_event(wake)
    wake:wait()
    for _, name in ipairs(host.arrived_signals()) do
      if handlers[name] then task.spawn(handlers[name], name) end
    end
  end
  wake = nil
end

--- Runs fn(name) in a task of its own whenever the signal arrives; instead of what was set before.
---@param name "INT"|"TERM"|"HUP"|"USR1"|"USR2"|"WINCH"|"CONT"|"PIPE"
---@param fn fun(name: string)
function signals.on(name, fn)
  host.take_signal(name)
  local listening = next(handlers) ~= nil
  handlers[name] = fn
  if not listening and not wake then task.spawn(listen) end
end

--- The signal does again what it did before signals.on.
---@param name string
function signals.off(name)
  host.release_signal(name)
  handlers[name] = nil
  if not next(handlers) and wake then wake:set() end
end

return signals
