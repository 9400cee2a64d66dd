--- The journal of a migration in an SQLite file: one row an item. One run at a time uses it, and holds a lock on the file;
--- others may look at it, and give orders.
local base = require "lbhost.migrate.journal.base"
local errors = require "liveblocks.errors"
local host = require "lbhost.host"
local task = require "liveblocks.task"

local sqlite_journal = {}

local FORMAT = 3
local TRIES, PAUSE = 5, 0.02 -- of locking it; seconds between them
local BUSY = 5 -- seconds to wait for a process that gives an order, or looks

local states, names = base.states, base.names

---@class lbhost.migrate.journal.Sqlite: lbhost.migrate.Journal
local Journal = base.kind()

local function sqlite()
  return require "lbhost.sqlite"
end

local function refuse_file(path, problem)
  errors.usage("'%s' is not a journal of lbhost migrate%s; name another with --journal, or remove it", path,
    problem and (" (%s)"):format(problem) or "")
end

-- One run at a time; a run that was killed leaves no lock.
-- The lock is on the file, so it holds for all of its names. SQLite's log is named after one of them, though: what a run
-- that was killed has left in the log of one name would be missing under another.
local function lock(path)
  local held, problem
  for _ = 1, TRIES do
    held, problem = host.lock_file(path)
    if held or problem then break end
    task.sleep(PAUSE) -- who looks whether a run is using it has it for a moment
  end
  if held then
    local _, links = held:state(path)
    if links <= 1 then return held end
    held:close()
    errors.usage("the journal '%s' has %d names (hard links), and may have one: remove the others", path, links)
  end
  if problem then errors.usage("cannot open the journal: %s", problem) end
  errors.usage("another run is using the journal '%s': --status shows it, and --pause, --unpause, --set and --stop control it", path)
end

-- SQLite takes a very short file for an empty one, and would write over it.
local function check_file(path)
  local file <close> = io.open(path, "rb")
  local head = file and file:read(16)
  if head and head ~= "SQLite format 3\0" then refuse_file(path) end
end

local function check_format(self)
  if self:get "format" == FORMAT then return end
  errors.usage("the journal '%s' was made by another version of lbhost; go on with that one, or begin again with --restart",
    self.path)
end

-- attempts, seconds and changes (lines) are what a report says of an item besides its state.
local TABLES = [[
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS item (key TEXT PRIMARY KEY, state INTEGER NOT NULL, note TEXT, value TEXT,
    attempts INTEGER NOT NULL DEFAULT 0, seconds REAL, changes TEXT) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS intent (id INTEGER PRIMARY KEY, key TEXT NOT NULL, steps TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
    value TEXT);
]]
local FOREIGN = [[SELECT name FROM sqlite_master WHERE name NOT IN ('meta', 'item', 'intent', 'orders')]]

-- Format 2 had no facts of items and no orders.
local function upgrade(db)
  db:exec [[
    ALTER TABLE item ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE item ADD COLUMN seconds REAL;
    ALTER TABLE item ADD COLUMN changes TEXT;
    UPDATE meta SET value = 3 WHERE key = 'format';
  ]]
end

-- Each commit is synced: one that is not would survive the end of the program, but not that of the machine. The log in
-- which commits are kept is emptied often, so that a small disk is enough.
local function prepare(self)
  local db = self.db
  db:exec "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 256"
  if db:row "SELECT 1 FROM sqlite_master WHERE name = 'meta'" and self:get "format" == 2 then db:transaction(upgrade, db) end
  db:exec(TABLES)
  if not self:get "format" then
    if db:row "SELECT 1 FROM item" then refuse_file(self.path) end
    self:set("format", FORMAT)
  end
  check_format(self)
end

-- Writes what was noted; `ids` and `free` are changed to what they will be when that is committed.
local function write(self, marks, steps, ids, free)
  local db = self.db
  for key, mark in pairs(marks) do
    local facts = mark[3] or {}
    db:run("UPDATE item SET state = ?, note = ?, attempts = attempts + 1, seconds = ?, changes = ? WHERE key = ?",
      states[mark[1]], mark[2], facts.seconds, facts.changes and table.concat(facts.changes, "\n"), key)
    local id = mark[1] ~= "failed" and self.intent_ids[key]
    if id then
      free[#free + 1] = id
      ids[key] = false
    end
  end
  for key, list in pairs(steps) do
    local id = ids[key] == nil and self.intent_ids[key] or table.remove(free)
    if id then
      db:run("UPDATE intent SET key = ?, steps = ? WHERE id = ?", key, list, id)
    else
      db:run("INSERT INTO intent (key, steps) VALUES (?, ?)", key, list)
      id = db:last_rowid()
    end
    ids[key] = id
  end
end

-- What is written to a file without a name is lost: the run stops before it does what no journal would know of.
local function check_place(self)
  if not self.lock then return end
  local state = self.lock:state(self.path)
  if state == "same" then return end
  error(errors.new("store", ("the journal '%s' was %s while this run was using it"):format(self.path,
    state == "gone" and "removed" or "replaced by another file"), { code = "JOURNAL_MOVED" }), 0)
end

function Journal:write(marks, steps)
  check_place(self)
  local ids, free = {}, table.move(self.free, 1, #self.free, 1, {})
  self.db:transaction(write, self, marks, steps, ids, free)
  -- Only what was written is forgotten: a full disk may come and go.
  for key, id in pairs(ids) do self.intent_ids[key] = id or nil end
  self.free = free
end

-- Where the intents are: looking one up costs nothing then, and they need no index. The row of an item that was done is
-- left for the next intent.
local function read_intents(self)
  self.intent_ids, self.free = {}, {}
  for id, key, state in self.db:rows "SELECT id, key, state FROM intent LEFT JOIN item USING (key)" do
    if state == states.pending or state == states.failed then
      self.intent_ids[key] = id
    else
      self.free[#self.free + 1] = id
    end
  end
end

local function open_database(path)
  local ok, db = pcall(sqlite().open, path, { busy_timeout = BUSY })
  if not ok then errors.usage("cannot open the journal: %s", tostring(db.message or db)) end
  return db
end

--- Opens a journal, or makes one. `path` may be ":memory:".
---@param path string
---@param options { restart: boolean? }? restart: forget all that is in it
---@return lbhost.migrate.Journal
function sqlite_journal.open(path, options)
  local self = base.make(Journal, path)
  self.used = true
  if path ~= ":memory:" then self.lock = lock(path) end
  local ok, err = pcall(function()
    check_file(path)
    self.db = open_database(path)
    local foreign = self.db:row(FOREIGN)
    if foreign then refuse_file(path, "it has a table " .. foreign) end
    if options and options.restart then
      self.db:exec [[DROP TABLE IF EXISTS meta; DROP TABLE IF EXISTS item; DROP TABLE IF EXISTS intent;
        DROP TABLE IF EXISTS orders; VACUUM]]
    end
    prepare(self)
    read_intents(self)
    self.obeyed = self:last_order()
  end)
  if not ok then
    self:close()
    if errors.is(err) and err.code == "SQLITE_NOTADB" then refuse_file(path) end
    error(err, 0)
  end
  self:recount()
  return self
end

--- Is there a journal at a path?
---@param path string
---@return boolean
function sqlite_journal.exists(path)
  local file <close> = io.open(path, "rb")
  return file ~= nil
end

-- Is a run using the journal at a path? Asked before the file is opened: closing any descriptor of it ends the locks of SQLite
-- on it.
local function is_used(path)
  local held, problem = host.lock_file(path)
  if held then held:close() end
  return not held and not problem
end

--- Opens a journal to look at, and to give orders, also while a run is using it; nil when there is none.
---@param path string
---@return lbhost.migrate.Journal?
function sqlite_journal.look(path)
  if not sqlite_journal.exists(path) then return nil end
  local self = base.make(Journal, path)
  self.used = is_used(path)
  local ok, err = pcall(function()
    check_file(path)
    -- Not read-only: a read-only one would leave files.
    self.db = sqlite().open(path, { create = false, busy_timeout = BUSY })
    check_format(self)
    read_intents(self)
    self:recount()
  end)
  if ok then return self end
  if errors.is(err) and err.kind == "usage" then error(err, 0) end
  refuse_file(path, errors.is(err) and err.message or nil)
end

-- ---- What holds for the whole run ----------------------------------------------------------------

function Journal:get(key)
  return (self.db:row("SELECT value FROM meta WHERE key = ?", key))
end

function Journal:set(key, value)
  self.db:run("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
end

function Journal:recount()
  for name in pairs(states) do self.counts[name] = 0 end
  for state, count in self.db:rows "SELECT state, count(*) FROM item GROUP BY state" do
    self.counts[names[state]] = count
  end
end

--- Was a run using it when it was opened?
---@return boolean
function Journal:in_use()
  return self.used
end

-- ---- Items ---------------------------------------------------------------------------------------

function Journal:insert(keys, texts, settings)
  check_place(self)
  local added = 0
  self.db:transaction(function()
    for _, key in ipairs(keys) do
      local text = texts[key]
      local new = self.db:run("INSERT OR IGNORE INTO item (key, state, value) VALUES (?, 0, ?)", key, text)
      if text and new == 0 then self.check_same(key, select(2, self:item(key)), text) end
      added = added + new
    end
    for name, value in pairs(settings) do self:set(name, value) end
  end)
  return added
end

local function list_of(names_of, rows, ...)
  local list = {}
  for a, b, c, d, e, f in rows, ... do
    local given, row = { a, b, c, d, e, f }, {}
    for i, name in ipairs(names_of) do row[name] = given[i] end
    list[#list + 1] = row
  end
  return list
end

function Journal:page(state, after, limit)
  return list_of({ "key", "value" }, self.db:rows("SELECT key, value FROM item WHERE key > ? AND state = ? ORDER BY key LIMIT ?",
    after, state, limit))
end

function Journal:page_all(after, limit)
  return list_of({ "key", "state", "note", "attempts", "seconds", "changes" }, self.db:rows(
    "SELECT key, state, note, attempts, seconds, changes FROM item WHERE key > ? ORDER BY key LIMIT ?", after, limit))
end

function Journal:page_failures(limit)
  return list_of({ "key", "state", "note" }, self.db:rows(
    "SELECT key, state, note FROM item WHERE state IN (?, ?) ORDER BY key LIMIT ?", states.failed, states.missing, limit))
end

function Journal:item(key)
  return self.db:row("SELECT state, value FROM item WHERE key = ?", key)
end

function Journal:stored_steps(key)
  local id = self.intent_ids[key]
  return id and (self.db:row("SELECT steps FROM intent WHERE id = ?", id)) or nil
end

--- Makes items of one state pending again.
---@return integer how many
function Journal:reset(state)
  local count = self.db:run("UPDATE item SET state = 0, note = NULL WHERE state = ?", states[state])
  self:recount()
  return count
end

--- Makes some items pending again, and forgets what was known of their edits.
---@param keys string[]
function Journal:reset_keys(keys)
  self:flush()
  self.db:transaction(function()
    for _, key in ipairs(keys) do
      self.db:run("UPDATE item SET state = 0, note = NULL WHERE key = ?", key)
      if self.intent_ids[key] then self.db:run("DELETE FROM intent WHERE id = ?", self.intent_ids[key]) end
    end
  end)
  for _, key in ipairs(keys) do self.intent_ids[key], self.steps[key] = nil, nil end
  self:recount()
end

--- Forgets all items and the place of the listing; whose journal it is stays.
function Journal:clear()
  self:flush()
  self.db:transaction(function()
    self.db:exec "DELETE FROM item; DELETE FROM intent; DELETE FROM meta WHERE key IN ('cursor', 'listed', 'completedAt')"
  end)
  self.intent_ids, self.free = {}, {}
  self:recount()
end

-- ---- Orders --------------------------------------------------------------------------------------

--- Says something to the runs that use the journal.
---@param what "pause"|"unpause"|"stop"|"set"
---@param value string?
---@param who string
function Journal:order(what, value, who)
  self.db:run("INSERT INTO orders (at, who, what, value) VALUES (?, ?, ?, ?)", os.date "!%Y-%m-%dT%H:%M:%SZ", who, what, value)
end

--- The orders that came after one, the oldest first.
---@param after integer the number of an order; 0: all
---@return { id: integer, at: string, who: string, what: string, value: string? }[]
function Journal:orders(after)
  local list = {}
  for id, at, who, what, value in self.db:rows("SELECT id, at, who, what, value FROM orders WHERE id > ? ORDER BY id", after) do
    list[#list + 1] = { id = id, at = at, who = who, what = what, value = value }
  end
  return list
end

--- The number of the last order, 0 when there is none.
---@return integer
function Journal:last_order()
  return (self.db:row "SELECT coalesce(max(id), 0) FROM orders")
end

-- ---- The end -------------------------------------------------------------------------------------

function Journal:leave()
  if self.db then
    self.db:close()
    self.db = nil
  end
  -- After the database: closing a file that SQLite has open would take its own locks away.
  if self.lock then
    self.lock:close()
    self.lock = nil
  end
end

return sqlite_journal
