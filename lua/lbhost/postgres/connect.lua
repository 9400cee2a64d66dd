--- Makes a connection to PostgreSQL: one server after the other, each of its addresses within a time of its own, so that
--- one that does not respond does not use up the time of the next.
local errors = require "liveblocks.errors"
local ip = require "lbhost.util.ip"
local liveblocks = require "liveblocks"
local task = require "liveblocks.task"
local url = require "lbhost.postgres.url"

local connect = {}

-- libpq would look names up itself, and wait for a ticket of Kerberos.
local FIXED = { client_encoding = "UTF8", gssencmode = "disable" }
-- What this module does itself: libpq's asynchronous functions ignore `connect_timeout`.
local dropped = { host = true, hostaddr = true, port = true, connect_timeout = true, load_balance_hosts = true }

--- The module in C. It comes with the plugin `postgres`, a shared object.
function connect.core()
  local core = package.loaded["lbhost.postgres.core"]
  if core then return core end
  require("lbhost.plugin.registry").load_all() -- which opens the shared object
  core = package.loaded["lbhost.postgres.core"]
  if not core then
    errors.usage "PostgreSQL needs the plugin postgres (postgres.so, with libpq), which is not found: see lbhost plugins"
  end
  return core
end

--- An error object of what PostgreSQL says. `unavailable`: the connection failed, and nobody knows whether the statements were
--- executed.
---@param message string
---@param code string? SQLSTATE
---@param fields table?
function connect.failure(message, code, fields)
  if code == "42501" then message = message .. "; the rights that the role needs are in docs/deployment.md, Several hosts" end
  fields = fields or {}
  fields.code = code or "08006"
  return errors.new("store", "PostgreSQL: " .. message, fields)
end

-- The numeric addresses of a server; {""} where no name has to be looked up.
local function addresses_of(core, server, seconds)
  local host = server.host
  if server.address ~= "" then return { server.address } end
  if host == "" or host:find "^[/@]" then return { "" } end
  if ip.parse(host) then return { host } end
  local event = task.event()
  local lookup = core.lookup(host, seconds, event)
  event:wait()
  local list, problem = lookup:addresses()
  if not list or not list[1] then return nil, ("the host '%s' is not found: %s"):format(host, problem or "it has no address") end
  return list
end

local function attempt(core, parameters, server, address, seconds)
  local options = {}
  for name, value in pairs(parameters) do
    if not dropped[name] then options[name] = value end
  end
  for name, value in pairs(FIXED) do options[name] = parameters[name] or value end
  if server.host ~= "" then options.host = server.host end
  if address ~= "" then options.hostaddr = address end
  if server.port ~= "" then options.port = server.port end
  local event = task.event()
  local connection = core.connect(options, seconds, event)
  local ok, problem = pcall(event.wait, event)
  if not ok then -- the task was cancelled
    connection:close()
    error(problem, 0)
  end
  local state, why = connection:status()
  if state == "idle" then return connection end
  connection:close()
  return nil, why or "the connection was closed"
end

-- Without the address that libpq puts before it.
local function shorten(message)
  return (message:gsub("^connection to server [^:]*failed: ", ""):gsub("^FATAL:%s+", ""):gsub("^ERROR:%s+", ""))
end

--- Parameters of a URL, with those of libpq's environment for what it leaves out.
---@param text string
---@return table<string, string>
function connect.parameters(text)
  local core = connect.core()
  local given, problem = core.parse(text)
  if not given then errors.usage("the URL of PostgreSQL is wrong: %s", problem) end
  local parameters = core.defaults()
  for name, value in pairs(given) do parameters[name] = value end
  return parameters
end

--- A connection, in a task.
---@param parameters table<string, string>
---@param options { seconds: number, first: integer? } seconds: for each address; first: the server to begin with
---@return userdata connection
---@return integer server
function connect.open(parameters, options)
  local core, problems = connect.core(), {}
  local servers = url.servers(parameters)
  for i = 0, #servers - 1 do
    local number = ((options.first or 1) - 1 + i) % #servers + 1
    local server = servers[number]
    local began = liveblocks.now()
    local addresses, problem = addresses_of(core, server, options.seconds)
    for _, address in ipairs(addresses or {}) do
      local left = math.max(options.seconds - (liveblocks.now() - began), options.seconds / 2)
      local connection
      connection, problem = attempt(core, parameters, server, address, left)
      if connection then return connection, number end
    end
    local name = server.host ~= "" and server.host or server.address
    problems[#problems + 1] = #servers > 1 and ("%s: %s"):format(name, shorten(problem)) or problem
  end
  error(connect.failure(table.concat(problems, "; "), nil, { unavailable = true }), 0)
end

return connect
