--- What each path leads to: the webhook, the health and the metrics, and the routes of plugins.
local json = require "liveblocks.json"
local receive = require "lbhost.serve.receive"

local routes = {}

local JSON = { ["content-type"] = "application/json" }
local NOT_FOUND = receive.failure(404, "NOT_FOUND", "nothing is served at this path")
local FAILED = receive.failure(500, "FAILED", "the route failed; the log says why")

-- A plugin may return a response, with text, with any value (sent as JSON), or with nothing (204).
local function response_of(value)
  if value == nil then return { status = 204 } end
  if type(value) == "string" then return { headers = { ["content-type"] = "text/plain; charset=utf-8" }, body = value } end
  if type(value) == "table" and (math.type(value.status) == "integer" or type(value.headers) == "table" or
    type(value.body) == "string") then
    return value
  end
  return { headers = JSON, body = json.encode(value) }
end

local function health(options)
  local refused = {}
  for i, refusal in ipairs(options.handlers.refused) do refused[i] = tostring(refusal) end
  local stopping, problem = options.stopping(), options.store_problem()
  local status = stopping and "stopping" or problem and "failing" or refused[1] and "degraded" or "ok"
  return { status = (stopping or problem) and 503 or 200, headers = JSON,
    body = json.encode(json.object { status = status, refused = json.array(refused), store = problem, idle = options.idle() }) }
end

local function metrics_page(options)
  options.update_metrics()
  return { headers = { ["content-type"] = "text/plain; version=0.0.4; charset=utf-8" }, body = options.metrics:text() }
end

local own_routes = { ["/healthz"] = health, ["/metrics"] = metrics_page }

local function not_allowed(allow)
  local refused = receive.failure(405, "METHOD_NOT_ALLOWED")
  refused.headers = { ["content-type"] = "application/json", allow = allow }
  return refused
end

local function find_route(list, method, path)
  for _, plugin in ipairs(list) do
    local fn = plugin.routes[method .. " " .. path]
    if fn then return fn, plugin end
  end
  -- HEAD is GET without the body, which the server leaves out.
  if method == "HEAD" then return find_route(list, "GET", path) end
end

local function other_methods(list, path)
  local allowed = {}
  for _, plugin in ipairs(list) do
    for key in pairs(plugin.routes) do
      local method, own = key:match("^(%S+) (.*)$")
      if own == path then allowed[#allowed + 1] = method == "GET" and "GET, HEAD" or method end
    end
  end
  table.sort(allowed)
  return allowed[1] and table.concat(allowed, ", ")
end

local function plugin_route(options, request)
  local list = options.handlers.list
  local fn, plugin = find_route(list, request.method, request.path)
  if not fn then
    local allow = other_methods(list, request.path)
    return allow and not_allowed(allow) or NOT_FOUND
  end
  local response
  local ok, err = options.call(plugin, function() response = response_of(fn(request, options.context(plugin))) end)
  if ok then return response end
  options.log("error", "route failed", { plugin = plugin.name, route = request.method .. " " .. request.path,
    reason = tostring(err) })
  return FAILED
end

--- A handler for the HTTP server, for all paths but that of the webhook.
---@param options { handlers: table, metrics: table, update_metrics: function, stopping: fun(): boolean,
---store_problem: fun(): string?, idle: (fun(): string?), call: function,
---context: fun(plugin: table): table, log: function }
function routes.handler(options)
  return function(request)
    local own = own_routes[request.path]
    if not own then return plugin_route(options, request) end
    if request.method ~= "GET" and request.method ~= "HEAD" then return not_allowed "GET, HEAD" end
    return own(options)
  end
end

return routes
