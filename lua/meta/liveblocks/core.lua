---@meta liveblocks.core
-- What is written in C (bindings/lua) and of use to authors of plugins and modules.

---@class liveblocks.core
local core = {}

--- Are two strings the same? It takes as long for strings that begin alike as for others.
---@param a string
---@param b string
---@return boolean
function core.equal(a, b) end

--- Seconds of a clock that is never set.
---@return number
function core.now() end

--- Something that tasks can wait for until another one sets it.
---@return liveblocks.Event
function core.event() end

---@class liveblocks.Event
local Event = {}

--- Wakes those who wait, and all that will.
function Event:set() end

--- Waits until it is set.
function Event:wait() end

return core
