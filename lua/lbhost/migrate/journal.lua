--- The journal of a migration: which items there are and how far each has come. SQLite, one row an item.
---
--- Each edit is made exactly once, whenever the program or the machine stops:
---
---   - What an edit of Storage is about to do, its intent, is durable before its request leaves (`intend` returns only
---     then). So of an item without an intent nothing was sent, and it is done again.
---   - How an item ended is noted (`mark`), and nobody waits until that is durable: when it is lost, the intent is still
---     there, and the document itself shows whether the edit was made (liveblocks.storage.outcome). Then it is not
---     repeated. The next items may begin meanwhile, for they have intents of their own.
---   - Intents and ends are written in one transaction with those of other items: all of it is there or nothing. An
---     intent is given up (its row goes to another item) only in the transaction that says that its item is done.
---   - A commit that fails fails all that wait for it: they send nothing, and their items stay pending.
---
--- An intent waits a moment for those of the other items in flight, so that they share a commit and its sync. Of items
--- that are done no intent is kept; of those that failed it is.
---
--- The contract of a journal, for those who write one that is kept elsewhere:
---
---   open(path, options), look(path)   a journal for one run; one to look at and to give orders, while a run uses it
---   get(name), set(name, value)       what holds for the whole run
---   identify(identity)                sets what the journal is of, with its first items
---   add(keys, place, values)          new items, pending, with the place that the listing has reached, at once
---   each(state)                       items in a state, each to one caller; all(): every item; state_of(key)
---   intend(key, steps, all), intents(key), mark(key, state, note, steps, facts), flush()   as above
---   failures(limit)                   the first items that failed or were not found: { key, state, note }
---   reset(state), reset_keys(keys), clear()   items are pending again; none is known any more
---   counts, total()                   items by state, kept up to date
---   order(what, value, who), orders(after)   what is said to the runs that use it: pause, unpause, stop, set; each with a
---                                     number, the time and who gave it, and never taken away
---   obeyed                            the number of the last order that is not for this run: that of the last one when it
---                                     was opened
---   close()
local committer = require "lbhost.util.group_commit"
local equal = require("liveblocks.storage.value").equal
local errors = require "liveblocks.errors"
local host = require "lbhost.host"
local json = require "liveblocks.json"
local task = require "liveblocks.task"

local journal = {}

local FORMAT = 3
local BATCH = 256
local FLUSH = 0.2 -- seconds until marks are committed without an intent
local GATHER = 0.003 -- seconds that an intent waits for those of other items
local TRIES, PAUSE = 5, 0.02 -- of locking it; seconds between them
local BUSY = 5 -- seconds to wait for who gives an order, or looks

--- States of an item as they are stored.
journal.states = { pending = 0, done = 1, unchanged = 2, failed = 3, gone = 4, missing = 5 }
local names = {}
for name, number in pairs(journal.states) do names[number] = name end

---@class lbhost.migrate.Journal
---@field counts table<string, integer> items by state
---@field obeyed integer the number of the last order that is not for this run, or that was obeyed
local Journal = {}
Journal.__index = Journal

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
local function write(self, ids, free)
  local db = self.db
  for key, mark in pairs(self.marks) do
    local facts = mark[3] or {}
    db:run("UPDATE item SET state = ?, note = ?, attempts = attempts + 1, seconds = ?, changes = ? WHERE key = ?",
      journal.states[mark[1]], mark[2], facts.seconds, facts.changes and table.concat(facts.changes, "\n"), key)
    local id = mark[1] ~= "failed" and self.intent_ids[key]
    if id then
      free[#free + 1] = id
      ids[key] = false
    end
  end
  for key, list in pairs(self.steps) do
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

local function commit(self)
  if not next(self.marks) and not next(self.steps) then return end
  check_place(self)
  local ids, free = {}, table.move(self.free, 1, #self.free, 1, {})
  self.db:transaction(write, self, ids, free)
  -- Only what was written is forgotten: a full disk may come and go.
  for key, id in pairs(ids) do self.intent_ids[key] = id or nil end
  self.free = free
  self.marks, self.steps = {}, {}
end

local function make(path)
  local self = setmetatable({ path = path, marks = {}, counts = {}, steps = {} }, Journal)
  self.committer = committer.new(function()
    local ok, problem = pcall(commit, self)
    self.problem = not ok and problem or nil
    return ok, problem
  end)
  return self
end

-- Where the intents are: looking one up costs nothing then, and they need no index. The row of an item that was done is
-- left for the next intent.
local function read_intents(self)
  self.intent_ids, self.free = {}, {}
  for id, key, state in self.db:rows "SELECT id, key, state FROM intent LEFT JOIN item USING (key)" do
    if state == journal.states.pending or state == journal.states.failed then
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
function journal.open(path, options)
  local self = make(path)
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
function journal.exists(path)
  local file <close> = io.open(path, "rb")
  return file ~= nil
end

--- Is a run using the journal at a path?
---@param path string
---@return boolean
function journal.in_use(path)
  if not journal.exists(path) then return false end
  local held, problem = host.lock_file(path)
  if held then held:close() end
  return not held and not problem
end

--- Opens a journal to look at, and to give orders, also while a run is using it; nil when there is none.
---@param path string
---@return lbhost.migrate.Journal?
function journal.look(path)
  if not journal.exists(path) then return nil end
  local self = make(path)
  local ok, err = pcall(function()
    check_file(path)
    -- Not read-only: such a one would leave files.
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

--- Whose journal it is, written with its first items: a run that got nowhere binds nobody.
---@param identity table<string, any>
function Journal:identify(identity)
  self.identity = identity
  if self:total() == 0 then return end
  for name, value in pairs(identity) do self:set(name, value) end
  self.identity = nil
end

function Journal:recount()
  for name in pairs(journal.states) do self.counts[name] = 0 end
  for state, count in self.db:rows "SELECT state, count(*) FROM item GROUP BY state" do
    self.counts[names[state]] = count
  end
end

--- How many items there are.
function Journal:total()
  local total = 0
  for _, count in pairs(self.counts) do total = total + count end
  return total
end

-- ---- Items ---------------------------------------------------------------------------------------

--- Commits what has been noted.
function Journal:flush()
  local ok, problem = self.committer:flush()
  if not ok then error(problem, 0) end
end

-- The same item may be listed again, but not another one under its key.
local function check_same(self, key, text)
  local _, known = self:state_of(key)
  if not equal(known, json.decode(text)) then
    errors.usage("the source gives two different items with the id '%s'", key)
  end
end

--- Adds items that are not there yet, with the place the listing has come to, in one commit.
---@param keys string[]
---@param place table<string, any>? for `set`
---@param values table<string, any>? what belongs to a key, as JSON
---@return integer added
function Journal:add(keys, place, values)
  check_place(self)
  local added = 0
  self.db:transaction(function()
    for _, key in ipairs(keys) do
      local text = values and values[key] ~= nil and json.encode(values[key]) or nil
      local new = self.db:run("INSERT OR IGNORE INTO item (key, state, value) VALUES (?, 0, ?)", key, text)
      if text and new == 0 then check_same(self, key, text) end
      added = added + new
    end
    for name, value in pairs(place or {}) do self:set(name, value) end
    for name, value in pairs(self.identity or {}) do self:set(name, value) end
  end)
  self.identity = nil
  self.counts.pending = self.counts.pending + added
  return added
end

--- Items that are in a state now, in the order of their keys, read in batches: an iterator of key, value.
---@param state string
function Journal:each(state)
  self:flush()
  local last, batch, i = "", {}, 0
  local number = journal.states[state]
  return function()
    i = i + 1
    if not batch[i] then
      if batch.ended then return nil end
      batch, i = {}, 1
      for key, value in self.db:rows("SELECT key, value FROM item WHERE key > ? AND state = ? ORDER BY key LIMIT ?",
        last, number, BATCH) do
        batch[#batch + 1] = { key, value and json.decode(value) }
      end
      batch.ended = #batch < BATCH
      if not batch[1] then return nil end
      last = batch[#batch][1]
    end
    return batch[i][1], batch[i][2]
  end
end

local function lines_of(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do list[#list + 1] = line end
  return list
end

--- All items, in the order of their keys: an iterator of key, state, note, facts: { attempts, seconds?, changes? }.
function Journal:all()
  local rows = self.db:rows "SELECT key, state, note, attempts, seconds, changes FROM item ORDER BY key"
  return function()
    local key, state, note, attempts, seconds, changes = rows()
    if not key then return nil end
    return key, names[state], note, { attempts = attempts, seconds = seconds, changes = changes and lines_of(changes) }
  end
end

--- The first items that failed or were not found, in the order of their keys.
---@param limit integer
---@return { key: string, state: "failed"|"missing", note: string? }[]
function Journal:failures(limit)
  local list = {}
  for key, state, note in self.db:rows("SELECT key, state, note FROM item WHERE state IN (?, ?) ORDER BY key LIMIT ?",
    journal.states.failed, journal.states.missing, limit) do
    list[#list + 1] = { key = key, state = names[state], note = note }
  end
  return list
end

--- The state of an item, nil when there is none, and its value.
function Journal:state_of(key)
  local state, value = self.db:row("SELECT state, value FROM item WHERE key = ?", key)
  local mark = self.marks[key]
  return mark and mark[1] or names[state], value and json.decode(value)
end

--- Makes items of one state pending again.
---@return integer how many
function Journal:reset(state)
  local count = self.db:run("UPDATE item SET state = 0, note = NULL WHERE state = ?", journal.states[state])
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

--- Notes how an item ended.
---@param key string
---@param state "done"|"unchanged"|"failed"|"gone"|"missing"
---@param note string?
---@param steps table[]? of an item that failed: what is known of its edits, for when it is done again
---@param facts { seconds: number?, changes: string[]? }? for reports; each change is a line
function Journal:mark(key, state, note, steps, facts)
  self.marks[key] = { state, note, facts }
  if steps then self.steps[key] = json.encode(json.array(steps)) end
  self.counts.pending = self.counts.pending - 1
  self.counts[state] = self.counts[state] + 1
  self.committer:plan(FLUSH)
  if self.problem then error(self.problem, 0) end
end

-- ---- Intents -------------------------------------------------------------------------------------

--- What was about to be done for an item when a run ended without a word: a list of steps.
---@return table[]
function Journal:intents(key)
  local id = self.intent_ids[key]
  local text = self.steps[key] or (id and self.db:row("SELECT steps FROM intent WHERE id = ?", id))
  return text and json.decode(text) or {}
end

--- Commits what is about to be done for an item, together with what is noted of others; returns when that is durable,
--- or raises.
---@param key string
---@param steps table[]
---@param all integer how many items may be about to do something
function Journal:intend(key, steps, all)
  self.steps[key] = json.encode(json.array(steps))
  self.committer:wait(all, GATHER)
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

function Journal:close()
  local ok, err = true, nil
  if self.db then
    if next(self.marks) then ok, err = pcall(commit, self) end
    self.committer:close()
    self.db:close()
    self.db = nil
  end
  -- After the database: closing a file that SQLite has open would take its own locks away.
  if self.lock then
    self.lock:close()
    self.lock = nil
  end
  if not ok then error(err, 0) end
end

Journal.__close = Journal.close

return journal
