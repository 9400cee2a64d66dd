--- What may be sent while a migration runs: nothing while its file is loaded, and in a dry run only what reads.
---
---   local guard <close> = guard.install()
---   local table = guard:loading(path, chunk)      -- a call of the API is an error
---   guard:dry(function(call) ... end)             -- from now on, what would write is given to the function
---
--- It holds for clients that the file makes (also those that it makes while it is loaded, and uses later), for
--- liveblocks.http and for liveblocks.mail.
local dry = require "lbhost.migrate.dry"
local errors = require "liveblocks.errors"
local liveblocks = require "liveblocks"

local guard = {}

---@class lbhost.migrate.Guard
local Guard = {}
Guard.__index = Guard

local function refuse(self, what)
  errors.usage("%s calls %s while it is loaded: a migration returns a table, and its hooks make the calls (a script is run "
    .. "by: lbhost run FILE)", self.path, what)
end

local function refusing(self, name)
  return function() refuse(self, name) end
end

-- What a client that was made while the file was loaded finds under a name.
local function member_of(self, client, name)
  if self.path then
    if name == "with" then return function(_, options) return self:wrap(client:with(options)) end end
    if name == "close" then return function() return client:close() end end
    if name == "try" then return setmetatable({}, { __index = function(_, call) return refusing(self, call) end }) end
    return type(client[name]) == "function" and refusing(self, name) or client[name]
  end
  local target = self.report and dry.client(client, self.report) or client
  local member = target[name]
  if type(member) ~= "function" then return member end
  return function(_, ...) return member(target, ...) end
end

--- A client that obeys the guard whenever it is used.
---@param client liveblocks.Client
---@return liveblocks.Client
function Guard:wrap(client)
  if not self.path then return self.report and dry.client(client, self.report) or client end
  return setmetatable({}, {
    __index = function(_, name) return member_of(self, client, name) end,
    __tostring = function() return tostring(client) end,
    __close = function() client:close() end,
    __name = "liveblocks.client",
  })
end

-- A hook for what sends by itself; `verb_of` says what of HTTP it does.
local function guarded(self, name, verb_of, result)
  return function(options, send)
    if self.path then refuse(self, name) end
    local given = type(options) == "table" and options or {}
    local verb = self.report and verb_of(given)
    if not verb or verb == "GET" or verb == "HEAD" then return send(options) end
    self.report { name = name, row = { method = verb, path = given.url, parameters = {} }, arguments = { given } }
    return result
  end
end

local function http_verb(options)
  return options.method or ((options.json ~= nil or options.body or options.file) and "POST" or "GET")
end

--- Installs a guard: until it is removed, all clients and requests obey it.
---@return lbhost.migrate.Guard
function guard.install()
  local self = setmetatable({}, Guard)
  self.undo = liveblocks.hook {
    client = function(client) return self:wrap(client) end,
    request = guarded(self, "http.request", http_verb, { status = 0, headers = {}, body = "" }),
    mail = guarded(self, "mail.send", function() return "SMTP" end, { id = "" }),
  }
  return self
end

--- Calls fn; a call of the API meanwhile is an error that names the file.
---@param path string
---@param fn function
---@return any what fn returns
function Guard:loading(path, fn)
  self.path = path
  local ok, result = pcall(fn)
  self.path = nil
  if not ok then error(result, 0) end
  return result
end

--- From now on nothing is written.
---@param report fun(call: table) gets what would be
function Guard:dry(report)
  self.report = report
end

--- All is as it was.
function Guard:remove()
  self.undo()
end

Guard.__close = Guard.remove

return guard
