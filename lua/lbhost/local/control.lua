--- Routes under /local, for people and tests at this machine: faults, deliveries, events, requests, the state.
local responses = require "lbhost.local.http.response"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local state = require "lbhost.local.state"

local control = {}

local function message_view(app, message)
  local attempts = json.array {}
  for i, one in ipairs(message.attempts) do
    attempts[i] = { at = app:date(one.at), status = one.status, error = one.error, seconds = one.seconds }
  end
  return { id = message.id, webhookId = message.webhookId, url = message.url, type = message.type, status = message.status,
    createdAt = app:date(message.created), nextAttemptAt = message.due and app:date(message.due), attempts = attempts,
    event = json.decode(message.body) }
end

local function newest(list, view)
  local data = json.array {}
  for i = #list, 1, -1 do data[#data + 1] = view(list[i]) end
  return { data = data }
end

--- Adds the routes to an app.
---@param app lbhost.local.App
---@param front lbhost.local.Front
function control.attach(app, front)
  local function route(method, path, handler, body)
    app:add_route({ method = method, path = path, body = body, public = true }, handler)
  end

  local function faults_view()
    return { plan = front.plan.text, struck = front.plan.count }
  end

  route("GET", "/local/faults", faults_view)
  route("PUT", "/local/faults", function(call)
    local ok, err = pcall(front.set_faults, front, call.body)
    if not ok and errors.is(err) then responses.invalid("%s", err.message) end
    if not ok then error(err, 0) end
    return faults_view()
  end, "bytes")
  route("DELETE", "/local/faults", function() front:set_faults("") end)

  local function message_of(call)
    return app.state.messages[call.path.messageId] or responses.not_found("message", call.path.messageId)
  end

  route("GET", "/local/deliveries", function()
    local data = json.array {}
    for message in app.delivery.log:newest() do data[#data + 1] = message_view(app, message) end
    return { data = data }
  end)
  route("GET", "/local/deliveries/{messageId}", function(call) return message_view(app, message_of(call)) end)
  route("POST", "/local/deliveries/{messageId}/replay", function(call)
    local message = message_of(call)
    app.delivery:replay(message)
    return message_view(app, message)
  end, "bytes")

  route("GET", "/local/events", function() return newest(app.events, function(event) return event end) end)
  route("GET", "/local/requests", function()
    return newest(front.recent, function(one)
      return { at = app:date(one.at), method = one.method, path = one.path, query = one.query, status = one.status,
        seconds = math.floor(one.seconds * 1e6 + 0.5) / 1e6, fault = one.fault }
    end)
  end)

  -- What a data file would hold, to keep as seed data.
  route("GET", "/local/state", function()
    app.gate:settle()
    return responses.new { headers = { ["content-type"] = "application/json" }, body = state.encode(app.state) }
  end)
  route("DELETE", "/local/state", function() app:load() end)
end

return control
