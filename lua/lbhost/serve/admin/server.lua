--- The operator's page of `lbhost serve` (--admin): a server of its own beside that of the webhooks, so that neither is reached
--- by the port of the other.
local cached = require "lbhost.web.cached"
local history = require "lbhost.serve.admin.history"
local html = require "lbhost.web.html"
local http_server = require "lbhost.http_server"
local liveblocks = require "liveblocks"
local origin = require "lbhost.web.origin"
local show = require "lbhost.web.show"
local task = require "liveblocks.task"
local web = require "lbhost.web.site"

local sections <const> = { "overview", "queue", "hosts", "timers", "migrations" }

local SAMPLE_EVERY <const> = 5 -- seconds
local CONNECTIONS <const>, STREAMS <const> = 1024, 256
local MAX_BODY <const> = 65536 -- of a form

local admin = {}

---@class lbhost.serve.Admin
---@field service lbhost.serve.Service
---@field site lbhost.web.Site
---@field history lbhost.serve.History
---@field depth lbhost.web.Cached of store:depth()
local Admin = {}
Admin.__index = Admin

--- Reads what --admin gives: an address with a port, or a port of 127.0.0.1.
---@param text string
---@return { host: string, port: integer }?
---@return string? problem
function admin.parse(text)
  local host, port = text:match "^%[([%x:.]+)%]:(%d+)$"
  if not host then host, port = text:match "^([^:]*):(%d+)$" end
  if not host then host, port = "", text:match "^(%d+)$" end
  port = math.tointeger(tonumber(port))
  if not port or port > 65535 then return nil, ("'%s' is not an address such as 127.0.0.1:8788 or [::1]:8788"):format(text) end
  return { host = host ~= "" and host or "127.0.0.1", port = port }
end

--- Is it an address that this machine alone reaches?
function admin.is_local(host)
  return host:find "^127%." ~= nil or host == "::1" or host == "localhost"
end

-- ---- For the sections ----------------------------------------------------------------------------

--- What the store says, or a note that it does not.
---@param fn fun(): any
---@return any
---@return table? raw
function Admin.ask(_, fn)
  local ok, value = pcall(fn)
  if ok then return value end
  local problem = type(value) == "table" and value.message or tostring(value)
  return nil, html.format('<p class="notice bad">The event store cannot be read: %s</p>', show.text(problem, 500))
end

--- @param at number Unix seconds
function Admin:time(at) return show.time(at, self.service.now()) end

--- Something was changed through a page: it is in the log, with what it was.
function Admin:note(what, fields)
  self.depth:forget()
  self.service.log("info", what .. " on the admin page", fields)
end

-- ---- Starting and ending -------------------------------------------------------------------------

local function about(self)
  local stopping = self.service.stopping and html.state("bad", "stopping") or ""
  return html.format("%s %s", self.service.http and self.service.http.url .. self.service.settings.path or "", stopping)
end

local function watch(self)
  return task.spawn(function()
    task.background()
    while true do
      self.history:sample()
      local depth = self.depth:get()
      if depth then
        self.history.series:highest("waiting", depth.pending)
        if depth.oldest then self.history.series:highest("age", math.max(0, self.service.now() - depth.oldest)) end
      end
      task.sleep(SAMPLE_EVERY)
    end
  end)
end

--- Starts it, for a service that has started.
---@param service lbhost.serve.Service
---@param options { host: string, port: integer, allow_hosts: string[]?, journals: string[]? }
---@return lbhost.serve.Admin
function admin.start(service, options)
  local self = setmetatable({ service = service, started = liveblocks.now(), journals = options.journals or {},
    history = history.new(service.metrics, service.now) }, Admin)
  self.depth = cached.new(function() return service.store:depth() end)
  local function on_error(err, path)
    service.log("error", "the admin page failed", { path = path, reason = tostring(err) })
  end
  self.site = web.new { product = "lbhost serve", check = origin.checker(options.allow_hosts, "--admin-allow-host"), on_error = on_error,
    about = function() return about(self) end,
    footer = html.format("lbhost %s. Times are UTC; hours and counts are of this host.", liveblocks.version),
    nav = { { "/", "Overview" }, { "/queue", "Queue", count = function() return self.depth.value and self.depth.value.parked end },
      { "/hosts", "Hosts and lanes" }, { "/timers", "Timers" }, { "/migrations", "Migrations" } } }
  for _, name in ipairs(sections) do require("lbhost.serve.admin." .. name)(self) end
  self.http = http_server.start { host = options.host, port = options.port, max_body = MAX_BODY, max_connections = CONNECTIONS,
    max_streams = STREAMS, on_error = function(err, request) on_error(err, request.path) end,
    handler = function(request)
      task.background()
      return self.site:handle(request)
    end }
  self.url = self.http.url .. "/"
  self.watcher = watch(self)
  return self
end

--- Ends it.
function Admin:stop()
  self.watcher:cancel()
  self.site:close()
  self.http:stop()
end

return admin
