local liveblocks = require "liveblocks"

liveblocks.on_wait(function() -- a call waits in HAProxy's way: the thread serves others meanwhile
  core.msleep(5)
  liveblocks.step()
end)

local client = liveblocks.new()
local verify = liveblocks.webhook.verifier { os.getenv "LIVEBLOCKS_WEBHOOK_SECRET" }

local function handle(event)
  if event.type ~= "threadCreated" then return end
  client:create_comment(event.data.roomId, event.data.threadId,
    { userId = "haproxy", body = liveblocks.comment.from_markdown "Thanks, we look into it." })
end

core.register_service("receiver", "http", function(applet)
  local headers = {}
  for name, values in pairs(applet.headers) do headers[name] = values[0] end
  local event, err = verify(headers, applet:receive())
  local text = event and "ok\n" or tostring(err) .. "\n"
  applet:set_status(event and 200 or 400)
  applet:add_header("content-length", tostring(#text))
  applet:start_response()
  applet:send(text)
  if event then core.register_task(function() handle(event) end) end -- after the response
end)
