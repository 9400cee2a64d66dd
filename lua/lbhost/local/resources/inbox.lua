--- Inbox notifications: one per user and thread, one for each mention in a text editor, and custom ones. app.state.inbox[id].
---
--- Each time something happens to one, also when it is read or deleted, the signal notification.changed(user,
--- notification) is given. One that was deleted has `deleted` set.
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"
local index = require "lbhost.local.index"
local json = require "liveblocks.json"
local pages = require "lbhost.local.http.pagination"
local query = require "lbhost.local.query.predicate"

local ACTIVITIES <const> = 50 -- of a batched notification; the next begins another one

local function position(notification)
  return notification.notified, notification.seq
end

-- A custom notification goes on where user, kind and subject are the same.
local function subject_key(user, kind, subject)
  return ("%s\0%s\0%s"):format(user, kind, subject)
end

return function(app)
  -- Derived from app.state.inbox:
  local all, unread = {}, {}           -- user -> index
  local by_thread, by_subject = {}, {} -- thread id -> user -> notification; subject_key -> the newest of a batched kind
  local by_room = {}                   -- room id -> set of those that are not of a thread

  local batched = {}
  for _, kind in ipairs(app.options.batch or {}) do batched[kind] = true end

  local function put(lists, user, notification)
    lists[user] = lists[user] or index.new(position)
    lists[user]:insert(notification)
  end

  local function take(lists, user, notification)
    local list = lists[user]
    if not list then return end
    list:remove(notification)
    if list:count() == 0 then lists[user] = nil end
  end

  local function enter(n)
    put(all, n.user, n)
    if not n.read then put(unread, n.user, n) end
    if n.thread then
      by_thread[n.thread] = by_thread[n.thread] or {}
      by_thread[n.thread][n.user] = n
    elseif n.room then
      by_room[n.room] = by_room[n.room] or {}
      by_room[n.room][n] = true
    end
    if batched[n.kind] then
      local key = subject_key(n.user, n.kind, n.subject)
      if not by_subject[key] or by_subject[key].seq < n.seq then by_subject[key] = n end
    end
  end

  local function leave(n)
    take(all, n.user, n)
    take(unread, n.user, n)
    if n.thread then
      by_thread[n.thread][n.user] = nil
      if not next(by_thread[n.thread]) then by_thread[n.thread] = nil end
    elseif n.room then
      by_room[n.room][n] = nil
      if not next(by_room[n.room]) then by_room[n.room] = nil end
    end
    if batched[n.kind] then
      local key = subject_key(n.user, n.kind, n.subject)
      if by_subject[key] == n then by_subject[key] = nil end
    end
  end

  local function remove(n)
    leave(n)
    app.state.inbox[n.id] = nil
    n.deleted = true
    app:signal("notification.changed", n.user, n)
  end

  local function add(n)
    n.id, n.seq = app:id("in_"), app:sequence()
    app.state.inbox[n.id] = n
    enter(n)
    app:signal("notification.changed", n.user, n)
  end

  -- Something new in a notification that is there: it is unread again and goes to the top.
  local function renew(n, at)
    take(all, n.user, n)
    take(unread, n.user, n)
    n.notified, n.read = math.max(n.notified, at), nil
    put(all, n.user, n)
    put(unread, n.user, n)
    app:signal("notification.changed", n.user, n)
  end

  local function read(n)
    if n.read then return end
    take(unread, n.user, n)
    n.read = app:now()
    app:signal("notification.changed", n.user, n)
  end

  app:on("loaded", function()
    app.state.inbox = app.state.inbox or {}
    all, unread, by_thread, by_subject, by_room = {}, {}, {}, {}, {}
    for _, n in pairs(app.state.inbox) do enter(n) end
  end)

  local function forget_thread(thread)
    for _, n in pairs(by_thread[thread.id] or {}) do remove(n) end
  end

  app:on("thread.deleted", function(_, thread) forget_thread(thread) end)

  app:on("room.deleted", function(room)
    for _, thread in pairs(room.threads or {}) do forget_thread(thread) end
    for n in pairs(by_room[room.id] or {}) do remove(n) end
  end)

  app:on("room.renamed", function(room, old)
    for id in pairs(room.threads or {}) do
      for _, n in pairs(by_thread[id] or {}) do n.room = room.id end
    end
    for n in pairs(by_room[old] or {}) do
      leave(n)
      n.room = room.id
      enter(n)
    end
  end)

  -- ---- For threads -----------------------------------------------------------------------------

  local inbox = {}
  app.inbox = inbox

  --- Notifies a user of something in a thread.
  ---@param user string
  ---@param room table
  ---@param thread table
  ---@param at integer milliseconds
  function inbox.notify_of_thread(user, room, thread, at)
    local known = (by_thread[thread.id] or {})[user]
    if known then return renew(known, at) end
    add { kind = "thread", user = user, room = room.id, thread = thread.id, notified = at }
  end

  --- Notifies a user of a mention in a text editor of a room.
  ---@param user string
  ---@param room table
  ---@param mention_id string
  ---@param author string
  function inbox.notify_of_text_mention(user, room, mention_id, author)
    add { kind = "textMention", user = user, room = room.id, mention = mention_id, author = author, notified = app:now() }
  end

  -- ---- Views -----------------------------------------------------------------------------------

  -- That of a thread or text is where its room is; a custom one has its own, the default is left out of the record.
  local function organization_of(n)
    if n.subject then return n.organizationId or "default" end
    return app.state.rooms[n.room].organizationId
  end

  local function view(n)
    local shown = {
      kind = n.kind, id = n.id, roomId = n.room or json.null, notifiedAt = app:date(n.notified),
      readAt = n.read and app:date(n.read) or json.null, organizationId = organization_of(n), threadId = n.thread,
    }
    if n.thread then return shown end
    if n.mention then
      shown.mentionId, shown.createdBy, shown.mention = n.mention, n.author, { kind = "user", id = n.user }
      return shown
    end
    shown.subjectId, shown.activities = n.subject, json.array {}
    for i, activity in ipairs(n.activities) do
      shown.activities[i] = { id = activity.id, createdAt = app:date(activity.created), data = activity.data }
    end
    return shown
  end

  local function of(call)
    local id = call.path.inboxNotificationId
    local n = app.state.inbox[id]
    if not n or n.user ~= call.path.userId then responses.not_found("inbox notification", id) end
    return n
  end

  local function wanted_organization(call)
    local id = call.query.organizationId or call.query.tenantId
    return id ~= "" and id or nil
  end

  -- The list that a query asks for, and which of it.
  local function select(user, text)
    local predicate = query.compile(text, "notifications")
    local wants_unread, wants_read = predicate {}, predicate { read = 0 }
    if wants_unread and wants_read then return all[user] end
    if wants_unread then return unread[user] end
    return wants_read and all[user], predicate
  end

  -- ---- Handlers --------------------------------------------------------------------------------

  local handlers = {}

  function handlers.get_inbox_notifications(call)
    local list, predicate = select(call.path.userId, call.query.query)
    local organization = wanted_organization(call)
    return pages.page(call, list or index.new(), { size = 50, view = view, keep = (organization or predicate) and function(n)
      return (not organization or organization_of(n) == organization) and (not predicate or predicate(n))
    end })
  end

  function handlers.get_inbox_notification(call)
    return view(of(call))
  end

  function handlers.delete_inbox_notification(call)
    remove(of(call))
  end

  function handlers.delete_all_inbox_notifications(call)
    local organization = wanted_organization(call)
    local gone = {}
    for n in (all[call.path.userId] or index.new()):newest() do
      if not organization or organization_of(n) == organization then gone[#gone + 1] = n end
    end
    for _, n in ipairs(gone) do remove(n) end
  end

  function handlers.mark_inbox_notification_as_read(call)
    local id = call.path.inboxNotificationId
    read(app.state.inbox[id] or responses.not_found("inbox notification", id))
    return responses.ok()
  end

  function handlers.get_thread_inbox_notifications(call)
    local thread = app.threads.of(call)
    local list = {}
    for _, n in pairs(by_thread[thread.id] or {}) do list[#list + 1] = n end
    table.sort(list, function(a, b)
      if a.notified ~= b.notified then return a.notified > b.notified end
      return a.seq > b.seq
    end)
    for i, n in ipairs(list) do
      list[i] = view(n)
      list[i].userId = n.user
    end
    return { data = json.array(list) }
  end

  local function check_trigger(body)
    check.id(body.userId, "body.userId")
    check.id(body.subjectId, "body.subjectId", 1024)
    if #body.kind > 129 then responses.invalid("body.kind has %d characters, allowed are 129", #body.kind) end
    if body.roomId then check.id(body.roomId, "body.roomId") end
    if body.organizationId then check.id(body.organizationId, "body.organizationId") end
  end

  function handlers.trigger_inbox_notification(call)
    local body, now = call.body, app:now()
    check_trigger(body)
    app.notification_settings.learn(body.kind)
    local activity = { id = app:id("ac_"), created = now, data = body.activityData }
    local known = batched[body.kind] and by_subject[subject_key(body.userId, body.kind, body.subjectId)]
    if known and #known.activities < ACTIVITIES then
      known.activities[#known.activities + 1] = activity
      renew(known, now)
      return responses.ok()
    end
    local room = app.state.rooms[body.roomId]
    local organization = body.organizationId or room and room.organizationId
    add { kind = body.kind, user = body.userId, room = body.roomId, subject = body.subjectId, notified = now,
      organizationId = organization ~= "default" and organization or nil, activities = { activity } }
    return responses.ok()
  end

  return handlers
end
