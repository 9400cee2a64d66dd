-- A PgBouncer in transaction mode over a server of tests/support/postgres.lua; it goes away with the spec.
local directory = require "tests.support.directory"
local eventually = require "tests.support.eventually"
local postgres = require "tests.support.postgres"
local quote = require "tests.support.quote"
local socket = require "socket"

local pgbouncer = {}
pgbouncer.__index = pgbouncer

--- Starts one with a few connections to the server, for any number of clients.
---@param server table
function pgbouncer.start(server)
  local self = setmetatable({ home = directory.new(), port = postgres.free_port() }, pgbouncer)
  self.home:write("pgbouncer.ini", ([[
[databases]
* = host=127.0.0.1 port=%d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = %s/users
pool_mode = transaction
default_pool_size = 3
max_client_conn = 100
]]):format(server.port, self.port, self.home.path))
  self.home:write("users", '"lbhost" ""\n')
  -- It refuses to run as root, and ends when its standard input does.
  local command = ("cd %s; pgbouncer pgbouncer.ini >log 2>&1 </dev/null & cat >/dev/null; kill -INT $!; wait"):format(self.home.path)
  if postgres.capture "id -u" == "0" then
    os.execute("chown -R postgres " .. self.home.path)
    command = "runuser -u postgres -- sh -c " .. quote(command)
  end
  self.shell = assert(io.popen("export LD_PRELOAD= PATH=\"$PATH:/usr/sbin\"; " .. command, "w"))
  self.url = ("postgres://lbhost@127.0.0.1:%d/postgres?listen=off"):format(self.port)
  eventually(function()
    local one = socket.connect("127.0.0.1", self.port)
    if one then one:close() end
    return one ~= nil
  end, function() return "PgBouncer does not respond: " .. (self.home:read "log" or "") end)
  return self
end

function pgbouncer:stop()
  self.shell:close()
  self.home:remove()
end

pgbouncer.__close = pgbouncer.stop

return pgbouncer
