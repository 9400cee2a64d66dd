--- Feeds: lists of messages in a room. Unlike the rest of the API their dates are milliseconds, and a request names its
--- own time `timestamp`.
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"
local index = require "lbhost.local.index"
local pages = require "lbhost.local.http.pagination"

return function(app)
  -- Per room record its feeds, per feed record its messages; made when first asked for.
  local lists

  app:on("loaded", function() lists = setmetatable({}, { __mode = "k" }) end)

  local function list_of(owner, records)
    local list = lists[owner]
    if not list then
      list = index.new()
      for _, record in pairs(records) do list:insert(record) end
      lists[owner] = list
    end
    return list
  end

  local function feeds_of(room)
    room.feeds = room.feeds or {}
    return room.feeds, list_of(room, room.feeds)
  end

  local function messages_of(feed)
    return feed.messages, list_of(feed, feed.messages)
  end

  local function feed_of(call)
    local room = app:room(call.path.roomId)
    return (room.feeds or {})[call.path.feedId] or responses.not_found("feed", call.path.feedId), room
  end

  local function message_of(call)
    local feed = feed_of(call)
    return feed.messages[call.path.messageId] or responses.not_found("feed message", call.path.messageId), feed
  end

  -- The time that a request asks for, or now.
  local function time_of(body)
    local timestamp = body.timestamp
    if timestamp == nil then return app:now() end
    local whole = math.tointeger(timestamp) or math.tointeger(math.floor(timestamp + 0.5))
    if not whole or whole < 0 or whole > 8640000000000000 then
      responses.invalid("body.timestamp must be milliseconds since 1970, got %s", tostring(timestamp))
    end
    return whole
  end

  local function feed_view(feed)
    return { feedId = feed.id, metadata = feed.metadata, createdAt = feed.created, updatedAt = feed.updated }
  end

  local function message_view(message)
    return { id = message.id, data = message.data, createdAt = message.created, updatedAt = message.updated }
  end

  -- `since`: those created after that time, not at it.
  local function page(call, list, view)
    local since = tonumber(call.query.since)
    return pages.page(call, list, { view = view, keep = since and function(record) return record.created > since end })
  end

  local handlers = {}

  function handlers.get_feeds(call)
    local _, list = feeds_of(app:room(call.path.roomId))
    return page(call, list, feed_view)
  end

  function handlers.create_feed(call)
    local feeds, list = feeds_of(app:room(call.path.roomId))
    local id = check.id(call.body.feedId, "body.feedId")
    if feeds[id] then
      responses.fail(409, "RESOURCE_ALREADY_EXISTS", ("Feed with id '%s' already exists"):format(id), "Please use another feed ID")
    end
    local metadata = check.merge_metadata({}, call.body.metadata or {}, check.room_metadata, "body.metadata")
    local created = time_of(call.body)
    local feed = { id = id, seq = app:sequence(), created = created, updated = created, messages = {},
      metadata = check.value(metadata, "map<string|string[]>", "body.metadata") }
    feeds[id] = feed
    list:insert(feed)
    return feed_view(feed)
  end

  function handlers.get_feed(call)
    return feed_view((feed_of(call)))
  end

  function handlers.update_feed(call)
    local feed = feed_of(call)
    local changes = check.value(call.body.metadata, "map<string|string[]|null>", "body.metadata")
    feed.metadata = check.merge_metadata(feed.metadata, changes, check.room_metadata, "body.metadata")
    feed.updated = app:now()
    return feed_view(feed)
  end

  function handlers.delete_feed(call)
    local feed, room = feed_of(call)
    local feeds, list = feeds_of(room)
    feeds[feed.id] = nil
    list:remove(feed)
  end

  function handlers.get_feed_messages(call)
    local _, list = messages_of((feed_of(call)))
    return page(call, list, message_view)
  end

  function handlers.create_feed_message(call)
    local feed = feed_of(call)
    local messages, list = messages_of(feed)
    local id = call.body.id ~= nil and check.id(call.body.id, "body.id") or app:id("fm_")
    if messages[id] then
      responses.fail(409, "RESOURCE_ALREADY_EXISTS", ("Message with id '%s' already exists"):format(id),
        "Please use another message ID")
    end
    local created = time_of(call.body)
    local message = { id = id, seq = app:sequence(), created = created, updated = created, data = call.body.data }
    messages[id] = message
    list:insert(message)
    feed.updated = math.max(feed.updated, created)
    return message_view(message)
  end

  function handlers.update_feed_message(call)
    local message, feed = message_of(call)
    message.updated, message.data = time_of(call.body), call.body.data
    feed.updated = math.max(feed.updated, message.updated)
    return message_view(message)
  end

  function handlers.delete_feed_message(call)
    local message, feed = message_of(call)
    local messages, list = messages_of(feed)
    messages[message.id] = nil
    list:remove(message)
  end

  return handlers
end
