---@meta lbhost.limits
-- Bounds on what runs in a task, written in C (host/limits.c).

---@class lbhost.limits
local limits = {}

--- What a stretch of a task may use. What is left out is not bounded.
---@param bounds { seconds?: number, instructions?: number, memory?: integer } memory in bytes
---@return lbhost.Budget
function limits.new(bounds) end

--- Bytes that the Lua state holds.
---@return integer
function limits.memory() end

---@class lbhost.Budget
local Budget = {}

--- Counts from now to the end of the block: local running <close> = budget:begin().
---@return lbhost.Budget
function Budget:begin() end

--- Ends the counting, in the task that has started it.
function Budget:close() end

--- Its time is over: what the task does next is stopped.
function Budget:expire() end

--- What was too much.
---@return "seconds"|"instructions"|"memory"|nil
function Budget:exceeded() end

return limits
