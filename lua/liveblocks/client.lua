--- The client: one method for each row of the endpoint table, made when it is first used.
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local client_options = require "liveblocks.options"
local hooks = require "liveblocks.hooks"
local pages = require "liveblocks.pagination"
local raw = require "liveblocks.request_settings"
local wait_short = require("liveblocks.wait").short

-- The rows of the endpoint table by name and by alias, made when they are first asked for: all of them would be a third
-- of the memory of a small script.
local rows = setmetatable({}, {
  __index = function(rows, name)
    local row = type(name) == "string" and core.endpoint(name) or nil
    if not row then return nil end
    row = rawget(rows, row.name) or row
    rows[row.name], rows[name] = row, row
    return row
  end,
  __pairs = function(rows)
    for _, row in ipairs(core.endpoints()) do
      local _ = rows[row.name]
      for alias in row.aliases:gmatch("%S+") do _ = rows[alias] end
    end
    return next, rows
  end,
})

-- ---- Methods -------------------------------------------------------------------------------------

---@class liveblocks.Client
---@field try liveblocks.Try the same calls, which return nil, err instead of raising
local Client = {}

local function report(self, row, value, meta, warning)
  if warning and self.warn then self.warn(("%s %s: %s"):format(row.method, row.path, warning), meta) end
  return value, meta
end

-- What `log` gets of a call that failed: as much of its metadata as is known, and the error.
local function report_failure(self, row, started, err, request)
  if errors.is(err) then
    self.log(row, { status = err.status, attempts = err.attempts or 0, seconds = core.now() - started, error = err }, request)
  end
  error(err, 0)
end

-- Waits for a call and reports it. Without `log` nothing has to be known of what was sent, nor of a failure.
local function wait(self, row, handle, settings, parameters)
  if not self.log then return report(self, row, handle:wait()) end
  local started, request = core.now(), require("liveblocks.sent").describe(row, settings, parameters)
  local results = table.pack(pcall(handle.wait, handle))
  if not results[1] then report_failure(self, row, started, results[2], request) end
  self.log(row, results[3], request, results[2])
  return report(self, row, table.unpack(results, 2, results.n))
end

-- Loaded when it is first used: it knows all types, which the short calls do not need.
local arguments = setmetatable({}, { __index = function(_, name) return require("liveblocks.arguments")[name] end })

-- Starts a call; returns its handle, and what wait() wants to know of it.
local function submit(self, row, ...)
  local count = #row.parameters
  local path = { ... }
  arguments.check_path(row, path)
  local settings = arguments.settings(row, path, select(count + 1, ...))
  return core.begin(self.core, row.id, settings, table.unpack(path, 1, count)), settings, path
end

local function check_self(self, name)
  if type(self) ~= "table" or not self.core then
    errors.usage("call it with a colon: client:%s(...)", name)
  end
end

local function make_method(row)
  local id = row.id
  if #row.parameters == 1 and row.body == "none" and not row.query[1] then
    -- The common short call: nothing to check but one string, which C does. Without it (tests/bench/get_room.lua by callgrind,
    -- 29 November 2026): 92,300 instructions a call in turn instead of 74,100, 95,100 of 64 in flight instead of 74,800.
    return function(self, a, more, extra)
      if a and more == nil and extra == nil and self.core and not self.log then
        local value, meta, warning = wait_short(self.core, id, a)
        if warning then return report(self, row, value, meta, warning) end
        if meta then return value, meta end
      end
      check_self(self, row.name)
      return wait(self, row, submit(self, row, a, more, extra))
    end
  end
  return function(self, ...)
    check_self(self, row.name)
    return wait(self, row, submit(self, row, ...))
  end
end

local function make_iterator(row)
  return function(self, ...)
    check_self(self, "iter_" .. row.name:gsub("^get_", ""))
    local count, given = #row.parameters, { ... }
    local fields = {}
    if given[count + 1] ~= nil then arguments.check_table(row, given[count + 1]) end
    for name, value in pairs(given[count + 1] or {}) do fields[name] = value end
    local path = table.move(given, 1, count, 1, {})
    return pages.iterate(function(cursor)
      fields[row.page] = cursor or fields[row.page]
      path[count + 1] = fields
      local handle, settings, parameters = submit(self, row, table.unpack(path, 1, count + 1))
      if not self.log then return handle end
      return { wait = function() return wait(self, row, handle, settings, parameters) end, cancel = function() handle:cancel() end }
    end, row.name)
  end
end

--- Starts a call without waiting: returns a handle with wait(), cancel(), done(); it ends the call when it is
--- closed or collected.
---@param name string
---@param ... any what the call of that name takes
---@return liveblocks.Call
function Client:submit(name, ...)
  local row = rows[name]
  if not row then errors.usage("there is no call '%s'%s", tostring(name), errors.hint(name, rows)) end
  return (submit(self, row, ...))
end

local request_fields = { query = true, headers = true, json = true, body = true, file = true, timeout = true,
  retries = true, idempotent = true, response = true, content_type = true }
local renamed = { reply = "response" } -- earlier names
local response_kinds = { json = true, text = true, binary = true, none = true }

--- Calls what the table lacks.
---@param method string
---@param path string after the base URL, already percent-encoded
---@param options? liveblocks.RawOptions
---@return any value
---@return liveblocks.Meta meta
function Client:request(method, path, options)
  options = client_options.rename(options or {}, renamed)
  local settings = raw.settings("request", options, request_fields)
  for name, value in pairs { method = method or false, path = path or false } do
    if type(value) ~= "string" then errors.usage("request: the %s must be a string, got %s", name, type(value)) end
  end
  if options.response and not response_kinds[options.response] then
    errors.usage("request: 'response' must be json, text, binary or none, got '%s'", options.response)
  end
  settings.method, settings.path = method, path
  return wait(self, { method = method, path = path },
    core.begin_request(self.core, settings, options.response or "json"), settings)
end

--- Opens a connection, so that the first call finds one: the name is looked up, the root certificates are read, and TLS is
--- agreed on. For an engine, before its first frame; outside of tasks it blocks. Raises when there is no connection.
---@return true
function Client:warm()
  check_self(self, "warm")
  local call = core.begin_request(self.core, { method = "HEAD", url = core.base_url(self.core) .. "/", max_attempts = 1 }, "raw")
  local ok, err = pcall(call.wait, call)
  if not ok and not (errors.is(err) and err.kind == "http") then error(err, 0) end -- of any status
  return true
end

--- Changes how fast requests are sent, from the next one on that waits for its turn: those of all clients that share the pace.
---@param pace { rate: number|false|nil, max_in_flight: integer? } rate: requests a second, false for any number; what is
---absent stays
function Client:set_pace(pace)
  check_self(self, "set_pace")
  if type(pace) ~= "table" then errors.usage("set_pace: a table expected, got %s", type(pace)) end
  local plain = client_options.check({ rate = pace.rate or nil, max_in_flight = pace.max_in_flight }, "set_pace")
  if pace.rate ~= nil then self.pace.rate = pace.rate end
  core.set_pace(self.core, self.pace.rate or 0, plain.max_in_flight or 0)
end

--- Sends no further request for so many seconds, as after a 429.
---@param seconds number
function Client:pause(seconds)
  check_self(self, "pause")
  if type(seconds) ~= "number" or not (seconds >= 0 and seconds < math.huge) then
    errors.usage("pause: a number of seconds expected, got %s", tostring(seconds))
  end
  core.pause(self.core, seconds)
end

--- For how many seconds no further request is sent, since there was a 429; 0 when there was none.
---@return number
function Client:paused()
  check_self(self, "paused")
  return core.paused(self.core)
end

--- Uploads an attachment or a Storage file from a file or a string, a large one in parts.
---@param room string
---@param options liveblocks.Upload
---@return table file its description, with its id
function Client:upload_file(room, options)
  return require("liveblocks.upload").file(self, room, options)
end

--- Edits the Storage document of a room as plain Lua; sends one guarded JSON Patch.
---@param room_id string
---@param fn fun(root: table<string, any>): any
---@param options? liveblocks.MutateOptions
---@return table[] patch
---@return liveblocks.EditInfo info
function Client:mutate_storage(room_id, fn, options)
  return require("liveblocks.storage.mutate")(self, room_id, fn, options)
end

--- Edits the Yjs document of a room; sends one update, nothing when nothing changed.
---@param room_id string
---@param fn fun(document: liveblocks.yjs.Document, type: liveblocks.yjs.Type?): any
---@param options? liveblocks.MutateYjsOptions
---@return string? update what was sent, nil when nothing was; with dry_run the change as text
---@return liveblocks.YjsEditInfo info
function Client:mutate_yjs(room_id, fn, options)
  return require("liveblocks.yjs.mutate")(self, room_id, fn, options)
end

--- Closes the client: its calls in flight end with kind "cancelled".
function Client:close()
  core.close(self.core)
end

-- ---- Making clients ------------------------------------------------------------------------------

local function find_method(name)
  local row = rows[name]
  if row then return make_method(row) end
  local paged = type(name) == "string" and name:sub(1, 5) == "iter_" and rows["get_" .. name:sub(6)]
  if paged and paged.page then return make_iterator(paged) end
end

local meta = { __index = Client }
local optional = { core = true, warn = true, log = true, try = true }

-- A method is made from its row at the first use and kept, so that later ones find it without a function.
setmetatable(Client, { __index = function(_, name)
  if type(name) ~= "string" or optional[name] then return nil end
  local method = find_method(name)
  if not method then errors.usage("there is no call '%s'%s", name, errors.hint(name, rows)) end
  Client[name] = method
  return method
end })

function meta.__tostring(self)
  return ("liveblocks.client: %s"):format(core.base_url(self.core))
end

meta.__name = "liveblocks.client"
function meta.__close(self) core.close(self.core) end

-- client.try:NAME(...) returns nil, err where client:NAME(...) raises an error object.
local function outcome(ok, ...)
  if ok then return ... end
  local err = ...
  if errors.is(err) then return nil, err end
  error(err, 0)
end

meta.try = {
  __index = function(self, name)
    local method = rawget(self, "client")[name]
    local function guarded(_, ...) return outcome(pcall(method, self.client, ...)) end
    rawset(self, name, guarded)
    return guarded
  end,
}

local function make(options, base)
  local plain = client_options.check(options, base and "with" or "liveblocks.new")
  local shares = base and not (plain.rate or plain.max_in_flight) -- the pace
  local self = setmetatable({
    core = core.client(plain, base and base.core), warn = options.warn or (base and base.warn) or false,
    log = options.log or (base and base.log) or false, pace = shares and base.pace or { rate = plain.rate or false },
  }, meta)
  self.try = setmetatable({ client = self }, meta.try)
  return self
end

--- A client with other options over the same connections. Its requests are sent at the pace of this one, with this one's: a
--- `rate` or `max_in_flight` of its own is a limit within that, and a 429 of either stops both.
---@param options liveblocks.Options
---@return liveblocks.Client
function Client:with(options)
  return make(options, self)
end

-- With the hooks of the program that runs the script.
local function new(options)
  if type(options) == "table" then options = hooks.options(options) end
  return hooks.client(make(options))
end

return { new = new, rows = rows, options = client_options.types }
