--- Where a backup keeps things: one folder a room, readable by people.
---
---   DIR/backup.json                when and of what
---   DIR/rooms/ROOM/room.json       id, metadata, accesses; written last, so a room with it is whole
---   DIR/rooms/ROOM/storage.json    Storage as plain LSON
---   DIR/rooms/ROOM/yjs.bin         the Yjs document as one update, when there is one
---   DIR/rooms/ROOM/threads.jsonl   a thread a line, with its comments
---   DIR/rooms/ROOM/attachments/ID  the bytes of attachments, DIR/rooms/ROOM/files/ID those of files in Storage
---
--- ROOM is the id of the room with everything but letters, digits, . _ and - percent-encoded.
local errors = require "liveblocks.errors"
local file = require "lbhost.migrate.file"
local host = require "lbhost.host"
local json = require "liveblocks.json"

local archive = {}

local LONGEST = 200 -- bytes of a folder's name

---@class lbhost.migrate.Archive
local Archive = {}
Archive.__index = Archive

--- The folder of a backup; made when it is to be written.
---@param path string
---@param writing boolean?
---@return lbhost.migrate.Archive
function archive.open(path, writing)
  if writing then
    local made, problem = host.make_folder(path .. "/rooms")
    if not made then errors.usage("cannot make the folder of the backup: %s", problem) end
  elseif not host.list_folder(path .. "/rooms") then
    errors.usage("'%s' is no backup: it has no folder 'rooms'", path)
  end
  return setmetatable({ path = path }, Archive)
end

local function folder_name(id)
  local name = id:gsub("[^%w._-]", function(c) return ("%%%02X"):format(c:byte()) end)
  if name:find "^%.+$" then name = name:gsub("%.", "%%2E") end
  if #name <= LONGEST then return name end
  return name:sub(1, LONGEST - 23) .. "~" .. (file.hash(id):gsub("[/+]", "_"))
end

--- The path that a file of a room has, whether it is there or not.
---@param id string of the room
---@param name string
---@return string
function Archive:room_path(id, name)
  return ("%s/rooms/%s/%s"):format(self.path, folder_name(id), name)
end

local function write(path, bytes)
  local made, problem = host.make_folder((path:match "^(.*)/"))
  if made then made, problem = host.replace_file(path, bytes) end
  if not made then error(errors.new("file", ("cannot write the backup: %s"):format(problem)), 0) end
end

local function read(path)
  local handle <close> = io.open(path, "rb")
  return handle and handle:read "a"
end

--- Writes bytes into the folder of a room, whole or not at all.
---@param id string of the room
---@param name string
---@param bytes string
function Archive:write(id, name, bytes)
  write(self:room_path(id, name), bytes)
end

--- Writes a value as JSON into the folder of a room.
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
  return read(self:room_path(id, name))
end

--- The path of a file of a room, nil when there is none.
---@param id string of the room
---@param name string
---@return string?
function Archive:find(id, name)
  local path = self:room_path(id, name)
  local handle <close> = io.open(path, "rb")
  return handle and path
end

--- The value in a JSON file of a room, nil when there is none.
---@param id string of the room
---@param name string
---@return any
function Archive:read_json(id, name)
  local text = self:read(id, name)
  if not text then return nil end
  local content, problem = json.try_decode(text)
  if problem then errors.usage("%s: %s", self:room_path(id, name), problem) end
  return content
end

--- An iterator of the values in a file of JSON Lines of a room.
---@param id string of the room
---@param name string
---@return fun(): any
function Archive:lines(id, name)
  local next_line = (self:read(id, name) or ""):gmatch "[^\n]+"
  return function()
    local line = next_line()
    return line and json.decode(line)
  end
end

--- Writes what the backup is of.
---@param facts table<string, any>
function Archive:describe(facts)
  write(self.path .. "/backup.json", json.encode(facts, { pretty = true }) .. "\n")
end

--- An iterator of the ids of its whole rooms, in the order of their folders.
---@return fun(): string
function Archive:rooms()
  local names, i = host.list_folder(self.path .. "/rooms"), 0
  return function()
    while true do
      i = i + 1
      if not names[i] then return nil end
      local text = read(("%s/rooms/%s/room.json"):format(self.path, names[i]))
      if text then return json.decode(text).id end
    end
  end
end

return archive
