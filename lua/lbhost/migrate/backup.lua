--- Writes one room into an archive: metadata, accesses, Storage with its files, Yjs, threads with all that is in them.
local errors = require "liveblocks.errors"
local http = require "liveblocks.http"
local json = require "liveblocks.json"

local backup = {}

-- The bytes behind a URL of the API; a URL of the local Liveblocks may be a path.
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
  if err.message:find("max_reply", 1, true) then return true end -- too large
  return err.kind == "http" and err.status and err.status >= 400 and err.status < 500 and err.status ~= 408
    and err.status ~= 429
end

-- What cannot be had is told instead of failing the room: `missing` is a list of texts.
local function keep(archive, id, name, missing, what, get)
  if archive:find(id, name) then return end
  local ok, bytes = pcall(get)
  if not ok and not is_missing(bytes) then error(bytes, 0) end
  if not ok then
    missing[#missing + 1] = ("%s: %s"):format(what, tostring(bytes))
    return
  end
  archive:write(id, name, bytes)
end

local function keep_files(client, archive, id, storage, missing)
  backup.each_file(storage, function(data)
    keep(archive, id, "files/" .. data.id, missing, "file " .. data.id, function()
      return download(client:get_storage_file(id, data.id).url)
    end)
  end)
end

local function keep_threads(client, archive, id, missing)
  local lines = {}
  for _, thread in ipairs(client:get_threads(id).data) do
    for _, comment in ipairs(thread.comments) do
      for _, attachment in ipairs(comment.attachments or {}) do
        keep(archive, id, "attachments/" .. attachment.id, missing, "attachment " .. attachment.id, function()
          return download(client:get_attachment(id, attachment.id).url)
        end)
      end
    end
    lines[#lines + 1] = json.encode(thread) .. "\n"
  end
  archive:write(id, "threads.jsonl", table.concat(lines))
end

local function keep_yjs(client, archive, id)
  local bytes = client:get_yjs_document_as_binary_update(id)
  -- Two zeros are the update of an empty document.
  if #bytes > 2 then archive:write(id, "yjs.bin", bytes) end
end

--- Writes a room; one that is there already, whole, is written again.
---@param client liveblocks.Client
---@param archive lbhost.migrate.Archive
---@param id string
---@return string[] missing what could not be had
function backup.room(client, archive, id)
  local missing = {}
  local room = client:get_room(id)
  local storage = client:get_storage_document(id, { format = "plain-lson" })
  archive:write_json(id, "storage.json", storage)
  keep_files(client, archive, id, storage, missing)
  keep_yjs(client, archive, id)
  keep_threads(client, archive, id, missing)
  room.missing = missing[1] and json.array(missing) or nil
  archive:write_json(id, "room.json", room)
  return missing
end

return backup
