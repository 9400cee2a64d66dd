--- The event store in PostgreSQL, which any number of hosts share: the methods of lua/lbhost/serve/store.lua. All of them wait
--- without blocking, and raise when PostgreSQL does not respond in time. What only a store has that several hosts share:
---
---   store.shared                 true
---   store:join(options)          takes part: begins to claim lanes; store:gate(), store:now() and store:stop() belong to it
---   store:commit(batch)          sets `elsewhere` in new events that this host is not to handle now, and `unread` in those
---                                before which there are others to be read
---   store:read(lane, active)     -> events of a lane that this host holds, and whether there may be more
---   store:hosts()                -> list of { id, name, version, since, seen, lanes, running, idle, me }
---
--- An event that this host has received, of a lane that it holds and all of whose pending events it knows, is handled without being
--- read again.
local changes = require "lbhost.serve.postgres.changes"
local errors = require "liveblocks.errors"
local membership = require "lbhost.serve.postgres.membership"
local schema = require "lbhost.serve.postgres.schema"
local shared = require "lbhost.postgres.shared"
local task = require "liveblocks.task"
local wait_within = require "lbhost.util.event_timeout"

local LEASE <const> = 10 -- seconds; `lease` in the URL
local AT_FIRST <const> = 1 -- seconds after which a host begins without its tables
local FIRST_PAUSE <const>, LONGEST_PAUSE <const> = 0.25, 5 -- seconds between attempts after that
local COUNTED <const> = 100000 -- done events: more are estimated, since counting them reads them all
local PAGE <const> = 500
local PRUNE_LOCK <const> = 1818387831 -- of an advisory lock: one host prunes at a time

---@class lbhost.serve.postgres.Store
local Store = {}
Store.__index = Store
Store.__name = "lbhost.postgres.store"

local store = {}

local function prepare_and_join(self, options)
  schema.prepare(self.pool, options)
  if self.joining then self.member:join(self.joining) end
end

-- The server may be away when a host begins, and changing tables may take long: it begins without them, and refuses new events
-- until they are there. Returns what is wrong with them, if that is known at once.
local function prepare_meanwhile(self, options)
  local known, began, failure = task.event(), false, nil
  self.unprepared = "PostgreSQL has not responded yet, or the tables of the event store are being changed"
  self.preparing = task.spawn(function()
    local pause, said = FIRST_PAUSE, nil
    while true do
      local ok, problem = pcall(prepare_and_join, self, options)
      if ok or self.closed then break end
      if not (errors.is(problem) and problem.unavailable) then
        failure = problem
        if not began then return known:set() end
        self.unprepared = errors.is(problem) and problem.message or tostring(problem)
        if said ~= self.unprepared and options.log then
          options.log("error", "this host waits: the event store cannot be used", { reason = self.unprepared })
        end
        said = self.unprepared
      end
      task.sleep(pause)
      pause = math.min(pause * 2, LONGEST_PAUSE)
    end
    self.unprepared, self.preparing = nil, nil
    known:set()
  end)
  wait_within(known, AT_FIRST)
  began = true
  return failure
end

--- Opens the store of a URL, and makes its tables when there are none.
---@param url string
---@param options { create: boolean?, lock: boolean?, log: function?, timeout: number? }? lock: for a host, which begins also while
---the server is away, and then stores nothing yet
---@return lbhost.serve.postgres.Store
function store.open(url, options)
  options = options or {}
  local timeout = options.timeout or 5
  -- Statements are planned while the tables are small; then they grow by rows that come and go. And once for each connection: left
  -- to itself, PostgreSQL plans that of new lanes in each commit again, as it takes the estimate for its lists for a better plan.
  local pool = shared.open(url, { timeout = timeout, log = options.log,
    session = { enable_seqscan = "off", plan_cache_mode = "force_generic_plan" } })
  local self = setmetatable({ pool = pool, shared = true, seconds = pool.timeout }, Store)
  self.member = membership.new(pool, pool.settings.lease or LEASE)
  local problem
  if options.lock then
    problem = prepare_meanwhile(self, options)
  else
    local ok, why = pcall(schema.prepare, pool, options)
    problem = not ok and why or nil
  end
  if not problem then return self end
  pool:close()
  error(problem, 0)
end

-- ---- Taking part ---------------------------------------------------------------------------------

--- See Membership:join.
function Store:join(options)
  if self.unprepared then self.joining = options else self.member:join(options) end
end

function Store:gate() self.member:gate() end

function Store:now() return self.member:now() end

function Store:read(key, active) return self.member:read(key, active) end

--- Is it unknown what is in the lanes of this host?
function Store:defers() return self.member.unsure == true end

--- Claims nothing more.
function Store:stop() self.member:stop() end

--- Why the store does not respond, or nil. Sends nothing: the last statements show it.
---@return string?
function Store:problem()
  local reason, seconds = self.pool:problem()
  if self.unprepared then return reason or self.unprepared end
  if reason then return ("%s (for %.0f seconds)"):format(reason, seconds) end
  if self.member.commit_state and self.member.commit_state() > 1 then
    return ("PostgreSQL has not responded for %.0f seconds"):format(self.member.commit_state())
  end
end

--- Gives the lanes back and ends the connections.
---@param seconds number? for giving back
function Store:close(seconds)
  if self.closed then return end
  self.closed = true
  if self.preparing then self.preparing:cancel() end
  pcall(self.member.leave, self.member, seconds or 1)
  self.pool:close()
end

Store.__close = Store.close

-- ---- Commit --------------------------------------------------------------------------------------

-- New events without those that are there twice in the batch; and their lanes, those that this host holds, with `added` of each, and
-- the others.
local function sort_new(self, list, id)
  local new, seen, lanes = { events = {}, held = {}, added = {}, others = {} }, {}, {}
  for _, event in ipairs(list) do
    local lane = event.lane
    if seen[event.id] then
      event.duplicate = true
    else
      seen[event.id] = true
      new.events[#new.events + 1] = event
      if not lanes[lane] then
        lanes[lane] = true
        local added = id and self.member.held[lane]
        if added then
          new.held[#new.held + 1], new.added[#new.added + 1] = lane, added
        else
          new.others[#new.others + 1] = lane
        end
      end
    end
  end
  return new
end

-- The lanes that this host does not hold, or that have events which it does not know.
local function exceptions(self, rows, new, id)
  local held, elsewhere, unread = self.member.held, {}, {}
  for _, lane in ipairs(new.others) do held[lane] = 1 end
  for _, row in ipairs(rows) do
    if row.host == id then
      unread[row.lane] = true
      if held[row.lane] == 1 then held[row.lane] = row.added end
    else
      elsewhere[row.lane], held[row.lane] = true, nil
    end
  end
  return elsewhere, unread
end

local function number(list, results)
  local numbers = {}
  for _, row in ipairs(results) do numbers[row.id] = row.seq end
  for _, event in ipairs(list) do
    event.seq = numbers[event.id]
    if not event.seq then event.duplicate = true end
  end
end

-- The seqs of events that are not pending any more.
local function ends_of(batch)
  local list = {}
  if batch.done then table.move(batch.done, 1, #batch.done, 1, list) end
  for _, parked in ipairs(batch.parked or {}) do list[#list + 1] = parked.seq end
  return list
end

-- Where each of the new events is to be handled; other hosts are notified of those of their lanes.
local function place(self, new, rows, id)
  local elsewhere, unread = {}, {}
  if id and self.member.id == id then
    elsewhere, unread = exceptions(self, rows, new, id)
  else
    for _, event in ipairs(new.events) do elsewhere[event.lane] = true end
  end
  for _, event in ipairs(new.events) do
    event.elsewhere, event.unread = elsewhere[event.lane], unread[event.lane]
  end
  local notices = {}
  for _, row in ipairs(rows) do
    if row.host == nil or row.host ~= id then notices[#notices + 1] = row end
  end
  self.member:notify(notices)
end

local function commit(self, batch, seconds, id)
  local list, array, member = {}, self.pool.array, self.member
  local new = sort_new(self, batch.add or {}, id)
  new.host, new.max = id, id and #new.others > 0 and math.max(member:capacity(), 0) or 0
  local ends = ends_of(batch)
  local any_end = ends[1] or batch.failed and batch.failed[1]
  if id and (any_end or new.held[1] or new.max > 0) then list[1] = { changes.FENCE, id } end
  changes.ends(array, batch, list)
  local at = new.events[1] and changes.add(array, new, list)
  if not list[1] then return end
  member.committing = {}
  for _, key in ipairs(new.held) do member.committing[key] = true end
  for _, key in ipairs(new.others) do member.committing[key] = true end
  local idle = id and member:release_after(ends, member.committing)
  if idle then list[#list + 1] = changes.release(array, idle, id) end
  local ok, results = pcall(self.pool.transaction, self.pool, list, seconds)
  member.committing = {}
  if not ok then error(results, 0) end
  member:note_ended(#ends)
  if idle and member.id == id and results[#list][1] then
    local stay = {}
    for i, row in ipairs(results[#list]) do stay[i] = row.lane end
    member.lanes:touch(stay)
  end
  if not at then return end
  number(new.events, results[at.add])
  place(self, new, results[at.lanes], id)
end

--- See lua/lbhost/serve/store.lua.
function Store:commit(batch, seconds)
  if self.unprepared then -- nothing was handled yet that could have ended
    if batch.add and batch.add[1] then error(errors.new("store", self:problem(), { code = "08006", unavailable = true }), 0) end
    return
  end
  local id = not self.member.unsure and self.member.id or nil
  local losses = self.member.losses
  local ok, problem = pcall(commit, self, batch, seconds, id)
  if ok then return end
  if id and errors.is(problem) and problem.code == changes.FENCED then
    -- It has another number by now, and the same lanes.
    if self.member.id ~= id and self.member.losses == losses then return self:commit(batch, seconds) end
    -- What became of events is for those to record that have them now; new ones are stored all the same.
    if self.member.id == id then self.member:lost() end
    for _, kind in ipairs { "done", "failed", "parked" } do batch[kind] = {} end
    return commit(self, batch, seconds, nil)
  end
  self.member.unsure = true
  error(problem, 0)
end

local function fenced(self, statement)
  local id = self.member.id
  if not id then return self.pool:transaction { statement }[1] end
  return self.pool:transaction { { changes.FENCE, id }, statement }[2]
end

function Store:put_once(id, key, result)
  fenced(self, { "INSERT INTO lbhost_once (id, key, result) VALUES ($1, $2, $3) ON CONFLICT (id, key) DO NOTHING", id, key, result })
end

function Store:put_timer(name, due, before)
  local sql = before and "UPDATE lbhost_timers SET due = $2 WHERE name = $1 AND due = $3"
    or "INSERT INTO lbhost_timers (name, due) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"
  return self.pool:query(sql, name, due, before).count > 0
end

-- ---- Questions -----------------------------------------------------------------------------------

local FIELDS = "seq, id, type, lane, received, attempts, due, error, handled"
local STATE = "CASE state WHEN 0 THEN 'pending' ELSE 'parked' END AS state"

function Store:get(seq)
  local results = self.pool:transaction {
    { "SELECT " .. FIELDS .. ", body, " .. STATE .. " FROM lbhost_queue WHERE seq = $1", seq },
    { [[SELECT seq, id, type, lane, received, 'done' AS state, 0 AS attempts, 0::float8 AS due, '' AS handled
        FROM lbhost_events WHERE seq = $1]], seq } }
  return results[1][1] or results[2][1]
end

function Store:once(id, key)
  local row = self.pool:query("SELECT result FROM lbhost_once WHERE id = $1 AND key = $2", id, key)[1]
  return row ~= nil, row and row.result
end

function Store:timer(name)
  local row = self.pool:query("SELECT due FROM lbhost_timers WHERE name = $1", name)[1]
  return row and row.due
end

local DEPTH = [[SELECT (SELECT count(*) FROM lbhost_queue WHERE state = 0) AS pending,
  (SELECT count(*) FROM lbhost_queue WHERE state = 2) AS parked,
  (SELECT q.received FROM lbhost_queue q WHERE q.state = 0 ORDER BY q.seq LIMIT 1) AS oldest]]

function Store:depth() return self.pool:query(DEPTH)[1] end

function Store:count()
  local results = self.pool:transaction { { DEPTH },
    { "SELECT reltuples::bigint AS n FROM pg_class WHERE oid = 'lbhost_events'::regclass" } }
  local depth, all = results[1][1], results[2][1].n
  if all < COUNTED then all = self.pool:query("SELECT count(*) AS n FROM lbhost_events")[1].n end
  return { pending = depth.pending, parked = depth.parked, done = math.max(all - depth.pending - depth.parked, 0) }
end

function Store:hosts()
  local rows = self.pool:query(shared.epoch [[SELECT h.id, h.name, h.version, h.started AS since, h.seen, h.running, h.until < NOW AS late,
      h.idle, coalesce(l.lanes, 0) AS lanes
    FROM lbhost_hosts h LEFT JOIN (SELECT host, count(*) AS lanes FROM lbhost_lanes GROUP BY host) l ON l.host = h.id
    ORDER BY h.id]])
  for _, row in ipairs(rows) do row.me = row.id == self.member.id end
  return rows
end

-- ---- For people ----------------------------------------------------------------------------------

local states = { pending = 0, parked = 2 }
local FILTER = "($1::smallint IS NULL OR state = $1) AND ($2::text IS NULL OR type = $2) AND ($3::text IS NULL OR lane = $3) " ..
  "AND ($4::text IS NULL OR id = $4)"
-- What is left out of the conditions differs: planned for its parameters, it reads no more than those that are asked for.
local FOR_PARAMETERS = "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)"
local LIST_QUEUE = "SELECT " .. FIELDS .. ", " .. STATE .. " FROM lbhost_queue WHERE " .. FILTER .. " AND seq > $5 ORDER BY seq LIMIT $6"

-- A piece of lbhost_events: one that finds little reads no more than that.
local PIECE = "SELECT * FROM lbhost_events WHERE seq > $1 ORDER BY seq LIMIT 20000"
local PIECE_END = "SELECT max(seq) AS last FROM (" .. PIECE .. ") AS piece"
local LIST_ALL = [[SELECT e.seq, e.id, e.type, e.lane, e.received, coalesce(q.attempts, 0) AS attempts,
    coalesce(q.due, 0::float8) AS due, q.error, coalesce(q.handled, '') AS handled,
    CASE q.state WHEN 0 THEN 'pending' WHEN 2 THEN 'parked' ELSE 'done' END AS state
  FROM %s AS e LEFT JOIN lbhost_queue q USING (seq) WHERE e.seq > $1%s ORDER BY e.seq LIMIT $2]]

-- A statement with FILTER.
local function filtered(self, sql, filter, ...)
  return self.pool:transaction({ { FOR_PARAMETERS },
    { sql, states[filter.state], filter.type, filter.lane, filter.id, ... } })[2]
end

-- A page of pending or parked events; nil after the last one.
local function page_of_queue(self, filter, after, limit)
  local rows = filtered(self, LIST_QUEUE, filter, after, limit)
  return rows, #rows == limit and rows[limit].seq or nil
end

-- A page of all events, or of those that are done, and after which seq the next one begins, if there may be one. The SQL has those
-- conditions alone that are asked for: one plan for all of them would read the whole table to find an id.
local function page_of_all(self, filter, after, limit)
  local more, values = filter.state == "done" and " AND q.seq IS NULL" or "", {}
  for _, field in ipairs { "type", "lane", "id" } do
    if filter[field] then
      values[#values + 1] = filter[field]
      more = ("%s AND e.%s = $%d"):format(more, field, #values + 2)
    end
  end
  local rows = self.pool:query(LIST_ALL:format(filter.id and "lbhost_events" or "(" .. PIECE .. ")", more), after, limit,
    table.unpack(values))
  if #rows == limit then return rows, rows[limit].seq end
  return rows, not filter.id and self.pool:query(PIECE_END, after)[1].last or nil
end

function Store:list(filter)
  local page = states[filter.state] and page_of_queue or page_of_all
  local after, left = filter.after or 0, filter.limit or math.huge
  local rows, at = {}, 0
  return function()
    at = at + 1
    while at > #rows do
      if not after or left <= 0 then return nil end
      rows, after = page(self, filter, after, math.min(left, PAGE))
      left, at = left - #rows, 1
    end
    return rows[at]
  end
end

-- The hosts that have the lanes look at them again.
local TOUCH = [[, touched AS (INSERT INTO lbhost_lanes AS l (lane) SELECT DISTINCT lane FROM changed ORDER BY lane
    ON CONFLICT (lane) DO UPDATE SET added = l.added + 1 RETURNING lane, host),
  woken AS (SELECT pg_notify('lbhost_events', coalesce(host::text, '*')) FROM (SELECT DISTINCT host FROM touched) AS t)
  SELECT (SELECT count(*) FROM changed) AS n, (SELECT count(*) FROM woken) AS woken]]
local RETRY = "WITH changed AS (UPDATE lbhost_queue SET state = 0, attempts = 0, due = 0 WHERE " .. FILTER ..
  " AND (state = 2 OR attempts > 0) RETURNING lane)" .. TOUCH
local DROP = "WITH changed AS (DELETE FROM lbhost_queue WHERE " .. FILTER .. " RETURNING lane)" .. TOUCH

function Store:retry(filter) return filtered(self, RETRY, filter)[1].n end

function Store:drop(filter) return filtered(self, DROP, filter)[1].n end

-- A piece of the oldest events: of those from before $1 the ones go that are done; `passed` counts those that are not younger. One
-- from the future, by a clock that was wrong, does not keep those after it.
local PRUNE = shared.epoch [[WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock($2::bigint) AS mine),
  piece AS MATERIALIZED (SELECT seq, received FROM lbhost_events WHERE seq > $3 AND (SELECT mine FROM turn) ORDER BY seq LIMIT 2000),
  gone AS (DELETE FROM lbhost_events WHERE seq = ANY (ARRAY(SELECT p.seq FROM piece p WHERE p.received < $1
    AND (SELECT q.seq FROM lbhost_queue q WHERE q.seq = p.seq) IS NULL)) RETURNING id),
  forgotten AS (DELETE FROM lbhost_once WHERE id = ANY (ARRAY(SELECT id FROM gone)))
  SELECT (SELECT count(*) FROM gone) AS n, max(seq) AS last, count(*) FILTER (WHERE received < $1 OR received > NOW) AS passed FROM piece]]

-- What no host takes care of, though it should not come to that: a lane without its row, and a row of a host that is gone.
local MEND = { [[INSERT INTO lbhost_lanes (lane) SELECT DISTINCT q.lane FROM lbhost_queue q WHERE q.state = 0 AND NOT EXISTS
    (SELECT FROM lbhost_lanes l WHERE l.lane = q.lane) ON CONFLICT DO NOTHING]],
  [[UPDATE lbhost_lanes l SET host = NULL WHERE host IS NOT NULL AND NOT EXISTS (SELECT FROM lbhost_hosts h WHERE h.id = l.host)]] }

function Store:prune(before)
  if self.pruning ~= before then self.pruning, self.pruned = before, 0 end
  while self.pruned do
    local row = self.pool:query(PRUNE, before, PRUNE_LOCK, self.pruned)[1]
    self.pruned = row.passed > 0 and row.last or nil
    if row.n > 0 then return row.n end
  end
  self.pruning = nil
  self.pool:transaction { { MEND[1] }, { MEND[2], apart = true } }
  return 0
end

return store
