---@meta lbhost.migrate.archive
-- Made from lua/lbhost/migrate/archive.lua by scripts/tools/generate.lua; changes here are lost.

---@class lbhost.migrate.archive
local archive = {}

---@class lbhost.migrate.Archive
local Archive = {}

--- The directory of a backup; made when it is to be written.
---@param path string
---@param writing boolean?
---@return lbhost.migrate.Archive
function archive.open(path, writing) end

--- The directory of a backup that need not be there yet, to be read.
---@param path string
---@return lbhost.migrate.Archive
function archive.look(path) end

--- The name of a file of a room that is called after an id.
---@param kind "files"|"attachments"
---@param id string
---@return string
function archive.name(kind, id) end

--- Writes bytes into the directory of a room, whole or not at all.
---@param id string of the room
---@param name string
---@param bytes string
function Archive:write(id, name, bytes) end

--- The path of a file of a room that update() would write; nil when it has these bytes already.
---@param id string of the room
---@param name string
---@param bytes string
---@return string?
function Archive:would_write(id, name, bytes) end

--- Writes bytes when others are there, or none.
---@param id string of the room
---@param name string
---@param bytes string? nil: there is to be no such file
---@param same? fun(a: string, b: string): boolean whether two contents mean the same (equal bytes)
---@return boolean changed
function Archive:update(id, name, bytes, same) end

--- Writes a value as JSON into the directory of a room.
---@param id string of the room
---@param name string
---@param content any
function Archive:write_json(id, name, content) end

--- The bytes of a file of a room, nil when there is none.
---@param id string of the room
---@param name string
---@return string?
function Archive:read(id, name) end

--- A file of a room, open, and a path that names it until it is closed, whatever becomes of its directory; nil when there is
--- none.
---@param id string of the room
---@param name string
---@return userdata? handle of Lua, as io.open gives it
---@return string? path
function Archive:open(id, name) end

--- The path of a file of a room, nil when there is none.
---@param id string of the room
---@param name string
---@return string?
function Archive:find(id, name) end

--- The object in a JSON file of a room, nil when there is none.
---@param id string of the room
---@param name string
---@return table?
function Archive:read_json(id, name) end

--- An iterator of the objects in a file of JSON Lines of a room, each with the place where it is, for errors.
---@param id string of the room
---@param name string
---@return fun(): table?, string?
function Archive:lines(id, name) end

--- The list of objects in a field of what was read; none when it is absent or null.
---@param object table
---@param name string
---@param where string for errors
---@return table[]
function archive.objects(object, name, where) end

--- What the backup is of, nil when nothing says so.
---@return table<string, any>?
function Archive:facts() end

--- Writes what the backup is of.
---@param facts table<string, any>
function Archive:describe(facts) end

--- Notes that the project has no such room any more, or that it has one again; what is in the archive stays.
---@param id string
---@param since string? a date
---@return boolean changed
function Archive:set_deleted(id, since) end

--- An iterator of the ids of its whole rooms, in the order of their directories.
---@return fun(): string
function Archive:rooms() end

return archive
