--- Uploads of attachments and Storage files: in one piece up to 5 MiB, else in parts side by side.
--- Documentation: https://liveblocks.io/docs/api-reference/rest-api-endpoints
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local client_options = require "liveblocks.options"
local task = require "liveblocks.task"

local PART = 5 * 1024 * 1024
local AT_ONCE = 5
local TRIES = 4 -- of a part, each with the client's own retries

local upload = {}

local kinds = {
  attachment = { prefix = "at_", whole = "upload_attachment", create = "create_attachment_multipart_upload",
    part = "upload_attachment_multipart_part", complete = "complete_attachment_multipart_upload",
    abort = "abort_attachment_multipart_upload", user = true },
  storage = { prefix = "fl_", whole = "upload_storage_file", create = "create_storage_file_multipart_upload",
    part = "upload_storage_file_multipart_part", complete = "complete_storage_file_multipart_upload",
    abort = "abort_storage_file_multipart_upload" },
}

local known = { kind = "string", file = "string", data = "string", name = "string", id = "string", userId = "string",
  contentType = "string", partSize = "integer", concurrency = "integer" }

-- Returns a checked copy of the options, the row of their kind, and the name of the file.
local function check(options)
  local plain = client_options.typed("upload_file", options, known)
  for name, value in pairs(plain) do
    if known[name] == "integer" and value < 1 then errors.usage("upload_file: '%s' must be at least 1", name) end
  end
  local kind = kinds[options.kind]
  if not kind then errors.usage("upload_file: kind must be 'attachment' or 'storage'") end
  if (options.file == nil) == (options.data == nil) then
    errors.usage("upload_file: give either 'file' (a path) or 'data' (a string)")
  end
  if kind.user and (options.userId or "") == "" then
    errors.usage("upload_file: 'userId' is required for an attachment")
  end
  local name = options.name or (options.file and options.file:match("[^/\\]+$")) -- quadratic: a path
  if not name or name == "" then errors.usage("upload_file: 'name' is required with 'data'") end
  return plain, kind, name
end

local function size_of(options)
  if options.data then return #options.data end
  if not io then errors.usage "upload_file: this engine hides io.open; give the bytes as `data`" end
  local file, problem = io.open(options.file, "rb")
  if not file then errors.usage("upload_file: cannot read the file: %s", problem) end
  local byte, why = file:read(1) -- a directory can be opened, but not read
  local size = file:seek("end")
  file:close()
  if why or not size then errors.usage("upload_file: cannot read the file '%s': %s", options.file, why or "no size") end
  return byte and size or 0
end

-- The bytes offset .. offset + length as a body.
local function piece(options, offset, length)
  if options.data then return options.data:sub(offset + 1, offset + length) end
  return { file = options.file, offset = offset, length = length }
end

local function send_part(client, kind, room, id, upload_id, options, number, offset, length)
  for try = 1, TRIES do
    local response, err = client.try[kind.part](client.try, room, id, upload_id, tostring(number),
      piece(options, offset, length))
    if response then return { partNumber = number, etag = response.etag } end
    local status = err.status or 0
    if try == TRIES or err.kind == "cancelled" or err.kind == "usage" or
      (status >= 400 and status < 500 and status ~= 408 and status ~= 429) then error(err, 0) end
    task.sleep(try * 0.5)
  end
end

local function in_parts(client, kind, room, id, name, size, options)
  local part_size = options.partSize or PART
  local upload_id = client[kind.create](client, room, id, name, { fileSize = size }).uploadId
  local function send(number)
    local offset = (number - 1) * part_size
    return send_part(client, kind, room, id, upload_id, options, number, offset, math.min(part_size, size - offset))
  end
  local ok, result = pcall(function()
    local count = math.max(1, math.floor((size + part_size - 1) / part_size))
    local parts = task.map(count, send, { concurrency = options.concurrency or AT_ONCE })
    local fields = { parts = parts }
    if kind.user then fields.userId = options.userId end
    return client[kind.complete](client, room, id, upload_id, fields)
  end)
  if ok then return result end
  -- The failure is what the caller must see, whatever becomes of the clean-up.
  client.try[kind.abort](client.try, room, id, upload_id)
  error(result, 0)
end

--- Uploads a file or a string.
---@param client liveblocks.Client
---@param room string
---@param options table kind ("attachment" or "storage"), file (a path) or data (a string), name, userId (for an
---attachment), id, contentType, partSize (bytes), concurrency
---@return table attachment the vendor's description of it, with its id
function upload.file(client, room, options)
  local kind, name
  options, kind, name = check(options)
  local size = size_of(options)
  local id = options.id or kind.prefix .. core.random_id(21)
  if size > (options.partSize or PART) then return in_parts(client, kind, room, id, name, size, options) end
  local query = { fileSize = size, contentType = options.contentType }
  if kind.user then query.userId = options.userId end
  local body = options.data or { file = options.file }
  return (client[kind.whole](client, room, id, name, body, query))
end

return upload
