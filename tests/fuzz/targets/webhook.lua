-- Headers and bodies of webhooks that are any bytes: an event, or nil and the reason.
local support = dofile "tests/fuzz/targets/support.lua"
local webhook = require "liveblocks.webhook"

local SECRET = "whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw"

return function(bytes)
  local parts = support.parts(bytes, 4)
  local headers = { ["webhook-id"] = parts[1], ["webhook-timestamp"] = parts[2], ["Webhook-Signature"] = parts[3] }
  local ok, event, err = support.refusable(webhook.verify, { secret = SECRET, headers = headers, body = parts[4] or "" })
  if ok then assert(event or err and err.kind == "webhook" and err.code, "neither an event nor a reason") end
  -- the same body, signed as it should be
  local time = os.time()
  local signature = webhook.sign(SECRET, "msg_1", time, parts[4] or "")
  support.refusable(webhook.verify, { secret = SECRET, body = parts[4] or "",
    headers = { ["webhook-id"] = "msg_1", ["webhook-timestamp"] = tostring(time), ["webhook-signature"] = signature } })
end
