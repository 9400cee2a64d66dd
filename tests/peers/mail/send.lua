-- Sends the e-mail whose options come as JSON on standard input; prints "sent", or kind and status of what went wrong.
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"

local ok, err = pcall(liveblocks.mail.send, json.decode(io.read "a"))
print(ok and "sent" or ("%s %s %s"):format(err.kind, err.status, err.message))
