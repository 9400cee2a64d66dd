--- Notification events: some time after a notification came, when it has not been read by then, one for each channel
--- that the user's settings allow. More activity meanwhile does not begin anew.
local json = require "liveblocks.json"

local notify = {}

--- Seconds between a notification and its events.
notify.DELAY = 1800

local channels = { "email", "slack", "teams", "webPush" }

-- The kind under which settings and events know a notification, and what its events say besides.
local function describe(notification)
  if notification.kind == "thread" then return "thread", { threadId = notification.threadId } end
  if notification.kind == "textMention" then return "textMention", { mentionId = notification.mentionId } end
  return notification.kind, { subjectId = notification.subjectId }
end

--- Watches the notifications of an app. What waits is in app.state.notifying.
---@param app lbhost.local.App
---@param delay number? seconds (DELAY)
function notify.attach(app, delay)
  delay = (delay or notify.DELAY) * 1000

  local function fire(waiting)
    local state = app.state
    state.notifying[waiting.id] = nil
    local notification = app:inbox_notification(waiting.userId, waiting.id)
    if not notification or (notification.readAt and notification.readAt >= notification.notifiedAt) then return end
    local settings = app:notification_settings(waiting.userId)
    local kind, data = describe(notification)
    for _, channel in ipairs(channels) do
      if settings[channel] and settings[channel][kind] then
        local all = { channel = channel, kind = kind, userId = waiting.userId, inboxNotificationId = waiting.id,
          roomId = notification.roomId or json.null, createdAt = app:date(app:now()),
          triggeredAt = app:date(waiting.since) }
        for name, value in pairs(data) do all[name] = value end
        app:event("notification", all)
      end
    end
  end

  local timers = {}

  local function wait(waiting)
    timers[waiting.id] = app.timers:at(waiting.due, function()
      timers[waiting.id] = nil
      fire(waiting)
    end)
  end

  app:on("loaded", function()
    app.state.notifying, timers = app.state.notifying or {}, {}
    for _, waiting in pairs(app.state.notifying) do wait(waiting) end
  end)

  app:on("notification.changed", function(user_id, notification)
    local waiting = app.state.notifying[notification.id]
    local unread = not notification.readAt or notification.readAt < notification.notifiedAt
    if waiting and not unread then
      app.timers:cancel(timers[waiting.id])
      timers[waiting.id], app.state.notifying[waiting.id] = nil, nil
    elseif not waiting and unread then
      waiting = { id = notification.id, userId = user_id, since = notification.notifiedAt,
        due = app:now() + app:delay(delay) }
      app.state.notifying[waiting.id] = waiting
      wait(waiting)
    end
  end)
end

return notify
