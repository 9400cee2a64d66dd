-- Receives webhooks over HTTP, verifies and dispatches them: receive_server.lua SECRET. Prints its port.
local http_server = require "lbhost.http_server"
local webhook = require "liveblocks.webhook"

local verify = webhook.verifier { arg[1] }
local handled = 0
local handlers = { commentCreated = function(event) if event.data.threadId then handled = handled + 1 end end }

local GOOD, BAD = { status = 200 }, { status = 400 }
local server = http_server.start { handler = function(request)
  local event = verify(request.headers, request.body)
  if not event then return BAD end
  local handler = handlers[event.type]
  if handler then handler(event) end
  return GOOD
end }
print(server.port)
io.stdout:flush()
