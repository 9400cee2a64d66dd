--- The tables of the event store in PostgreSQL, and how older ones are brought up to date.
---
---   lbhost_events   what was received, for as long as its id is to be known: written once, never changed
---   lbhost_queue    of these, what is pending or parked, with the body: a row goes when its event is done, so that the price of
---                   an event does not grow with those before it
---   lbhost_lanes    lanes (rooms) with something pending, and which host has each: NULL while none. `added` counts what
---                   others than that host have put into it
---   lbhost_hosts    hosts by their fencing numbers, and until when the lease of each lasts
---   lbhost_once, lbhost_timers, lbhost_format
---
--- lbhost_format says in which format the tables are, and in `needs` which format a program must know at least to use them. The
--- first host that knows a newer format changes them, in one transaction; a host that runs meanwhile finds `needs` with its
--- next sign of life.
local errors = require "liveblocks.errors"

local schema = {}

--- The format that this program makes.
schema.FORMAT = 2

local LOCK <const> = 1818387830 -- of an advisory lock: two that open an empty database at the same time
local PATIENCE <const> = 3600 -- seconds for changing tables that may be large

local tables = {
  "CREATE TABLE IF NOT EXISTS lbhost_format (format int NOT NULL)",
  "ALTER TABLE lbhost_format ADD COLUMN IF NOT EXISTS needs int NOT NULL DEFAULT 2",
  [[CREATE TABLE IF NOT EXISTS lbhost_events (seq bigserial PRIMARY KEY, id text NOT NULL UNIQUE, type text NOT NULL,
    lane text NOT NULL, received float8 NOT NULL)]],
  [[CREATE TABLE IF NOT EXISTS lbhost_queue (seq bigint PRIMARY KEY, id text NOT NULL, type text NOT NULL, lane text NOT NULL,
    received float8 NOT NULL, body text NOT NULL, state smallint NOT NULL DEFAULT 0, attempts int NOT NULL DEFAULT 0,
    due float8 NOT NULL DEFAULT 0, error text, handled text NOT NULL DEFAULT '')]],
  [[CREATE TABLE IF NOT EXISTS lbhost_lanes (lane text PRIMARY KEY, host bigint, added bigint NOT NULL DEFAULT 1,
    since timestamptz NOT NULL DEFAULT now()) WITH (fillfactor = 50)]],
  [[CREATE TABLE IF NOT EXISTS lbhost_hosts (id bigserial PRIMARY KEY, name text NOT NULL, version text NOT NULL,
    started float8 NOT NULL, seen float8 NOT NULL, until float8 NOT NULL, running int NOT NULL DEFAULT 0,
    idle text) WITH (fillfactor = 50)]],
  "CREATE TABLE IF NOT EXISTS lbhost_once (id text, key text, result text, PRIMARY KEY (id, key))",
  "CREATE TABLE IF NOT EXISTS lbhost_timers (name text PRIMARY KEY, due float8 NOT NULL)",
  -- From format 1, in which lbhost_events had all, and one program at a time used it, which held a lock.
  [[DO $do$ BEGIN
    IF EXISTS (SELECT FROM lbhost_format WHERE format = 1) THEN
      IF NOT pg_try_advisory_xact_lock('lbhost_events'::regclass::oid::bigint) THEN
        RAISE EXCEPTION 'an lbhost of an older version uses it; stop that one first' USING ERRCODE = '55006';
      END IF;
      LOCK TABLE lbhost_events;
      INSERT INTO lbhost_queue (seq, id, type, lane, received, body, state, attempts, due, error, handled)
        SELECT seq, id, type, lane, received, coalesce(body, ''), CASE state WHEN 'parked' THEN 2 ELSE 0 END, attempts, due,
          error, handled FROM lbhost_events WHERE state <> 'done';
      INSERT INTO lbhost_lanes (lane) SELECT DISTINCT lane FROM lbhost_queue WHERE state = 0;
      ALTER TABLE lbhost_events DROP COLUMN body, DROP COLUMN state, DROP COLUMN attempts, DROP COLUMN due, DROP COLUMN error,
        DROP COLUMN handled, DROP COLUMN finished;
      UPDATE lbhost_format SET format = 2, needs = 2;
    END IF;
  END $do$]],
  "CREATE INDEX IF NOT EXISTS lbhost_queue_pending ON lbhost_queue (lane, seq) WHERE state = 0",
  "CREATE INDEX IF NOT EXISTS lbhost_queue_parked ON lbhost_queue (seq) WHERE state = 2",
  "CREATE INDEX IF NOT EXISTS lbhost_lanes_free ON lbhost_lanes (since) WHERE host IS NULL",
  "INSERT INTO lbhost_format (format, needs) SELECT 2, 2 WHERE NOT EXISTS (SELECT FROM lbhost_format)",
}

local function refuse(format, ...)
  error(errors.new("store", "the event store in PostgreSQL: " .. format:format(...), { code = "0A000" }), 0)
end

-- The format of the tables and what it needs; nil when there are none.
local function read(pool)
  if not pool:query("SELECT to_regclass('lbhost_format') IS NOT NULL AS there")[1].there then return nil end
  local row = pool:transaction({ { "SELECT * FROM lbhost_format", plain = true } })[1][1]
  if not row then refuse "its table lbhost_format is empty; bring back a backup" end
  return row.format, row.needs or row.format
end

--- Makes the tables, or brings them up to date; raises when this program is too old for them.
---@param pool lbhost.postgres.Pool
---@param options { create: boolean? } create = false: raises when there are none
function schema.prepare(pool, options)
  if pool:query("SELECT current_setting('server_encoding') AS name")[1].name ~= "UTF8" then
    refuse "the encoding of the database must be UTF8"
  end
  local format, needs = read(pool)
  if not format and options.create == false then
    refuse "has no tables yet: lbhost serve makes them (--store URL names another one)"
  end
  if not format or format < schema.FORMAT then
    local list = { { "SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)", plain = true },
      { "SELECT pg_advisory_xact_lock(" .. LOCK .. ")", plain = true } }
    for _, sql in ipairs(tables) do list[#list + 1] = { sql, plain = true } end
    pool:transaction(list, PATIENCE)
    needs = schema.FORMAT
  end
  if needs > schema.FORMAT then
    refuse("its tables have another format than this lbhost knows: %d, and it knows %d; install the version of the other hosts",
      needs, schema.FORMAT)
  end
end

return schema
