--- A handler file of scripts/ in a spec: loaded as `lbhost serve` loads it, its events coming, signed, from a local
--- Liveblocks, and a receiver for what it posts.
local http_server = require "lbhost.http_server"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local local_server = require "lbhost.local.server"
local plugins = require "lbhost.plugin.registry"
local task = require "liveblocks.task"

local handlers = {}

-- ---- A receiver ----------------------------------------------------------------------------------

--- An HTTP server that keeps what it gets: `requests`, each with `json` for its body. `response` is the next one, or a
--- function of the request; 200 without one.
function handlers.receiver(response)
  local receiver = { requests = {}, response = response }
  local server = http_server.start { handler = function(request)
    local body = request.body ~= "" and json.try_decode(request.body) or nil
    receiver.requests[#receiver.requests + 1] = { method = request.method, path = request.path, query = request.query,
      headers = request.headers, body = request.body, json = body }
    local next_one = receiver.response
    if type(next_one) == "function" then next_one = next_one(request) end
    return next_one or { status = 200, body = "ok" }
  end }
  receiver.url = server.url
  function receiver.stop() server:stop(0) end
  return receiver
end

--- A response with a JSON value.
function handlers.json_response(value)
  return { status = 200, headers = { ["content-type"] = "application/json" }, body = json.encode(value) }
end

--- What an application's address for names responds with: `people` by id, in the order of the request.
function handlers.directory(people)
  return handlers.receiver(function(request)
    local list = json.array {}
    for id in request.query:gmatch("Ids=([^&]*)") do
      id = id:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
      list[#list + 1] = people[id] or json.null
    end
    return handlers.json_response(list)
  end)
end

-- ---- A handler file ------------------------------------------------------------------------------

local Handler = {}
Handler.__index = Handler

local function context(self, id)
  return {
    client = self.client, event_id = id,
    log = function(level, text, fields) self.logs[#self.logs + 1] = { level = level, text = text, fields = fields } end,
    once = function(key, fn)
      local full = id .. "/" .. key
      if self.done[full] then return end
      fn()
      self.done[full] = true
    end,
  }
end

--- Handles an event as it came; returns true, or false and the error.
function Handler:handle(event, id)
  local handle = self.plugin.events[event.type]
  if not handle then return true end
  return pcall(handle, event, context(self, id))
end

--- Runs a timer.
function Handler:timer(name)
  return self.plugin.timers[name](context(self, "timer"))
end

--- Asks a route.
function Handler:route(name, request)
  return self.plugin.routes[name](request, context(self, "route"))
end

--- Waits until all events that the local Liveblocks has sent have been handled.
function Handler:settle()
  self.liveblocks.app.delivery:idle()
end

--- The last text that was logged.
function Handler:last_log()
  local last = self.logs[#self.logs]
  return last and last.text
end

function Handler:stop()
  assert(plugins.stop(self.plugin))
  self.inbox:stop(1) -- what is being handled is answered
  self.liveblocks:stop(0)
end

-- Receives events: verified, then handled; one that fails is answered 500, so that it would be sent again.
local function receive(self, request)
  local event = assert(liveblocks.webhook.verify { secret = local_server.WEBHOOK_SECRET, headers = request.headers,
    body = request.body })
  local ok, err = self:handle(event, request.headers["webhook-id"])
  if not ok then self.errors[#self.errors + 1] = err end
  self.events[#self.events + 1] = { event = event, id = request.headers["webhook-id"] }
  return { status = ok and 200 or 500 }
end

--- Starts a handler file with options.
---@param path string
---@param options table
function handlers.start(path, options)
  local self = setmetatable({ logs = {}, done = {}, errors = {}, events = {} }, Handler)
  self.inbox = http_server.start { handler = function(request) return receive(self, request) end }
  self.liveblocks = local_server.start { webhooks = { self.inbox.url .. "/hook" }, time_scale = 10000 }
  self.client = liveblocks.new { base_url = self.liveblocks.url, secret = self.liveblocks.app.options.secret }
  self.plugin = assert(plugins.load_file(path, options))
  local _, refusal = plugins.start(self.plugin, { client = self.client })
  assert(not refusal, tostring(refusal))
  return self
end

handlers.task = task

return handlers
