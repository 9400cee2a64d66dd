--- This host among those that share an event store in PostgreSQL: its lease, and the lanes that are its own.
---
--- A host has a row in lbhost_hosts, whose number is its fence: every commit that relies on its lanes locks the row, and fails
--- when it is gone. The row has the time until which the lease lasts, by the database's clock; the host renews it. A host that
--- finds the lease of another ended deletes its row and sets its lanes free; a host with capacity claims free lanes.
--- A host that was silent for too long registers again, with a new number and no lanes.
local changes = require "lbhost.serve.postgres.changes"
local errors = require "liveblocks.errors"
local liveblocks = require "liveblocks"
local schema = require "lbhost.serve.postgres.schema"
local shared = require "lbhost.postgres.shared"
local task = require "liveblocks.task"
local wait_within = require "lbhost.util.event_timeout"

local ALONE = 2000 -- lanes with something to do that a host takes when there is no other
local EACH = 4 -- among several: times the events that it handles at the same time,
local AHEAD = 0.1 -- and what it handles in so many seconds
local POLL, POLL_WITHOUT = 1, 0.25 -- seconds between checks, with and without notifications
local SOON = 0.005 -- seconds: notifications that come together are looked at together
local STALLED = 0.5 -- seconds for which a commit may last until no more events are started

---@class lbhost.serve.postgres.Membership
local Membership = {}
Membership.__index = Membership

local membership = {}

local epoch = shared.epoch

local REGISTER = epoch [[INSERT INTO lbhost_hosts (name, version, started, seen, until, idle)
  SELECT $1, $2, coalesce($3::float8, t.now), t.now, t.now + $4::float8, $5 FROM (SELECT NOW AS now) AS t
  RETURNING id, seen, started]]
local RENEW = epoch [[UPDATE lbhost_hosts SET seen = t.now, until = t.now + $2::float8, running = $3, idle = $4
  FROM (SELECT NOW AS now) AS t WHERE id = $1 RETURNING seen]]
local STATE = epoch [[SELECT (SELECT needs FROM lbhost_format) AS needs, (SELECT count(*) FROM lbhost_hosts
  WHERE until > NOW AND idle IS NULL AND id <> $1) AS others]]
-- The rows of hosts are locked and marked by a statement of its own: the one that follows sees what the last commit under their
-- numbers did, and has those alone that are marked. It must not lock any that were skipped: their last commit may have ended after it
-- began, and the lanes of that commit would keep the number of a host that is gone.
local MARK_DEAD = epoch [[UPDATE lbhost_hosts SET until = -until
  WHERE id IN (SELECT id FROM lbhost_hosts WHERE until < NOW AND id <> $1 FOR UPDATE SKIP LOCKED)]]
local MARK_OWN = [[UPDATE lbhost_hosts SET until = -until
  WHERE id IN (SELECT id FROM lbhost_hosts WHERE id = $1 FOR UPDATE SKIP LOCKED)]]
local REAP = [[WITH dead AS (DELETE FROM lbhost_hosts WHERE until < 0 RETURNING id, name),
  freed AS (UPDATE lbhost_lanes l SET host = NULL FROM dead WHERE l.host = dead.id RETURNING dead.id)
  SELECT id, name, (SELECT count(*) FROM freed WHERE freed.id = dead.id) AS lanes FROM dead]]
-- An array, which is made once: a plan may execute a subquery of IN again for each row, which then skips what it has locked before.
local CLAIM = [[UPDATE lbhost_lanes SET host = $1 WHERE lane = ANY (ARRAY(SELECT lane FROM lbhost_lanes WHERE host IS NULL ORDER BY since
  LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED)) RETURNING lane, added]]
local LOOK = "SELECT lane, added FROM lbhost_lanes WHERE lane = ANY ($1::text[]) AND host = $2"
-- The lanes go to a new number of this host, when no commit with the old one is under way: one that was given up on, and that a
-- stopped backend executes later, fails at its fence.
local RENUMBER = [[WITH old AS MATERIALIZED (SELECT * FROM lbhost_hosts WHERE id = $1 AND until < 0),
  new AS (INSERT INTO lbhost_hosts (name, version, started, seen, until, running, idle)
    SELECT name, version, started, seen, -until, running, idle FROM old RETURNING id),
  moved AS (UPDATE lbhost_lanes l SET host = new.id FROM new WHERE l.host = $1 RETURNING l.lane, l.added),
  gone AS (DELETE FROM lbhost_hosts WHERE id = (SELECT id FROM old))
  SELECT new.id, moved.lane, moved.added FROM new LEFT JOIN moved ON true]]
local WAKE_ALL = "SELECT pg_notify('lbhost_events', '*')"
local NOTIFY = "SELECT pg_notify('lbhost_events', $1)"
local MAX_NOTICE = 7900 -- bytes; PostgreSQL takes fewer than 8000
-- A range of one lane, in the order of lbhost_queue_pending: with `p.lane = g.lane`, a plan may read the whole queue in the order of
-- seq and drop the events of other lanes, since it expects as many of each lane.
local READ = [[SELECT q.seq, q.id, q.type, q.lane, q.received, q.body, q.attempts, q.due, q.error, q.handled
  FROM unnest($1::text[]) AS g (lane) CROSS JOIN LATERAL (SELECT * FROM lbhost_queue p
    WHERE p.lane BETWEEN g.lane AND g.lane AND p.state = 0 AND NOT (p.seq = ANY ($2::bigint[])) ORDER BY p.lane, p.seq LIMIT $3) AS q]]
local AT_ONCE = 16 -- events of a lane that are read together
-- In this order: the first waits for what is under way under this number, and the second sees it.
local LEAVE = { "DELETE FROM lbhost_hosts WHERE id = $1", "UPDATE lbhost_lanes SET host = NULL WHERE host = $1" }

--- The statements, each pair of which is a transaction: hosts go whose leases have ended, all but $1; the host $1 gets a new number.
membership.REAP, membership.RENUMBER = { MARK_DEAD, REAP }, { MARK_OWN, RENUMBER }
membership.CLAIM = CLAIM -- for the host $1 at most $2 lanes
membership.READ = READ -- pending events of the lanes $1 without $2, at most $3 of each

--- @param pool lbhost.postgres.Pool
--- @param lease number seconds
function membership.new(pool, lease)
  return setmetatable({ pool = pool, lease = lease, held = {}, idle_since = {}, reads = {}, committing = {}, losses = 0,
    offset = nil, others = 0, ended = 0, rate = 0, notices = {}, blocked = {}, renewed = -math.huge }, Membership)
end

-- ---- The clock -----------------------------------------------------------------------------------

--- Unix seconds by the database's clock; by this host's until it is known.
function Membership:now()
  return self.offset and liveblocks.now() + self.offset or os.time()
end

local function set_clock(self, seen, began)
  self.offset = seen - (began + liveblocks.now()) / 2
end

-- ---- The lease -----------------------------------------------------------------------------------

local function release_blocked(self)
  local list = self.blocked
  self.blocked = {}
  for _, event in ipairs(list) do event:set() end
end

local function register(self)
  local began = liveblocks.now()
  local row = self.pool:query(REGISTER, self.name, liveblocks.version, self.started, self.lease, self.idle())[1]
  self.id, self.renewed, self.started, self.late = row.id, began, row.started, true
  set_clock(self, row.seen, began)
  self.wanted = true
end

--- The lease has ended, and others have the lanes.
function Membership:lost()
  if not self.id then return end
  self.log("warn", "this host was silent for longer than its lease: its lanes went to others, and it goes on with new ones",
    { host = self.id, lease = self.lease })
  self.id, self.held, self.idle_since, self.unsure, self.doubt = nil, {}, {}, nil, nil
  self.losses = self.losses + 1
  self.on_lost()
  release_blocked(self)
  if self.wake then self.wake:set() end
end

local function renew(self)
  local began = liveblocks.now()
  local late = began - self.renewed > self.lease
  local results = self.pool:transaction({ { RENEW, self.id, self.lease, self.lanes.running, self.idle() },
    { STATE, self.id } }, math.min(self.pool.timeout, self.lease / 3))
  if not results[1][1] then return self:lost() end
  set_clock(self, results[1][1].seen, began)
  self.renewed, self.others = began, results[2][1].others
  release_blocked(self)
  local needs = results[2][1].needs
  if needs > schema.FORMAT and not self.outdated then
    self.outdated = needs
    self.log("error", "the tables were brought to a newer format: this host handles nothing more; install the version of the others",
      { needs = needs, knows = schema.FORMAT })
  end
  -- After a time without the database the leases of all have ended: they first have the time to renew them.
  if not late and not self.late then
    for _, dead in ipairs(self.pool:transaction({ { MARK_DEAD, self.id }, { REAP } })[2]) do
      self.log("warn", "another host has not renewed its lease: its lanes are free", { host = dead.name, lanes = dead.lanes })
      self.wanted = self.wanted or dead.lanes > 0
    end
  end
  self.late = late
end

--- May this host begin to handle an event of its lanes? Not when others may have them by now, nor when it could not record
--- what became of it.
function Membership:may_begin()
  if not self.id or self.unsure or liveblocks.now() - self.renewed > self.lease * 0.8 then return false end
  local seconds, failed = self.commit_state()
  return not failed and seconds < STALLED
end

--- Waits until an event may be handled; the lane may have been lost by then.
function Membership:gate()
  while not self.stopped and not self:may_begin() do
    local event = task.event()
    table.insert(self.blocked, event)
    wait_within(event, STALLED)
  end
end

-- ---- Lanes ---------------------------------------------------------------------------------------

--- How many more lanes this host would take.
---@return integer
function Membership:capacity()
  if not self.id or self.outdated or self.stopped or self.idle() then return 0 end
  local max = self.others > 0 and self.lanes.concurrency * EACH + self.rate * AHEAD // 1 or ALONE
  return max - self.lanes.count
end

--- So many events have ended here.
---@param count integer
function Membership:note_ended(count) self.ended = self.ended + count end

-- How many events have ended in a second, of late.
local function measure(self, now)
  if self.measured then self.rate = self.ended / math.max(now - self.measured, 0.001) end
  self.ended, self.measured = 0, now
end

-- Lanes of a list that are to be given back, with what is known of each. What comes now takes them again.
local function let_go(self, keys)
  local idle = { keys = {}, added = {} }
  for _, key in ipairs(keys) do
    local added = self.held[key]
    if added then
      idle.keys[#idle.keys + 1], idle.added[#idle.added + 1] = key, added
      self.held[key], self.idle_since[key] = nil, nil
    end
  end
  return idle
end

--- The lanes that are given back with a commit of these ends, since nothing will be pending in them: where there are other hosts,
--- the one that receives the next event of a room is to handle it. Nil when there are none.
---@param ends integer[] seqs
---@param kept table<string, any> lanes that stay
---@return { keys: string[], added: integer[] }?
function Membership:release_after(ends, kept)
  if self.others == 0 or self.stopped or not ends[1] then return nil end
  local keys = {}
  for _, key in ipairs(self.lanes:idle_after(ends)) do
    if not kept[key] then keys[#keys + 1] = key end
  end
  local idle = let_go(self, keys)
  return idle.keys[1] and idle or nil
end

-- What a host that has a lane knows of it.
local function take(self, rows, before)
  local keys = {}
  for i, row in ipairs(rows) do
    self.held[row.lane] = row.added
    keys[i] = row.lane
  end
  self.lanes:touch(keys, before)
  return #keys
end

local function claim(self)
  local capacity = self:capacity()
  if capacity <= 0 then return end
  local id = self.id
  local rows = self.pool:transaction { { changes.FENCE, id }, { CLAIM, id, capacity } }[2]
  if self.id == id and take(self, rows) == capacity then self.wanted = true end
end

-- It is not known whether a commit has been executed; a backend that was stopped may even execute it later, and then an event that
-- this host does not know would come before others of its lane. After this it cannot, and this host holds what the database says.
local function resynchronize(self)
  local id = self.id
  local rows = self.pool:transaction({ { MARK_OWN, id }, { RENUMBER, id } })[2]
  if self.id ~= id then return end
  self.doubt = not rows[1] and (self.doubt or liveblocks.now()) or nil
  if self.doubt then
    if liveblocks.now() - self.doubt > self.lease then self:lost() end
    return
  end
  self.unsure, self.id, self.held, self.idle_since = nil, rows[1].id, {}, {}
  if not rows[1].lane then rows = {} end
  take(self, rows, true)
  release_blocked(self)
end

-- Those that have had nothing to do for a while are given back; those that wait for a retry are looked at.
local function sort_held(self, now)
  local idle, waiting = {}, {}
  for key in pairs(self.held) do
    if self.committing[key] then -- an event for it is on its way, for which its row is not locked
      self.idle_since[key] = nil
    elseif self.lanes:is_idle(key) then
      local since = self.idle_since[key]
      if not since then
        self.idle_since[key] = now
      elseif now - since >= self.poll then
        idle[#idle + 1] = key
      end
    else
      self.idle_since[key] = nil
      if self.lanes:is_waiting(key) then waiting[#waiting + 1] = key end
    end
  end
  return idle, waiting
end

-- Those that have got more events stay.
local function release(self, keys, stay)
  local idle = let_go(self, keys)
  for _, row in ipairs(self.pool:transaction { changes.release(self.pool.array, idle, self.id) }[1]) do stay[#stay + 1] = row.lane end
end

local function look_at(self, keys)
  local id, changed = self.id, {}
  for _, row in ipairs(self.pool:query(LOOK, self.pool.array(keys), id)) do
    if self.held[row.lane] ~= row.added then changed[#changed + 1] = row end
  end
  if self.id == id then take(self, changed) end
end

local function shed(self)
  local excess = -self:capacity()
  if excess <= 0 or self.others == 0 then return end
  local keys, added, array = self.lanes:give_up(excess, self.committing), {}, self.pool.array
  if not keys[1] then return end
  for i, key in ipairs(keys) do
    added[i] = self.held[key] or 0
    self.held[key], self.idle_since[key] = nil, nil
  end
  self.pool:transaction { changes.give_up(array, { keys = keys, added = added }, self.id), { WAKE_ALL } }
  look_at(self, keys) -- a host has added to one at this moment: it is still held
end

local function tend(self)
  local now = liveblocks.now()
  measure(self, now)
  local idle, keys = sort_held(self, now)
  if idle[1] then release(self, idle, keys) end
  if keys[1] then look_at(self, keys) end
  shed(self)
end

-- ---- Reading -------------------------------------------------------------------------------------

local function read_together(self, list)
  local id, keys, wanted, known = self.id, {}, {}, {}
  if not id then return nil end
  for i, one in ipairs(list) do keys[i], wanted[one.key] = one.key, true end
  for seq, key in pairs(list[1].active) do
    if wanted[key] then known[#known + 1] = seq end
  end
  local array = self.pool.array
  local results = self.pool:transaction { { LOOK, array(keys), id }, { READ, array(keys), array(known), AT_ONCE } }
  local found = {}
  if self.id ~= id then return nil end
  for _, row in ipairs(results[1]) do
    found[row.lane] = {}
    self.held[row.lane] = row.added
  end
  for _, event in ipairs(results[2]) do
    local events = found[event.lane]
    if events then events[#events + 1] = event end
  end
  return found
end

--- The pending events of a lane that this host holds, without those that are known: at most a few, and whether there may be more. What is
--- asked for at the same time is read together.
---@param key string
---@param active table<integer, string> seqs that are known, with their lanes: the same table in each call
---@return table[] events
---@return boolean more
function Membership:read(key, active)
  local one = { key = key, active = active, event = task.event() }
  table.insert(self.reads, one)
  if not self.reading then
    self.reading = true
    task.spawn(function()
      while self.reads[1] do
        local list = self.reads
        self.reads = {}
        local ok, found = pcall(read_together, self, list)
        for _, each in ipairs(list) do
          if not ok then each.problem = found elseif found then each.found = found[each.key] else each.again = true end
          each.done = true
          each.event:set()
        end
      end
      self.reading = nil
    end)
  end
  one.event:wait()
  if one.problem then error(one.problem, 0) end
  if one.again then return {}, true end -- this host has another number by now
  if one.found then return one.found, #one.found >= AT_ONCE end
  self.held[key] = nil
  self.lanes:lose(key)
  return {}, false
end

-- ---- Notifications --------------------------------------------------------------------------------

-- Lines of "HOST LANE" in as few payloads as possible; a lane that is too long is left out, then all of its host are read again.
local function payloads(lines)
  local list, text = {}, ""
  for _, line in ipairs(lines) do
    if #line > MAX_NOTICE then line = line:match "^%S+" end
    if text ~= "" and #text + #line >= MAX_NOTICE then
      list[#list + 1] = text
      text = ""
    end
    text = text == "" and line or text .. "\n" .. line
  end
  if text ~= "" then list[#list + 1] = text end
  return list
end

--- Notifies the hosts that have lanes to which this one has added; all, of lanes that nobody has. What is added meanwhile goes
--- together. Does not wait: who is not notified finds it when it looks.
---@param rows { lane: string, host: integer? }[]
function Membership:notify(rows)
  if self.pool.settings.listen == false then return end
  local free = false
  for _, row in ipairs(rows) do
    if row.host then
      self.notices[#self.notices + 1] = ("%d %s"):format(row.host, row.lane)
    elseif not free then
      free = true
      self.notices[#self.notices + 1] = "*"
    end
  end
  if self.notifying or not self.notices[1] then return end
  self.notifying = task.spawn(function()
    while self.notices[1] do
      local list, lines = {}, self.notices
      self.notices = {}
      for i, payload in ipairs(payloads(lines)) do list[i] = { NOTIFY, payload } end
      pcall(self.pool.transaction, self.pool, list)
    end
    self.notifying = nil
  end)
end

-- ---- At work -------------------------------------------------------------------------------------

-- Lines of "HOST LANE": lanes of this host are read, free ones claimed.
local function on_notification(self, payload)
  if not payload then
    self.wanted = true
  else
    local keys = {}
    for line in payload:gmatch "[^\n]+" do
      local host, lane = line:match "^(%S+)%s?(.*)$"
      if host == "*" then
        self.wanted = true
      elseif host == tostring(self.id) then
        if lane ~= "" then keys[#keys + 1] = lane else self.unsure = true end
      end
    end
    if keys[1] then self.lanes:touch(keys) end
  end
  if (self.wanted or self.unsure) and self.wake then self.wake:set() end
end

local function step(self, state)
  local now = liveblocks.now()
  if not self.id then register(self) end
  if now >= state.renew then
    state.renew = now + self.lease / 3 -- also when it fails: the next poll tries again
    local ok, problem = pcall(renew, self)
    if not ok then
      state.renew = now
      error(problem, 0)
    end
  end
  if not self.id then return end
  if self.unsure then resynchronize(self) end
  if now >= state.poll then
    state.poll = now + self.poll
    tend(self)
    self.wanted = true
  end
  if self.wanted then
    self.wanted = nil
    claim(self)
  end
end

local function run(self)
  local state = { renew = 0, poll = 0 }
  while not self.stopped do
    local ok, problem = pcall(step, self, state)
    if not ok and not self.stopped then
      if errors.is(problem) and problem.code == changes.FENCED then
        self:lost()
      elseif not (errors.is(problem) and problem.unavailable) then
        self.log("error", "lanes cannot be claimed", { reason = tostring(problem) })
      end
      self.unsure = true
      task.sleep(0.1)
    end
    if not self.stopped and not (ok and (self.wanted or self.unsure)) then
      self.wake = task.event()
      wait_within(self.wake, self.poll)
      self.wake = nil
    end
    if not self.stopped then task.sleep(self.doubt and 0.1 or SOON) end
  end
end

--- Takes part from now on.
---@param options { name: string, lanes: table, log: function, on_lost: function, commit_state: function, idle: (fun(): string?) }
--- on_lost: others have the lanes; commit_state: of the batches; idle: why this host claims nothing, or nil
function Membership:join(options)
  for name, value in pairs(options) do self[name] = value end
  local listens = self.pool.settings.listen ~= false
  self.poll = listens and POLL or POLL_WITHOUT
  local ok, problem = pcall(register, self)
  if not ok and not (errors.is(problem) and problem.unavailable) then error(problem, 0) end -- else it is tried again
  if listens then self.pool:listen("lbhost_events", function(payload) on_notification(self, payload) end) end
  self.task = task.spawn(run, self)
end

--- Begins no further claims: what runs may end.
function Membership:stop()
  self.stopped = true
  release_blocked(self)
  if self.wake then self.wake:set() end
end

--- Gives all lanes back.
---@param seconds number
function Membership:leave(seconds)
  self:stop()
  if not self.id then return end
  local id = self.id
  self.id = nil
  self.pool:transaction({ { LEAVE[1], id }, { LEAVE[2], id }, { WAKE_ALL } }, seconds)
end

return membership
