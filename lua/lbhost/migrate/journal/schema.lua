--- The tables of journals in PostgreSQL.
---
---   lbhost_journals         a row a journal: the rate of all hosts together, until when a 429 stops them, which host lists
---   lbhost_journal_items    the items. `host`: which host has it, while it is pending; `steps`: its intent
---   lbhost_journal_hosts    hosts by their fencing numbers, until when the lease of each lasts, its part of the rate
---   lbhost_journal_meta     what holds for a whole run
---   lbhost_journal_orders   what was said to the runs
local errors = require "liveblocks.errors"

local schema = {}

--- The format that this program makes.
schema.FORMAT = 1

local LOCK <const> = 1818387832 -- of an advisory lock: two that make the tables at the same time

local tables = {
  [[CREATE TABLE IF NOT EXISTS lbhost_journals (id bigserial PRIMARY KEY, name text NOT NULL UNIQUE, format int NOT NULL,
    rate float8, slow_until float8 NOT NULL DEFAULT 0, lister bigint, first_order bigint NOT NULL DEFAULT 0)]],
  [[CREATE TABLE IF NOT EXISTS lbhost_journal_meta (journal bigint NOT NULL, name text NOT NULL, value text NOT NULL,
    PRIMARY KEY (journal, name))]],
  [[CREATE TABLE IF NOT EXISTS lbhost_journal_items (journal bigint NOT NULL, key text COLLATE "C" NOT NULL,
    state smallint NOT NULL DEFAULT 0, host bigint, note text, value text, attempts int NOT NULL DEFAULT 0, seconds float8,
    changes text, steps text, PRIMARY KEY (journal, key)) WITH (fillfactor = 70)]],
  "CREATE INDEX IF NOT EXISTS lbhost_journal_free ON lbhost_journal_items (journal, key) WHERE state = 0 AND host IS NULL",
  "CREATE INDEX IF NOT EXISTS lbhost_journal_held ON lbhost_journal_items (host, journal) WHERE host IS NOT NULL",
  "CREATE INDEX IF NOT EXISTS lbhost_journal_failed ON lbhost_journal_items (journal, key) WHERE state IN (3, 5)",
  [[CREATE TABLE IF NOT EXISTS lbhost_journal_hosts (id bigserial PRIMARY KEY, journal bigint NOT NULL, name text NOT NULL,
    version text NOT NULL, file text NOT NULL, started float8 NOT NULL, seen float8 NOT NULL, until float8 NOT NULL,
    share float8 NOT NULL DEFAULT 0, in_flight int NOT NULL DEFAULT 0, handled bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0) WITH (fillfactor = 50)]],
  [[CREATE TABLE IF NOT EXISTS lbhost_journal_orders (id bigserial PRIMARY KEY, journal bigint NOT NULL, at text NOT NULL,
    who text NOT NULL, what text NOT NULL, value text)]],
}

--- Are the tables there?
---@param pool lbhost.postgres.Pool
---@return boolean
function schema.exists(pool)
  return pool:query("SELECT to_regclass('lbhost_journal_orders') IS NOT NULL AS there")[1].there
end

--- Makes the tables when there are none.
---@param pool lbhost.postgres.Pool
function schema.prepare(pool)
  if schema.exists(pool) then return end
  if pool:query("SELECT current_setting('server_encoding') AS name")[1].name ~= "UTF8" then
    errors.usage "a journal in PostgreSQL: the encoding of the database must be UTF8"
  end
  local list = { { "SELECT pg_advisory_xact_lock(" .. LOCK .. ")", plain = true } }
  for _, sql in ipairs(tables) do list[#list + 1] = { sql, plain = true } end
  pool:transaction(list)
end

return schema
