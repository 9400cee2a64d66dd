--- This host among those that share a journal in PostgreSQL: its lease, its items, and its part of the rate.
---
--- A host has a row in lbhost_journal_hosts, whose number is its fence (lbhost.postgres.shared): whatever it records holds only
--- while the row is there. The row has the time until which the lease lasts, by the database's clock; the host renews it. Who
--- finds that the lease of another has ended deletes its row, and frees its items, which others take. A host that was silent
--- for too long registers again, with a new number and no items: what it was doing is recorded by those that have the items now.
---
--- A transaction that was given up on may be executed later, by a backend that was stopped: a claim that nobody knows of, or
--- an intent of before. So after one with an unknown end the host takes another number, when none under the old one is under
--- way: its items are moved to it, and what comes late fails at its fence.
---
--- The rate is that of all hosts together. A host may use its part of it, which is in its row. It makes its part smaller first
--- for itself, and then in the row, and larger first in the row: the parts are never more than the whole.
local errors = require "liveblocks.errors"
local liveblocks = require "liveblocks"
local shared = require "lbhost.postgres.shared"
local task = require "liveblocks.task"
local wait_within = require "lbhost.util.event_timeout"

local host = {}

local POLL = 0.5 -- seconds between two signs of life, of a lease that is long enough for a few
local LAST = 2 -- seconds for what is still to be recorded or given back at the end
local SOON = 0.1 -- seconds until it is tried again
local COUNT_SHARE = 50 -- of the time, counting items takes at most one part in so many
local LEAST_RATE = 1e-6 -- requests a second of a host that has no part yet

---@class lbhost.migrate.journal.Host
---@field owned table<string, { value: string?, steps: string?, started: boolean? }> items that this host has, by key
local Host = {}
Host.__index = Host

local epoch = shared.epoch

local FENCE = shared.fence "lbhost_journal_hosts"
local NEXT_NUMBER = "SELECT nextval('lbhost_journal_hosts_id_seq') AS id"
local LOCK_JOURNAL = "SELECT rate, first_order FROM lbhost_journals WHERE id = $1 FOR NO KEY UPDATE"
-- Those whose lease lasts, besides this one.
local LIVING = epoch "SELECT name, file FROM lbhost_journal_hosts WHERE journal = $1 AND until > NOW AND id <> $2 ORDER BY id"
local REGISTER = epoch [[INSERT INTO lbhost_journal_hosts (id, journal, name, version, file, started, seen, until)
  SELECT $1, $2, $3, $4, $5, NOW, NOW, NOW + $6::float8 WHERE NOT EXISTS (SELECT FROM lbhost_journal_hosts o
    WHERE o.journal = $2 AND o.until > NOW AND o.id <> $1 AND ($7::boolean OR o.file <> $5))
  ON CONFLICT DO NOTHING]]
-- The first one decides how fast all are; what was said to those before is not for it.
local FIRST = epoch [[UPDATE lbhost_journals SET rate = $3, slow_until = 0,
    first_order = (SELECT coalesce(max(id), 0) FROM lbhost_journal_orders WHERE journal = $1)
  WHERE id = $1 AND EXISTS (SELECT FROM lbhost_journal_hosts WHERE id = $2)
    AND NOT EXISTS (SELECT FROM lbhost_journal_hosts WHERE journal = $1 AND until > NOW AND id <> $2) RETURNING first_order]]
local FORGET = {
  "DELETE FROM lbhost_journal_items WHERE journal = $1 AND EXISTS (SELECT FROM lbhost_journal_hosts WHERE id = $2)",
  "DELETE FROM lbhost_journal_meta WHERE journal = $1 AND EXISTS (SELECT FROM lbhost_journal_hosts WHERE id = $2)",
  "DELETE FROM lbhost_journal_orders WHERE journal = $1 AND EXISTS (SELECT FROM lbhost_journal_hosts WHERE id = $2)",
}
local SLOW_DOWN = epoch "UPDATE lbhost_journals SET slow_until = greatest(slow_until, NOW + $2::float8) WHERE id = $1"
local PACE = epoch "SELECT rate, slow_until - NOW AS slow FROM lbhost_journals WHERE id = $1 FOR NO KEY UPDATE"
-- $3: the part that is in use here.
local RENEW = epoch [[UPDATE lbhost_journal_hosts h SET seen = NOW, until = NOW + $2::float8, in_flight = $4, handled = $5, failed = $6,
    share = CASE WHEN t.rate IS NULL THEN 0 ELSE greatest(t.part, $3::float8) END
  FROM (SELECT rate, CASE WHEN rate IS NOT NULL THEN greatest(least(rate / hosts, rate - others), 0) END AS part FROM
    (SELECT j.rate, (SELECT count(*) FROM lbhost_journal_hosts o WHERE o.journal = j.id AND (o.until > NOW OR o.id = $1)) AS hosts,
      (SELECT coalesce(sum(o.share), 0) FROM lbhost_journal_hosts o WHERE o.journal = j.id AND o.id <> $1) AS others
      FROM lbhost_journals j WHERE j.id = $7) AS s) AS t
  WHERE h.id = $1 RETURNING t.part]]
local HOSTS = epoch [[SELECT id, name, version, started AS since, seen, until < NOW AS late, share, in_flight, handled, failed,
    (SELECT count(*) FROM lbhost_journal_items i WHERE i.host = h.id) AS items
  FROM lbhost_journal_hosts h WHERE journal = $1 ORDER BY id]]
-- The rows are locked by a statement of their own, and known by their mark: the one that follows sees what the last commit under
-- their numbers did.
local MARK_DEAD = epoch [[UPDATE lbhost_journal_hosts SET until = 0 WHERE id IN (SELECT id FROM lbhost_journal_hosts
  WHERE journal = $1 AND until < NOW AND id <> $2 FOR UPDATE SKIP LOCKED)]]
local REAP = [[WITH dead AS (DELETE FROM lbhost_journal_hosts WHERE journal = $1 AND until = 0 AND id <> $2 RETURNING id, name),
  freed AS (UPDATE lbhost_journal_items i SET host = NULL FROM dead WHERE i.host = dead.id RETURNING dead.id)
  SELECT name, (SELECT count(*) FROM freed WHERE freed.id = dead.id) AS items FROM dead]]
local LOCK_OWN = "SELECT id FROM lbhost_journal_hosts WHERE id = $1 FOR UPDATE"
local RENUMBER = epoch [[WITH new AS (INSERT INTO lbhost_journal_hosts (id, journal, name, version, file, started, seen, until, share,
      in_flight, handled, failed)
    SELECT $2, journal, name, version, file, started, seen, NOW + $3::float8, share, in_flight, handled, failed
    FROM lbhost_journal_hosts WHERE id = $1),
  moved AS (UPDATE lbhost_journal_items SET host = $2 WHERE host = $1),
  listing AS (UPDATE lbhost_journals SET lister = $2 WHERE lister = $1)
  DELETE FROM lbhost_journal_hosts WHERE id = $1]]
local HELD = "SELECT key, value, steps FROM lbhost_journal_items WHERE host = $1 AND journal = $2 ORDER BY key"
-- An array, which is made once: a plan may execute a subquery of IN again for each row, which then skips what it has locked before.
local CLAIM = [[UPDATE lbhost_journal_items SET host = $2 WHERE journal = $1 AND key = ANY (ARRAY(SELECT key FROM lbhost_journal_items
    WHERE journal = $1 AND state = 0 AND host IS NULL AND key > $4 AND NOT (key = ANY ($5::text[])) ORDER BY key LIMIT $3
    FOR NO KEY UPDATE SKIP LOCKED)) RETURNING key, value, steps]]
local CLAIM_ONE = [[UPDATE lbhost_journal_items SET host = $2 WHERE journal = $1 AND key = $3 AND state = 0 AND host IS NULL
  RETURNING key, value, steps]]
local RELEASE = "UPDATE lbhost_journal_items SET host = NULL WHERE host = $1 AND key = ANY ($2::text[])"
local ANY_PENDING = [[SELECT EXISTS (SELECT FROM lbhost_journal_items WHERE journal = $1 AND state = 0 AND host IS NULL)
  OR EXISTS (SELECT FROM lbhost_journal_items WHERE journal = $1 AND host IS NOT NULL) AS any]]
-- In this order: the first waits for what is under way under this number, and the second sees it.
local LEAVE = { "DELETE FROM lbhost_journal_hosts WHERE id = $1", "UPDATE lbhost_journal_items SET host = NULL WHERE host = $1",
  "UPDATE lbhost_journals SET lister = NULL WHERE lister = $1" }

--- The error that an item's edit meets when others have the item.
---@param key string?
---@return liveblocks.Error
function host.moved(key)
  return errors.new("store", ("%sthis host was silent for longer than its lease, and another one has the item"):format(
    key and key .. ": " or ""), { code = "ITEM_MOVED" })
end

--- Is it that error?
---@param problem any
---@return boolean
function host.is_moved(problem)
  return errors.is(problem) and problem.code == "ITEM_MOVED"
end

--- @param pool lbhost.postgres.Pool
---@param journal integer
---@param options { name: string, file: string, lease: number, log: (fun(text: string)), on_lost: function, count: function,
---pace: { client: liveblocks.Client, rate: number? }? } count: sets the counts of the items
---@return lbhost.migrate.journal.Host
function host.new(pool, journal, options)
  return setmetatable({ pool = pool, journal = journal, name = options.name, file = options.file, lease = options.lease,
    log = options.log, on_lost = options.on_lost, count = options.count, client = options.pace and options.pace.client,
    rate = options.pace and options.pace.rate or nil, part = 0, owned = {}, stale = {}, buffer = {}, losses = 0, last_key = "",
    renewed = -math.huge, reap_at = 0, count_at = 0, slow_until = 0, rows = {} }, Host)
end

-- ---- Transactions --------------------------------------------------------------------------------

-- Is it over, so that nothing is to be waited for any more?
local function gives_up(self)
  return self.closing or self.run and self.run.workers.stopping
end

-- A transaction. A run that is to end waits once for a database that does not respond, not with each transaction.
local function execute(self, list)
  if self.unreachable then return false, self.unreachable end
  local ok, results = pcall(self.pool.transaction, self.pool, list, self.closing and math.min(LAST, self.pool.timeout) or nil)
  if not ok and errors.is(results) and results.unavailable and gives_up(self) then self.unreachable = results end
  return ok, results
end

--- Asks without a fence, again and again while the database does not respond.
---@param list table[] statements
---@return table[][]
function Host:ask(list)
  while true do
    local ok, results = execute(self, list)
    if ok then return results end
    if not (errors.is(results) and results.unavailable and self.run) or gives_up(self) then error(results, 0) end
    task.sleep(SOON)
  end
end

--- This host is not known any more: others have its items.
function Host:lost()
  if not self.id then return end
  self.log "this host was silent for longer than its lease: its items went to others, and it goes on with new ones"
  for key, item in pairs(self.owned) do
    if item.started then self.stale[key] = true end
  end
  self.id, self.owned, self.buffer, self.losses = nil, {}, {}, self.losses + 1
  self:use(0)
  self.on_lost()
end

local function keep(self, rows)
  for _, row in ipairs(rows) do
    if not self.owned[row.key] then
      self.owned[row.key] = { value = row.value, steps = row.steps }
      self.buffer[#self.buffer + 1] = row.key
    end
  end
end

local function renumber(self, old, new)
  local results = self.pool:transaction { { LOCK_OWN, old }, { RENUMBER, old, new, self.lease }, { LOCK_OWN, new },
    { HELD, new, self.journal } }
  if self.id ~= old then return end
  if not results[3][1] then return self:lost() end
  self.id = new
  keep(self, results[4])
end

-- A transaction may or may not have been executed, or may yet be. From now on it cannot be.
local function resynchronize(self, old)
  if self.resynchronizing then
    local event = task.event()
    table.insert(self.resynchronizing, event)
    return event:wait()
  end
  self.resynchronizing = {}
  local ok, problem, new
  repeat
    ok, problem = pcall(function()
      new = new or self.pool:query(NEXT_NUMBER)[1].id
      renumber(self, old, new)
    end)
    if not ok and not self.closing then task.sleep(SOON) end
  until ok or gives_up(self)
  local waiting = self.resynchronizing
  self.resynchronizing = nil
  for _, event in ipairs(waiting) do event:set() end
  if not ok then error(problem, 0) end
end

--- Executes statements as this host, or raises: `moved` when its items went to others. While the database does not respond
--- it waits.
---@param make fun(id: integer): table[] statements, for the number of this host
---@return table[][]
function Host:transaction(make)
  local losses = self.losses
  while true do
    local id = self.id
    if not id or self.losses ~= losses then error(host.moved(), 0) end
    local ok, results = execute(self, { { FENCE, id }, table.unpack(make(id)) })
    if ok then
      table.remove(results, 1)
      return results
    end
    if not errors.is(results) then error(results, 0) end
    if results.code == shared.FENCED then
      if self.id == id then self:lost() end -- else it has another number by now, and the same items
    elseif not results.unavailable then
      error(results, 0)
    elseif gives_up(self) then
      error(results, 0)
    elseif results.unsent then
      task.sleep(SOON)
    elseif self.id == id then
      resynchronize(self, id)
    end
  end
end

-- ---- The lease and the pace ----------------------------------------------------------------------

--- From now on this host makes so many requests a second.
---@param part number?  nil: any number
function Host:use(part)
  self.part = part or math.huge
  if self.client then self.client:set_pace { rate = part and math.max(part, LEAST_RATE) or false } end
end

local function refuse(living, alone, file)
  for _, other in ipairs(living) do
    if other.file ~= file then
      errors.usage("the host %s runs another version of the migration, or with other options, on the same journal: stop it first",
        other.name)
    end
  end
  if alone and living[1] then
    errors.usage("this run wants the journal for itself, and the host %s is using it: stop that one first", living[1].name)
  end
end

--- Takes part from now on. With `alone` only when no other does; with `restart` all that is in the journal is forgotten.
---@param options { alone: boolean?, restart: boolean? }?
---@return boolean first is it the only one?
---@return integer first_order the number of the last order that is not for the hosts which there are
function Host:register(options)
  options = options or {}
  local id = self.pool:query(NEXT_NUMBER)[1].id
  local alone = options.alone or options.restart or false
  local list = { { LOCK_JOURNAL, self.journal }, { LIVING, self.journal, id },
    { REGISTER, id, self.journal, self.name, liveblocks.version, self.file, self.lease, alone },
    { FIRST, self.journal, id, self.rate } }
  for _, sql in ipairs(options.restart and FORGET or {}) do list[#list + 1] = { sql, self.journal, id } end
  local results = self.pool:transaction(list)
  refuse(results[2], alone, self.file)
  self.id, self.renewed, self.late, self.part = id, liveblocks.now(), true, 0
  local first = results[4][1]
  return first ~= nil, first and first.first_order or results[1][1].first_order
end

-- For how long a 429 stops this host, of which the others do not know yet.
local function own_pause(self)
  local seconds = self.client and self.client:paused() or 0
  return seconds > 0 and seconds > self.slow_until - liveblocks.now() + SOON and seconds or nil
end

local function renew(self)
  local began, run, pause = liveblocks.now(), self.run, own_pause(self)
  local late = began - self.renewed > self.lease
  local used = self.part == math.huge and "Infinity" or self.part
  local results = self:transaction(function(id)
    return { { SLOW_DOWN, self.journal, pause or -1 }, { PACE, self.journal },
      { RENEW, id, self.lease, used, run and run.workers.in_flight or 0, run and run.outcome.handled or 0,
        run and run.outcome.failures or 0, self.journal }, { HOSTS, self.journal } }
  end)
  local pace, part = results[2][1], results[3][1].part
  self.renewed, self.rate, self.rows = began, pace.rate, results[4]
  if pause then self.slow_until = liveblocks.now() + pause end
  if self.client and pace.slow > self.client:paused() + SOON then
    self.client:pause(pace.slow)
    self.slow_until = liveblocks.now() + pace.slow
  end
  self.again = part ~= nil and part < self.part -- the others wait for what it no longer uses
  if part ~= self.part and (part or self.part ~= math.huge) then self:use(part) end
  -- After a time without the database the leases of all have ended: they first have the time to renew them.
  if not late and not self.late and began >= self.reap_at then
    self.reap_at = began + self.lease / 3
    for _, dead in ipairs(self:transaction(function(id) return { { MARK_DEAD, self.journal, id }, { REAP, self.journal, id } } end)[2]) do
      self.log(("the host %s has not renewed its lease: its %d items are free"):format(dead.name, dead.items))
    end
  end
  self.late = late
end

--- Gives a sign of life, and learns how fast it may be.
function Host:renew()
  if not self.id then
    if gives_up(self) then return end
    self:register()
  end
  renew(self)
  if self.again then renew(self) end
end

local function poll(self)
  self:renew()
  local began = liveblocks.now()
  if began < self.count_at then return end
  self.count()
  self.count_at = began + math.max(POLL, (liveblocks.now() - began) * COUNT_SHARE)
end

--- Renews the lease until leave(), and waits until it may make requests.
function Host:join()
  self:renew()
  while self.rate and self.part <= 0 do
    task.sleep(SOON)
    self:renew()
  end
  self.task = task.spawn(function()
    task.background()
    while not self.closing do
      self.wake = task.event()
      wait_within(self.wake, math.min(POLL, self.lease / 4))
      if self.closing then return end
      local ok, problem = pcall(poll, self)
      if not ok and not host.is_moved(problem) and not (errors.is(problem) and problem.unavailable) and not self.closing then
        self.log("the journal cannot be brought up to date: " .. tostring(problem))
      end
    end
  end)
end

-- ---- Items ---------------------------------------------------------------------------------------

local function stale_keys(self)
  local list = {}
  for key in pairs(self.stale) do list[#list + 1] = key end
  return self.pool.array(list)
end

local function claim(self, count)
  local rows = self:transaction(function(id)
    return { { CLAIM, self.journal, id, count, self.last_key, stale_keys(self) } }
  end)[1]
  table.sort(rows, function(a, b) return a.key < b.key end)
  if rows[1] then self.last_key = rows[#rows].key else self.last_key = "" end
  keep(self, rows)
  return #rows
end

-- The next of the items that this host has, or nil.
local function from_buffer(self)
  local key = table.remove(self.buffer, 1)
  if not key then return nil end
  local item = self.owned[key]
  item.started = true
  return key, item.value
end

--- The next item, or nil and whether there are some that other hosts have, or that may be free soon.
---@param count integer how many are claimed together
---@return string? key
---@return any value as JSON, or `more`
function Host:next_item(count)
  if not self.buffer[1] then
    local from = self.last_key
    local ok, problem = pcall(function()
      if claim(self, count) == 0 and from ~= "" then claim(self, count) end
    end)
    if not ok and not host.is_moved(problem) then error(problem, 0) end
  end
  local key, value = from_buffer(self)
  if key then return key, value end
  return nil, self:ask({ { ANY_PENDING, self.journal } })[1][1].any
end

--- One item, when it is pending and no other host has it.
---@param key string
---@return boolean
---@return string? value as JSON
function Host:take_one(key)
  local rows = self:transaction(function(id) return { { CLAIM_ONE, self.journal, id, key } } end)[1]
  if not rows[1] then return false end
  self.owned[key] = { value = rows[1].value, steps = rows[1].steps, started = true }
  return true, rows[1].value
end

--- Frees the items that were not started, at once.
function Host:stop()
  local keys = self.buffer
  self.buffer = {}
  if not keys[1] or not self.id then return end
  for _, key in ipairs(keys) do self.owned[key] = nil end
  local id = self.id
  self.releasing = task.spawn(function()
    pcall(self.pool.transaction, self.pool, { { FENCE, id }, { RELEASE, id, self.pool.array(keys) } })
  end)
end

--- The end begins: what is recorded from now on is tried for a short time.
function Host:close()
  if not self.closing then self.unreachable = nil end
  self.closing = true
  if self.wake then self.wake:set() end
end

--- Gives all items back.
function Host:leave()
  self:close()
  if self.releasing then pcall(self.releasing.wait, self.releasing) end
  local id = self.id
  self.id = nil
  if not id then return end
  local list = {}
  for i, sql in ipairs(LEAVE) do list[i] = { sql, id } end
  execute(self, list)
end

--- The hosts of a journal.
---@param pool lbhost.postgres.Pool
---@param journal integer
---@return table[]
function host.list(pool, journal)
  return pool:query(HOSTS, journal)
end

return host
