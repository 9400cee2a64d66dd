--- Verification of webhooks: the signature over the raw body, and its age.
--- Documentation: https://liveblocks.io/docs/platform/webhooks
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"

local webhook = {}

local function refuse(code, format, ...)
  return nil, errors.new("webhook", format:format(...), { code = code })
end

-- A caller of verify() gives the same secrets for each event: the last few are prepared once.
local KEPT = 16
local prepared, count = {}, 0

local function prepare(secrets)
  for _, secret in ipairs(secrets) do
    if type(secret) ~= "string" then errors.usage("webhook: a secret must be a string, got %s", type(secret)) end
  end
  local name = #secrets .. " " .. table.concat(secrets, "\n")
  local known = prepared[name]
  if known then return known end
  known = core.webhook(secrets)
  if count == KEPT then prepared, count = {}, 0 end
  prepared[name], count = known, count + 1
  return known
end

-- Header names come in any case, from any server.
local function header(headers, wanted)
  local value = headers[wanted]
  if value ~= nil or type(headers) ~= "table" then return value end
  for name, other in pairs(headers) do
    if type(name) == "string" and name:lower() == wanted then return other end
  end
end

--- The signature of a webhook: "v1,...". For tests and for sending events.
---@param secret string
---@param id string
---@param timestamp integer|string
---@param body string
---@return string
function webhook.sign(secret, id, timestamp, body)
  return core.webhook_sign(secret, id, tostring(timestamp), body)
end

--- A function that verifies webhooks, for a receiver of many: verify(headers, body, now?) returns the event and its id,
--- or nil and an error of kind "webhook". Its `code` is MISSING_HEADER, MALFORMED_HEADER, TOO_OLD, FROM_FUTURE,
--- WRONG_SIGNATURE or MALFORMED_BODY.
---@param secrets string[] any of them may have signed
---@param tolerance number? seconds, both ways (300)
---@return fun(headers: table, body: string, now: number?): liveblocks.WebhookEvent?, any
function webhook.verifier(secrets, tolerance)
  local prepared_secrets = prepare(secrets)
  return function(headers, body, now)
    local id = header(headers, "webhook-id")
    local ok, err = core.webhook_verify(prepared_secrets, id, header(headers, "webhook-timestamp"),
      header(headers, "webhook-signature"), body, now, tolerance)
    if not ok then return nil, err end
    local event, problem = json.try_decode(body)
    if problem then return refuse("MALFORMED_BODY", "the body is not valid JSON: %s", problem) end
    if type(event) ~= "table" or type(event.type) ~= "string" then
      return refuse("MALFORMED_BODY", "the body is not an event: it has no type")
    end
    return event, id
  end
end

---@class liveblocks.WebhookEvent
---@field type liveblocks.EventType|string
---@field data table<string, any>

--- Verifies a webhook and returns its event. Event types that this version does not know pass as they are.
---@param request { secret?: string, secrets?: string[], headers: table, body: string, now?: number, tolerance?: number }
---@return liveblocks.WebhookEvent? event
---@return liveblocks.Error err without an event: of kind "webhook"; `code` as for webhook.verifier
---@return_overload liveblocks.WebhookEvent, nil
---@return_overload nil, liveblocks.Error
function webhook.verify(request)
  if type(request) ~= "table" then errors.usage("webhook.verify: a table expected, got %s", type(request)) end
  local secrets = request.secrets or { request.secret }
  if #secrets == 0 then errors.usage("webhook.verify: give 'secret' or 'secrets'") end
  if type(request.headers) ~= "table" and type(request.headers) ~= "userdata" then
    errors.usage("webhook.verify: 'headers' must be a table")
  end
  if type(request.body) ~= "string" then
    errors.usage("webhook.verify: 'body' must be the raw text of the request, got %s", type(request.body))
  end
  local event, err = webhook.verifier(secrets, request.tolerance)(request.headers, request.body, request.now)
  if event then return event end
  return nil, err
end

return webhook
