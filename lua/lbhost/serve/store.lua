--- The event store of `lbhost serve`: SQLite, in one file. What a plugin gives in `stores` has the same methods.
---
--- An event is pending until it is done or parked. Events of one lane (a room) are handled in order.
---
---   store:commit(batch)          all of it or nothing; what it returns for is durable. batch has lists (or nil):
---                                  add    { id, type, lane, received, body }: gets `seq`, or `duplicate = true` when
---                                         the id is known, then it is not stored again
---                                  done   { seq }          handled
---                                  failed { seq, attempts, due, error, handled }  to be tried again at `due`
---                                  parked { seq, attempts, error, handled }       waits for the operator
---   store:lanes()                -> iterator of lane, due: lanes with pending events, and when the first one is due
---   store:next(lane, after)      -> the first pending event of a lane with seq > after, or nil
---   store:get(seq)               -> an event: seq, id, type, lane, received, body, state, attempts, due, error, handled
---   store:changed()              -> true when another process has changed it since the last question
---   store:once(id, key)          -> true, result when ctx.once has recorded the key for an event
---   store:put_once(id, key, result)  durable when it returns
---   store:timer(name)            -> when a timer has last run (Unix seconds, what it was due for), or nil
---   store:put_timer(name, due, before)  durable when it returns; false: the stored time is not `before` (nil: none is stored)
---   store:count()                -> { pending, parked, done }
---   store:depth()                -> { pending, parked, oldest }: cheap; oldest: when the oldest pending event was received
---   store:list(filter)           -> iterator of events without bodies, oldest first. filter: state, type, lane, id, limit,
---                                   after (a seq)
---   store:retry(filter)          -> how many parked (or failed) events are pending again, due now
---   store:drop(filter)           -> how many pending and parked events are forgotten
---   store:prune(before)          -> how many done events from before that time are forgotten: some of them, and 0 when none is left
---   store:problem()              -> why nothing can be stored any more, or nil; a store need not have it
---   store:close()
---
--- Times are Unix seconds. `handled` lists the handlers that are done with the event, as one text.
local errors = require "liveblocks.errors"
local host = require "lbhost.host"
local sqlite = require "lbhost.sqlite"

local FORMAT = 1
local APPLICATION = 0x6C626576 -- "lbev"
local PRUNE_AT_ONCE = 2000
local ENOENT <const> = 2

local PENDING, DONE, PARKED = 0, 1, 2
local numbers = { pending = PENDING, done = DONE, parked = PARKED }
local state_names = { [PENDING] = "pending", [DONE] = "done", [PARKED] = "parked" }

-- Ids stay after an event is done: a repeated delivery is recognised by them.
local SCHEMA = ([[
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, lane TEXT NOT NULL, received REAL NOT NULL,
    body TEXT, state INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0,
    error TEXT, handled TEXT NOT NULL DEFAULT '', finished REAL);
  CREATE INDEX pending ON events (lane, seq) WHERE state = 0;
  CREATE INDEX parked ON events (seq) WHERE state = 2;
  CREATE TABLE once (id TEXT, key TEXT, result TEXT, PRIMARY KEY (id, key)) WITHOUT ROWID;
  CREATE TABLE timers (name TEXT PRIMARY KEY, due REAL NOT NULL) WITHOUT ROWID;
  PRAGMA application_id = %d;
  PRAGMA user_version = %d;
]]):format(APPLICATION, FORMAT)

-- By the index of those that are pending: else SQLite would go through all that are done.
local FIRST_PENDING = "SELECT min(seq) FROM events INDEXED BY pending WHERE state = 0"

local EVENT = "seq, id, type, lane, received, body, state, attempts, due, error, handled"

---@class lbhost.serve.Store
local Store = {}
Store.__index = Store
Store.__name = "lbhost.serve.store"

local store = {}

local function to_event(seq, id, kind, lane, received, body, state, attempts, due, problem, handled)
  if not seq then return nil end
  return { seq = seq, id = id, type = kind, lane = lane, received = received, body = body, state = state_names[state],
    attempts = attempts, due = due, error = problem, handled = handled }
end

-- ---- Changes -------------------------------------------------------------------------------------

local function add(db, event)
  local added = db:run("INSERT OR IGNORE INTO events (id, type, lane, received, body) VALUES (?, ?, ?, ?, ?)",
    event.id, event.type, event.lane, event.received, event.body)
  if added == 0 then event.duplicate = true else event.seq = db:last_rowid() end
end

local function apply(db, batch)
  for _, event in ipairs(batch.add or {}) do add(db, event) end
  local now = os.time()
  for _, seq in ipairs(batch.done or {}) do
    db:run("UPDATE events SET state = 1, body = NULL, error = NULL, finished = ? WHERE seq = ?", now, seq)
  end
  for _, failed in ipairs(batch.failed or {}) do
    db:run("UPDATE events SET attempts = ?, due = ?, error = ?, handled = ? WHERE seq = ? AND state = 0",
      failed.attempts, failed.due, failed.error, failed.handled, failed.seq)
  end
  for _, parked in ipairs(batch.parked or {}) do
    db:run("UPDATE events SET state = 2, attempts = ?, error = ?, handled = ? WHERE seq = ? AND state = 0",
      parked.attempts, parked.error, parked.handled, parked.seq)
  end
end

-- A file that was deleted keeps what is written to it only until it is closed.
local states = { gone = "was deleted", replaced = "was replaced by another file" }

--- Why nothing can be stored any more: its file was deleted or replaced. Nil when all is well.
---@return string?
function Store:problem()
  local what = self.lock and states[(self.lock:state(self.path))]
  return what and ("the event store '%s' %s while it is in use; end lbhost serve, bring the file back, and start it again")
    :format(self.path, what)
end

function Store:commit(batch)
  local problem = self:problem()
  if problem then error(errors.new("store", problem, { code = "STORE_GONE" }), 0) end
  self.db:transaction(apply, self.db, batch)
  if not self.all then return end
  for _, event in ipairs(batch.add or {}) do
    if not event.duplicate then self.all = self.all + 1 end
  end
end

function Store:put_once(id, key, result)
  self.db:run("INSERT OR REPLACE INTO once (id, key, result) VALUES (?, ?, ?)", id, key, result)
end

function Store:put_timer(name, due, before)
  if before then return self.db:run("UPDATE timers SET due = ? WHERE name = ? AND due = ?", due, name, before) > 0 end
  return self.db:run("INSERT OR IGNORE INTO timers (name, due) VALUES (?, ?)", name, due) > 0
end

-- ---- Questions -----------------------------------------------------------------------------------

function Store:lanes()
  return self.db:rows "SELECT lane, due, min(seq) FROM events WHERE state = 0 GROUP BY lane ORDER BY min(seq)"
end

function Store:next(lane, after)
  return to_event(self.db:row(("SELECT %s FROM events WHERE state = 0 AND lane = ? AND seq > ? ORDER BY seq LIMIT 1")
    :format(EVENT), lane, after))
end

function Store:get(seq)
  return to_event(self.db:row(("SELECT %s FROM events WHERE seq = ?"):format(EVENT), seq))
end

function Store:changed()
  local version = self.db:row "PRAGMA data_version"
  local changed = version ~= self.version
  self.version = version
  return changed
end

function Store:once(id, key)
  local found, result = self.db:row("SELECT 1, result FROM once WHERE id = ? AND key = ?", id, key)
  return found ~= nil, result
end

function Store:timer(name)
  return (self.db:row("SELECT due FROM timers WHERE name = ?", name))
end

function Store:count()
  local pending = self.db:row "SELECT count(*) FROM events WHERE state = 0"
  local parked = self.db:row "SELECT count(*) FROM events WHERE state = 2"
  -- Counted once, which reads them all; only this process adds and forgets events.
  self.all = self.all or self.db:row "SELECT count(*) FROM events"
  return { pending = pending, parked = parked, done = self.all - pending - parked }
end

function Store:depth()
  local pending = self.db:row "SELECT count(*) FROM events WHERE state = 0"
  local parked = self.db:row "SELECT count(*) FROM events WHERE state = 2"
  local first = self.db:row(FIRST_PENDING)
  local oldest = first and self.db:row("SELECT received FROM events WHERE seq = ?", first) or nil
  return { pending = pending, parked = parked, oldest = oldest }
end

-- ---- For people ----------------------------------------------------------------------------------

-- SQL and values of a filter.
local function where(filter, allowed)
  local parts, values = { ("state IN (%s)"):format(allowed) }, {}
  if filter.state then
    parts[#parts + 1], values[#values + 1] = "state = ?", numbers[filter.state]
    -- In the order of seq, SQLite would go through all that are done before the first of these.
    if filter.state == "pending" then parts[#parts + 1] = ("seq >= (%s)"):format(FIRST_PENDING) end
  end
  for _, field in ipairs { "type", "lane", "id" } do
    if filter[field] then
      parts[#parts + 1], values[#values + 1] = field .. " = ?", filter[field]
    end
  end
  if filter.after then
    parts[#parts + 1], values[#values + 1] = "seq > ?", filter.after
  end
  return " WHERE " .. table.concat(parts, " AND "), values
end

function Store:list(filter)
  local condition, values = where(filter, "0, 1, 2")
  local sql = "SELECT " .. EVENT:gsub("body", "NULL") .. " FROM events" .. condition .. " ORDER BY seq LIMIT ?"
  values[#values + 1] = filter.limit or -1
  local step, _, _, closer = self.db:rows(sql, table.unpack(values))
  return function() return to_event(step()) end, nil, nil, closer
end

function Store:retry(filter)
  local condition, values = where(filter, "0, 2")
  return self.db:run("UPDATE events SET state = 0, attempts = 0, due = 0" .. condition ..
    " AND (state = 2 OR attempts > 0)", table.unpack(values))
end

function Store:drop(filter)
  local condition, values = where(filter, "0, 2")
  return self.db:run("UPDATE events SET state = 1, body = NULL, finished = " .. os.time() .. condition,
    table.unpack(values))
end

-- A piece of the oldest events, after self.pruned. How many of them went, and where the next piece begins, if there may be old ones in
-- it: one with a time from the future, by a clock that was wrong, does not keep those after it.
local function prune_piece(self, before)
  return self.db:transaction(function()
    local count, last, passed, now = 0, nil, false, os.time()
    for seq, id, state, received, finished in self.db:rows(
      "SELECT seq, id, state, received, finished FROM events WHERE seq > ? ORDER BY seq LIMIT ?", self.pruned, PRUNE_AT_ONCE) do
      last, passed = seq, passed or received < before or received > now
      if state == DONE and finished and finished < before then
        self.db:run("DELETE FROM once WHERE id = ?", id)
        count = count + self.db:run("DELETE FROM events WHERE seq = ?", seq)
      end
    end
    return count, passed and last or nil
  end)
end

function Store:prune(before)
  if self.pruning ~= before then self.pruning, self.pruned = before, 0 end
  while self.pruned do
    local count
    count, self.pruned = prune_piece(self, before)
    self.all = self.all and self.all - count
    if count > 0 then return count end
  end
  self.pruning = nil
  return 0
end

function Store:close()
  self.db:close()
  if self.lock then self.lock:close() end
end

Store.__close = Store.close

-- ---- Opening -------------------------------------------------------------------------------------

local function refuse(path, format, ...)
  errors.usage("the event store '%s' %s", path, format:format(...))
end

local function exists(path)
  local file <close>, _, number = io.open(path, "rb")
  return file ~= nil or number ~= ENOENT
end

-- Before anything is written: is it an event store, and whole?
local function check(db, path)
  local ok, application = pcall(db.row, db, "PRAGMA application_id")
  if not ok then refuse(path, "is damaged or not a database, and is left as it is: %s", application.message) end
  local empty = (db:row "SELECT count(*) FROM sqlite_master") == 0
  if empty then return true end
  if application ~= APPLICATION then refuse(path, "is a database of something else, and is left as it is") end
  local format = db:row "PRAGMA user_version"
  if format ~= FORMAT then refuse(path, "has the format %d; this lbhost knows %d", format, FORMAT) end
  local whole, result = pcall(db.row, db, "PRAGMA quick_check(1)")
  if not whole or result ~= "ok" then
    refuse(path, "is damaged, and is left as it is (%s); move it away, or bring back a copy of it",
      whole and result:gsub("%s+", " ") or result.message)
  end
end

-- Locks the file itself: a process that names it in another way meets the same lock.
local function take(path)
  local lock, problem = host.lock_file(path)
  if problem then refuse(path, "cannot be made: %s (--store FILE names another place)", problem) end
  if not lock then refuse(path, "is in use by another lbhost serve") end
  local _, names = lock:state(path)
  if names == 1 then return lock end
  lock:close()
  refuse(path, "has %d names (hard links), and SQLite keeps a log beside each: leave one of them", names)
end

--- Opens the store of a path.
---@param path string
---@param options { create: boolean?, lock: boolean? }? lock: refuse when another process has locked it
---@return lbhost.serve.Store
function store.open(path, options)
  options = options or {}
  if options.create == false and not exists(path) then
    refuse(path, "does not exist yet: lbhost serve makes it (--store FILE names another one)")
  end
  local lock = options.lock and take(path)
  local opened, db = pcall(sqlite.open, path, { create = options.create ~= false, busy_timeout = 5, private = true })
  local good, fresh = opened, nil
  if opened then good, fresh = pcall(check, db, path) end
  if good then
    db:exec "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"
    if fresh then db:transaction(db.exec, db, SCHEMA) end
    return setmetatable({ db = db, lock = lock, path = path }, Store)
  end
  -- In this order: closing the file would end the locks of SQLite as well.
  if opened then db:close() end
  if lock then lock:close() end
  if opened then error(fresh, 0) end
  local file <close>, why = io.open(path, "rb")
  refuse(path, "cannot be opened: %s", file and db.message or why)
end

return store
