--- The subscribers of a thread: those who take part in it (they wrote in it or were mentioned), unless their setting
--- for the room or a word on this one thread says otherwise. The later of the two counts.
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"
local comment_body = require "lbhost.local.rules.comment_body"
local json = require "liveblocks.json"

return function(app)
  local subscriptions = {}
  app.subscriptions = subscriptions

  --- A user takes part in a thread from now on.
  ---@param thread table
  ---@param user string
  ---@param at integer milliseconds
  function subscriptions.take_part(thread, user, at)
    thread.participants = thread.participants or {}
    thread.participants[user] = thread.participants[user] or at
  end

  -- What a user said of this one thread: the time of the subscription, false, or nil for nothing.
  local function chosen(thread, user)
    return (thread.subscriptions or {})[user]
  end

  local function choose(thread, user, value)
    thread.subscriptions = thread.subscriptions or {}
    thread.subscriptions[user] = value
    if not next(thread.subscriptions) then thread.subscriptions = nil end
  end

  --- What a user said of single threads of a room no longer counts.
  ---@param room table
  ---@param user string
  function subscriptions.forget(room, user)
    for _, thread in pairs(room.threads or {}) do
      if chosen(thread, user) ~= nil then choose(thread, user, nil) end
    end
  end

  --- Since when a user is subscribed to a thread; nil when not.
  ---@param room table
  ---@param thread table
  ---@param user string
  ---@return integer? milliseconds
  function subscriptions.since(room, thread, user)
    local word = chosen(thread, user)
    if word ~= nil then return word or nil end
    local setting, at = app.room_settings.threads(room, user)
    if setting == "none" then return nil end
    if setting == "all" then return math.max(at, thread.created) end
    return (thread.participants or {})[user]
  end

  --- Does a user want to know of a mention in a thread?
  function subscriptions.wants_mentions(room, thread, user)
    return (chosen(thread, user) or app.room_settings.threads(room, user) ~= "none") and true
  end

  --- The subscribers of a thread, in the order in which they came.
  ---@param room table
  ---@param thread table
  ---@return { user: string, at: integer }[]
  function subscriptions.list(room, thread)
    local list, seen = {}, {}
    for _, users in ipairs { thread.participants or {}, thread.subscriptions or {}, room.settings or {} } do
      for user in pairs(users) do
        local at = not seen[user] and subscriptions.since(room, thread, user)
        if at then list[#list + 1] = { user = user, at = at } end
        seen[user] = true
      end
    end
    table.sort(list, function(a, b)
      if a.at ~= b.at then return a.at < b.at end
      return a.user < b.user
    end)
    return list
  end

  -- ---- Handlers --------------------------------------------------------------------------------

  local handlers = {}

  local function view(thread, at, user)
    return { kind = "thread", subjectId = thread.id, createdAt = app:date(at), userId = user }
  end

  function handlers.subscribe_to_thread(call)
    local thread = app.threads.of(call)
    local user = check.id(call.body.userId, "body.userId")
    local at = chosen(thread, user) or app:now()
    choose(thread, user, at)
    return view(thread, at)
  end

  function handlers.unsubscribe_from_thread(call)
    local thread = app.threads.of(call)
    choose(thread, check.id(call.body.userId, "body.userId"), false)
    return responses.ok()
  end

  function handlers.get_thread_subscriptions(call)
    local thread, room = app.threads.of(call)
    local data = json.array {}
    for i, entry in ipairs(subscriptions.list(room, thread)) do data[i] = view(thread, entry.at, entry.user) end
    return { data = data }
  end

  -- Authors and mentioned users of the comments that are there.
  function handlers.get_thread_participants(call)
    local thread = app.threads.of(call)
    local ids, seen = json.array {}, {}
    local function take(id)
      if not seen[id] then ids[#ids + 1] = id end
      seen[id] = true
    end
    for _, comment in ipairs(thread.comments) do
      if not comment.deleted then take(comment.user) end
      for _, mention in ipairs(comment_body.mentions(comment.body)) do
        if mention.kind == "user" then take(mention.id) end
      end
    end
    return { participantIds = ids }
  end

  return handlers
end
