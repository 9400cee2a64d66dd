--- The journal of a migration in PostgreSQL, which several hosts use at the same time: they share its items
--- (lua/lbhost/migrate/journal.lua has the contract, and why each edit is made once; journal/host.lua how a host takes part).
local base = require "lbhost.migrate.journal.base"
local control = require "lbhost.migrate.control"
local crypto = require "liveblocks.crypto"
local errors = require "liveblocks.errors"
local hosts = require "lbhost.migrate.journal.host"
local json = require "liveblocks.json"
local schema = require "lbhost.migrate.journal.schema"
local secrets = require "lbhost.util.secrets"
local shared = require "lbhost.postgres.shared"
local task = require "liveblocks.task"

local postgres_journal = {}

local TIMEOUT <const> = 5 -- seconds of a transaction; `timeout` in the URL
local LEASE <const> = 10  -- seconds; `lease` in the URL
local WAIT <const> = 0.25 -- seconds until a host looks again whether there is something for it
local CONNECTIONS <const> = 3

local states, names = base.states, base.names

---@class lbhost.migrate.journal.Postgres: lbhost.migrate.Journal
---@field host lbhost.migrate.journal.Host? nil when it is only looked at
local Journal = base.kind()
Journal.shared = true

-- ---- SQL -----------------------------------------------------------------------------------------

local SET = "INSERT INTO lbhost_journal_meta VALUES ($1, $2, $3) ON CONFLICT (journal, name) DO UPDATE SET value = excluded.value"
local SET_FIRST = "INSERT INTO lbhost_journal_meta VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
local GET = "SELECT value FROM lbhost_journal_meta WHERE journal = $1 AND name = $2"
-- What is not all done any more is to be finished once more.
local INSERT = [[WITH new AS (INSERT INTO lbhost_journal_items (journal, key, value)
    SELECT $1, key, value FROM unnest($2::text[], $3::text[]) AS g (key, value) ON CONFLICT DO NOTHING RETURNING key),
  undone AS (DELETE FROM lbhost_journal_meta WHERE journal = $1 AND name IN ('completedAt', 'completedBy') AND EXISTS (SELECT FROM new))
  SELECT count(*) AS n FROM new]]
local KNOWN = "SELECT key, value FROM lbhost_journal_items WHERE journal = $1 AND key = ANY ($2::text[])"
local COUNT = "SELECT state, count(*) AS n FROM lbhost_journal_items WHERE journal = $1 GROUP BY state"
local PAGE = "SELECT key, value FROM lbhost_journal_items WHERE journal = $1 AND key > $2 AND state = $3 ORDER BY key LIMIT $4"
local PAGE_ALL = [[SELECT key, state, note, attempts, seconds, changes FROM lbhost_journal_items WHERE journal = $1 AND key > $2
  ORDER BY key LIMIT $3]]
local FAILURES = "SELECT key, state, note FROM lbhost_journal_items WHERE journal = $1 AND state IN (3, 5) ORDER BY key LIMIT $2"
local ITEM = "SELECT state, value, steps FROM lbhost_journal_items WHERE journal = $1 AND key = $2"
-- Only of items that this host has.
local MARK = [[UPDATE lbhost_journal_items i SET state = m.state, note = m.note, attempts = i.attempts + 1, seconds = m.seconds,
    changes = m.changes, host = NULL, steps = CASE WHEN m.state = 3 THEN coalesce(m.steps, i.steps) END
  FROM unnest($3::text[], $4::smallint[], $5::text[], $6::float8[], $7::text[], $8::text[])
    AS m (key, state, note, seconds, changes, steps)
  WHERE i.journal = $1 AND i.host = $2 AND i.key = m.key]]
local INTEND = [[UPDATE lbhost_journal_items i SET steps = m.steps FROM unnest($3::text[], $4::text[]) AS m (key, steps)
  WHERE i.journal = $1 AND i.host = $2 AND i.key = m.key RETURNING i.key]]
local UNDONE = "DELETE FROM lbhost_journal_meta WHERE journal = $1 AND name IN ('completedAt', 'completedBy')"
local RESET = "UPDATE lbhost_journal_items SET state = 0, note = NULL WHERE journal = $1 AND state = $2"
local RESET_KEYS = [[UPDATE lbhost_journal_items SET state = 0, note = NULL, steps = NULL WHERE journal = $1 AND key = ANY ($2::text[])
  AND host IS NULL]]
local CLEAR = { "DELETE FROM lbhost_journal_items WHERE journal = $1",
  "DELETE FROM lbhost_journal_meta WHERE journal = $1 AND name IN ('cursor', 'listed', 'completedAt', 'completedBy')" }
local ORDER = [[INSERT INTO lbhost_journal_orders (journal, at, who, what, value)
  VALUES ($1, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), $2, $3, $4)]]
local SET_RATE = "UPDATE lbhost_journals SET rate = $2 WHERE id = $1"
local ORDERS = "SELECT id, at, who, what, value FROM lbhost_journal_orders WHERE journal = $1 AND id > $2 ORDER BY id"
local LAST_ORDER = "SELECT coalesce(max(id), 0) AS id FROM lbhost_journal_orders WHERE journal = $1"
local LIST_TURN = [[UPDATE lbhost_journals SET lister = $2 WHERE id = $1 AND (lister IS NULL OR lister = $2
  OR NOT EXISTS (SELECT FROM lbhost_journal_hosts h WHERE h.id = lister)) RETURNING id]]
local LIST_END = "UPDATE lbhost_journals SET lister = NULL WHERE id = $1 AND lister = $2"
local IN_USE = shared.epoch "SELECT EXISTS (SELECT FROM lbhost_journal_hosts WHERE journal = $1 AND until > NOW) AS used"

-- ---- Opening -------------------------------------------------------------------------------------

local function host_name()
  local file <close> = io.open("/proc/sys/kernel/hostname", "r")
  return ("%s:%d"):format(file and file:read "l" or "?", require("lbhost.host").process_id())
end

local function open_pool(url, log)
  secrets.add_url(url)
  local last
  local pool = shared.open(url, { timeout = TIMEOUT, size = CONNECTIONS, log = function(_, text, fields)
    local line = fields.reason and ("%s: %s"):format(text, fields.reason) or text
    if log and line ~= last then log(line) end
    last = line
  end })
  return pool
end

-- What it is called in the database.
local function name_of(pool, name)
  return pool.settings.journal or name or errors.usage "which journal? Name it in the URL: postgres://HOST/DATABASE?journal=NAME"
end

local function check_format(self, format)
  if format == schema.FORMAT then return end
  errors.usage("the journal '%s' was made by another version of lbhost; go on with that one, or name another with ?journal=NAME "
    .. "in the URL", self.path)
end

local function make(url, pool)
  local self = base.make(Journal, secrets.hide(url))
  self.pool = pool
  return self
end

-- Raises with the connections closed.
local function guarded(self, fn)
  local ok, problem = pcall(fn)
  if ok then return self end
  if self.host then self.host:leave() end
  self.pool:close()
  error(problem, 0)
end

local function take_part(self, options)
  self.host = hosts.new(self.pool, self.id, { name = host_name(), file = options.file or "", lease = self.pool.settings.lease or LEASE,
    log = options.log or function() end, pace = options.pace, count = function() self:recount() end,
    on_lost = function() self.marks, self.steps = {}, {} end })
  self.first, self.obeyed = self.host:register { alone = options.alone, restart = options.restart }
  self.old_orders = self.pool:query(LAST_ORDER, self.id)[1].id
  local pace = options.pace
  if pace and pace.given and not self.first then
    local now = self.pool:query("SELECT rate FROM lbhost_journals WHERE id = $1", self.id)[1].rate
    if now ~= pace.rate then self:order("set", ("rate=%g"):format(pace.rate), control.who()) end
  end
  self.host:join()
end

--- Opens a journal for a run, or makes one; from now on this host is one of those that share it.
---@param url string
---@param options { name: string, file: string?, restart: boolean?, alone: boolean?, log: fun(text: string)?,
---pace: { client: liveblocks.Client, rate: number?, given: boolean? }? } file: what must be the same on all hosts; alone: only
---when no other uses it; rate: of all hosts together, which the first one decides unless it was `given`
---@return lbhost.migrate.Journal
function postgres_journal.open(url, options)
  local pool = open_pool(url, options.log)
  local self = make(url, pool)
  return guarded(self, function()
    local name = name_of(pool, options.name)
    schema.prepare(pool)
    pool:query("INSERT INTO lbhost_journals (name, format) VALUES ($1, $2) ON CONFLICT DO NOTHING", name, schema.FORMAT)
    local row = pool:query("SELECT id, format FROM lbhost_journals WHERE name = $1", name)[1]
    check_format(self, row.format)
    self.id = row.id
    take_part(self, options)
    self:recount()
  end)
end

--- Opens a journal to look at, and to give orders; nil when there is none.
---@param url string
---@param given string? its name, unless the URL has one
---@return lbhost.migrate.Journal?
function postgres_journal.look(url, given)
  local pool = open_pool(url)
  local self = make(url, pool)
  guarded(self, function()
    local name = name_of(pool, given)
    local row = schema.exists(pool) and pool:query("SELECT id, format FROM lbhost_journals WHERE name = $1", name)[1]
    if not row then return end
    check_format(self, row.format)
    self.id = row.id
    self:recount()
  end)
  if self.id then return self end
  pool:close()
end

--- Is there such a journal?
function postgres_journal.exists(url, name)
  local found <close> = postgres_journal.look(url, name)
  return found ~= nil
end

--- The names of the journals in a database.
---@param url string
---@return string[]
function postgres_journal.names(url)
  local pool <close> = open_pool(url)
  local list = {}
  if pool.settings.journal then return { pool.settings.journal } end
  for _, row in ipairs(schema.exists(pool) and pool:query "SELECT name FROM lbhost_journals ORDER BY name" or {}) do
    list[#list + 1] = row.name
  end
  return list
end

-- Asks; a run waits while the database does not respond.
local function ask(self, sql, ...)
  local statement = { sql, self.id, ... }
  if self.host then return self.host:ask({ statement })[1] end
  return self.pool:transaction({ statement })[1]
end

--- The run that uses it: it says how many items it has in flight, and when it is to end.
---@param run lbhost.migrate.Run
function Journal:attach(run)
  self.run, self.host.run = run, run
  function run.workers.on_stop() self.host:stop() end
end

local function is_stopping(self)
  return self.run and self.run.workers.stopping
end

-- ---- What holds for the whole run ----------------------------------------------------------------

function Journal:get(name)
  local row = ask(self, GET, name)[1]
  return row and row.value
end

function Journal:set(name, value)
  ask(self, SET, name, tostring(value))
end

function Journal:recount()
  local rows = ask(self, COUNT)
  for name in pairs(states) do self.counts[name] = 0 end
  for _, row in ipairs(rows) do self.counts[names[row.state]] = row.n end
end

--- The first host that says so is the one that finishes it.
function Journal:complete(at)
  self.token = self.token or crypto.random_id(20)
  local list = { { SET_FIRST, self.id, "completedBy", self.token }, { SET_FIRST, self.id, "completedAt", at },
    { GET, self.id, "completedBy" } }
  return self.host:ask(list)[3][1].value == self.token
end

function Journal:in_use()
  return ask(self, IN_USE)[1].used
end

function Journal:hosts()
  return hosts.list(self.pool, self.id)
end

function Journal:known_hosts()
  return self.host.rows
end

-- ---- Listing -------------------------------------------------------------------------------------

-- Bytes that text in PostgreSQL cannot have are shown as escapes: they are for people alone.
local function printable(text)
  if not text or utf8.len(text) and not text:find "\0" then return text end
  return (text:gsub("[%z\128-\255]", function(byte) return ("\\x%02x"):format(byte:byte()) end))
end

local function check_keys(keys)
  for _, key in ipairs(keys) do
    if not utf8.len(key) or key:find "\0" then
      errors.usage("the id '%s' is not UTF-8, or has a NUL: a journal in PostgreSQL cannot have it", printable(key))
    end
  end
end

function Journal:insert(keys, texts, settings)
  check_keys(keys)
  local array, with_text, values = self.pool.array, {}, {}
  for i, key in ipairs(keys) do
    values[i] = { text = texts[key] }
    if texts[key] then with_text[#with_text + 1] = key end
  end
  if with_text[1] then
    for _, row in ipairs(ask(self, KNOWN, array(with_text))) do self.check_same(row.key, row.value, texts[row.key]) end
  end
  return self.host:transaction(function()
    local list = { { INSERT, self.id, array(keys), array(values, "text") } }
    for name, value in pairs(settings) do list[#list + 1] = { SET, self.id, name, tostring(value) } end
    return list
  end)[1][1].n
end

--- One host lists at a time; when it ends in the middle, another one goes on.
function Journal:while_listing(fn)
  while not is_stopping(self) do
    local ok, problem = pcall(function()
      local turn = self.host:transaction(function(id) return { { LIST_TURN, self.id, id } } end)[1][1]
      if not turn then return false end
      fn()
      self.host:transaction(function(id) return { { LIST_END, self.id, id } } end)
      return true
    end)
    if ok and problem then return end
    if not ok and not hosts.is_moved(problem) then
      pcall(self.pool.query, self.pool, LIST_END, self.id, self.host.id)
      error(problem, 0)
    end
    task.sleep(WAIT)
    self:recount()
  end
end

-- ---- Items ---------------------------------------------------------------------------------------

function Journal:page(state, after, limit)
  return ask(self, PAGE, after, state, limit)
end

function Journal:page_all(after, limit)
  return ask(self, PAGE_ALL, after, limit)
end

function Journal:page_failures(limit)
  return ask(self, FAILURES, limit)
end

function Journal:item(key)
  local row = ask(self, ITEM, key)[1]
  if row then return row.state, row.value end
end

function Journal:stored_steps(key)
  local item = self.host and self.host.owned[key]
  if item then return item.steps end
  local row = ask(self, ITEM, key)[1]
  return row and row.steps
end

-- How many items are claimed together: not more than are done here.
local function claimed_together(run)
  if not run then return 16 end
  return math.min(2 * run.workers.wanted, run.listing.left)
end

--- Items to be done: those that this host claims, until there are none that are pending on any host.
---@param more (fun(): boolean)? lists further when none is free; false when there is nothing to list
function Journal:take(more)
  return function()
    while not is_stopping(self) do
      local key, value = self.host:next_item(claimed_together(self.run))
      if key then return key, value and json.decode(value) end
      if not (more and more()) then
        if not value then return nil end
        task.sleep(WAIT)
      end
    end
  end
end

function Journal:take_one(key)
  local taken, value = self.host:take_one(key)
  if taken then return true, value and json.decode(value) end
  return false, (self:state_of(key))
end

function Journal:give_back(key)
  self.host.stale[key] = nil
end

function Journal:mark(key, ...)
  local item = self.host.owned[key]
  if not item then return self:give_back(key) end
  item.started = false -- nothing more is done of it
  base.methods.mark(self, key, ...)
end

function Journal:intend(key, steps, all)
  local item = self.host.owned[key]
  if not item then error(hosts.moved(key), 0) end
  item.steps = json.encode(json.array(steps))
  base.methods.intend(self, key, steps, all)
  if self.host.owned[key] ~= item then error(hosts.moved(key), 0) end
end

local function rows_of_marks(marks, steps)
  local list = {}
  for key, mark in pairs(marks) do
    local facts = mark[3] or {}
    list[#list + 1] = { key = key, state = states[mark[1]], note = printable(mark[2]), seconds = facts.seconds,
      changes = facts.changes and printable(table.concat(facts.changes, "\n")), steps = steps[key] }
  end
  return list
end

local function rows_of_steps(marks, steps)
  local list = {}
  for key, text in pairs(steps) do
    if not marks[key] then list[#list + 1] = { key = key, steps = text } end
  end
  return list
end

-- Those that the database does not count among the items of this host: others have them.
local function forget_others(self, intents, rows)
  local there = {}
  for _, row in ipairs(rows) do there[row.key] = true end
  for _, row in ipairs(intents) do
    if not there[row.key] then
      self.host.owned[row.key] = nil
      self.host.stale[row.key] = true
    end
  end
end

function Journal:write(marks, steps)
  local ended, intents, array = rows_of_marks(marks, steps), rows_of_steps(marks, steps), self.pool.array
  local ok, results = pcall(self.host.transaction, self.host, function(id)
    local list = {}
    if intents[1] then list[1] = { INTEND, self.id, id, array(intents, "key"), array(intents, "steps") } end
    if ended[1] then
      list[#list + 1] = { MARK, self.id, id, array(ended, "key"), array(ended, "state"), array(ended, "note"),
        array(ended, "seconds"), array(ended, "changes"), array(ended, "steps") }
    end
    return list
  end)
  if not ok and not hosts.is_moved(results) then error(results, 0) end -- else who waits finds that others have its item
  if not ok then return end
  if intents[1] then forget_others(self, intents, results[1]) end
  for key in pairs(marks) do self.host.owned[key] = nil end
end

--- Makes items of one state pending again.
---@return integer how many
function Journal:reset(state)
  local count = ask(self, RESET, states[state]).count
  if count > 0 then ask(self, UNDONE) end
  self:recount()
  return count
end

--- Makes some items pending again, and forgets what was known of their edits.
---@param keys string[]
function Journal:reset_keys(keys)
  self:flush()
  if ask(self, RESET_KEYS, self.pool.array(keys)).count > 0 then ask(self, UNDONE) end
  self:recount()
end

--- Forgets all items and the place of the listing; whose journal it is stays.
function Journal:clear()
  self:flush()
  self.host:transaction(function() return { { CLEAR[1], self.id }, { CLEAR[2], self.id } } end)
  self:recount()
end

-- ---- Orders --------------------------------------------------------------------------------------

--- Says something to the runs that use the journal. The rate is that of all hosts: it is set here.
---@param what "pause"|"unpause"|"stop"|"set"
---@param value string?
---@param who string
function Journal:order(what, value, who)
  local list = { { ORDER, self.id, printable(who), what, value } }
  local rate = what == "set" and control.parse(value).rate
  if rate ~= nil and what == "set" then list[2] = { SET_RATE, self.id, rate or nil } end
  if self.host then self.host:ask(list) else self.pool:transaction(list) end
end

function Journal:orders(after)
  return ask(self, ORDERS, after)
end

function Journal:last_order()
  return ask(self, LAST_ORDER)[1].id
end

-- ---- The end -------------------------------------------------------------------------------------

function Journal:close()
  if self.host then self.host:close() end
  base.methods.close(self)
end

function Journal:leave()
  if self.host then self.host:leave() end
  self.pool:close()
end

return postgres_journal
