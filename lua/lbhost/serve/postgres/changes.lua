--- The statements with which a commit of the event store is made, in one transaction.
local shared = require "lbhost.postgres.shared"

local changes = {}

--- Fails with FENCED when this host's lease has ended and others have its lanes.
changes.FENCE = shared.fence "lbhost_hosts"
changes.FENCED = shared.FENCED

local DONE = "DELETE FROM lbhost_queue WHERE seq = ANY ($1::bigint[])"
-- Rows are found by their seq: `state <> 2` and not `state = 0`, for which a plan may read all of an index that is thought to be small.
local FAILED = [[UPDATE lbhost_queue q SET attempts = f.attempts, due = f.due, error = f.error, handled = f.handled
  FROM unnest($1::bigint[], $2::int[], $3::float8[], $4::text[], $5::text[]) AS f (seq, attempts, due, error, handled)
  WHERE q.seq = ANY ($1::bigint[]) AND q.seq = f.seq AND q.state <> 2]]
local PARKED = [[UPDATE lbhost_queue q SET state = 2, attempts = f.attempts, error = f.error, handled = f.handled
  FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[]) AS f (seq, attempts, error, handled)
  WHERE q.seq = ANY ($1::bigint[]) AND q.seq = f.seq AND q.state <> 2]]

-- A row for each entry of a list is looked up LATERALly: a join with the list would compare each row with each entry, since the
-- planner does not know how many there are.

-- The lanes of new events. Those that this host ($3) holds as far as it knows ($1): has another host added to one, so that `added` is
-- not that of $5? None can take them away meanwhile, the fence is locked. The others ($2), and those that it does not hold after all:
-- it takes those that are new or free, up to $4 of them; a new one beyond that stays free. Rows are locked in the order of their
-- names, so that two hosts never wait for each other. The result has only lanes that it does not hold, or of which it lacks events.
local LANES = [[WITH own AS MATERIALIZED (SELECT k.lane, k.known, l.added FROM unnest($1::text[], $5::bigint[]) AS k (lane, known)
    CROSS JOIN LATERAL (SELECT added FROM lbhost_lanes WHERE lane = k.lane AND host = $3 LIMIT 1) AS l),
  others AS (INSERT INTO lbhost_lanes AS l (lane, host)
    SELECT lane, CASE WHEN n <= $4 THEN $3::bigint END FROM (
      SELECT lane, n FROM unnest($2::text[]) WITH ORDINALITY AS g (lane, n)
      UNION ALL SELECT lane, 0 FROM unnest($1::text[]) AS h (lane) WHERE lane NOT IN (SELECT lane FROM own)) AS all_others ORDER BY lane
    ON CONFLICT (lane) DO UPDATE SET added = l.added + 1, host = coalesce(l.host, excluded.host) RETURNING lane, host, added)
  SELECT lane, host, added FROM others WHERE added > 1 OR host IS NULL OR host IS DISTINCT FROM $3
  UNION ALL SELECT lane, $3, added FROM own WHERE added <> known]]

local ADD = [[WITH given AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[]) WITH ORDINALITY
      AS g (id, type, lane, received, body, n)),
  new AS (INSERT INTO lbhost_events (id, type, lane, received) SELECT id, type, lane, received FROM given ORDER BY n
    ON CONFLICT (id) DO NOTHING RETURNING seq, id),
  queued AS (INSERT INTO lbhost_queue (seq, id, type, lane, received, body)
    SELECT new.seq, g.id, g.type, g.lane, g.received, g.body FROM new JOIN given g USING (id))
  SELECT seq, id FROM new]]

-- Lanes of $3 that nothing is pending in go, unless a host adds to one at this moment; the result has those that stay. It need not
-- be durable: a lane that is there again after a crash is looked at, and goes then.
local RELEASE = [[WITH gone AS (DELETE FROM lbhost_lanes WHERE ctid = ANY (ARRAY(
      SELECT l.ctid FROM unnest($1::text[], $2::bigint[]) AS g (lane, added) CROSS JOIN LATERAL (
        SELECT o.ctid FROM lbhost_lanes o WHERE o.lane = g.lane AND o.added = g.added AND o.host = $3
          AND (SELECT q.seq FROM lbhost_queue q WHERE q.lane = o.lane AND q.state = 0 LIMIT 1) IS NULL
        FOR UPDATE SKIP LOCKED) AS l))
    AND (SELECT set_config('synchronous_commit', 'off', true)) IS NOT NULL RETURNING lane)
  SELECT lane FROM unnest($1::text[]) AS g (lane) WHERE lane NOT IN (SELECT lane FROM gone)]]

-- Lanes of $3 that have something to do go to other hosts. Does not wait: one that a host adds to at this moment stays.
local GIVE_UP = [[UPDATE lbhost_lanes SET host = NULL WHERE ctid = ANY (ARRAY(
    SELECT l.ctid FROM unnest($1::text[], $2::bigint[]) AS g (lane, added) CROSS JOIN LATERAL (SELECT o.ctid FROM lbhost_lanes o
      WHERE o.lane = g.lane AND o.added = g.added AND o.host = $3 FOR NO KEY UPDATE SKIP LOCKED) AS l))]]

local function fields(array, list, ...)
  local values = {}
  for i, name in ipairs { ... } do values[i] = array(list, name) end
  return table.unpack(values)
end

--- The ends of events.
---@param array fun(list: any[], field: string?): string
---@param batch table of store:commit
---@param list table[] where the statements go
function changes.ends(array, batch, list)
  local done, failed, parked = batch.done, batch.failed, batch.parked
  if done and done[1] then list[#list + 1] = { DONE, array(done) } end
  if failed and failed[1] then
    list[#list + 1] = { FAILED, fields(array, failed, "seq", "attempts", "due", "error", "handled") }
  end
  if parked and parked[1] then
    list[#list + 1] = { PARKED, fields(array, parked, "seq", "attempts", "error", "handled") }
  end
end

--- New events. `held` and `others` are their lanes, those that this host holds and the others, of which it would take `max`.
---@param array fun(list: any[], field: string?): string
---@param new { events: table[], held: string[], others: string[], max: integer, host: integer?, added: integer[] } added: of those
---that are held, as far as this host knows
---@param list table[]
---@return { lanes: integer, add: integer } where the results will be
function changes.add(array, new, list)
  list[#list + 1] = { LANES, array(new.held), array(new.others), new.host, new.max, array(new.added) }
  list[#list + 1] = { ADD, fields(array, new.events, "id", "type", "lane", "received", "body") }
  return { lanes = #list - 1, add = #list }
end

--- Gives lanes back that nothing is pending in: a statement whose rows are those that stay. Each with its `added` as this host
--- knows it: others may have put more into one.
---@param array fun(list: any[], field: string?): string
---@param idle { keys: string[], added: integer[] }
---@param host integer
---@return table statement in a transaction of its own, which waits for nobody
function changes.release(array, idle, host)
  return { RELEASE, array(idle.keys), array(idle.added), host, apart = true }
end

--- Gives lanes up that have something to do: others may claim them.
---@param array fun(list: any[], field: string?): string
---@param lanes { keys: string[], added: integer[] }
---@param host integer
---@return table statement
function changes.give_up(array, lanes, host)
  return { GIVE_UP, array(lanes.keys), array(lanes.added), host }
end

return changes
