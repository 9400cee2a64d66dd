---@meta lbhost.migrate.archive
-- Made from lua/lbhost/migrate/archive.lua by scripts/tools/generate.lua; changes here are lost.

---@class lbhost.migrate.archive
local archive = {}

---@class lbhost.migrate.Archive
local Archive = {}

--- The folder of a backup; made when it is to be written.
---@param path string
---@param writing boolean?
---@return lbhost.migrate.Archive
function archive.open(path, writing) end

--- The path that a file of a room has, whether it is there or not.
---@param id string of the room
---@param name string
---@return string
function Archive:room_path(id, name) end

--- Writes bytes into the folder of a room, whole or not at all.
---@param id string of the room
---@param name string
---@param bytes string
function Archive:write(id, name, bytes) end

--- Writes a value as JSON into the folder of a room.
---@param id string of the room
---@param name string
---@param content any
function Archive:write_json(id, name, content) end

--- The bytes of a file of a room, nil when there is none.
---@param id string of the room
---@param name string
---@return string?
function Archive:read(id, name) end

--- The path of a file of a room, nil when there is none.
---@param id string of the room
---@param name string
---@return string?
function Archive:find(id, name) end

--- The value in a JSON file of a room, nil when there is none.
---@param id string of the room
---@param name string
---@return any
function Archive:read_json(id, name) end

--- An iterator of the values in a file of JSON Lines of a room.
---@param id string of the room
---@param name string
---@return fun(): any
function Archive:lines(id, name) end

--- Writes what the backup is of.
---@param facts table<string, any>
function Archive:describe(facts) end

--- An iterator of the ids of its whole rooms, in the order of their folders.
---@return fun(): string
function Archive:rooms() end

return archive
