-- Writes signed requests for wrk, each with an id of its own: receive_sign.lua FILE COUNT SECRET [ROOMS]
local json = require "liveblocks.json"
local webhook = require "liveblocks.webhook"

local path, count, secret, rooms = arg[1], math.tointeger(tonumber(arg[2])), arg[3], math.tointeger(tonumber(arg[4] or "100"))
local file = assert(io.open(path, "wb"))
local timestamp = tostring(os.time())
for n = 1, count do
  local body = json.encode { type = "commentCreated", data = { projectId = "bench", roomId = "room-" .. n % rooms,
    threadId = "th_d75sF3", commentId = "cm_" .. n, createdAt = "2026-11-24T12:00:00.000Z", createdBy = "alice@example.com" } }
  local id = ("msg_%d_%s"):format(n, timestamp)
  file:write(("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nwebhook-id: %s\r\n" ..
    "webhook-timestamp: %s\r\nwebhook-signature: %s\r\nContent-Length: %d\r\n\r\n%s\1"):format(id, timestamp,
    webhook.sign(secret, id, timestamp, body), #body, body))
end
assert(file:close())
