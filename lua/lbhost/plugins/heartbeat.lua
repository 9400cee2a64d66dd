--- heartbeat: calls a URL every minute, so that a monitor notices when lbhost is gone.
---
---   LBHOST_HEARTBEAT=https://hc-ping.com/... lbhost serve handlers.lua --plugin heartbeat
local liveblocks = require "liveblocks"

return {
  api = 1, name = "heartbeat", version = "1.0", about = "Calls a URL every minute, for a monitor",
  options = {
    url = { type = "string", secret = true, required = true, env = "LBHOST_HEARTBEAT", about = "what to call, with GET" },
  },
  timers = {
    ["1m"] = function(ctx) liveblocks.http.request { url = ctx.options.url, method = "GET", timeout = 20 } end,
  },
}
