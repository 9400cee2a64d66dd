--- Files that are uploaded into a room, in one piece or in parts, and downloaded through a URL that holds for an hour.
--- One mechanism for the files of Storage and the attachments of comments.
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"
local crypto = require "liveblocks.crypto"
local url = require "lbhost.util.url"

local uploads = {}

local HOUR <const> = 3600 * 1000
local PARTS <const> = 10000

local mime_types = {
  png = "image/png", jpg = "image/jpeg", jpeg = "image/jpeg", gif = "image/gif", webp = "image/webp", svg = "image/svg+xml",
  pdf = "application/pdf", txt = "text/plain", md = "text/markdown", csv = "text/csv", html = "text/html",
  css = "text/css", js = "text/javascript", json = "application/json", xml = "application/xml", zip = "application/zip",
  mp3 = "audio/mpeg", wav = "audio/wav", mp4 = "video/mp4", webm = "video/webm", mov = "video/quicktime",
}

local function mime_type(name)
  local ending = name:match("%.([^.]+)$")
  return ending and mime_types[ending:lower()] or "application/octet-stream"
end

-- Only compared with what was handed out: any digest will do.
local function etag(bytes)
  return (crypto.hmac_sha256("etag", bytes):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

---@class lbhost.local.UploadKind
---@field kind string "storage file" or "attachment", for messages
---@field store string the field of the room's record that holds the files by their ids
---@field parameter string "fileId" or "attachmentId"
---@field prefix string of the ids
---@field view fun(file: table): table what the API shows of a file
---@field user? boolean the uploading user is named by the query parameter userId

---@param app lbhost.local.App
---@param kind lbhost.local.UploadKind
---@return table<string, function> handlers put, start, part, complete, abort, get
function uploads.new(app, kind)
  local handlers = {}
  local parts_store = kind.store .. "Parts"

  local function file_id(call)
    return check.client_id(call.path[kind.parameter], kind.prefix, kind.parameter)
  end

  local function check_size(size)
    if size > app.options.max_file then
      responses.fail(413, "FILE_TOO_LARGE", ("The file has %d bytes, allowed are %d"):format(size, app.options.max_file))
    end
  end

  -- What the client said the size would be.
  local function announced(call)
    if not call.query.fileSize or call.query.fileSize == "" then return nil end
    local size = math.tointeger(tonumber(call.query.fileSize))
    if not size or size < 0 then responses.invalid("query parameter 'fileSize' must be a number of bytes") end
    check_size(size)
    return size
  end

  -- The file of an earlier upload under this id: the same upload again gets the same response.
  local function earlier(room, id, name, size)
    local file = room[kind.store] and room[kind.store][id]
    if not file then return nil end
    if file.name == name and (not size or file.size == size) then return file end
    responses.fail(409, "RESOURCE_ALREADY_EXISTS", ("%s '%s' already exists"):format(kind.kind, id), "Make a new id for each file")
  end

  local function keep(room, id, name, bytes, user)
    local file = { id = id, name = name, size = #bytes, mimeType = mime_type(name), bytes = bytes, userId = user,
      created = app:now(), seq = app:sequence() }
    room[kind.store] = room[kind.store] or {}
    room[kind.store][id] = file
    return file
  end

  function handlers.put(call)
    local room, id, size = app:room(call.path.roomId), file_id(call), announced(call)
    check_size(#call.body)
    local file = earlier(room, id, call.path.name, #call.body)
    if file then return kind.view(file) end
    if size and size ~= #call.body then
      responses.invalid("the body has %d bytes, 'fileSize' says %d", #call.body, size)
    end
    return kind.view(keep(room, id, call.path.name, call.body, call.query.userId))
  end

  -- ---- In parts --------------------------------------------------------------------------------

  function handlers.start(call)
    local room, id, size = app:room(call.path.roomId), file_id(call), announced(call)
    if earlier(room, id, call.path.name, size) then
      responses.fail(409, "RESOURCE_ALREADY_EXISTS", ("%s '%s' already exists"):format(kind.kind, id))
    end
    local upload = { id = id, name = call.path.name, size = size, parts = {} }
    local upload_id = app:id("up_")
    room[parts_store] = room[parts_store] or {}
    room[parts_store][upload_id] = upload
    return { [kind.parameter] = id, uploadId = upload_id }
  end

  local function upload_of(call)
    local room, id = app:room(call.path.roomId), file_id(call)
    local upload = room[parts_store] and room[parts_store][call.path.uploadId]
    if not upload or upload.id ~= id then responses.not_found("upload", call.path.uploadId) end
    return upload, room
  end

  function handlers.part(call)
    local upload = upload_of(call)
    local number = call.path.partNumber:find("^%d+$") and math.tointeger(tonumber(call.path.partNumber))
    if not number or number < 1 or number > PARTS then
      responses.invalid("partNumber must be an integer of 1 to %d, got '%s'", PARTS, call.path.partNumber)
    end
    local total = #call.body
    for other, part in pairs(upload.parts) do
      if other ~= number then total = total + #part.bytes end
    end
    check_size(total)
    local tag = etag(call.body)
    upload.parts[number] = { bytes = call.body, etag = tag }
    return { partNumber = number, etag = tag }
  end

  local function join(upload, wanted)
    local bytes, last = {}, 0
    for i, part in ipairs(wanted) do
      local held = upload.parts[part.partNumber]
      if part.partNumber <= last then responses.invalid("body.parts[%d] is not in ascending order", i - 1) end
      if not held then responses.invalid("part %d was not uploaded", part.partNumber) end
      if held.etag ~= part.etag then responses.invalid("the etag of part %d is not the one that its upload returned", part.partNumber) end
      bytes[i], last = held.bytes, part.partNumber
    end
    if not bytes[1] then responses.invalid("body.parts is empty") end
    return table.concat(bytes)
  end

  function handlers.complete(call)
    local room, id = app:room(call.path.roomId), file_id(call)
    local done = room[kind.store] and room[kind.store][id]
    if done and done.uploadId == call.path.uploadId then return kind.view(done) end
    local upload = upload_of(call)
    local bytes = join(upload, call.body.parts)
    if upload.size and upload.size ~= #bytes then
      responses.invalid("the parts have %d bytes together, 'fileSize' said %d", #bytes, upload.size)
    end
    local file = earlier(room, id, upload.name, #bytes) or keep(room, id, upload.name, bytes, call.query.userId)
    file.uploadId = call.path.uploadId
    room[parts_store][call.path.uploadId] = nil
    return kind.view(file)
  end

  function handlers.abort(call)
    local room = app:room(call.path.roomId)
    file_id(call)
    if room[parts_store] then room[parts_store][call.path.uploadId] = nil end
  end

  -- ---- Downloads -------------------------------------------------------------------------------

  local function signature(room_id, id, expires)
    return url.encode(crypto.base64_encode(crypto.hmac_sha256(app.url_secret, ("%s\0%s\0%s\0%d"):format(kind.store, room_id, id,
      expires))))
  end

  --- The URL from which a file can be read for an hour, and when that ends in milliseconds.
  function handlers.url_of(room, file)
    local expires = app:now() + HOUR
    return ("%s/local/%s/%s/%s?expires=%d&signature=%s"):format(app.options.base_url, kind.store, url.encode(room.id),
      url.encode(file.id), expires, signature(room.id, file.id, expires)), expires
  end

  function handlers.get(call)
    local room, id = app:room(call.path.roomId), call.path[kind.parameter]
    local file = room[kind.store] and room[kind.store][id] or responses.not_found(kind.kind, id)
    local shown = kind.view(file)
    local expires
    shown.url, expires = handlers.url_of(room, file)
    shown.expiresAt = app:date(expires)
    return shown
  end

  local function download(call)
    local expires = math.tointeger(tonumber(call.query.expires)) or 0
    local given = url.encode(call.query.signature or "")
    if not crypto.equal(given, signature(call.path.roomId, call.path.id, expires)) then
      responses.fail(403, "Forbidden", "The signature of this URL is wrong", ("Ask for the %s again"):format(kind.kind))
    end
    if expires < app:now() then
      responses.fail(403, "Forbidden", "This URL has expired", ("Ask for the %s again"):format(kind.kind))
    end
    local room = app:room(call.path.roomId)
    local file = room[kind.store] and room[kind.store][call.path.id] or responses.not_found(kind.kind, call.path.id)
    return responses.new { bytes = file.bytes, headers = { ["content-type"] = file.mimeType,
      ["content-disposition"] = "attachment; filename*=UTF-8''" .. url.encode(file.name), ["x-content-type-options"] = "nosniff" } }
  end

  app:add_route({ method = "GET", path = ("/local/%s/{roomId}/{id}"):format(kind.store), public = true }, download)
  return handlers
end

return uploads
