--- lbhost queue: looks into the event store, also while `lbhost serve` runs.
local command_line = require "lbhost.cli.parser"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local printable = require "lbhost.util.printable"
local secrets = require "lbhost.util.secrets"

local actions = {}

local function parser()
  local self = command_line.new("queue", "Events in the store: list, show, retry, drop; hosts that share it.")
  self:command_target "action"
  self:require_command(true)
  self:option("--store", "The event store, as for serve."):argname "FILE|URL"
  local about = { list = "List events, oldest first.", show = "Show one event with its body.",
    retry = "Handle dead letters and failing events again, now.", drop = "Forget pending events and dead letters." }
  self:command("hosts", "List the hosts that share the event store, and how many lanes (rooms) each has."):flag("--json", "JSON Lines")
  for _, name in ipairs { "list", "show", "retry", "drop" } do
    local command = self:command(name, about[name])
    command:argument("id", name == "show" and "The webhook's id." or "Only this one."):argname "ID":args(name == "show" and 1 or "?")
    if name ~= "show" then
      command:option("--state", "pending or parked (dead letters)" .. (name == "list" and ", or done" or "")):argname "STATE"
      command:option("--type", "of the event"):argname "EVENT"
      command:option("--room", "of the event"):argname "ID"
    end
    if name == "list" then
      command:option("--limit", "at most that many"):argname "N":default "100"
      command:flag("--json", "JSON Lines")
    elseif name ~= "show" then
      command:flag("--all", "without any filter")
    end
  end
  return self
end

local function parse(arguments)
  return command_line.parse(parser(), arguments, "queue")
end

local function filter_of(options)
  local filter = { state = options.state, type = options.type, id = options.id,
    lane = options.room and "room " .. options.room or nil }
  local known = { pending = true, parked = true, done = options.action == "list" or nil }
  if filter.state and not known[filter.state] then
    errors.usage("queue: there is no state '%s'%s", filter.state, errors.hint(filter.state, known))
  end
  if options.limit then
    filter.limit = math.tointeger(tonumber(options.limit))
    if not filter.limit or filter.limit < 1 then errors.usage("queue: --limit takes a whole number of at least 1") end
  end
  if (options.action == "retry" or options.action == "drop") and not options.all and not next(filter) then
    errors.usage("queue %s: name an id or a filter (--state, --type, --room), or give --all", options.action)
  end
  return filter
end

local function date(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds))
end

local function row_of(event)
  return { seq = event.seq, id = event.id, type = event.type, lane = event.lane, state = event.state,
    received = date(event.received), attempts = event.attempts, error = event.error,
    due = event.state == "pending" and event.due > 0 and date(event.due) or nil }
end

local function first_line(text)
  local line = text:match("^[^\n]*")
  return #line > 100 and line:sub(1, (utf8.offset(line, 0, 98) or 98) - 1) .. "..." or line
end

function actions.list(store, options)
  local count = 0
  for event in store:list(filter_of(options)) do
    count = count + 1
    local row = row_of(event)
    if options.json then
      io.stdout:write(printable.json(json.encode(row)), "\n")
    else
      if count == 1 then io.stdout:write(("%-7s %-20s %-32s %-24s %s\n"):format("state", "received", "id", "type", "room")) end
      io.stdout:write(("%-7s %-20s %-32s %-24s %s\n"):format(row.state, row.received, printable.line(row.id),
        printable.line(row.type), printable.line((row.lane:gsub("^room ", "")))))
      if row.error then
        io.stdout:write(("        %d attempt%s: %s\n"):format(row.attempts, row.attempts == 1 and "" or "s",
          printable.line(secrets.hide(first_line(row.error)))))
      end
    end
  end
  if count == 0 and not options.json then io.stdout:write("no events\n") end
  if count == filter_of(options).limit then io.stderr:write(("lbhost: only the first %d; see --limit\n"):format(count)) end
  return 0
end

-- JSON as a value, so that it is readable; anything else as it is.
local function readable(body)
  if not body then return nil end
  local value, problem = json.try_decode(body)
  if problem then return body end
  return value
end

function actions.show(store, options)
  local found = store:list { id = options.id }()
  if not found then errors.usage("queue: there is no event '%s'", options.id) end
  local event = store:get(found.seq)
  local row = row_of(event)
  row.handled = event.handled ~= "" and event.handled or nil
  row.body = readable(event.body)
  io.stdout:write(printable.json(json.encode(row, { pretty = true })), "\n")
  return 0
end

local function change(verb)
  return function(store, options)
    local count = store[options.action](store, filter_of(options))
    io.stdout:write(("%d event%s %s\n"):format(count, count == 1 and "" or "s", verb))
    return (count == 0 and options.id) and 1 or 0
  end
end

actions.retry = change "will be handled again"
actions.drop = change "dropped"

local function host_row(one)
  return { id = one.id, name = one.name, version = one.version, since = date(one.since), seen = date(one.seen), lanes = one.lanes,
    running = one.running, state = one.late and "silent" or one.idle and "idle" or "working", reason = one.idle }
end

function actions.hosts(store, options)
  if not store.hosts then errors.usage "queue hosts: this event store is for one host; one in PostgreSQL is shared" end
  local list = store:hosts()
  for i, one in ipairs(list) do
    local row = host_row(one)
    if options.json then
      io.stdout:write(printable.json(json.encode(row)), "\n")
    else
      if i == 1 then io.stdout:write(("%-7s %-24s %-20s %-20s %6s %7s %s\n"):format("state", "host", "since", "seen", "lanes",
        "running", "version")) end
      io.stdout:write(("%-7s %-24s %-20s %-20s %6d %7d %s\n"):format(row.state, printable.line(row.name), row.since, row.seen,
        row.lanes, row.running, row.version))
      if row.reason then io.stdout:write("        ", printable.line(row.reason), "\n") end
    end
  end
  if not list[1] and not options.json then io.stdout:write "no hosts\n" end
  return 0
end

local function run(arguments)
  local options = parse(arguments)
  local open = require "lbhost.serve.open_store"
  local store = open(options.store, { create = false })
  local ok, result = pcall(actions[options.action], store, options)
  store:close()
  if not ok then error(result, 0) end
  return result
end

return {
  api = 1, name = "queue", about = "Looks into the event store",
  commands = {
    queue = {
      about = "look into the event store, retry or drop events", usage = "queue list|show|retry|drop|hosts [ID] [--state S] ...",
      run = run, parser = parser,
      examples = { "lbhost queue list", "lbhost queue list --state parked --json", "lbhost queue retry msg_2aTfQZ" },
      environment = { "XDG_STATE_HOME", "PGPASSWORD" },
    },
  },
}
