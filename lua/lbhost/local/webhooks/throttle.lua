--- The events of writes, which come by the hundred: one at the beginning, then at most one for each period, with the
--- time of the last write. Per webhook, room and event type.
local throttle = {}

-- event type -> the setting of a webhook, in seconds
local settings = { storageUpdated = "storageUpdatedThrottleSeconds", ydocUpdated = "yDocUpdatedThrottleSeconds" }

--- Seconds for webhooks that do not say.
throttle.DEFAULT = 60

--- Opens or holds periods. What they hold is in app.state.throttled.
---@param app lbhost.local.App
---@param send fun(webhook: table, event: table)
---@return fun(webhook: table, event: table) offer sends the event now or later
function throttle.new(app, send)
  local close

  local function open(period)
    app.timers:at(period.till, function() close(period) end)
  end

  -- With an event kept back another period begins.
  function close(period)
    local webhook, held = app.state.webhooks[period.webhookId], period.held
    if held and webhook then
      period.held, period.till = nil, app:now() + app:delay(period.seconds * 1000)
      open(period)
      send(webhook, held)
    else
      app.state.throttled[period.key] = nil
    end
  end

  app:on("loaded", function()
    app.state.throttled = app.state.throttled or {}
    for _, period in pairs(app.state.throttled) do open(period) end
  end)

  -- A period goes with its room.
  app:on("room.renamed", function(room, old)
    local moved = {}
    for key, period in pairs(app.state.throttled) do
      if period.roomId == old then
        moved[#moved + 1] = period
        app.state.throttled[key] = nil
      end
    end
    for _, period in ipairs(moved) do
      period.roomId, period.key = room.id, ("%s %s %s"):format(period.webhookId, period.type, room.id)
      app.state.throttled[period.key] = period
      if period.held then period.held.data.roomId = room.id end
    end
  end)

  return function(webhook, event)
    local setting = settings[event.type]
    local seconds = setting and (webhook[setting] or throttle.DEFAULT)
    if not setting or seconds == 0 then return send(webhook, event) end
    local key = ("%s %s %s"):format(webhook.id, event.type, event.data.roomId)
    local period = app.state.throttled[key]
    if period then
      period.held = event
      return
    end
    period = { key = key, webhookId = webhook.id, type = event.type, roomId = event.data.roomId, seconds = seconds,
      till = app:now() + app:delay(seconds * 1000) }
    app.state.throttled[key] = period
    open(period)
    send(webhook, event)
  end
end

return throttle
