--- lbhost serve: receives webhooks, runs handlers and timers.
local command_line = require "lbhost.cli.parser"
local errors = require "liveblocks.errors"
local known_secrets = require "lbhost.util.secrets"
local shipped = require "lbhost.util.shipped"
local task = require "liveblocks.task"

local PORT <const>, ADDRESS_CONNECTIONS <const> = 8787, 256

local function positive(text)
  local number = tonumber(text)
  if number and number > 0 and number < math.huge then return number end
  return nil, ("'%s' is not a number greater than 0"):format(text)
end

local function whole(least)
  return function(text)
    local number = math.tointeger(tonumber(text))
    if number and number >= least then return number end
    return nil, ("'%s' is not a whole number of at least %d"):format(text, least)
  end
end

local function one_of(...)
  local list = { ... }
  return function(text)
    for _, choice in ipairs(list) do
      if choice == text then return choice end
    end
    return nil, ("'%s' is not one of %s"):format(text, table.concat(list, ", "))
  end
end

local function a_path(text)
  if text:find("^/[^%s?#]*$") then return text end
  return nil, ("'%s' is not a valid path; a path begins with /"):format(text)
end

local function admin_address(text)
  local address, problem = require("lbhost.serve.admin.server").parse(text)
  return address and text or nil, problem
end

local function networks(text)
  local list, problem = require("lbhost.serve.client_address").networks(text)
  return list and text or nil, problem
end

-- option, default, how its text is read, what it does, what help calls its value
local rows = {
  { "--port", PORT, whole(0), "port to listen on; 0: any", "N" },
  { "--host", "127.0.0.1", nil, "address to listen on", "ADDRESS" },
  { "--path", "/", a_path, "path of the webhook", "PATH" },
  { "--store", nil, nil, "event store: a file (events.db in ~/.local/state/lbhost unless given), or a URL that a plugin knows",
    "FILE|URL" },
  { "--webhook-secret-file", nil, nil, "file with the secrets of the webhook, one a line, instead of LIVEBLOCKS_WEBHOOK_SECRET",
    "FILE" },
  { "--concurrency", 16, whole(1), "events that are handled at the same time", "N" },
  { "--attempts", 8, whole(1), "attempts before an event becomes a dead letter", "N" },
  { "--backoff", 1, positive, "seconds before the second attempt; four times as many before each further one", "SECONDS" },
  { "--longest-wait", 900, positive, "seconds between attempts at most", "SECONDS" },
  { "--handler-seconds", 60, positive, "time for one handler", "SECONDS" },
  { "--timer-seconds", 3600, positive, "time for one run of a timer", "SECONDS" },
  { "--handler-instructions", 2e9, positive, "Lua instructions for one handler, or one run of a timer", "N" },
  { "--handler-memory", 128, positive, "memory for one handler or one run of a timer, in MiB", "MIB" },
  { "--tolerance", 300, positive, "seconds by which a webhook may be older or newer than now", "SECONDS" },
  { "--max-body", 1048576, whole(1), "bytes of a request at most", "BYTES" },
  { "--max-connections", 4096, whole(1), "connections at most", "N" },
  { "--address-connections", nil, whole(0), "connections of one address at most; 0: no such limit (256, and 0 with --trust-proxy)", "N" },
  { "--trust-proxy", nil, networks, "proxies that say the client's address", "CIDR[,CIDR]" },
  { "--proxy-header", "x-forwarded-for", one_of("x-forwarded-for", "forwarded"), "header in which they do: x-forwarded-for or forwarded",
    "NAME" },
  { "--request-seconds", 10, positive, "seconds within which a request must have come", "SECONDS" },
  { "--keep", 7, positive, "days for which the ids of handled events are kept, to know repeated ones", "DAYS" },
  { "--grace", 10, positive, "seconds for what runs to end, on SIGTERM", "SECONDS" },
  { "--admin", nil, admin_address, "address of the operator's page, such as 127.0.0.1:8788; off unless given", "ADDRESS:PORT" },
  { "--admin-journal", nil, nil, "journal of a migration that the page shows and controls, or a database with several; may be repeated",
    "FILE|URL", many = true },
  { "--admin-allow-host", nil, nil, "a name by which the page may be called besides localhost and addresses; may be repeated", "NAME",
    many = true },
  { "--log", "text", one_of("text", "json"), "text or json", "FORMAT" },
  { "--log-handled", "on", one_of("on", "off"), "a line for each handled event: on or off", "SWITCH" },
  { "--log-level", "info", one_of("debug", "info", "warn", "error"), "debug, info, warn or error", "LEVEL" },
}

local function parser()
  local self = command_line.new("serve", "Receives webhooks of Liveblocks, stores each before it is acknowledged, and runs " ..
    "handlers and timers. Secrets of the webhook: LIVEBLOCKS_WEBHOOK_SECRET, several separated by spaces.")
  self:argument("files", "Handler files; see: lbhost new webhook NAME"):argname "FILE":args "*"
  for _, row in ipairs(rows) do
    local option = self:option(row[1], command_line.with_default(row[4], row[2])):argname(row[5] or "VALUE")
    if row[3] then option:convert(row[3]) end
    if row.many then option:count "*" end
  end
  self:option("--once", "Run the timer of this name now, and end: PLUGIN, SCHEDULE or PLUGIN:SCHEDULE."):argname "NAME"
  return self
end

local function key_of(option)
  return (option:sub(3):gsub("%-", "_"))
end

-- The command line takes precedence over the configuration, and that over the defaults.
local function parse(arguments, configured)
  local options = command_line.parse(parser(), arguments, "serve")
  for i, file in ipairs(options.files) do options.files[i] = shipped.resolve(file, { "webhooks", "notifications" }) end
  for _, row in ipairs(rows) do
    local key = key_of(row[1])
    if row.many and not options[key][1] then options[key] = nil end
    if options[key] == nil and configured[key] ~= nil then
      local value, problem = configured[key], nil
      if row[3] then value, problem = row[3](tostring(value)) end
      if problem then errors.usage("serve: plugins.serve.%s in the configuration: %s", key, problem) end
      options[key] = value
    end
    if options[key] == nil then options[key] = row[2] end
  end
  return options
end

-- The same options for the configuration: plugins.serve = { port = 8080 }.
local function for_configuration()
  local declared = {}
  for _, row in ipairs(rows) do
    local kind = row.many and "list" or type(row[2]) ~= "number" and "string" or row[3] == positive and "number" or "integer"
    declared[key_of(row[1])] = { type = kind, about = row[4], min = type(row[2]) == "number" and 0 or nil }
  end
  return declared
end

local function read_secrets(options)
  local secrets = require("lbhost.cli.secret_file").webhook_secrets(options.webhook_secret_file)
  for _, secret in ipairs(secrets) do known_secrets.add(secret) end
  require("liveblocks.webhook").verifier(secrets) -- raises for what has not the form of one
  return secrets
end

-- The operator's page, when it is asked for.
local function start_admin(service, options, log)
  if not options.admin then return nil end
  local admin = require "lbhost.serve.admin.server"
  local address = admin.parse(options.admin)
  local names = options.admin_allow_host or {}
  require("lbhost.web.origin").check(names, "serve: --admin-allow-host")
  local page = admin.start(service, { host = address.host, port = address.port, allow_hosts = names, journals = options.admin_journal })
  if not admin.is_local(address.host) then
    log("warn", "others than this machine can reach the operator's page, which has no login", { address = options.admin })
  end
  log("info", "the operator's page is at " .. page.url)
  return page
end

-- The client of the handlers; one that is never used needs no secret.
local function lazy_client()
  local liveblocks = require "liveblocks"
  local client
  return setmetatable({}, { __index = function(_, name)
    client = client or liveblocks.new()
    local value = client[name]
    if type(value) ~= "function" then return value end
    return function(_, ...) return value(client, ...) end
  end })
end

-- A mistyped name comes before a secret that is missing. When one of several files can be read, the service runs, and reports
-- the others.
local function check_files(files)
  local problem
  for _, path in ipairs(files) do
    local file, why = io.open(path)
    if file then return file:close() end
    problem = problem or why
  end
  if problem then errors.usage("serve: cannot read the handler file: %s", problem) end
end

local function make(options)
  check_files(options.files)
  local host = require "lbhost.host"
  local log = require("lbhost.serve.log").new { format = options.log, level = options.log_level,
    now = host.wall_clock }
  local secrets = options.once and {} or read_secrets(options)
  local store = require("lbhost.serve.open_store")(options.store, { lock = not options.once, log = log })
  options.address_connections = options.address_connections or (options.trust_proxy and 0 or ADDRESS_CONNECTIONS)
  local service = require("lbhost.serve.service").new(options, { store = store, secrets = secrets, client = lazy_client(),
    log = log })
  return service, log
end

local function serve(options)
  local notify, signals = require "lbhost.serve.notify", require "lbhost.signals"
  local service, log = make(options)
  local ok, refused = pcall(service.load, service)
  if not ok then
    service.store:close()
    error(refused, 0)
  end
  -- Of several hosts, one whose handlers were refused still receives.
  if #service.handlers.list == 0 and not (refused[1] and service.shared) then
    service.store:close()
    errors.usage(refused[1] and "no handler could be loaded" or
      "give a handler file, or switch a plugin on (lbhost help serve)")
  end
  if options.once then
    local good = service:run_once(options.once)
    service:stop(options.grace)
    return good and 0 or 1
  end
  local ended = task.event()
  signals.on("TERM", function() ended:set() end)
  signals.on("INT", function() ended:set() end)
  signals.on("HUP", function()
    notify.reloading(log)
    service:reload()
    if not service.stopping then notify.send(log, "READY=1") end
  end)
  signals.on("PIPE", function() end) -- the reader of the log may end before lbhost
  local page
  local started, problem = pcall(function()
    service:start()
    page = start_admin(service, options, log)
  end)
  if not started then
    service:stop(0)
    error(problem, 0)
  end
  log("info", "listening on " .. service.http.url .. options.path, { plugins = #service.handlers.list,
    store = service.store.path })
  notify.send(log, "READY=1", "STATUS=Listening on " .. service.http.url)
  local watchdog = notify.watchdog(log)
  ended:wait()
  log("info", "stopping", { seconds = options.grace })
  notify.send(log, "STOPPING=1")
  local clean = service:stop(options.grace)
  if page then page:stop() end
  if watchdog then watchdog:cancel() end
  for _, name in ipairs { "TERM", "INT", "HUP", "PIPE" } do signals.off(name) end
  return clean and 0 or 1
end

-- Help about a handler file, or about a ready-made one by its name.
local function help_about(arguments)
  local read, options = parser():pparse(arguments)
  if not read or not options.files[1] then return nil end
  local path = shipped.resolve(options.files[1], { "webhooks", "notifications" })
  local plugin, refusal = require("lbhost.plugin.registry").open_file(path)
  if not plugin then errors.usage("%s", tostring(refusal)) end
  return require("lbhost.cli.script_help").text { path = path, command = "lbhost serve " .. options.files[1],
    about = plugin.about, rows = plugin.option_rows, how = ("plugins.%s in the configuration file"):format(plugin.name) }
end

return {
  api = 1, name = "serve", about = "Receives webhooks, runs handlers and timers", options = for_configuration(),
  commands = {
    serve = {
      about = "receive webhooks, run handlers and timers", usage = "serve FILE... [--port N] [--store FILE] ...",
      run = function(arguments, ctx) return task.run(serve, parse(arguments, ctx.options)) end,
      parser = parser, help_about = help_about,
      examples = { "lbhost serve handlers.lua", "lbhost serve chat.lua --port 8080 --log json",
        "lbhost serve digest.lua --once 24h" },
      environment = { "LIVEBLOCKS_SECRET_KEY", "LIVEBLOCKS_BASE_URL", "LIVEBLOCKS_WEBHOOK_SECRET", "XDG_STATE_HOME", "PGPASSWORD" },
    },
  },
}
