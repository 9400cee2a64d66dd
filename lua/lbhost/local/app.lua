--- The local Liveblocks: serves requests of the REST API from tables in memory. It needs no network: app:handle takes
--- and returns the tables of the HTTP server.
local responses = require "lbhost.local.http.response"
local auth = require "lbhost.local.http.auth"
local check = require "lbhost.local.rules.check"
local crypto = require "liveblocks.crypto"
local gate = require "lbhost.local.gate"
local liveblocks = require "liveblocks"
local host = require "lbhost.host"
local json = require "liveblocks.json"
local router = require "lbhost.web.router"
local timers = require "lbhost.local.timers"
local url = require "lbhost.util.url"

-- In resources/. Each returns function(app) -> { [name of an endpoint] = function(call) -> response }. What one does for the others it puts
-- into the app under its own name, such as app.threads; they use it when they are called, so that their order is free.
local resources = {
  "rooms", "presence", "storage", "storage_files", "yjs", "tokens",
  "projects", "api_keys", "webhooks", "ai", "knowledge", "feeds",
  "groups", "room_settings", "notification_settings", "subscriptions", "attachments", "threads", "comments", "reactions",
  "inbox", "thread_notifications", "text_mentions",
}

-- Paths of earlier versions of the API that SDKs in use still call.
local legacy_paths = {
  { "get_active_users", "GET", "/v2/rooms/{roomId}/active_users" },
  { "broadcast_event", "POST", "/v2/rooms/{roomId}/broadcast_event" },
  { "create_yjs_version", "POST", "/v2/rooms/{roomId}/version" },
  { "get_yjs_version", "GET", "/v2/rooms/{roomId}/version/{versionId}" },
}

---@class lbhost.local.App
---@field state table all data, as plain tables; what is derived from it lives elsewhere and is rebuilt when loaded
---@field events table[] the last webhook events
---@field gate lbhost.local.Gate
---@field timers lbhost.local.Timers not part of the state: set again from it at the signal "loaded"
local App = {}
App.__index = App

---@class lbhost.local.Options
---@field secret? string the key to accept ("sk_localdev")
---@field public_key? string ("pk_localdev")
---@field management_token? string ("lbs_localdev")
---@field project_id? string
---@field base_url? string where the server can be reached, for URLs in responses
---@field max_file? integer bytes of a file or attachment (64 MiB)
---@field time_scale? number how much faster what takes its time goes: retries, delays, periods of webhooks (1)
---@field batch? string[] kinds of custom notifications whose activities go into the notification that is there
---@field notification_delay? number seconds from a notification to its events (1800)
---@field clock? fun(): integer milliseconds since 1970
---@field on_error? fun(err: any, request: table) called for each 500

local defaults = {
  secret = "sk_localdev", public_key = "pk_localdev", time_scale = 1,
  management_token = "lbs_localdev", project_id = "localdev", base_url = "http://127.0.0.1:1154",
  max_file = 64 << 20,
}

-- ---- Time and ids --------------------------------------------------------------------------------

--- The time in milliseconds since 1970.
---@return integer
function App:now()
  return self.clock()
end

--- A time span as the time scale makes it.
---@param ms integer
---@return integer
function App:delay(ms)
  return math.ceil(ms / self.options.time_scale)
end

local last_second, last_text
--- A date as the API writes it.
---@param ms integer milliseconds since 1970
---@return string
function App.date(_, ms)
  local second = ms // 1000
  if second ~= last_second then
    last_second, last_text = second, os.date("!%Y-%m-%dT%H:%M:%S", math.tointeger(second))
  end
  return ("%s.%03dZ"):format(last_text, math.tointeger(ms % 1000))
end

--- A new id: the prefix and 21 random characters.
---@param prefix string such as "th_"
---@return string
function App.id(_, prefix)
  return prefix .. crypto.random_id(21)
end

--- The next number of a sequence: puts records that were made in the same millisecond in order.
---@return integer
function App:sequence()
  self.state.sequence = self.state.sequence + 1
  return self.state.sequence
end

-- ---- Signals and events --------------------------------------------------------------------------

--- Calls fn at each signal of that name: room.created(room), room.deleted(room), room.renamed(room, old id),
--- loaded() after app.state was replaced, ...
function App:on(name, fn)
  self.listeners[name] = self.listeners[name] or {}
  table.insert(self.listeners[name], fn)
end

--- Calls those who listen, at once and in the order in which they asked.
function App:signal(name, ...)
  for _, fn in ipairs(self.listeners[name] or {}) do fn(...) end
end

local EVENTS <const> = 1000

--- A webhook event occurs. `projectId` is added to its data.
---@param kind string one of liveblocks.types.events
---@param data table
function App:event(kind, data)
  data.projectId = self.options.project_id
  local event = { type = kind, data = data }
  self.events[#self.events + 1] = event
  if #self.events > 2 * EVENTS then self.events = table.move(self.events, EVENTS + 1, 2 * EVENTS, 1, {}) end
  self:signal("event", event)
end

-- ---- Data ----------------------------------------------------------------------------------------

local function empty_state()
  return { sequence = 0, rooms = {} }
end

--- Runs what has become due: expired presence, delayed events. The server calls it as time passes, and each request
--- before its response.
function App:tick()
  self.timers:run()
end

--- Replaces all data, for instance by what was saved; without it the server is empty afterwards.
---@param state table?
function App:load(state)
  self.state = empty_state()
  for name, value in pairs(state or {}) do self.state[name] = value end
  self.timers:clear()
  self:signal("loaded")
end

--- The record of a room; 404 when there is none. What is in a room hangs on its record, and goes where it goes.
---@param id string
---@return table
function App:room(id)
  return self.state.rooms[id] or responses.not_found("room", id)
end

-- ---- Requests ------------------------------------------------------------------------------------

local PIECE <const> = 65536 -- bytes of JSON that are decoded in one go

local function decode(self, call, body)
  local step = json.decoder(body)
  while true do
    local done, value = step(PIECE)
    if done then return value end
    self.gate:point(call)
  end
end

local function check_value(row, value)
  check.depth(value)
  return check.body(row, value)
end

-- A large body: others run meanwhile.
local function read_large(self, call, body)
  local ok, value = pcall(decode, self, call, body)
  if not ok then
    local problem = type(value) == "string" and value:match("invalid JSON: (.*)$")
    if not problem then error(value, 0) end
    responses.fail(400, "Bad Request", "the body is not JSON: " .. problem)
  end
  return self.gate:divided(call, check_value, call.row, value)
end

-- The body as the row wants it: a checked JSON value, or bytes.
local function read_body(self, call)
  local row, body = call.row, call.request.body or ""
  if row.body == "none" or row.body == "bytes" then return body end
  if body == "" then
    if row.body == "fields" then return check.body(row, json.object {}) end
    responses.fail(400, "Bad Request", "the body is missing: JSON expected")
  end
  if #body > PIECE then return read_large(self, call, body) end
  local value, message = json.try_decode(body)
  if message then responses.fail(400, "Bad Request", "the body is not JSON: " .. message) end
  return check_value(row, value)
end

-- The response to a request without a row.
local no_row = {}

function no_row.path(request)
  responses.fail(404, "Not Found", ("There is no route %s"):format(request.path),
    "The operations of the API begin with /v2/; lbhost call --list shows them all")
end

function no_row.encoding()
  responses.fail(400, "Bad Request", "the path is malformed: percent-encoded UTF-8 without NUL expected")
end

function no_row.method(request, allow)
  if request.method == "OPTIONS" then return responses.new { status = 204, headers = { allow = allow } } end
  responses.raise { status = 405, code = "Method Not Allowed", headers = { allow = allow },
    message = ("%s is not possible here, only %s"):format(request.method, allow) }
end

local function respond(self, call)
  local request = call.request
  local row, path, allow = self.router:find(request.method, request.path)
  if not row then return responses.to_http(no_row[path](request, allow)) end
  local key = not row.public and auth.check(self, request) or nil
  local query = url.parse_query(request.query)
  if not query then responses.fail(400, "Bad Request", "the query is malformed: percent-encoded UTF-8 expected") end
  check.query(row, query)
  call.row, call.path, call.query, call.key = row, path, query, key
  if self.gate.held[path.roomId] then self.gate:enter(call) end
  call.body = read_body(self, call)
  self:tick()
  return responses.to_http(self.handlers[row.name](call))
end

local function on_error(err)
  if responses.is_failure(err) then return err end
  return debug.traceback(tostring(err), 2)
end

--- Responds to a request of the HTTP server; never raises.
---@param request table
---@return table response
function App:handle(request)
  local call = { app = self, request = request, row = false, path = false, query = false, key = false, body = false, holds = false }
  local ok, result = xpcall(respond, on_error, self, call)
  if call.holds then self.gate:leave(call) end
  if ok then return result end
  if responses.is_failure(result) then return responses.failure_to_http(result) end
  if self.options.on_error then self.options.on_error(result, request) end
  return responses.failure_to_http { status = 500, code = "Internal Server Error",
    message = "The local Liveblocks failed at this request: this is a bug in lbhost, please report it." }
end

--- Adds a route beyond the API, such as a download.
---@param row table method, path; body ("none"), query ({}), public (true: no key is needed)
---@param handler fun(call: table): any
function App:add_route(row, handler)
  row.name = row.name or row.method .. " " .. row.path
  row.body, row.query = row.body or "none", row.query or {}
  self.router:add(row)
  self.handlers[row.name] = handler
end

-- ---- Making one ----------------------------------------------------------------------------------

local function add_rows(self)
  local by_name = {}
  for _, row in ipairs(liveblocks.endpoints()) do
    by_name[row.name] = row
    self.router:add(row)
  end
  for _, legacy in ipairs(legacy_paths) do self.router:add(by_name[legacy[1]], legacy[2], legacy[3]) end
end

local app = {}

--- A local Liveblocks without data.
---@param options lbhost.local.Options?
---@return lbhost.local.App
function app.new(options)
  local all = {}
  for name, value in pairs(defaults) do all[name] = value end
  for name, value in pairs(options or {}) do all[name] = value end
  local self = setmetatable({
    options = all, state = empty_state(), clock = all.clock or host.wall_clock, router = router.new(), handlers = {},
    listeners = {}, events = {}, gate = gate.new(), url_secret = crypto.random_id(32),
  }, App)
  self.timers = timers.new(self.clock)
  add_rows(self)
  for _, name in ipairs(resources) do
    for endpoint, handler in pairs(require("lbhost.local.resources." .. name)(self)) do self.handlers[endpoint] = handler end
  end
  self:signal("loaded")
  return self
end

return app
