--- A few connections to PostgreSQL that tasks share; nothing here blocks the loop.
---
---   local pool = postgres.open("postgres://lbhost@a,b/app", { timeout = 5 })     -- connects when it is first used
---   local rows = pool:query("SELECT id, name FROM t WHERE n > $1", 5)            -- rows[1].name; rows.count
---   local results = pool:transaction { { "DELETE FROM t WHERE id = $1", 7 }, { "INSERT INTO u VALUES ($1)", nil } }
---   pool:listen("channel", function(payload) end)                               -- payload nil: some may have been missed
---   pool:problem()                                                               -- why PostgreSQL is not reachable, or nil
---   pool:close()
---
--- A transaction is a list of statements that are known beforehand. They are sent together: one round trip, all of it or
--- nothing. One with `apart = true` begins another transaction in the same round trip, which is executed whatever became of the
--- one before. A statement is { sql, parameters... }, with as many parameters as its $1, $2...; `plain = true` leaves out that it is
--- prepared, for SQL that differs each time. A list as a parameter: pool.array(list), with its type in the SQL
--- ($1::text[]). Integers, floats and booleans come back as such, all else as strings.
---
--- Each transaction has a time; when it is over its connection is ended, since a server that does not respond cannot be asked
--- to cancel. Errors are objects of kind "store" with the SQLSTATE as their `code`; `unavailable = true` says that PostgreSQL
--- did not respond: it is not known whether the transaction was executed. One that was undone for the sake of another (a deadlock) is
--- repeated here. Connections are made when they are needed, with growing pauses while that fails.
local connect = require "lbhost.postgres.connect"
local errors = require "liveblocks.errors"
local liveblocks = require "liveblocks"
local task = require "liveblocks.task"
local url = require "lbhost.postgres.url"
local wait_within = require "lbhost.util.event_timeout"

local FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2 -- seconds between attempts to connect
local ATTEMPTS = 4 -- of a transaction that the server has undone for the sake of another one
local KEEP_ALIVE = 15 -- seconds: a connection that only listens would not notice that the server is gone
local DEADLOCK, SERIALIZATION = "40P01", "40001"

-- The server is about to end the connection, or is one that cannot write: another connection may lead elsewhere.
local lost = { ["57P01"] = true, ["57P02"] = true, ["57P03"] = true, ["25006"] = true, ["26000"] = true, ["42P05"] = true }

---@class lbhost.postgres.Pool
local Pool = {}
Pool.__index = Pool
Pool.__name = "lbhost.postgres.pool"

local pool = {}

--- A list as the text of an array parameter; with a field, that of each entry.
---@param list any[]
---@param field string?
---@return string
function Pool.array(list, field)
  return connect.core().array(list, field)
end

--- Opens a pool; the URL is checked, nothing is connected yet.
---@param text string
---@param options { size: integer?, timeout: number?, connect_timeout: number?, log: function?, application: string?,
---session: table<string, string>?, attributes: string?, prepare: boolean? }? size: connections at most (2); timeout: seconds for a
---transaction (5); connect_timeout: for each address (3); log(level, text, fields); session: settings of each connection;
---attributes: target_session_attrs unless the URL names it
---@return lbhost.postgres.Pool
function pool.open(text, options)
  options = options or {}
  local rest, settings = url.split(text)
  local parameters = connect.parameters(rest)
  url.servers(parameters)
  if options.attributes and (parameters.target_session_attrs or "any") == "any" then
    parameters.target_session_attrs = options.attributes
  end
  parameters.fallback_application_name = options.application or "lbhost"
  local prepare = settings.prepare
  if prepare == nil then prepare = settings.listen ~= false end
  return setmetatable({ parameters = parameters, settings = settings, size = options.size or 2,
    timeout = settings.timeout or options.timeout or 5,
    connect_timeout = tonumber(parameters.connect_timeout) or options.connect_timeout or 3,
    log = options.log or function() end, session = settings.listen ~= false and options.session or nil, prepare = prepare,
    all = {}, idle = {}, open = 0, waiting = {}, names = {}, name_count = 0, pause = 0, next_attempt = 0, listeners = {} }, Pool)
end

-- ---- How it is -----------------------------------------------------------------------------------

local function note_failure(self, reason)
  if self.closed then return end
  if not self.down then
    self.down = { since = liveblocks.now() }
    self.log("warn", "PostgreSQL is not reachable", { reason = reason })
  end
  self.down.reason = reason
end

local function note_success(self)
  self.pause, self.next_attempt = 0, 0
  if not self.down then return end
  self.log("info", "PostgreSQL is reachable again", { seconds = liveblocks.now() - self.down.since })
  self.down = nil
end

--- Why PostgreSQL is not reachable, and for how many seconds; nil when it is.
---@return string?
---@return number?
function Pool:problem()
  if not self.down then return nil end
  return self.down.reason, liveblocks.now() - self.down.since
end

-- ---- One transaction on a connection -------------------------------------------------------------

-- Constant SQL is prepared once for each connection: planning would cost more than executing.
local function add_names(self, connection, list)
  local prepared = connection.prepared
  for _, statement in ipairs(list) do
    local sql = statement[1]
    local known = self.names[sql]
    if not known then
      local count = 0
      for number in sql:gmatch "%$(%d+)" do count = math.max(count, tonumber(number)) end
      known = { count = count, name = "lbhost_" .. self.name_count }
      if not statement.plain then
        self.names[sql] = known
        self.name_count = self.name_count + 1
      end
    end
    statement.count = known.count
    if self.prepare and not statement.plain then
      statement.name, statement.parse = known.name, not prepared[known.name]
      if statement.parse then prepared[known.name] = "now" end -- once, though it is there twice
    else
      statement.name, statement.parse = nil, nil
    end
  end
end

-- The results of statements out of those that came, of which some are of preparing; or the error.
local function sort_results(connection, list, came)
  local results, failed, at = {}, nil, 0
  for i, statement in ipairs(list) do
    if statement.parse then
      at = at + 1
      local ok = came[at] and not came[at].failed
      connection.prepared[statement.name] = ok or nil
      if came[at] and came[at].failed then failed = failed or came[at] end
    end
    at = at + 1
    results[i] = came[at]
    if came[at] and came[at].failed then failed = failed or came[at] end
  end
  return results, failed
end

local function run(self, connection, list, seconds)
  local handle, event = connection.handle, task.event()
  add_names(self, connection, list)
  local sent, problem = pcall(handle.send, handle, list, seconds, event)
  if not sent then -- a value that cannot be a parameter
    for _, statement in ipairs(list) do
      if statement.parse then connection.prepared[statement.name] = nil end
    end
    error(problem, 0)
  end
  event:wait()
  local state, why, late = handle:status()
  if state ~= "idle" then
    local failure = connect.failure(why or "the connection was closed", nil, { unavailable = true, late = late })
    note_failure(self, failure.message)
    error(failure, 0)
  end
  local results, failed = sort_results(connection, list, handle:results())
  if failed then
    local broken = lost[failed.code]
    local failure = connect.failure(failed.message, failed.code, { detail = failed.detail, constraint = failed.constraint,
      unavailable = broken })
    if broken then
      handle:close()
      note_failure(self, failure.message)
    end
    error(failure, 0)
  end
  note_success(self)
  return results
end

-- ---- Connections ---------------------------------------------------------------------------------

local function set_up(self, connection)
  local names, values = {}, {}
  for name, value in pairs(self.session or {}) do names[#names + 1], values[#values + 1] = name, value end
  run(self, connection, { { "SELECT set_config(s.name, v.value, false) FROM unnest($1::text[], $2::text[]) AS v (name, value) " ..
    "JOIN pg_settings s ON s.name = v.name", Pool.array(names), Pool.array(values), plain = true },
    { "SHOW server_encoding", plain = true } }, self.connect_timeout)
end

local function make(self)
  local handle, server = connect.open(self.parameters, { seconds = self.connect_timeout, first = self.server })
  local connection = { handle = handle, prepared = {} }
  if self.session then
    local ok, problem = pcall(set_up, self, connection)
    if not ok then
      handle:close()
      error(problem, 0)
    end
  end
  self.server = server
  return connection
end

local function give(self, connection)
  local waiter = table.remove(self.waiting, 1)
  if waiter then
    waiter.connection = connection
    waiter.event:set()
  else
    table.insert(self.idle, connection)
  end
end

-- Makes connections for as long as there is somebody who waits for one.
local function grow(self)
  while self.waiting[1] and self.open < self.size and not self.closed do
    local left = self.next_attempt - liveblocks.now()
    if left > 0 then
      task.sleep(left)
    else
      local ok, connection = pcall(make, self)
      if self.closed then
        if ok then connection.handle:close() end
      elseif ok then
        note_success(self)
        self.open, self.all[connection] = self.open + 1, true
        give(self, connection)
      else
        note_failure(self, errors.is(connection) and connection.message or tostring(connection))
        self.pause = math.min(math.max(self.pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
        self.next_attempt = liveblocks.now() + self.pause * (0.75 + math.random() / 2)
      end
    end
  end
  self.growing = nil
end

local function wish_to_grow(self)
  if self.growing or self.closed or not self.waiting[1] or self.open >= self.size then return end
  self.growing = task.spawn(grow, self)
end

local function drop(self, connection)
  connection.handle:close()
  self.open, self.all[connection] = self.open - 1, nil
  wish_to_grow(self)
end

local function leave_queue(self, waiter)
  for i, one in ipairs(self.waiting) do
    if one == waiter then
      table.remove(self.waiting, i)
      return
    end
  end
end

local function is_closed()
  return errors.new("store", "PostgreSQL: the connections are closed", { code = "CLOSED" })
end

local function take(self, deadline)
  if self.closed then error(is_closed(), 0) end
  while self.idle[1] do
    local connection = table.remove(self.idle)
    local state, why = connection.handle:status()
    if state == "idle" then return connection end
    note_failure(self, connect.failure(why or "the connection was closed").message)
    drop(self, connection)
  end
  local waiter = { event = task.event() }
  table.insert(self.waiting, waiter)
  wish_to_grow(self)
  local ok, problem = pcall(wait_within, waiter.event, math.max(deadline - liveblocks.now(), 0))
  if ok and waiter.connection then return waiter.connection end
  if waiter.connection then give(self, waiter.connection) end
  leave_queue(self, waiter)
  if not ok then error(problem, 0) end -- the task was cancelled
  if self.closed then error(is_closed(), 0) end
  local reason = self:problem()
  error(reason and errors.new("store", reason, { code = "08006", unavailable = true, unsent = true })
    or connect.failure("all connections are in use", "08006", { unavailable = true, unsent = true }), 0)
end

local function is_to_repeat(problem)
  return errors.is(problem) and (problem.code == DEADLOCK or problem.code == SERIALIZATION)
end

--- Runs statements as one transaction: all of them or none. Waits; in a task, others go on meanwhile.
---@param list table[] statements: { sql, parameters..., plain = boolean? }
---@param seconds number? the time for it; that of the pool when absent
---@return table[][] results a list of rows for each statement, with `count`
function Pool:transaction(list, seconds)
  local deadline = liveblocks.now() + (seconds or self.timeout)
  for attempt = 1, ATTEMPTS do
    local connection = take(self, deadline)
    local ok, results = pcall(run, self, connection, list, math.max(deadline - liveblocks.now(), 0.05))
    if connection.handle:status() == "idle" then give(self, connection) else drop(self, connection) end
    if ok then return results end
    if not is_to_repeat(results) or attempt == ATTEMPTS then error(results, 0) end
  end
end

--- One statement with its parameters.
---@param sql string
---@param ... any
---@return table[] rows
function Pool:query(sql, ...)
  return self:transaction({ { sql, ... } })[1]
end

-- ---- Notifications -------------------------------------------------------------------------------

local function receive_notifications(self, connection, channel, fn)
  local handle = connection.handle
  run(self, connection, { { 'LISTEN "' .. channel .. '"', plain = true } }, self.timeout)
  fn(nil)
  local last_checked = liveblocks.now()
  while not self.closed do
    local event = task.event()
    handle:on_notify(event)
    for _, note in ipairs(handle:notifications()) do fn(note.payload) end
    if handle:status() ~= "idle" then return end
    wait_within(event, KEEP_ALIVE)
    if liveblocks.now() - last_checked >= KEEP_ALIVE then
      last_checked = liveblocks.now()
      run(self, connection, { { "SELECT 1", plain = true } }, self.timeout)
    end
  end
end

--- Calls fn(payload) for each notification of a channel, on a connection of its own, from a task in which fn may wait. After
--- each connecting fn(nil) is called: what was sent before that was missed.
---@param channel string
---@param fn fun(payload: string?)
function Pool:listen(channel, fn)
  local listener = {}
  table.insert(self.listeners, listener)
  listener.task = task.spawn(function()
    local pause = FIRST_PAUSE
    while not self.closed do
      local made, connection = pcall(make, self)
      if made then
        listener.handle = connection.handle
        local ok, problem = pcall(receive_notifications, self, connection, channel, fn)
        connection.handle:close()
        if ok or not (errors.is(problem) and problem.unavailable) then pause = FIRST_PAUSE end
        if not ok and not self.closed and not (errors.is(problem) and problem.kind == "store") then
          self.log("error", "a notification could not be handled", { reason = tostring(problem) })
        end
      end
      if not self.closed then task.sleep(pause * (0.75 + math.random() / 2)) end
      pause = math.min(pause * 2, LONGEST_PAUSE)
    end
  end)
end

--- Ends all connections at once. A task that waits for one gets an error; what is under way fails. May be called again.
function Pool:close()
  if self.closed then return end
  self.closed = true
  for connection in pairs(self.all) do connection.handle:close() end
  self.idle = {}
  for _, waiter in ipairs(self.waiting) do waiter.event:set() end
  for _, listener in ipairs(self.listeners) do
    if listener.handle then listener.handle:close() end
    listener.task:cancel()
  end
  if self.growing then self.growing:cancel() end
end

Pool.__close = Pool.close

return pool
