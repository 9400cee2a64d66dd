-- Verifies a signed event and hands it to its handler, in process: webhook.lua DIR EVENTS WARMUP
-- DIR holds what `webhook.py sign DIR` wrote.
local liveblocks = require "liveblocks"
local cjson = require "cjson"
local measure = dofile((arg and arg[0] or ""):match("^(.*/)") .. "measure.lua")

local dir, events, warmup = ...

local function read(name)
  local file <close> = assert(io.open(dir .. "/" .. name, "rb"))
  return file:read("a")
end

local request = {
  secret = read("event.secret"),
  headers = cjson.decode(read("event.headers")),
  body = read("event.json"),
}
local handled = 0
local handlers = {
  commentCreated = function(event)
    if event.data.commentId == "cm_bench" then handled = handled + 1 end
  end,
}

local function dispatch(count)
  for _ = 1, count do
    local event = assert(liveblocks.webhook.verify(request))
    handlers[event.type](event)
  end
end

dispatch(math.tointeger(warmup))
measure(math.tointeger(events), dispatch)
assert(handled == math.tointeger(events) + math.tointeger(warmup), "a handler was not called")
