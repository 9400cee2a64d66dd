---@meta lbhost.migrate.backup
-- Made from lua/lbhost/migrate/backup.lua by scripts/tools/generate.lua; changes here are lost.

---@class lbhost.migrate.backup
local backup = {}

--- Calls fn(data) for every LiveFile in plain LSON.
---@param value any
---@param fn fun(data: { id: string })
function backup.each_file(value, fn) end

--- Writes a room, or of one that is there what has changed. All is fetched before the first byte is written over, so
--- that a room that cannot be read keeps what the last backup had of it.
---@param client liveblocks.Client
---@param archive lbhost.migrate.Archive
---@param id string
---@return string[] missing what could not be had
---@return boolean changed whether anything was written
function backup.room(client, archive, id) end

return backup
