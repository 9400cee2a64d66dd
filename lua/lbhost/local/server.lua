--- A local Liveblocks on a port: the app with an HTTP server, with its timers, its data file and its webhooks.
local app_module = require "lbhost.local.app"
local control = require "lbhost.local.control"
local delivery = require "lbhost.local.webhooks.delivery"
local errors = require "liveblocks.errors"
local front = require "lbhost.local.http.front"
local http_server = require "lbhost.http_server"
local inspection = require "lbhost.local.inspection.site"
local liveblocks = require "liveblocks"
local origin = require "lbhost.web.origin"
local saver = require "lbhost.local.saver"
local seed = require "lbhost.local.seed"
local state = require "lbhost.local.state"
local task = require "liveblocks.task"
local types = require "liveblocks.types"
local webhook = require "liveblocks.webhook"

local server = {}

--- The secret of webhooks from the command line.
server.WEBHOOK_SECRET = "whsec_bG9jYWxkZXYtd2ViaG9vay1zZWNyZXQ="

local MAX_BODY <const> = 100 << 20

---@class lbhost.local.Server
---@field url string
---@field port integer
---@field app lbhost.local.App
local Server = {}
Server.__index = Server

---@class lbhost.local.ServerOptions: lbhost.local.Options
---@field host? string address to listen on ("127.0.0.1")
---@field port? integer (0: any that is free)
---@field allow_hosts? string[] names by which it may be called besides localhost and addresses
---@field log? fun(line: string) gets a line for each request
---@field data? string file that keeps the data
---@field reset? boolean what the data file holds is forgotten
---@field seed? string file with data to begin with, used when there are none yet
---@field webhooks? string[] each URL[=event,event...]
---@field webhook_secret? string
---@field faults? string a plan of faults
---@field warn? fun(message: string) called for what goes wrong later

local alarm_mt = { __close = function(alarm) alarm.sleeper:cancel() end }

-- Sets an event at a time. It is called off where it goes out of scope, also when the task around it is cancelled:
-- the program does not wait for an event that nobody will get.
local function alarm_at(app, due, event)
  return setmetatable({ sleeper = task.spawn(function()
    task.sleep(math.max(0, due - app:now()) / 1000)
    event:set()
  end) }, alarm_mt)
end

-- Runs what is due as time goes by; wakes up when something is to happen sooner.
local function keep_time(self)
  local timers = self.app.timers
  while true do
    self.app:tick()
    local changed, due = task.event(), timers:next()
    timers.on_sooner = function() changed:set() end
    local _ <close> = due and alarm_at(self.app, due, changed)
    changed:wait()
  end
end

local function fill(self, options)
  local app, kept = self.app, nil
  for _, text in ipairs(options.webhooks or {}) do
    local url, events = delivery.parse(text, types.events)
    app:add_webhook(url, events, options.webhook_secret or server.WEBHOOK_SECRET)
  end
  self.lock = options.data and saver.lock(options.data)
  if self.lock and not options.reset then kept = state.load(options.data) end
  if kept then app:load(kept) end
  if options.secret then app:set_secret(options.secret) end
  return kept == nil
end

-- No faults are injected while the seed runs. A client that it makes itself is one of this server, too: nothing may reach a
-- real project because its key lies in the environment.
local function run_seed(self, path)
  local plan = self.front.plan.text
  local unhook = liveblocks.hook { options = function(given)
    given.secret, given.base_url = given.secret or self.app.options.secret, given.base_url or self.url
    return given
  end }
  self.front:set_faults ""
  local ok, err = pcall(seed.run, path, self.app, liveblocks.new())
  unhook()
  self.front:set_faults(plan)
  if not ok then error(err, 0) end
end

local function check(options)
  local secret = options.webhook_secret
  if secret then webhook.sign(secret, "", 0, "") end -- raises what is wrong with it
  for _, kind in ipairs(options.batch or {}) do
    if not kind:find("^%$[%a_]+$") then
      errors.usage("only custom kinds are batched by choice: $ and letters or _, got '%s' (a shell wants it in quotes)", kind)
    end
  end
  local scale = options.time_scale
  if scale and not (scale > 0 and scale < math.huge) then errors.usage("the time scale must be a number above 0") end
  local delay = options.notification_delay
  if delay and not (delay >= 0 and delay < 1e9) then errors.usage("the notification delay must be 0 seconds or more") end
end

-- The address at which this machine reaches what listens on all of them.
local function reachable(url)
  return (url:gsub("//0%.0%.0%.0:", "//127.0.0.1:"):gsub("//%[::%]:", "//[::1]:"))
end

--- Starts one; it runs until it is stopped, or the program ends.
---@param options lbhost.local.ServerOptions?
---@return lbhost.local.Server
function server.start(options)
  options = options or {}
  check(options)
  local app = app_module.new(options)
  local self = setmetatable({ app = app, front = front.new(app, { check = origin.checker(options.allow_hosts),
    log = options.log }) }, Server)
  self.front:set_faults(options.faults or "")
  control.attach(app, self.front)
  self.front.site = inspection(app, self.front, { allow_hosts = options.allow_hosts, on_error = function(err, path)
    local report = options.on_error or error
    report(err, { method = "GET", path = path })
  end })
  local fresh = fill(self, options)
  self.http = http_server.start { host = options.host, port = options.port, max_body = MAX_BODY,
    handler = function(request)
      -- A program that has the server inside of it does not wait for what requests set going.
      task.background()
      return self.front:handle(request)
    end }
  self.url, self.port = reachable(self.http.url), self.http.port
  app.options.base_url = self.url
  self.clockwork = task.spawn(keep_time, self)
  local ok, err = pcall(function()
    if options.seed and fresh then run_seed(self, options.seed) end
    -- Not before: of a seed that failed nothing is kept, so that it is tried again.
    if self.lock then self.saver = saver.new(app, options.data, options.warn or error) end
  end)
  if not ok then
    self:stop()
    error(err, 0)
  end
  return self
end

--- Ends it: requests in progress get their responses, what is to be kept is saved.
---@param grace number? seconds to wait for requests in progress
---@return boolean saved
function Server:stop(grace)
  if self.stopped then return true end
  self.stopped = true
  self.front.site:close()
  self.http:stop(grace)
  self.app.delivery:stop()
  self.clockwork:cancel()
  local saved = not self.saver or self.saver:stop()
  if self.lock then self.lock:close() end
  return saved
end

Server.__close = Server.stop

return server
