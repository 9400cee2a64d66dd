-- A PostgreSQL server of its own for a spec, on a socket in a directory; it goes away with the spec.
local eventually = require "tests.support.eventually"
local directory = require "tests.support.directory"
local quote = require "tests.support.quote"
local socket = require "socket"

local postgres = {}
postgres.__index = postgres

-- Without the sanitizer's library, which is for the Lua of the test alone.
local CLEAN = "export LD_PRELOAD=; "

--- What a command prints.
local function capture(command)
  local pipe = assert(io.popen(CLEAN .. command))
  local text = pipe:read("a"):gsub("%s+$", "")
  pipe:close()
  return text
end

-- The server refuses to run as root; Debian has a user for it.
local function as_user(command)
  if capture "id -u" ~= "0" then return CLEAN .. "sh -c " .. command end
  return CLEAN .. "runuser -u postgres -- sh -c " .. command
end

--- A port of 127.0.0.1 on which nothing listens.
local function free_port()
  local one = assert(socket.bind("127.0.0.1", 0))
  local _, port = one:getsockname()
  one:close()
  return port
end

postgres.capture, postgres.free_port = capture, free_port

--- The plugin of the program under test.
postgres.plugin = (os.getenv "LBHOST" or "build/debug/lbhost"):match "^(.*)/" .. "/plugins/postgres.so"

-- Starts the server in its directory, and waits until it answers.
local function launch(self)
  self.shell = assert(io.popen(as_user(quote(self.command)), "w"))
  local till = eventually.deadline()
  repeat
    local ready = os.execute(CLEAN .. self.ready)
    if not ready then socket.sleep(0.02) end
  until ready or socket.gettime() > till
  assert(socket.gettime() <= till, "PostgreSQL does not answer: " .. (self.home:read "log" or ""))
  self.pid = tonumber(self.home:read "data/postmaster.pid":match "^(%d+)")
end

--- Starts a server. It also listens at 127.0.0.1, on the port `port`.
---@param settings table<string, string>? of postgresql.conf
---@param port integer? any free one when absent
function postgres.start(settings, port)
  local self = setmetatable({ home = directory.new(), port = port or free_port() }, postgres)
  local more = ""
  for name, value in pairs(settings or {}) do more = more .. (" -c %s=%s"):format(name, value) end
  local bin = capture "ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1"
  assert(bin ~= "", "PostgreSQL is missing: apt-get install postgresql")
  if capture "id -u" == "0" then os.execute("chown postgres " .. self.home.path) end
  local data = self.home.path .. "/data"
  local made = os.execute(as_user(quote(("%s/initdb -D %s -U lbhost -A trust --no-sync --encoding=UTF8 --locale=C >%s/log 2>&1")
    :format(bin, data, self.home.path))))
  assert(made, "initdb failed: " .. (self.home:read "log" or ""))
  -- It ends when its standard input does, whatever becomes of the process that started it.
  self.command = ("%s/postgres -D %s -k %s -c listen_addresses=127.0.0.1 -p %d -c fsync=off%s >>%s/log 2>&1 </dev/null & "
    .. "cat >/dev/null; kill -INT $! 2>/dev/null; wait"):format(bin, data, self.home.path, self.port, more, self.home.path)
  self.ready = ("%s/pg_isready -q -h %s -p %d"):format(bin, self.home.path, self.port)
  self.url = ("postgres://lbhost@/postgres?host=%s&port=%d"):format(self.home.path, self.port)
  self.tcp = ("postgres://lbhost@127.0.0.1:%d/postgres"):format(self.port)
  self.client = ("PGOPTIONS=--client-min-messages=warning %s/psql -qAt -h %s -p %d -U lbhost "):format(bin, self.home.path,
    self.port)
  self.psql = self.client .. "postgres -c "
  launch(self)
  return self
end

-- Waits until these processes have ended. Where nobody takes note of orphans that have, they stay as zombies.
local function wait_for_end(pids)
  local till = eventually.deadline()
  while pids ~= "" and os.execute(("ps -o stat= -p '%s' | grep -qv '^Z'"):format(pids)) do
    assert(socket.gettime() < till, "processes of PostgreSQL do not end: " .. pids)
    socket.sleep(0.02)
  end
end

--- Kills it, and starts it again.
function postgres:restart()
  local children = self:children()
  os.execute("kill -KILL " .. self.pid)
  wait_for_end(children)
  self.shell:close()
  launch(self)
end

--- Runs SQL; returns what it prints.
function postgres:sql(text)
  return capture(self.psql .. quote(text))
end

--- Runs SQL in another database than `postgres`.
function postgres:sql_at(database, text)
  return capture(self.client .. database .. " -c " .. quote(text))
end

--- The processes that the server has started, separated by spaces.
function postgres:children()
  return capture(("pgrep -P %d -d ' ' || true"):format(self.pid))
end

--- Inside lbhost: starts a server, and switches the plugin on until the function that it returns is called.
---@param settings table<string, string>? of postgresql.conf
---@return table server
---@return fun() stop
function postgres.start_with_plugin(settings)
  local globals, plugins = require "lbhost.cli.global_options", require "lbhost.plugin.registry"
  local server, before = postgres.start(settings), globals.values.plugins
  local function switch(list)
    globals.values.plugins = list
    plugins.reset()
  end
  switch { postgres.plugin }
  return server, function()
    switch(before)
    collectgarbage() -- connections that a failed test has left
    server:stop()
  end
end

function postgres:stop()
  self.shell:close()
  self.home:remove()
end

postgres.__close = postgres.stop

return postgres
