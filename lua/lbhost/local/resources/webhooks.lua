--- Webhooks of the management API: their settings, secrets and headers. Sending is the work of delivery.lua.
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"
local crypto = require "liveblocks.crypto"
local delivery = require "lbhost.local.webhooks.delivery"
local index = require "lbhost.local.index"
local notify = require "lbhost.local.webhooks.notify"
local pages = require "lbhost.local.http.pagination"
local samples = require "lbhost.util.sample_events"
local throttle = require "lbhost.local.webhooks.throttle"

local ROLL <const> = 24 * 3600 * 1000 -- milliseconds that an old secret stays good

-- Headers that are the delivery's own.
local reserved = { ["content-type"] = true, ["content-length"] = true, ["transfer-encoding"] = true, host = true,
  connection = true }

local function check_headers(headers)
  for name, value in pairs(headers) do
    if not name:find("^[%w!#$%%&'*+.^_`|~-]+$") then responses.invalid("'%s' is not a name of a header", name) end
    if value:find("[\0-\31\127]") then responses.invalid("the header '%s' contains a control character", name) end
    if reserved[name:lower()] or name:lower():find("^webhook%-") then
      responses.invalid("the header '%s' is set by the delivery itself", name)
    end
  end
  return headers
end

local function check_fields(body)
  if body.url and not body.url:lower():find("^https?://[^/?#]+") then
    responses.invalid("body.url must begin with http:// or https:// and name a host, got '%s'", body.url)
  end
  for _, name in ipairs { "storageUpdatedThrottleSeconds", "yDocUpdatedThrottleSeconds" } do
    local value = body[name]
    if value and (value < 0 or value > 86400) then responses.invalid("body.%s is %d, allowed is 0 to 86400", name, value) end
  end
end

local settable = { "url", "subscribedEvents", "disabled", "rateLimit", "storageUpdatedThrottleSeconds",
  "yDocUpdatedThrottleSeconds" }

-- 24 random bytes, as secrets of webhooks are.
local function new_secret()
  return "whsec_" .. crypto.base64_encode(crypto.random_id(24))
end

return function(app)
  -- Per project, made when first asked for.
  local lists
  app.delivery = delivery.new(app)
  notify.attach(app, app.options.notification_delay)

  app:on("loaded", function()
    app.state.webhooks = app.state.webhooks or {}
    lists = {}
  end)

  local function list_of(project_id)
    if not lists[project_id] then
      lists[project_id] = index.new()
      for _, webhook in pairs(app.state.webhooks) do
        if webhook.projectId == project_id then lists[project_id]:insert(webhook) end
      end
    end
    return lists[project_id]
  end

  local function view(webhook)
    return {
      id = webhook.id, createdAt = app:date(webhook.created), updatedAt = app:date(webhook.updated), url = webhook.url,
      disabled = webhook.disabled, subscribedEvents = webhook.subscribedEvents, secret = { value = webhook.secret },
      rateLimit = webhook.rateLimit, additionalHeaders = next(webhook.additionalHeaders) and webhook.additionalHeaders,
      storageUpdatedThrottleSeconds = webhook.storageUpdatedThrottleSeconds or throttle.DEFAULT,
      yDocUpdatedThrottleSeconds = webhook.yDocUpdatedThrottleSeconds or throttle.DEFAULT,
    }
  end

  local function find(call)
    local project = app:project(call.path.projectId)
    local webhook = app.state.webhooks[call.path.webhookId]
    if not webhook or webhook.projectId ~= project.id then responses.not_found("webhook", call.path.webhookId) end
    return webhook
  end

  local function touch(webhook)
    webhook.updated = app:now()
    return webhook
  end

  local function create(project_id, fields)
    local now = app:now()
    local webhook = { id = app:id("wh_"), projectId = project_id, seq = app:sequence(), created = now, updated = now,
      disabled = false, secret = fields.secret or new_secret(), oldSecrets = {},
      additionalHeaders = fields.additionalHeaders or {} }
    for _, name in ipairs(settable) do
      if fields[name] ~= nil then webhook[name] = fields[name] end
    end
    app.state.webhooks[webhook.id] = webhook
    list_of(project_id):insert(webhook)
    return webhook
  end

  local function put(url, events, secret)
    for _, webhook in pairs(app.state.webhooks) do
      if webhook.projectId == app.options.project_id and webhook.url == url then
        webhook.subscribedEvents, webhook.secret, webhook.disabled, webhook.given = events, secret, false, true
        return touch(webhook)
      end
    end
    local webhook = create(app.options.project_id, { url = url, subscribedEvents = events, secret = secret })
    webhook.given = true
    return webhook
  end

  local function delete(webhook)
    app.state.webhooks[webhook.id] = nil
    list_of(webhook.projectId):remove(webhook)
  end

  local given = {}

  -- Those of an earlier command line go.
  app:on("loaded", function()
    local now = {}
    for _, one in ipairs(given) do now[put(table.unpack(one))] = true end
    for _, webhook in pairs(app.state.webhooks) do
      if webhook.given and not now[webhook] then delete(webhook) end
    end
  end)

  --- A webhook of the command line; one with the same URL takes its settings. It is there whatever data are loaded,
  --- and goes with the program.
  ---@param url string
  ---@param events string[]
  ---@param secret string
  ---@return table webhook
  function app.add_webhook(_, url, events, secret)
    given[#given + 1] = { url, events, secret }
    return put(url, events, secret)
  end

  app:on("project.deleted", function(project)
    for _, webhook in pairs(app.state.webhooks) do
      if webhook.projectId == project.id then delete(webhook) end
    end
  end)

  -- ---- Handlers --------------------------------------------------------------------------------

  local handlers = {}

  function handlers.get_management_webhooks(call)
    return pages.page(call, list_of(app:project(call.path.projectId).id), { view = view })
  end

  function handlers.create_management_webhook(call)
    local project = app:project(call.path.projectId)
    check_fields(call.body)
    check_headers(call.body.additionalHeaders or {})
    return view(create(project.id, call.body))
  end

  function handlers.get_management_webhook(call)
    return view(find(call))
  end

  function handlers.update_management_webhook(call)
    local webhook = find(call)
    check_fields(call.body)
    for _, name in ipairs(settable) do
      if call.body[name] ~= nil then webhook[name] = call.body[name] end
    end
    if call.body.disabled == false then webhook.failingSince = nil end
    return view(touch(webhook))
  end

  function handlers.delete_management_webhook(call)
    delete(find(call))
    return responses.ok()
  end

  function handlers.roll_management_webhook_secret(call)
    local webhook, now = find(call), app:now()
    local still = { { value = webhook.secret, till = now + app:delay(ROLL) } }
    for _, old in ipairs(webhook.oldSecrets) do
      if now < old.till then still[#still + 1] = old end
    end
    webhook.secret, webhook.oldSecrets = new_secret(), still
    touch(webhook)
    return { secret = { value = webhook.secret },
      message = "The old secret stays valid for 24 hours: until then webhooks carry a signature of each." }
  end

  function handlers.get_management_webhook_additional_headers(call)
    return { headers = find(call).additionalHeaders }
  end

  function handlers.upsert_management_webhook_additional_headers(call)
    local webhook = find(call)
    for name, value in pairs(check_headers(call.body.headers)) do webhook.additionalHeaders[name] = value end
    return { headers = touch(webhook).additionalHeaders }
  end

  function handlers.delete_management_webhook_additional_headers(call)
    local webhook = find(call)
    for _, name in ipairs(call.body.headers) do webhook.additionalHeaders[name] = nil end
    return { headers = touch(webhook).additionalHeaders }
  end

  function handlers.recover_failed_webhook_messages(call)
    app.delivery:recover(find(call), check.date(call.body.since, "body.since"))
    return responses.ok()
  end

  function handlers.send_test_webhook(call)
    local webhook, event = find(call), call.body.subscribedEvent
    local is_subscribed = false
    for _, one in ipairs(webhook.subscribedEvents) do is_subscribed = is_subscribed or one == event end
    if not is_subscribed then
      responses.fail(422, "UNPROCESSABLE_ENTITY", ("The webhook '%s' is not subscribed to the event '%s'"):format(webhook.id, event),
        "Add the event to subscribedEvents of the webhook first")
    end
    local message = app.delivery:send(webhook, samples.make(event,
      { now = app:date(app:now()), project_id = app.options.project_id, room_id = "example-room" }))
    app.delivery:wait(message)
    return { message = { id = message.id, deliveredAt = app:date(app:now()) } }
  end

  return handlers
end
