--- The users in a room, and what is broadcast to them. Nobody connects to the local Liveblocks: users are present who were
--- set so, until their time runs out.
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"
local json = require "liveblocks.json"

local DEFAULT_TTL <const> = 60
local BROADCAST_LIMIT <const> = 1024 * 1024
local USER_INFO_LIMIT <const> = 1024
local BROADCASTS <const> = 1000

return function(app)
  local broadcasts = {}
  local timers = setmetatable({}, { __mode = "k" })

  local function count(room)
    return check.count(room.presence or {})
  end

  local function leave(room, present)
    if not room.presence or room.presence[present.userId] ~= present then return end
    room.presence[present.userId] = nil
    app:event("userLeft", { roomId = room.id, connectionId = present.connectionId, userId = present.userId,
      userInfo = present.info or json.null, leftAt = app:date(app:now()), numActiveUsers = count(room) })
  end

  local function expire(room, present)
    app.timers:cancel(timers[present])
    timers[present] = app.timers:at(present.expires, leave, room, present)
  end

  local function enter(room, user_id)
    room.connections = (room.connections or -1) + 1
    room.lastConnection = app:now()
    local present = { userId = user_id, connectionId = room.connections, seq = app:sequence() }
    room.presence = room.presence or {}
    room.presence[user_id] = present
    return present
  end

  app:on("loaded", function()
    for _, room in pairs(app.state.rooms) do
      for _, present in pairs(room.presence or {}) do expire(room, present) end
    end
  end)

  app:on("room.deleted", function(room)
    for _, present in pairs(room.presence or {}) do app.timers:cancel(timers[present]) end
  end)

  local handlers = {}

  function handlers.set_presence(call)
    local room, body = app:room(call.path.roomId), call.body
    local user_id = check.id(body.userId, "body.userId")
    if body.userInfo and #json.encode(body.userInfo) > USER_INFO_LIMIT then
      responses.invalid("body.userInfo has %d characters of JSON, allowed are %d", #json.encode(body.userInfo), USER_INFO_LIMIT)
    end
    local present = room.presence and room.presence[user_id]
    local is_new = not present
    present = present or enter(room, user_id)
    present.data, present.info = body.data, body.userInfo or present.info
    present.expires = app:now() + (body.ttl or DEFAULT_TTL) * 1000
    expire(room, present)
    if is_new then
      app:event("userEntered", { roomId = room.id, connectionId = present.connectionId, userId = user_id,
        userInfo = present.info or json.null, enteredAt = app:date(app:now()), numActiveUsers = count(room) })
    end
  end

  function handlers.get_active_users(call)
    local room, list = app:room(call.path.roomId), {}
    for _, present in pairs(room.presence or {}) do list[#list + 1] = present end
    table.sort(list, function(a, b) return a.seq < b.seq end)
    local data = json.array {}
    for i, present in ipairs(list) do
      data[i] = { type = "user", id = present.userId, connectionId = present.connectionId, info = present.info or json.object {} }
    end
    return { data = data }
  end

  function handlers.broadcast_event(call)
    local room = app:room(call.path.roomId)
    local size = #call.request.body
    if size > BROADCAST_LIMIT then
      responses.invalid("the event has %d bytes, allowed are %d", size, BROADCAST_LIMIT)
    end
    broadcasts[#broadcasts + 1] = { roomId = room.id, event = call.body, connectionId = -1, sentAt = app:date(app:now()) }
    if #broadcasts > 2 * BROADCASTS then
      broadcasts = table.move(broadcasts, BROADCASTS + 1, 2 * BROADCASTS, 1, {})
    end
  end

  -- What clients in the room would have received, newest first.
  app:add_route({ method = "GET", path = "/local/broadcasts", public = true }, function(call)
    local data = json.array {}
    for i = #broadcasts, 1, -1 do
      local sent = broadcasts[i]
      if not call.query.roomId or sent.roomId == call.query.roomId then data[#data + 1] = sent end
      if #data == BROADCASTS then break end
    end
    return { data = data }
  end)

  return handlers
end
