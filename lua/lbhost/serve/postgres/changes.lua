--- The statements with which a commit of the event store is made, in one transaction.
local shared = require "lbhost.postgres.shared"

local changes = {}

--- Fails with FENCED when this host's lease has ended and others have its lanes.
changes.FENCE = shared.fence "lbhost_hosts"
changes.FENCED = shared.FENCED

local DONE = "DELETE FROM lbhost_queue WHERE seq = ANY ($1::bigint[])"
local FAILED = [[UPDATE lbhost_queue q SET attempts = f.attempts, due = f.due, error = f.error, handled = f.handled
  FROM unnest($1::bigint[], $2::int[], $3::float8[], $4::text[], $5::text[]) AS f (seq, attempts, due, error, handled)
  WHERE q.seq = f.seq AND q.state = 0]]
local PARKED = [[UPDATE lbhost_queue q SET state = 2, attempts = f.attempts, error = f.error, handled = f.handled
  FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[]) AS f (seq, attempts, error, handled)
  WHERE q.seq = f.seq AND q.state = 0]]

-- Has anybody else added to lanes that are ours? Nobody can take them away meanwhile: the fence is locked.
local OWN = "SELECT lane, added FROM lbhost_lanes WHERE lane = ANY ($1::text[]) AND host = $2"

-- Lanes that are not known to be ours: a new one, or a free one, becomes ours ($2, or nobody's). Their rows are locked in the
-- order of their names, so that two hosts never wait for each other.
local OTHERS = [[INSERT INTO lbhost_lanes AS l (lane, host) SELECT lane, $2::bigint FROM unnest($1::text[]) AS g (lane) ORDER BY lane
  ON CONFLICT (lane) DO UPDATE SET added = l.added + 1, host = coalesce(l.host, excluded.host) RETURNING lane, host, added]]

local ADD = [[WITH given AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[]) WITH ORDINALITY
      AS g (id, type, lane, received, body, n)),
  new AS (INSERT INTO lbhost_events (id, type, lane, received) SELECT id, type, lane, received FROM given ORDER BY n
    ON CONFLICT (id) DO NOTHING RETURNING seq, id),
  queued AS (INSERT INTO lbhost_queue (seq, id, type, lane, received, body)
    SELECT new.seq, g.id, g.type, g.lane, g.received, g.body FROM new JOIN given g USING (id))
  SELECT seq, id FROM new]]

-- To each host that has one of these lanes; free ones are for all. "HOST LANE" a line; without the lanes when they are too many.
local NOTIFY = [[SELECT pg_notify('lbhost_events', CASE WHEN octet_length(lines) < 7900 THEN lines ELSE hosts END)
  FROM (SELECT string_agg(coalesce(host::text, '*') || ' ' || lane, E'\n') AS lines,
    string_agg(DISTINCT coalesce(host::text, '*'), E'\n') AS hosts
    FROM lbhost_lanes WHERE lane = ANY ($1::text[]) AND host IS DISTINCT FROM $2) AS l WHERE hosts IS NOT NULL]]

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

--- New events. `held` and `others` are their lanes, those that are ours and the others.
---@param array fun(list: any[], field: string?): string
---@param new { events: table[], held: string[], others: string[], claimer: integer?, host: integer?, notify: boolean }
---@param list table[]
---@return { own: integer?, others: integer?, add: integer } where the results will be
function changes.add(array, new, list)
  local at = {}
  if new.held[1] then
    list[#list + 1] = { OWN, array(new.held), new.host }
    at.own = #list
  end
  if new.others[1] then
    list[#list + 1] = { OTHERS, array(new.others), new.claimer }
    at.others = #list
  end
  list[#list + 1] = { ADD, fields(array, new.events, "id", "type", "lane", "received", "body") }
  at.add = #list
  -- In a transaction of its own, which is not durable: a commit that notifies would let all others wait for its sync.
  if new.others[1] and new.notify then list[#list + 1] = { NOTIFY, array(new.others), new.host, apart = true } end
  return at
end

return changes
