-- A PostgreSQL primary with a synchronous streaming standby, for runs that kill the one and let the other take its place.
local eventually = require "tests.support.eventually"
local directory = require "tests.support.directory"
local postgres = require "tests.support.postgres"
local quote = require "tests.support.quote"

local pair = {}
pair.__index = pair

local capture, free_port = postgres.capture, postgres.free_port

function pair:run(command)
  if capture "id -u" == "0" then command = "runuser -u postgres -- sh -c " .. quote(command) end
  return os.execute(command .. " >>" .. self.home.path .. "/run.log 2>&1")
end

local function control(self, what, data, port, more)
  return self:run(("%s/pg_ctl -w -D %s/%s -l %s/%s.log -o %s %s"):format(self.bin, self.home.path, data, self.home.path, data,
    quote(("-p %d -k %s -c listen_addresses=127.0.0.1%s"):format(port, self.home.path, more or "")), what))
end

local function wait_for(self, sql, expected)
  eventually(function() return self:sql(sql) == expected end, sql)
end

--- Starts both. Commits are on the disk, and on the standby's, before they succeed.
function pair.start()
  local self = setmetatable({ home = directory.new(), bin = capture "ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1" }, pair)
  if capture "id -u" == "0" then os.execute("chown postgres " .. self.home.path) end
  self.ports = { a = free_port(), b = free_port() }
  self.primary = "a"
  assert(self:run(("%s/initdb -D %s/a -U lbhost -A trust --no-sync --encoding=UTF8 --locale=C"):format(self.bin, self.home.path)))
  self:run(("echo host replication all 127.0.0.1/32 trust >>%s/a/pg_hba.conf"):format(self.home.path))
  assert(control(self, "start", "a", self.ports.a))
  assert(self:run(("%s/pg_basebackup -D %s/b -R -X stream -d 'host=127.0.0.1 port=%d user=lbhost application_name=b'")
    :format(self.bin, self.home.path, self.ports.a)))
  assert(control(self, "start", "b", self.ports.b))
  self:sql "ALTER SYSTEM SET synchronous_standby_names = 'b'"
  self:sql "SELECT pg_reload_conf()"
  wait_for(self, "SELECT string_agg(sync_state, ' ') FROM pg_stat_replication", "sync")
  self.url = ("postgres://lbhost@127.0.0.1:%d,127.0.0.1:%d/postgres?target_session_attrs=read-write"):format(self.ports.a, self.ports.b)
  return self
end

--- Runs SQL at the primary; "" when it does not respond.
function pair:sql(text)
  return capture(("timeout 5 %s/psql -qAt -h 127.0.0.1 -p %d -U lbhost postgres -c %s 2>/dev/null"):format(self.bin,
    self.ports[self.primary], quote(text)))
end

--- The processes that serve lbhost.
function pair:backends()
  return self:sql "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE application_name = 'lbhost'"
end

--- kill -9 of the primary's postmaster; its backends notice it.
function pair:kill()
  local file = assert(io.open(("%s/%s/postmaster.pid"):format(self.home.path, self.primary)))
  os.execute("kill -KILL " .. file:read "n")
  file:close()
end

function pair:restart()
  eventually(function() return control(self, "start", self.primary, self.ports[self.primary]) end)
  wait_for(self, "SELECT 1", "1")
end

--- Kills the primary for good and promotes the standby, which has none then.
function pair:promote()
  self:kill()
  self.primary = "b"
  assert(self:run(("%s/pg_ctl -w -D %s/b promote"):format(self.bin, self.home.path)))
  self:sql "ALTER SYSTEM SET synchronous_standby_names = ''"
  self:sql "SELECT pg_reload_conf()"
end

function pair:stop()
  for _, data in ipairs { "a", "b" } do
    self:run(("%s/pg_ctl -D %s/%s stop -m immediate"):format(self.bin, self.home.path, data))
  end
  self.home:remove()
end

return pair
