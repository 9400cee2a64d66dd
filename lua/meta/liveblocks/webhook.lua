---@meta liveblocks.webhook
-- Made from lua/liveblocks/webhook.lua by scripts/tools/generate.lua; changes here are lost.

---@class liveblocks.webhook
local webhook = {}

--- The signature of a webhook: "v1,...". For tests and for sending events.
---@param secret string
---@param id string
---@param timestamp integer|string
---@param body string
---@return string
function webhook.sign(secret, id, timestamp, body) end

--- A function that verifies webhooks, for a receiver of many: verify(headers, body, now?) returns the event and its id,
--- or nil and an error of kind "webhook". Its `code` is MISSING_HEADER, MALFORMED_HEADER, TOO_OLD, FROM_FUTURE,
--- WRONG_SIGNATURE or MALFORMED_BODY.
---@param secrets string[] any of them may have signed
---@param tolerance number? seconds, both ways (300)
---@return fun(headers: table, body: string, now: number?): liveblocks.WebhookEvent?, any
function webhook.verifier(secrets, tolerance) end

---@class liveblocks.WebhookEvent
---@field type liveblocks.EventType|string
---@field data table<string, any>

--- Verifies a webhook and returns its event. Event types that this version does not know pass as they are.
---@param request { secret?: string, secrets?: string[], headers: table, body: string, now?: number, tolerance?: number }
---@return liveblocks.WebhookEvent? event
---@return liveblocks.Error err without an event: of kind "webhook"; `code` as for webhook.verifier
---@return_overload liveblocks.WebhookEvent, nil
---@return_overload nil, liveblocks.Error
function webhook.verify(request) end

return webhook
