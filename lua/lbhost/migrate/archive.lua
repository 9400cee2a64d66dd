--- Where a backup keeps things: one directory a room, readable by people.
---
---   DIR/backup.json                when and of what
---   DIR/rooms/ROOM/room.json       id, metadata, accesses; written last, so a room with it is whole
---   DIR/rooms/ROOM/storage.json    Storage as plain LSON
---   DIR/rooms/ROOM/yjs.bin         the Yjs document as one update, when there is one
---   DIR/rooms/ROOM/threads.jsonl   a thread a line, with its comments
---   DIR/rooms/ROOM/attachments/ID  the bytes of attachments, DIR/rooms/ROOM/files/ID those of files in Storage
---   DIR/rooms/ROOM/deleted.json    since when the project has no such room any more
---
--- ROOM and ID are ids with everything but letters, digits, . _ and - percent-encoded, long ones end in a hash: an id
--- comes from outside, and never names a file elsewhere. DIR may be a symbolic link; links below it are not followed,
--- neither when a backup is written nor when one that others have made is restored. New files are their owner's alone
--- (0600, directories 0700).
local errors = require "liveblocks.errors"
local file = require "lbhost.migrate.file"
local host = require "lbhost.host"
local json = require "liveblocks.json"

local archive = {}

local LONGEST = 200 -- bytes of a directory's name
local LARGEST = 1 << 30 -- bytes of a file that is read as a whole: one that others have made may have any size, and holes

---@class lbhost.migrate.Archive
local Archive = {}
Archive.__index = Archive

--- The directory of a backup; made when it is to be written.
---@param path string
---@param writing boolean?
---@return lbhost.migrate.Archive
function archive.open(path, writing)
  if writing then
    local made, problem = host.make_directory(path .. "/rooms")
    if not made then errors.usage("cannot make the directory of the backup: %s", problem) end
  elseif not host.list_directory(path .. "/rooms") then
    errors.usage("'%s' is not a backup: it has no directory 'rooms'", path)
  end
  return setmetatable({ path = path }, Archive)
end

--- The directory of a backup that need not be there yet, to be read.
---@param path string
---@return lbhost.migrate.Archive
function archive.look(path) return setmetatable({ path = path }, Archive) end

-- A file's name for an id.
local function encode(id)
  if type(id) ~= "string" or id == "" then errors.usage("an id must be a string, got %s", type(id)) end
  local name = id:gsub("[^%w._-]", function(c) return ("%%%02X"):format(c:byte()) end)
  if name:find "^%.+$" then name = name:gsub("%.", "%%2E") end
  if #name <= LONGEST then return name end
  return name:sub(1, LONGEST - 23) .. "~" .. (file.hash(id):gsub("[/+]", "_"))
end

--- The name of a file of a room that is called after an id.
---@param kind "files"|"attachments"
---@param id string
---@return string
function archive.name(kind, id)
  return kind .. "/" .. encode(id)
end

-- The path of a file of a room below the archive's.
local function relative(id, name)
  return ("rooms/%s/%s"):format(encode(id), name)
end

-- Links are refused, for they lead elsewhere.
local function check_kind(self, path, kind)
  if kind == "link" or kind == "other" then
    errors.usage("%s/%s: %s: nothing outside of a backup is read or written", self.path, path,
      kind == "link" and "a part of this path is a symbolic link" or "this is not a regular file")
  end
  return kind
end

-- What is at a path below the archive's.
local function kind_of(self, path)
  return check_kind(self, path, host.kind_inside(self.path, path))
end

local function write(self, path, bytes)
  if kind_of(self, path) == "directory" then errors.usage("%s/%s is a directory", self.path, path) end
  local whole = self.path .. "/" .. path
  local made, problem = host.make_directory((whole:match "^(.*)/"))
  if made then made, problem = host.replace_file(whole, bytes) end
  if not made then error(errors.new("file", ("cannot write the backup: %s"):format(problem)), 0) end
end

local function check_file(self, path, kind)
  if check_kind(self, path, kind) == "directory" then
    errors.usage("%s/%s is a directory, not the file of a backup", self.path, path)
  end
end

local function find(self, path)
  local kind = kind_of(self, path)
  check_file(self, path, kind)
  return kind and self.path .. "/" .. path
end

-- Looks and opens at once: others may put a link in the place of the file meanwhile.
local function open(self, path)
  local handle, kind, problem = host.open_inside(self.path, path)
  if handle then return handle, kind end
  check_file(self, path, kind)
  if problem then error(errors.new("file", ("cannot read %s/%s: %s"):format(self.path, path, problem)), 0) end
end

local function read(self, path)
  local handle <close> = open(self, path)
  if not handle then return nil end
  if handle:seek "end" > LARGEST then errors.usage("%s/%s is larger than 1 GiB: no room has as much", self.path, path) end
  handle:seek "set"
  local bytes, problem = handle:read "a"
  if not bytes then error(errors.new("file", ("cannot read %s/%s: %s"):format(self.path, path, problem)), 0) end
  return bytes
end

--- Writes bytes into the directory of a room, whole or not at all.
---@param id string of the room
---@param name string
---@param bytes string
function Archive:write(id, name, bytes)
  write(self, relative(id, name), bytes)
end

--- The path of a file of a room that update() would write; nil when it has these bytes already.
---@param id string of the room
---@param name string
---@param bytes string
---@return string?
function Archive:would_write(id, name, bytes)
  if self:read(id, name) == bytes then return nil end
  return self.path .. "/" .. relative(id, name)
end

--- Writes bytes when others are there, or none.
---@param id string of the room
---@param name string
---@param bytes string? nil: there is to be no such file
---@param same? fun(a: string, b: string): boolean whether two contents mean the same (equal bytes)
---@return boolean changed
function Archive:update(id, name, bytes, same)
  local known = self:read(id, name)
  if known == bytes or (known and bytes and same and same(known, bytes)) then return false end
  if bytes then self:write(id, name, bytes) else os.remove(self.path .. "/" .. relative(id, name)) end
  return true
end

--- Writes a value as JSON into the directory of a room.
---@param id string of the room
---@param name string
---@param content any
function Archive:write_json(id, name, content)
  self:write(id, name, json.encode(content, { pretty = true }) .. "\n")
end

--- The bytes of a file of a room, nil when there is none.
---@param id string of the room
---@param name string
---@return string?
function Archive:read(id, name)
  return read(self, relative(id, name))
end

--- A file of a room, open, and a path that names it until it is closed, whatever becomes of its directory; nil when there is
--- none.
---@param id string of the room
---@param name string
---@return userdata? handle of Lua, as io.open gives it
---@return string? path
function Archive:open(id, name)
  return open(self, relative(id, name))
end

--- The path of a file of a room, nil when there is none.
---@param id string of the room
---@param name string
---@return string?
function Archive:find(id, name)
  return find(self, relative(id, name))
end

-- The object that a JSON text is; `where` is for errors.
local function decode_object(text, where)
  local content, problem = json.try_decode(text)
  if not problem and (type(content) ~= "table" or json.is_array(content)) then problem = "a JSON object expected" end
  if problem then errors.usage("%s: %s", where, problem) end
  return content
end

--- The object in a JSON file of a room, nil when there is none.
---@param id string of the room
---@param name string
---@return table?
function Archive:read_json(id, name)
  local text = self:read(id, name)
  return text and decode_object(text, ("%s/%s"):format(self.path, relative(id, name)))
end

--- An iterator of the objects in a file of JSON Lines of a room, each with the place where it is, for errors.
---@param id string of the room
---@param name string
---@return fun(): table?, string?
function Archive:lines(id, name)
  local number, next_line = 0, (self:read(id, name) or ""):gmatch "([^\n]*)\n?"
  return function()
    local line
    repeat
      line, number = next_line(), number + 1
    until line ~= ""
    local where = line and ("%s/%s:%d"):format(self.path, relative(id, name), number)
    if line then return decode_object(line, where), where end
  end
end

--- The list of objects in a field of what was read; none when it is absent or null.
---@param object table
---@param name string
---@param where string for errors
---@return table[]
function archive.objects(object, name, where)
  local list = object[name]
  if list == nil or list == json.null then return {} end
  local good = type(list) == "table" and json.is_array(list)
  for _, one in ipairs(good and list or {}) do good = good and type(one) == "table" and not json.is_array(one) end
  if not good then errors.usage("%s: '%s' is not a list of objects", where, name) end
  return list
end

--- What the backup is of, nil when nothing says so.
---@return table<string, any>?
function Archive:facts()
  local text = read(self, "backup.json")
  return text and json.try_decode(text)
end

--- Writes what the backup is of.
---@param facts table<string, any>
function Archive:describe(facts)
  write(self, "backup.json", json.encode(facts, { pretty = true }) .. "\n")
end

--- Notes that the project has no such room any more, or that it has one again; what is in the archive stays.
---@param id string
---@param since string? a date
---@return boolean changed
function Archive:set_deleted(id, since)
  local known = self:find(id, "deleted.json") ~= nil
  if known == (since ~= nil) then return false end
  return self:update(id, "deleted.json", since and json.encode { noticedAt = since } .. "\n" or nil)
end

--- An iterator of the ids of its whole rooms, in the order of their directories.
---@return fun(): string
function Archive:rooms()
  local names, i = host.list_directory(self.path .. "/rooms"), 0
  return function()
    while true do
      i = i + 1
      if not names[i] then return nil end
      local path = ("rooms/%s/room.json"):format(names[i])
      local text = read(self, path)
      local room = text and json.try_decode(text)
      if text then
        local id = type(room) == "table" and room.id
        if type(id) ~= "string" or id == "" or encode(id) ~= names[i] then
          errors.usage("%s/%s: this is not the room that the name of its directory says", self.path, path)
        end
        return id
      end
    end
  end
end

return archive
