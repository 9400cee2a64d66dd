---@meta lbhost.directory
-- Made from lua/lbhost/directory.lua by scripts/tools/generate.lua; changes here are lost.

---@class lbhost.directory
local directory = {}

--- A function that takes a list of ids and returns a list of what is known of each, false for what is unknown: a
--- resolver for liveblocks.comment and liveblocks.notify.
---@param options { url: string?, parameter: "userIds"|"groupIds"|"roomIds", token: string? }
---@return fun(ids: string[]): table[]
function directory.resolver(options) end

return directory
