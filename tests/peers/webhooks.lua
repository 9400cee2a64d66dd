-- Webhook requests that every peer verifies. Rows:
--   id         names the row
--   secret     what the receiver is configured with (default GOOD)
--   body       the body received
--   sent       the body that was signed, when another
--   stamp      text of webhook-timestamp (default NOW); age = seconds before NOW instead
--   signers    secrets that sign, one signature each (default GOOD)
--   signature  template of webhook-signature, %1 %2 stand for the signatures (default "v1,%1 v1,%2" ...)
--   signed_id  the id that was signed, when another than the header's
--   headers    changes to the headers: name to text, false takes it away

local json = require("json")

local NOW = 1764000000
local GOOD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
local OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
local ROOM = '{"type":"storageUpdated","data":{"roomId":"r","projectId":"p"}}'

local function event(kind, data)
  return json.encode({ type = kind, data = data or { roomId = "r", projectId = "p" } })
end

local rows = {
  { id = "good" },
  { id = "good-unicode", body = event("roomCreated", { roomId = "é 日本🎉 \"q\" \n" }) },
  { id = "good-spaces", body = '{ "type" : "roomDeleted",\n "data" : {"roomId":"r"} }\n' },
  { id = "good-other-secret", secret = OTHER, signers = { OTHER } },
  { id = "secret-empty", secret = "" },
  { id = "secret-no-prefix", secret = GOOD:sub(7) },
  { id = "secret-prefix-only", secret = "whsec_" },
  { id = "secret-bad-base64", secret = "whsec_!!!" },
  { id = "secret-wrong", secret = OTHER },
  { id = "body-changed", sent = ROOM, body = (ROOM:gsub('"r"', '"s"')) },
  { id = "body-empty", sent = ROOM, body = "" },
  { id = "body-reordered", sent = ROOM, body = '{"data":{},"type":"storageUpdated"}' },
  { id = "body-signed-empty", body = "" },
  { id = "body-signed-text", body = "hello" },
  { id = "body-signed-list", body = "[]" },
  { id = "body-signed-null", body = "null" },
  { id = "body-signed-no-type", body = '{"data":{}}' },
  { id = "body-signed-type-number", body = '{"type":3,"data":{}}' },
  { id = "body-signed-unknown-event", body = event("somethingNew") },
  { id = "age-299", age = 299 },
  { id = "age-300", age = 300 },
  { id = "age-301", age = 301 },
  { id = "age-day", age = 86400 },
  { id = "future-300", age = -300 },
  { id = "future-301", age = -301 },
  { id = "stamp-empty", stamp = "" },
  { id = "stamp-text", stamp = "now" },
  { id = "stamp-garbage-after", stamp = NOW .. "abc" },
  { id = "stamp-spaces", stamp = " " .. NOW .. " " },
  { id = "stamp-plus", stamp = "+" .. NOW },
  { id = "stamp-fraction", stamp = NOW .. ".5" },
  { id = "stamp-underscore", stamp = "1_764_000_000" },
  { id = "stamp-exponent", stamp = "1.764e9" },
  { id = "stamp-milliseconds", stamp = NOW .. "000" },
  { id = "stamp-hex", stamp = ("0x%x"):format(NOW) },
  { id = "stamp-not-signed", headers = { ["webhook-timestamp"] = tostring(NOW - 1) } },
  { id = "signature-v2", signature = "v2,%1" },
  { id = "signature-no-version", signature = "%1" },
  { id = "signature-empty-version", signature = ",%1" },
  { id = "signature-empty", signature = "" },
  { id = "signature-v1-only", signature = "v1," },
  { id = "signature-extra-part", signature = "v1,%1,x" },
  { id = "signature-two-spaces", signature = "v1,AAAA  v1,%1" },
  { id = "signature-second-good", signers = { OTHER, GOOD } },
  { id = "signature-first-good", signers = { GOOD, OTHER } },
  { id = "signature-none-good", signers = { OTHER, OTHER } },
  { id = "signature-cut", cut = 4 },
  { id = "signature-no-padding", cut = 1 },
  { id = "signature-tail", signature = "v1,%1A" },
  { id = "id-other", signed_id = "msg_other" },
  { id = "id-missing", headers = { ["webhook-id"] = false } },
  { id = "id-empty", headers = { ["webhook-id"] = "" }, signed_id = "" },
  { id = "stamp-missing", headers = { ["webhook-timestamp"] = false } },
  { id = "signature-missing", headers = { ["webhook-signature"] = false } },
  { id = "headers-upper", rename = string.upper },
  { id = "headers-title", rename = function(name) return (name:gsub("%f[%a]%a", string.upper)) end },
  { id = "headers-svix", rename = function(name) return (name:gsub("^webhook", "svix")) end },
}

local EVENTS = {
  "storageUpdated", "userEntered", "userLeft", "roomCreated", "roomDeleted", "commentCreated",
  "commentEdited", "commentDeleted", "commentReactionAdded", "commentReactionRemoved",
  "commentMetadataUpdated",
  "threadMetadataUpdated", "threadCreated", "threadDeleted", "ydocUpdated", "threadMarkedAsResolved",
  "threadMarkedAsUnresolved",
}
for _, kind in ipairs(EVENTS) do rows[#rows + 1] = { id = "event-" .. kind, body = event(kind) } end
local KINDS = { thread = "thread", mention = "textMention", custom = "$mine", dollar = "$", new = "poke" }
for label, kind in pairs(KINDS) do
  local body = event("notification", { kind = kind, channel = "email" })
  rows[#rows + 1] = { id = "notification-" .. label, body = body }
end
rows[#rows + 1] = { id = "notification-no-kind", body = event("notification", { channel = "email" }) }

return { now = NOW, good = GOOD, body = ROOM, rows = rows }
