--- Yjs documents and their versions: updates are kept as they came, by the guid of the document ("" for the main one).
local responses = require "lbhost.local.http.response"
local errors = require "liveblocks.errors"
local index = require "lbhost.local.index"
local json = require "liveblocks.json"
local pages = require "lbhost.local.http.pagination"
local yjs = require "liveblocks.yjs"

-- Many small updates are joined now and then, so that a long life costs no more than the document is large.
local JOIN_AT <const> = 64

-- What is not an update is the caller's mistake.
local function run(fn, ...)
  local ok, result = pcall(fn, ...)
  if ok then return result end
  if not errors.is(result) then error(result, 0) end
  responses.fail(422, "UNPROCESSABLE_ENTITY", result.message,
    "Send an update as Y.encodeStateAsUpdate makes it; with ?encoder=v2 as Y.encodeStateAsUpdateV2 does")
end

local function guid_of(call)
  return call.query.guid or ""
end

local function updates_of(room, guid)
  return room.ydocs and room.ydocs[guid] or {}
end

local function is_known(updates, update)
  for _, known in ipairs(updates) do
    if known == update then return true end
  end
  return update == yjs.empty
end

return function(app)
  -- Versions are few and rarely listed: their order is worked out from the room each time.
  local function versions_of(room)
    local list = index.new()
    for _, version in pairs(room.versions or {}) do list:insert(version) end
    return list
  end

  local function version_of(room, id)
    return room.versions and room.versions[id] or responses.not_found("version", id)
  end

  local handlers = {}

  function handlers.send_yjs_binary_update(call)
    local room = app:room(call.path.roomId)
    local kind = (call.request.headers["content-type"] or ""):match("^%s*([^;%s]*)")
    if kind:lower() ~= "application/octet-stream" then
      responses.fail(400, "BAD_REQUEST", ("The content type must be application/octet-stream, got '%s'"):format(kind))
    end
    local update = call.body
    if call.query.encoder == "v2" then update = run(yjs.convert, update, 2, 1) else run(yjs.check, update) end
    local updates = updates_of(room, guid_of(call))
    if not is_known(updates, update) then
      room.ydocs = room.ydocs or {}
      room.ydocs[guid_of(call)] = updates
      updates[#updates + 1] = update
      if #updates >= JOIN_AT then room.ydocs[guid_of(call)] = { yjs.merge(updates) } end
      app:signal("ydoc.updated", room)
      app:event("ydocUpdated", { roomId = room.id, updatedAt = app:date(app:now()) })
    end
    return { success = true }
  end

  function handlers.get_yjs_document_as_binary_update(call)
    local room = app:room(call.path.roomId)
    local update = yjs.merge(updates_of(room, guid_of(call)))
    return responses.new { bytes = call.query.encoder == "v2" and yjs.convert(update, 1, 2) or update }
  end

  function handlers.get_yjs_document(call)
    local room = app:room(call.path.roomId)
    local updates = updates_of(room, guid_of(call))
    local key = call.query.key
    if not updates[1] then return key and { [key] = "" } or json.object {} end
    local content = run(yjs.to_json, updates, { key = key, type = call.query.type, formatting = call.query.formatting ~= nil })
    -- With key and type to_json gives the value alone; the API returns an object.
    return key and call.query.type and { [key] = content } or content
  end

  -- ---- Versions --------------------------------------------------------------------------------

  function handlers.create_yjs_version(call)
    local room = app:room(call.path.roomId)
    local version = { id = app:id("vh_"), created = app:now(), seq = app:sequence(),
      updates = table.move(updates_of(room, ""), 1, #updates_of(room, ""), 1, {}) }
    room.versions = room.versions or {}
    room.versions[version.id] = version
    return { data = { id = version.id } }
  end

  function handlers.get_yjs_versions(call)
    local room = app:room(call.path.roomId)
    return pages.page(call, versions_of(room), { view = function(version)
      return { type = "historyVersion", kind = "yjs", id = version.id, createdAt = app:date(version.created),
        authors = json.array {} }
    end })
  end

  function handlers.get_yjs_version(call)
    local version = version_of(app:room(call.path.roomId), call.path.versionId)
    return responses.new { bytes = yjs.merge(version.updates) }
  end

  function handlers.delete_version(call)
    local room = app:room(call.path.roomId)
    version_of(room, call.path.versionId)
    room.versions[call.path.versionId] = nil
  end

  return handlers
end
