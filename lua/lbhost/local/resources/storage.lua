--- Storage documents.
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"
local document = require "lbhost.local.storage.document"
local json = require "liveblocks.json"
local json_patch = require "lbhost.local.storage.json_patch"
local lson = require "lbhost.local.storage.lson"
local storage_ops = require "lbhost.local.storage.operations"

return function(app)
  local gate = app.gate

  local function updated(room)
    if app.state.rooms[room.id] ~= room then return end -- the data have been replaced meanwhile
    app:signal("storage.updated", room)
    app:event("storageUpdated", { roomId = room.id, updatedAt = app:date(app:now()) })
  end

  local function open(room)
    room.storage = room.storage or document.empty()
    return document.open(room.storage)
  end

  local function read_root(saved, files, body)
    local root = lson.reader(document.open(saved), files, false):read(body, "body")
    root.id = "root"
    lson.check(root)
    document.close(saved)
    return root
  end

  local function apply_patch(room, patch) json_patch.apply(open(room), patch, room.files) end
  local function apply_operations(room, ops) return storage_ops.apply(open(room), ops) end

  local handlers = {}

  function handlers.get_storage_document(call)
    local room = app:room(call.path.roomId)
    local root = (room.storage or document.empty()).root
    return gate:divided(call, call.query.format == "json" and lson.write_json or lson.write, root)
  end

  function handlers.initialize_storage_document(call)
    local room = app:room(call.path.roomId)
    if room.storage and not document.is_empty(room.storage) then
      responses.fail(409, "CANNOT_UPDATE_EXISTING_STORAGE",
        "The Storage of this room has data: only an empty one can be initialized",
        "Delete the Storage of this room first, or take another room")
    end
    local saved, old = document.empty(), room.storage or document.empty()
    -- Numbers go on where they were, so that nobody who knows the old document takes a new node for an old one.
    saved.last_id, saved.last_actor = old.last_id, old.last_actor
    saved.root = gate:divided(call, read_root, saved, room.files, call.body)
    room.storage = saved
    updated(room)
    return gate:divided(call, lson.write, saved.root)
  end

  function handlers.delete_storage_document(call)
    local room = app:room(call.path.roomId)
    if room.storage then
      local old = room.storage
      room.storage = document.empty()
      room.storage.last_id, room.storage.last_actor = old.last_id, old.last_actor
      updated(room)
    end
    return responses.ok()
  end

  function handlers.patch_storage_document(call)
    local room = app:room(call.path.roomId)
    gate:change(call, apply_patch, room, call.body)
    if call.body[1] then updated(room) end
    return responses.ok()
  end

  function handlers.request_storage_mutation(call)
    local room = app:room(call.path.roomId)
    return responses.new { headers = { ["content-type"] = "application/x-ndjson" }, body = gate:divided(call, function()
      local doc = open(room)
      return storage_ops.lines(doc, doc:new_actor())
    end) }
  end

  local function check_ops(message, where)
    if message.type ~= 201 then responses.invalid("%s.type must be 201, got %s", where, tostring(message.type)) end
    for i, op in ipairs(check.value(message.ops, "object[]", where .. ".ops")) do
      local at = ("%s.ops[%d]"):format(where, i - 1)
      local shape = storage_ops.types[op.type]
      if not shape then responses.invalid("%s.type must be an operation from 1 to 11, got %s", at, tostring(op.type)) end
      check.value(op, check.open(shape), at)
      local problem = storage_ops.problem(op)
      if problem then responses.invalid("%s: %s", at, problem) end
    end
  end

  local function check_messages(messages)
    for i, message in ipairs(messages) do check_ops(message, ("body.messages[%d]"):format(i - 1)) end
  end

  function handlers.send_message(call)
    local room = app:room(call.path.roomId)
    gate:divided(call, check_messages, call.body.messages)
    local replies = json.array {}
    for _, message in ipairs(call.body.messages) do
      for _, reply in ipairs(gate:change(call, apply_operations, room, message.ops)) do replies[#replies + 1] = reply end
      if message.ops[1] then updated(room) end
    end
    return { messages = replies }
  end

  return handlers
end
