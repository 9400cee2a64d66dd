--- Verification of webhooks: the signature over the raw body, and its age.
--- Documentation: https://liveblocks.io/docs/platform/webhooks
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"

local TOLERANCE = 300 -- seconds, both ways

local webhook = {}

local LONGEST_ID = 256

local function refuse(code, format, ...)
  return nil, errors.new("webhook", format:format(...), { code = code })
end

local function key_of(secret)
  if type(secret) ~= "string" or secret:sub(1, 6) ~= "whsec_" then
    errors.usage("webhook: a secret begins with whsec_ (it is in the dashboard, with the webhook)")
  end
  local encoded = secret:sub(7)
  local key = core.base64_decode(encoded .. ("="):rep(-#encoded % 4))
  if not key or key == "" then errors.usage("webhook: the secret is not base64 after whsec_") end
  return key
end

-- Who calls verify() for each event gives the same secret each time: the last few are prepared once.
local KEPT = 16
local prepared, count = {}, 0

local function hmac_key(secret)
  local key = prepared[secret]
  if key then return key end
  key = core.hmac_key(key_of(secret))
  if count == KEPT then prepared, count = {}, 0 end
  prepared[secret], count = key, count + 1
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

local function missing(name)
  return refuse("MISSING_HEADER", "the header %s is missing", name)
end

-- The three headers, or nil and why not. A doubled header comes as one value with a comma in it.
local function read_headers(headers)
  local id, timestamp = header(headers, "webhook-id"), header(headers, "webhook-timestamp")
  local signatures = header(headers, "webhook-signature")
  if type(id) ~= "string" or id == "" then return missing "webhook-id" end
  if type(timestamp) ~= "string" or timestamp == "" then return missing "webhook-timestamp" end
  if type(signatures) ~= "string" or signatures == "" then return missing "webhook-signature" end
  if #id > LONGEST_ID or id:find "[^\x21-\x2b\x2d-\x7e]" then -- a comma: it is there twice
    return refuse("MALFORMED_HEADER", "webhook-id is not a valid identifier")
  end
  if #timestamp > 15 or not timestamp:find("^%d+$") then
    return refuse("MALFORMED_HEADER", "webhook-timestamp is not a number of seconds")
  end
  if signatures:find(", ", 1, true) then return refuse("MALFORMED_HEADER", "webhook-signature is there more than once") end
  return id, timestamp, signatures
end

local ALONE = #"v1," + 44 -- one signature: 32 bytes in base64

local function matches(keys, id, timestamp, body, signatures)
  local content, matched = id .. "." .. timestamp .. "." .. body, false
  local alone = #signatures == ALONE and signatures:byte(3) == 44 and signatures:sub(4)
  for _, key in ipairs(keys) do
    local expected = core.base64_encode(core.hmac_sha256(key, content))
    if alone then
      matched = core.equal(alone, expected) or matched
    else
      for signature in signatures:gmatch("[^%s,]+,(%S+)") do
        if core.equal(signature, expected) then matched = true end
      end
    end
  end
  return matched
end

--- A function that verifies webhooks, for who receives many: verify(headers, body, now?) returns the event and its id,
--- or nil and an error of kind "webhook". Its `code` is MISSING_HEADER, MALFORMED_HEADER, TOO_OLD, FROM_FUTURE,
--- WRONG_SIGNATURE or MALFORMED_BODY.
---@param secrets string[] any of them may have signed
---@param tolerance number? seconds, both ways (300)
---@return fun(headers: table, body: string, now: number?): liveblocks.WebhookEvent?, any
function webhook.verifier(secrets, tolerance)
  local keys = {}
  for i, secret in ipairs(secrets) do keys[i] = hmac_key(secret) end
  if not keys[1] then errors.usage("webhook: no secret is given") end
  tolerance = tolerance or TOLERANCE
  return function(headers, body, now)
    local id, timestamp, signatures = read_headers(headers)
    if not id then return nil, timestamp end
    if not now and not os then errors.usage "webhook.verify: this engine hides os.time; give the time as `now`" end
    local age = (now or os.time()) - tonumber(timestamp)
    if age > tolerance then return refuse("TOO_OLD", "the webhook is too old (%d seconds)", math.floor(age)) end
    if age < -tolerance then return refuse("FROM_FUTURE", "the webhook is from the future (%d seconds)", math.floor(-age)) end
    if not matches(keys, id, timestamp, body, signatures) then
      return refuse("WRONG_SIGNATURE", "no signature matches; is the secret that of this webhook?")
    end
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
