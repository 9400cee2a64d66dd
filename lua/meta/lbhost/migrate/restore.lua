---@meta lbhost.migrate.restore
-- Made from lua/lbhost/migrate/restore.lua by scripts/tools/generate.lua; changes here are lost.

---@class lbhost.migrate.restore
local restore = {}

---@class lbhost.migrate.Restore
local Restore = {}

--- Brings a room back.
---@param client liveblocks.Client
---@param archive lbhost.migrate.Archive
---@param source string the id of the room in the archive
---@param id string the id that it gets
---@param options { keep_organization: boolean?, renamed: fun(old: string, new: string)? }? renamed gets the old
---and the new ids of threads, which the API chooses
---@return { kind: string, what: string }[] losses what could not be brought back
function restore.room(client, archive, source, id, options) end

return restore
