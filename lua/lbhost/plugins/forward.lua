--- forward: passes webhook events on to other services, with new signatures, each with its own retries.
---
---   return { plugins = { forward = { urls = { "https://a.example/hook", "https://b.example/hook" },
---     types = { "commentCreated" } } } }                                  -- in ~/.config/lbhost/lbhost.lua
---   LBHOST_FORWARD_SECRET=whsec_... lbhost serve
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"

local wanted -- a set of types; nil: all

local function post(url, body, event, options)
  local headers = { ["content-type"] = "application/json" }
  if options.secret then
    local now = os.time()
    headers["webhook-id"], headers["webhook-timestamp"] = event.id, tostring(now)
    headers["webhook-signature"] = liveblocks.webhook.sign(options.secret, event.id, now, body)
  end
  liveblocks.http.request { url = url, method = "POST", headers = headers, body = body, retries = 0 }
end

local function forward(event, ctx)
  if wanted and not wanted[event.type] then return end
  local body = json.encode(json.object { type = event.type, data = event.data })
  local failed
  -- One that is down must not keep the event from the others; those that have it do not get it again.
  for _, url in ipairs(ctx.options.urls) do
    local ok, err = pcall(ctx.once, url, function() post(url, body, { id = ctx.event_id }, ctx.options) end)
    if not ok then failed = failed or err end
  end
  if failed then error(failed, 0) end
end

return {
  api = 1, name = "forward", version = "1.0", about = "Passes events on to other services, with new signatures",
  options = {
    urls = { type = "list", secret = true, required = true, env = "LBHOST_FORWARD_URLS", about = "where to" },
    types = { type = "list", default = {}, about = "which types of events; empty: all" },
    secret = { type = "string", secret = true, env = "LBHOST_FORWARD_SECRET", about = "whsec_...; without it, nothing is signed" },
  },
  setup = function(_, options)
    wanted = options.types[1] and {} or nil
    for _, name in ipairs(options.types) do wanted[name] = true end
    if options.secret then liveblocks.webhook.sign(options.secret, "check", 0, "") end -- is it one?
  end,
  events = { ["*"] = forward },
}
