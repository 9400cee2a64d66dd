---@meta lbhost.signals
-- Made from lua/lbhost/signals.lua by scripts/tools/generate.lua; changes here are lost.

---@class lbhost.signals
local signals = {}

--- Runs fn(name) in a task of its own whenever the signal arrives; instead of what was set before.
---@param name "INT"|"TERM"|"HUP"|"USR1"|"USR2"|"WINCH"|"CONT"|"PIPE"
---@param fn fun(name: string)
function signals.on(name, fn) end

--- The signal does again what it did before signals.on.
---@param name string
function signals.off(name) end

return signals
