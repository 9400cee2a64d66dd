--- What programs have in common that share tables in PostgreSQL over several hosts: the clock of the database, connections on
--- which what was given up on ends by itself, and fences.
---
--- A host has a row in a table of hosts, whose number is its fence: every change that relies on what the host has claimed locks
--- the row, and fails when it is gone. A host that finds the lease of another ended deletes its row, and frees what it had.
local postgres = require "lbhost.postgres.pool"

local shared = {}

--- The clock of all hosts, in Unix seconds.
shared.NOW = "extract(epoch FROM clock_timestamp())::float8"

--- The SQLSTATE of a fence that does not hold: division by zero.
shared.FENCED = "22012"

--- A statement that fails when the host $1 is gone from a table. While the row is locked so, nobody can end the lease.
---@param hosts string
---@return string
function shared.fence(hosts)
  return ("SELECT 1 / count(*) FROM (SELECT FROM %s WHERE id = $1 FOR KEY SHARE) AS this"):format(hosts)
end

--- SQL in which NOW stands for the clock.
---@param sql string
---@return string
function shared.epoch(sql)
  return (sql:gsub("%f[%w]NOW%f[^%w]", function() return shared.NOW end))
end

--- Connections to a server that can write.
---@param url string
---@param options { timeout: number, log: function?, size: integer?, session: table<string, string>? } session: more settings of each
---connection
---@return lbhost.postgres.Pool
function shared.open(url, options)
  local milliseconds = ("%d"):format((options.timeout + 1) * 1000)
  -- A statement that was given up on ends by itself, and its locks with it.
  local session = { statement_timeout = milliseconds, lock_timeout = milliseconds, client_connection_check_interval = "1000",
    tcp_user_timeout = "15000", tcp_keepalives_idle = "10", tcp_keepalives_interval = "5", tcp_keepalives_count = "2",
    client_min_messages = "warning" }
  for name, value in pairs(options.session or {}) do session[name] = value end
  return postgres.open(url, { timeout = options.timeout, log = options.log, size = options.size, attributes = "read-write",
    session = session })
end

return shared
