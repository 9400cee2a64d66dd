--- Notification events: some time after a notification came, when it has not been read by then, one for each channel
--- that the user's settings allow. More activity meanwhile does not begin anew.
local json = require "liveblocks.json"

local notify = {}

--- Seconds between a notification and its events.
notify.DELAY = 1800

--- Watches the notifications of an app. What waits is in app.state.notifying.
---@param app lbhost.local.App
---@param delay number? seconds (DELAY)
function notify.attach(app, delay)
  delay = (delay or notify.DELAY) * 1000

  local function fire(waiting)
    app.state.notifying[waiting.id] = nil
    local n = app.state.inbox[waiting.id]
    if not n or n.read then return end
    for _, channel in ipairs(app.notification_settings.channels(n.user, n.kind)) do
      app:event("notification", { channel = channel, kind = n.kind, userId = n.user, inboxNotificationId = n.id,
        roomId = n.room or json.null, threadId = n.thread, mentionId = n.mention, subjectId = n.subject, createdAt = app:date(app:now()),
        triggeredAt = app:date(waiting.since) })
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

  app:on("notification.changed", function(_, n)
    local waiting = app.state.notifying[n.id]
    local gone = n.read or n.deleted
    if waiting and gone then
      app.timers:cancel(timers[n.id])
      timers[n.id], app.state.notifying[n.id] = nil, nil
    elseif not waiting and not gone then
      waiting = { id = n.id, since = n.notified, due = app:now() + app:delay(delay) }
      app.state.notifying[n.id] = waiting
      wait(waiting)
    end
  end)
end

return notify
