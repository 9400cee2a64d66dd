--- `lbhost serve` put together: HTTP server, event store, handlers and timers, from start to orderly end.
local errors = require "liveblocks.errors"
local host = require "lbhost.host"
local http_server = require "lbhost.http_server"
local liveblocks = require "liveblocks"
local task = require "liveblocks.task"

local batches = require "lbhost.serve.batches"
local client_address = require "lbhost.serve.client_address"
local handle = require "lbhost.serve.handle"
local handlers = require "lbhost.serve.handlers"
local lanes = require "lbhost.serve.lanes"
local metrics = require "lbhost.serve.metrics"
local receive = require "lbhost.serve.receive"
local routes = require "lbhost.serve.routes"
local timers = require "lbhost.serve.timers"

local LOOK_EVERY = 1 -- seconds between checks at what other processes have changed in the store
local PRUNE_EVERY = 600
local DAY = 86400

---@class lbhost.serve.Service
local Service = {}
Service.__index = Service

local service = {}

local function report_refusals(self, refused)
  for _, refusal in ipairs(refused) do
    self.log("error", "plugin refused", { file = refusal.file, field = refusal.field,
      reason = refusal.reason or tostring(refusal) })
  end
end

-- What timers and routes are given: as handlers of events, without an event.
local function context_of(self, plugin, fields)
  local ctx = { client = self.client, options = plugin.options, host = plugin.host, log = function(level, message, more)
    local all = { plugin = plugin.name }
    for name, value in pairs(fields or {}) do all[name] = value end
    for name, value in pairs(more or {}) do all[name] = value end
    self.log(level, message, all)
  end }
  return ctx
end

local function count_response(self, response)
  self.metrics:count("lbhost_http_requests_total", "status", response and response.status or 200)
  return response
end

-- Responds to the requests of new events, and lets those be handled that are stored.
local function on_commit(self, batch, problem, seconds)
  self.metrics:observe("lbhost_commit_seconds", seconds)
  if problem then
    self.metrics:count("lbhost_commit_failures_total")
    self.log("error", "the event store cannot be written", { reason = errors.is(problem) and problem.message or
      tostring(problem) })
  end
  local new = {}
  for _, event in ipairs(batch.add) do
    self.http:respond(event.request, count_response(self, receive.response(event, problem, self.log, self.metrics)))
    self.metrics:observe("lbhost_response_seconds", liveblocks.now() - event.began)
    event.request = nil
    if not problem and not event.duplicate and not event.elsewhere then new[#new + 1] = event end
  end
  if problem then return end
  self.lanes:forget(batch.done)
  for _, parked in ipairs(batch.parked) do self.lanes:forget { parked.seq } end
  self.lanes:add(new)
end

local function update_metrics(self)
  local down = self.shared and self.store:problem()
  local ok, counts = false, nil
  if not down then ok, counts = pcall(self.store.count, self.store) end
  if ok then
    for state, count in pairs(counts) do self.metrics:set("lbhost_events", { state = state }, count) end
  end
  self.metrics:set("lbhost_events_running", nil, self.lanes.running)
  local open = self.http:counts()
  self.metrics:set("lbhost_http_connections", nil, open.connections)
  self.metrics:set("lbhost_http_connections_refused_total", nil, open.refused)
end

--- Makes a service; nothing runs yet.
---@param settings table the options of `lbhost serve`, by their names there
---@param parts { store: table, secrets: string[], client: table, log: function, now: (fun(): number)? }
---@return lbhost.serve.Service
function service.new(settings, parts)
  local self = setmetatable({ settings = settings, secrets = parts.secrets, store = parts.store, client = parts.client,
    log = parts.log, metrics = metrics.new(), now = parts.now or function() return host.wall_clock() / 1000 end }, Service)
  local store = self.store
  -- Hosts that share a store have one clock.
  self.shared = store.shared == true
  local shared = self.shared and { now = function() return store:now() end, gate = function() store:gate() end } or {}
  self.handlers = handlers.new(settings.files, { client = self.client, log = function(name, level, text, fields)
    local all = { plugin = name }
    for key, value in pairs(fields or {}) do all[key] = value end
    self.log(level, text, all)
  end })
  self.batches = batches.new(self.store, function(...) on_commit(self, ...) end, self.shared and store.seconds or nil)
  self.handling = handle.new { settings = settings, handlers = self.handlers, batches = self.batches, store = self.store,
    client = self.client, log = self.log, metrics = self.metrics, now = shared.now or self.now }
  self.lanes = lanes.new(self.store, function(record) return self.handling:handle(record) end,
    { concurrency = settings.concurrency, longest_wait = settings.longest_wait, now = shared.now, gate = shared.gate,
      flush = function() return self.batches:flush() end,
      on_error = function(problem)
        self.log("error", "an event waits: the store cannot be read, or lbhost itself failed", { reason = tostring(problem) })
      end })
  self.timers = timers.new { handlers = self.handlers, store = self.store, log = self.log, metrics = self.metrics,
    now = shared.now or self.now,
    call = function(plugin, ...) return self.handling:call(plugin, settings.timer_seconds, ...) end,
    context = function(timer) return context_of(self, timer.plugin, { timer = timer.name }) end }
  return self
end

--- Loads the handlers; returns the refusals, which are logged, too.
function Service:load()
  local refused = self.handlers:load()
  report_refusals(self, refused)
  return refused
end

-- A task that does something now and then, until the service ends, whether it succeeds or not.
local function every(self, seconds, fn)
  local one = task.spawn(function()
    while not self.stopping do
      task.sleep(seconds)
      local ok, problem = true, nil
      if not self.stopping then ok, problem = pcall(fn) end
      if not ok and not self.stopping then self.log("error", "the event store cannot be read", { reason = tostring(problem) }) end
    end
  end)
  table.insert(self.background, one)
end

local function prune(self)
  local before = os.time() - self.settings.keep * DAY
  repeat
    local ok, count = pcall(self.store.prune, self.store, before)
    if not ok then self.log("warn", "old events could not be forgotten", { reason = tostring(count) }) end
    task.sleep(0)
  until not ok or count == 0
end

-- Why this host handles nothing, or nil: events of a handler that it lacks would count as handled.
local function idle_reason(self)
  local missing = self.handlers.missing
  return missing[1] and ("%d of its plugins were refused"):format(#missing) or nil
end

-- Takes events from the store: of one that several hosts share, those of the lanes that this host holds.
local function take_events(self)
  if self.shared then
    self.store:join { name = ("%s:%d"):format(host.host_name(), host.process_id()), lanes = self.lanes, log = self.log,
      idle = function() return idle_reason(self) end, commit_state = function() return self.batches:state() end,
      on_lost = function()
        self.lanes:lose()
        self.batches:lose()
      end }
    return
  end
  self.store:changed()
  self.lanes:read()
  every(self, LOOK_EVERY, function()
    self.unread = self.store:changed() or self.unread
    if not self.unread or not self.batches:flush() then return end
    self.unread = false
    self.lanes:read()
  end)
end

--- Begins to receive and to handle.
function Service:start()
  local settings = self.settings
  self.background = {}
  local take = receive.taker { secrets = self.secrets, tolerance = settings.tolerance, log = self.log,
    metrics = self.metrics, now = self.now, add = function(event) self.batches:add(event) end }
  local route = routes.handler {
    handlers = self.handlers, metrics = self.metrics, log = self.log,
    update_metrics = function() update_metrics(self) end, stopping = function() return self.stopping == true end,
    store_problem = function() return self.store.problem and self.store:problem() end,
    idle = function() return self.shared and idle_reason(self) or nil end,
    call = function(plugin, ...) return self.handling:call(plugin, settings.handler_seconds, ...) end,
    context = function(plugin) return context_of(self, plugin) end,
  }
  local networks = settings.trust_proxy and client_address.networks(settings.trust_proxy)
  local find_client = networks and client_address.finder(networks, settings.proxy_header)
  self.http = http_server.start { host = settings.host, port = settings.port,
    max_of_address = settings.address_connections > 0 and settings.address_connections or nil,
    immediate = function(request)
      if find_client then request.proxy, request.remote = request.remote, find_client(request) end
      if request.path ~= settings.path then return nil end
      local response = take(request)
      return response == http_server.DEFERRED and response or count_response(self, response)
    end,
    handler = function(request) return count_response(self, route(request)) end,
    max_body = settings.max_body, max_connections = settings.max_connections, timeout = settings.request_seconds,
    on_error = function(err, request)
      self.log("error", "request failed", { path = request.path, reason = tostring(err) })
    end }
  take_events(self)
  self.timers:start()
  every(self, LOOK_EVERY, function()
    for _, failed in ipairs(task.unseen_failures()) do
      self.log("error", "a task failed that nobody waits for", { reason = failed.traceback or tostring(failed.error) })
    end
  end)
  every(self, PRUNE_EVERY, function() prune(self) end)
end

--- The store was changed by something else than the service, in this process: soon it is looked at again.
function Service:look_again()
  self.unread = true
end

-- What became of the files that are refused now.
local function kept_text(files)
  if not files[1] then return "" end
  return ("; %s refused, the previous version stays in use: %s"):format(#files == 1 and "this file is" or "these files are",
    table.concat(files, ", "))
end

--- Loads the handlers again. Events go on to be received and stored meanwhile. Asked for again meanwhile, it does so again
--- when it is done.
function Service:reload()
  if self.stopping then return end
  self.reload_wanted = true
  if self.reloading then return end
  self.reloading = true
  while self.reload_wanted and not self.stopping do
    self.reload_wanted = false
    local refused, kept = self.handlers:reload()
    report_refusals(self, refused)
    if self.http and not self.stopping then self.timers:start() end
    self.log(refused[1] and "warn" or "info", "handlers reloaded" .. kept_text(kept), { plugins = #self.handlers.list,
      refused = #refused })
  end
  self.reloading = false
end

--- Runs the timers of a name (PLUGIN, PLUGIN:SCHEDULE or SCHEDULE) now, without receiving anything.
---@return boolean ok
function Service:run_once(name)
  local found, good = false, true
  local names = {}
  for _, timer in ipairs(self.timers:all()) do
    local schedule = timer.name:match(":(.*)$")
    names[#names + 1] = timer.name
    if name == timer.name or name == timer.plugin.name or name == schedule then
      found = true
      local ok = task.run(function() return (self.timers:run(timer)) end)
      good = good and ok
    end
  end
  if not found then
    errors.usage("there is no timer '%s'; there %s", name,
      names[1] and "are: " .. table.concat(names, ", ") or "is none in these handlers")
  end
  return good
end

-- Stores the outcomes that are not stored yet. A store that does not respond is left: all acknowledged events are in it.
function Service:close_batches(deadline)
  if not self.shared then return self.batches:close() end
  local ok, stored = pcall(task.timeout, math.max(deadline - liveblocks.now(), 1), self.batches.close, self.batches)
  return ok and stored
end

--- Ends: nothing new is taken, what runs may end within `seconds`, all outcomes are stored.
---@param seconds number
---@return boolean clean
function Service:stop(seconds)
  if self.stopping then return true end
  self.stopping = true
  local deadline = liveblocks.now() + seconds
  self.lanes.stopped = true
  if self.shared then self.store:stop() end
  -- Side by side: who sends slowly takes no time from what runs.
  local cut, events, timed = 0, 0, 0
  task.all {
    function() timed = self.timers:stop(seconds) end,
    function() events = self.lanes:stop(seconds) end,
    function() cut = self.http and self.http:stop(seconds) or 0 end,
  }
  local running = events + timed
  local stored = self:close_batches(deadline)
  for _, one in ipairs(self.background or {}) do one:cancel() end
  self.handlers:stop()
  self.store:close(math.max(deadline - liveblocks.now(), 1))
  self.log(running == 0 and stored and "info" or "warn", "stopped", { running = running, unanswered = cut })
  return running == 0 and stored
end

return service
