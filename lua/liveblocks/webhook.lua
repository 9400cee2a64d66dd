--- Verification of webhooks: the signature over the raw body, and its age.
--- Documentation: https://liveblocks.io/docs/platform/webhooks
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"

local TOLERANCE = 300 -- seconds, both ways

local webhook = {}

local function refuse(format, ...)
  return nil, errors.new("webhook", format:format(...))
end

local function key_of(secret)
  if type(secret) ~= "string" or secret:sub(1, 6) ~= "whsec_" then
    errors.usage("webhook: a secret begins with whsec_ (it is in the dashboard, with the webhook)")
  end
  local encoded = secret:sub(7)
  local key = core.base64_decode(encoded .. ("="):rep(-#encoded % 4))
  if not key or key == "" then errors.usage("webhook: the secret is not base64 behind whsec_") end
  return key
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
  return "v1," .. core.base64_encode(core.hmac_sha256(key_of(secret), ("%s.%s.%s"):format(id, timestamp, body)))
end

--- Verifies a webhook and returns its event. Event types that this version does not know pass as they are.
---@param request { secret?: string, secrets?: string[], headers: table, body: string, now?: number, tolerance?: number }
---@return { type: liveblocks.EventType, data: table }? event
---@return liveblocks.Error? err of kind "webhook"
function webhook.verify(request)
  local secrets = request.secrets or { request.secret }
  if #secrets == 0 then errors.usage("webhook.verify: give 'secret' or 'secrets'") end
  if type(request.headers) ~= "table" and type(request.headers) ~= "userdata" then
    errors.usage("webhook.verify: 'headers' must be a table")
  end
  local body = request.body
  if type(body) ~= "string" then
    errors.usage("webhook.verify: 'body' must be the raw text of the request, got %s", type(body))
  end
  local values = {}
  for _, name in ipairs { "webhook-id", "webhook-timestamp", "webhook-signature" } do
    local value = header(request.headers, name)
    if type(value) ~= "string" or value == "" then return refuse("the header %s is missing", name) end
    values[#values + 1] = value
  end
  local id, timestamp, signatures = table.unpack(values)
  if not timestamp:find("^%d+$") or #timestamp > 15 then return refuse("webhook-timestamp is no number of seconds") end
  local age = (request.now or os.time()) - tonumber(timestamp)
  local tolerance = request.tolerance or TOLERANCE
  if age > tolerance then return refuse("the webhook is too old (%d seconds)", age // 1) end
  if age < -tolerance then return refuse("the webhook is from the future (%d seconds)", -age // 1) end
  local matched = false
  for _, secret in ipairs(secrets) do
    local expected = webhook.sign(secret, id, timestamp, body):sub(4)
    for signature in signatures:gmatch("[^%s,]+,(%S+)") do
      if core.equal(signature, expected) then matched = true end
    end
  end
  if not matched then return refuse("no signature matches; is the secret that of this webhook?") end
  local event, problem = json.try_decode(body)
  if problem then return refuse("the body is not valid JSON: %s", problem) end
  if type(event) ~= "table" or type(event.type) ~= "string" then return refuse("the body is no event: it has no type") end
  return event
end

return webhook
