--- Writes one room into an archive: metadata, accesses, Storage with its files, Yjs, threads with all that is in them.
local archives = require "lbhost.migrate.archive"
local equal = require("liveblocks.storage.value").equal
local errors = require "liveblocks.errors"
local http = require "liveblocks.http"
local json = require "liveblocks.json"

local backup = {}

-- The bytes at a URL of the API; a URL of the local Liveblocks may be a path.
local function download(url)
  return http.request({ url = url }).body
end

--- Calls fn(data) for every LiveFile in plain LSON.
---@param value any
---@param fn fun(data: { id: string })
function backup.each_file(value, fn)
  if type(value) ~= "table" then return end
  if value.liveblocksType == "LiveFile" and type(value.data) == "table" and value.data.id then return fn(value.data) end
  for _, item in pairs(value) do backup.each_file(item, fn) end
end

-- Is it the thing itself that is not there? Else the room fails, and is backed up again with --retry-failed.
local function is_missing(err)
  if not errors.is(err) then return false end
  if err.message:find("max_response", 1, true) then return true end -- too large
  return err.kind == "http" and err.status and err.status >= 400 and err.status < 500 and err.status ~= 408
    and err.status ~= 429
end

-- What cannot be had is noted instead of failing the room: `missing` is a list of messages. The bytes of an id never
-- change, so what is there is not fetched again.
local function keep(archive, id, kind, of, missing, get)
  local name = archives.name(kind .. "s", of)
  if archive:find(id, name) then return false end
  local ok, bytes = pcall(get)
  if not ok and not is_missing(bytes) then error(bytes, 0) end
  if not ok then
    missing[#missing + 1] = ("%s %s: %s"):format(kind, of, tostring(bytes))
    return false
  end
  archive:write(id, name, bytes)
  return true
end

local function keep_files(client, archive, id, storage, missing)
  local changed = false
  backup.each_file(storage, function(data)
    changed = keep(archive, id, "file", data.id, missing, function()
      return download(client:get_storage_file(id, data.id).url)
    end) or changed
  end)
  return changed
end

local function keep_attachments(client, archive, id, threads, missing)
  local changed = false
  for _, thread in ipairs(threads) do
    for _, comment in ipairs(thread.comments) do
      for _, attachment in ipairs(comment.attachments or {}) do
        changed = keep(archive, id, "attachment", attachment.id, missing, function()
          return download(client:get_attachment(id, attachment.id).url)
        end) or changed
      end
    end
  end
  return changed
end

-- Do two files of JSON (Lines) hold equal values? The order of keys says nothing.
local function same_json(a, b)
  if #a ~= #b then return false end
  local line_of_b = b:gmatch "[^\n]+"
  if a:sub(1, 2) == "{\n" then return false end -- sorted: other bytes are another value
  for line in a:gmatch "[^\n]+" do
    local other = line_of_b()
    local ok, same = pcall(function() return equal(json.decode(line), json.decode(other)) end)
    if not ok or not same then return false end
  end
  return line_of_b() == nil
end

local function lines_of(list)
  local lines = {}
  for i, value in ipairs(list) do lines[i] = json.encode(value) .. "\n" end
  return table.concat(lines)
end

local function pretty(value) return json.encode(value, { pretty = true }) .. "\n" end

--- Writes a room, or of one that is there what has changed. All is fetched before the first byte is written over, so
--- that a room that cannot be read keeps what the last backup had of it.
---@param client liveblocks.Client
---@param archive lbhost.migrate.Archive
---@param id string
---@return string[] missing what could not be had
---@return boolean changed whether anything was written
function backup.room(client, archive, id)
  local missing = {}
  local room = client:get_room(id)
  local storage = client:get_storage_document(id, { format = "plain-lson" })
  local yjs = client:get_yjs_document_as_binary_update(id)
  local threads = client:get_threads(id).data
  local changed = keep_files(client, archive, id, storage, missing)
  changed = keep_attachments(client, archive, id, threads, missing) or changed
  changed = archive:update(id, "storage.json", pretty(storage)) or changed
  -- Two zeros are the update of an empty document.
  changed = archive:update(id, "yjs.bin", #yjs > 2 and yjs or nil) or changed
  changed = archive:update(id, "threads.jsonl", lines_of(threads), same_json) or changed
  room.missing = missing[1] and json.array(missing) or nil
  changed = archive:set_deleted(id, nil) or changed
  changed = archive:update(id, "room.json", pretty(room)) or changed
  return missing, changed
end

return backup
