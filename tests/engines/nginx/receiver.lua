local liveblocks = require "liveblocks"

-- A call waits in nginx's way: the worker serves others meanwhile.
liveblocks.on_wait(function()
  if not pcall(ngx.sleep, 0.005) then return false end -- in a phase that cannot wait
  liveblocks.step()
end)

local client = liveblocks.new()
local verify = liveblocks.webhook.verifier { os.getenv "LIVEBLOCKS_WEBHOOK_SECRET" }

local function handle(_, event)
  if event.type ~= "threadCreated" then return end
  client:create_comment(event.data.roomId, event.data.threadId,
    { userId = "nginx", body = liveblocks.comment.from_markdown "Thanks, we look into it." })
end

return function()
  ngx.req.read_body()
  local event, err = verify(ngx.req.get_headers(), ngx.req.get_body_data() or "")
  if not event then
    ngx.status = 400
    return ngx.say(tostring(err))
  end
  assert(ngx.timer.at(0, handle, event)) -- after the response: Liveblocks does not wait for it
  ngx.say "ok"
end
