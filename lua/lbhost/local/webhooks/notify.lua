--- Notification events: some time after a notification came, when it has not been read by then, one for each channel
--- that the user's settings allow. More activity meanwhile does not begin again.
local index = require "lbhost.local.index"
local json = require "liveblocks.json"

local notify = {}

--- Seconds between a notification and its events.
notify.DELAY = 1800

--- Watches the notifications of an app. What waits is in app.state.notifying; there may be very many.
---@param app lbhost.local.App
---@param delay number? seconds (DELAY)
function notify.attach(app, delay)
  delay = (delay or notify.DELAY) * 1000

  local function fire(waiting)
    app.state.notifying[waiting.id] = nil
    local n = app.state.inbox[waiting.id]
    if not n or n.read then return end
    for _, channel in ipairs(app.notification_settings.channels(n.user, n.kind)) do
      app:event("notification", {
        channel = channel, kind = n.kind, userId = n.user, inboxNotificationId = n.id, roomId = n.room or json.null,
        threadId = n.thread, mentionId = n.mention, subjectId = n.subject, createdAt = app:date(app:now()),
        triggeredAt = app:date(waiting.since),
      })
    end
  end

  -- What waits, in the order of time, and the timer of the first of them.
  local queue, alarm

  local function first()
    return queue:oldest()()
  end

  local function set_alarm()
    app.timers:cancel(alarm)
    local waiting = first()
    alarm = waiting and app.timers:at(waiting.due, function()
      while first() and first().due <= app:now() do
        local due = first()
        queue:remove(due)
        fire(due)
      end
      set_alarm()
    end)
  end

  app:on("loaded", function()
    app.state.notifying = app.state.notifying or {}
    queue, alarm = index.new(function(waiting) return waiting.due, waiting.number end), nil
    for _, waiting in pairs(app.state.notifying) do queue:insert(waiting) end
    set_alarm()
  end)

  local function add(n)
    local waiting = { id = n.id, since = n.notified, due = app:now() + app:delay(delay), number = app:sequence() }
    app.state.notifying[n.id] = waiting
    queue:insert(waiting)
    if first() == waiting then set_alarm() end
  end

  local function remove(waiting)
    local was_first = first() == waiting
    app.state.notifying[waiting.id] = nil
    queue:remove(waiting)
    if was_first then set_alarm() end
  end

  app:on("notification.changed", function(_, n)
    local waiting = app.state.notifying[n.id]
    local gone = n.read or n.deleted
    if waiting and gone then remove(waiting) end
    if not waiting and not gone then add(n) end
  end)
end

return notify
