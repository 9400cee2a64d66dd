--- lbhost migrate FILE: bulk work that can be stopped, continued and trusted.
local cli_parser = require "lbhost.cli.parser"
local defaults = require "lbhost.migrate.defaults"
local errors = require "liveblocks.errors"
local globals = require "lbhost.cli.global_options"
local liveblocks = require "liveblocks"
local shipped = require "lbhost.util.shipped"

local function count(text)
  local n = math.tointeger(tonumber(text))
  if n and n > 0 then return n end
  return nil, ("a number of at least 1 expected, got '%s'"):format(text)
end

local function seconds(text)
  local n = tonumber(text)
  if n and n > 0 and n <= 86400 then return n end
  return nil, ("a number of seconds expected, got '%s'"):format(text)
end

local function parser_of()
  local parser = cli_parser.new("migrate", "Bulk work: goes through rooms, threads or users, and changes them.")
  parser:argument("file", "The migration, a Lua file."):argname "FILE"
  parser:argument("options", "NAME=VALUE, options of the migration."):argname "NAME=VALUE":args "*"
  parser:flag("--dry-run", "Show what would change; nothing is written."):target "dry_run"
  parser:flag("--json", "With --dry-run: JSON Lines.")
  parser:flag("--status", "How far the journal is, and what orders were given; nothing is done.")
  parser:flag("--check", "Only call the migration's check: for what the journal knows, or without one for all items.")
  parser:option("--limit", "At most so many items; of hosts that share a journal, each."):argname "N":convert(count)
  parser:option("--only", "Only this item; may be repeated. With --restart it is done again."):argname "ID":count "*"
  parser:option("--concurrency", cli_parser.with_default("Items at a time.", defaults.concurrency)):argname "N":convert(count)
  parser:flag("--resume", "Go on where the last run stopped (this is the default).")
  parser:flag("--restart", "Forget the journal and begin again.")
  parser:flag("--retry-failed", "Do items again that failed or were not found."):target "retry_failed"
  parser:flag("--accept-change", "Go on though the migration file was changed."):target "accept_change"
  parser:flag("--accept-key", "Go on with another key, or another name of the host, of the same project."):target "accept_key"
  parser:flag("--accept-project", "The same when nothing shows that it is the same project."):target "accept_project"
  parser:flag("--stop-on-error", "Stop at the first failure, on all hosts."):target "stop_on_error"
  parser:option("--report", "Write a line of JSON for each item to this file; with --dry-run what would become of each.")
    :argname "FILE"
  parser:option("--journal", "The journal (NAME.journal in the current directory unless given); several hosts share one in "
    .. "PostgreSQL, postgres://..."):argname "FILE|URL"
  parser:option("--seed", "With --local: run this script first, which makes rooms to try the migration on."):argname "FILE"
  parser:option("--progress", cli_parser.with_default("Seconds between lines of progress where there is no terminal.",
    defaults.progress)):argname "SECONDS":convert(seconds)
  parser:flag("-q --quiet", "No progress.")
  parser:flag("--pause", "The run that uses the journal begins no further item until --unpause.")
  parser:flag("--unpause", "A paused run continues.")
  parser:option("--set", "The run changes its pace: rate=N,concurrency=N; rate=none."):argname "NAME=N,..."
  parser:flag("--stop", "The run finishes what is in flight, and ends.")
  parser:epilog(("Requests a second are the global option --rate (%d, and no limit for an API on this machine)."):format(defaults.rate))
  return parser
end

-- The order that is given to a run; nil when this is a run itself.
local function order_of(settings)
  local found
  for _, name in ipairs { "pause", "unpause", "set", "stop" } do
    if settings[name] and found then errors.usage("migrate: --%s and --%s are two orders: give one at a time", found, name) end
    if settings[name] then found = name end
  end
  return found
end

local function parse(arguments)
  local settings = cli_parser.parse(parser_of(), arguments, "migrate")
  settings.file = shipped.resolve(settings.file, { "migrations" })
  if settings.restart and (settings.resume or settings.retry_failed or settings.status) then
    errors.usage "migrate: --restart forgets what --resume, --retry-failed and --status need"
  end
  if settings.seed and not globals.values.inside then
    errors.usage "migrate: --seed is for --local: it would write to a real project"
  end
  if settings.json and not settings.dry_run then errors.usage "migrate: --json is for --dry-run" end
  if settings.check and (settings.dry_run or settings.restart or settings.retry_failed or settings.report) then
    errors.usage "migrate: --check only reads: it does not go with --dry-run, --restart, --retry-failed and --report"
  end
  local order = order_of(settings)
  if order and (settings.status or settings.check or settings.dry_run or settings.restart) then
    errors.usage("migrate: --%s is an order to the run that uses the journal, and goes with no other mode", order)
  end
  return settings
end

-- ---- Parts of a run ------------------------------------------------------------------------------

-- Is the API on this machine?
local function is_local()
  local url = globals.client().base_url or os.getenv "LIVEBLOCKS_BASE_URL"
  local host = url and url:match "^https?://([^/:]+)"
  return host == "localhost" or host == "127.0.0.1"
end

local function make_client(settings, migration)
  local rate = globals.values.rate or migration.rate or (not is_local() and defaults.rate or nil)
  return liveblocks.new { retries = defaults.retries, timeout = globals.values.timeout or defaults.timeout, rate = rate,
    max_in_flight = settings.concurrency or migration.concurrency }
end

local function journal_path(settings, migration)
  return settings.journal or require("lbhost.migrate.file").journal_path(migration)
end

-- ---- Looking at a run, and controlling it --------------------------------------------------------

local function look(settings, migration)
  local path = journal_path(settings, migration)
  local opened = require("lbhost.migrate.journal").look(path, migration.name)
  if not opened then errors.usage("there is no journal '%s'", require("lbhost.util.secrets").hide(path)) end
  return opened
end

local function status(settings, migration)
  local report, control = require "lbhost.migrate.report", require "lbhost.migrate.control"
  local printable = require "lbhost.util.printable"
  local opened <close> = look(settings, migration)
  local text = report.counts(opened.counts)
  if not opened:get "listed" then text = text .. "; not all items are listed yet" end
  io.stdout:write(printable.line(("%s: %s"):format(opened:get "name" or migration.name, text)), "\n", report.failures(opened))
  for _, one in ipairs(opened:hosts()) do io.stdout:write(printable.line("  " .. report.host(one)), "\n") end
  for _, order in ipairs(opened:orders(0)) do
    io.stdout:write(printable.line(("  %s %s"):format(order.at, control.describe(order))), "\n")
  end
  return 0
end

local function give_order(what, settings, migration)
  local control = require "lbhost.migrate.control"
  if what == "set" then control.parse(settings.set) end
  local opened <close> = look(settings, migration)
  if not opened:in_use() then errors.usage("no run is using the journal '%s'", opened.path) end
  local order = { what = what, value = what == "set" and settings.set or nil, who = control.who() }
  opened:order(order.what, order.value, order.who)
  if not settings.quiet then
    io.stdout:write(("%s: %s\n"):format(opened:get "name" or migration.name, control.describe(order)))
  end
  return 0
end

-- ---- The run -------------------------------------------------------------------------------------

-- Writes what is for people, around the line of the progress.
local function writers(state, settings)
  local printable, show = require "lbhost.util.printable", require "lbhost.migrate.show"
  local function clear()
    if state.progress then state.progress:clear() end
  end
  local function log(text)
    clear()
    if not settings.quiet then io.stderr:write("lbhost: ", printable.message(text), "\n") end
  end
  local function show_plan(key, plan, problem)
    clear()
    io.stdout:write(settings.json and show.json(key, plan, problem) or show.text(key, plan))
  end
  return log, show_plan, clear
end

-- The first Ctrl-C lets what is in flight end; the second ends the program.
local function watch_signals(run, log)
  local signals = require "lbhost.signals"
  local names = { "INT", "TERM" }
  local function off()
    for _, name in ipairs(names) do signals.off(name) end
  end
  for _, name in ipairs(names) do
    signals.on(name, function()
      off()
      run.workers:stop "interrupted"
      log(("stopping: %d in flight will be finished; again, and it stops at once"):format(run.workers.in_flight))
    end)
  end
  return off
end

-- Runs the script that fills the local Liveblocks.
local function seed(path)
  local script, problem = require("lbhost.util.sandbox").load_file(path)
  if not script then errors.usage("cannot read the seed: %s", problem) end
  script()
end

-- Does fn while the progress is shown and orders and signals are obeyed.
local function supervised(run, state, settings, log, fn)
  local off = watch_signals(run, log)
  local orders = run.journal and require("lbhost.migrate.control").watch(run)
  state.progress = require("lbhost.migrate.progress").start(function() return run:progress() end,
    { quiet = settings.quiet, every = settings.progress })
  local ok, err = pcall(fn, run)
  off()
  if orders then
    orders:cancel()
    pcall(orders.wait, orders)
  end
  state.progress:stop()
  state.progress = nil
  return ok, err
end

-- Is nothing recorded? Not of a dry run, nor of a check of all items, which is made when there is no journal.
local function is_unrecorded(settings, migration)
  return settings.dry_run
    or settings.check and not require("lbhost.migrate.journal").exists(journal_path(settings, migration), migration.name)
end

-- The end of a run: what has failed, nil when nothing has, and the migration's own line of the summary.
local function conclude(run, ok, err)
  local journal, line = run.journal, nil
  if ok and journal then
    ok, err = pcall(function()
      journal:flush()
      journal:recount()
    end)
  end
  local failure = not ok and err or run.outcome.fatal
  if ok then
    ok, line = pcall(run.summary, run)
    if not ok then failure, line = failure or line, nil end
  end
  return failure, line
end

-- Completes the file of --report; what failed, nil when nothing did.
local function complete_report(file, journal)
  local written, problem = pcall(file.finish, file, journal)
  if written then return nil end
  io.stderr:write("lbhost: ", tostring(problem), "\n")
  return problem
end

-- A run that failed before it did anything has no summary, nor one whose journal, which the summary is of, cannot be read.
local function has_summary(run, failure)
  if not failure then return true end
  local unreadable = errors.is(failure) and failure.unavailable
  return not unreadable and (run.outcome.handled > 0 or run.checks ~= nil and run.checks.handled > 0)
end

local function show_summary(run, duration, line, arguments)
  local report, advice = require "lbhost.migrate.report", require "lbhost.migrate.advice";
  (run.dry_run and io.stderr or io.stdout):write(advice.summary(run, duration, line))
  if run.journal then io.stdout:write(report.failures(run.journal)) end
  local hint = advice.next_step(run, arguments)
  if hint then io.stdout:write(require("lbhost.util.printable").line(hint), "\n") end
end

local function perform(settings, migration, guard, arguments)
  if settings.seed then seed(settings.seed) end
  local advice = require "lbhost.migrate.advice"
  local state = {}
  local log, show_plan, clear = writers(state, settings)
  local file = settings.report and require("lbhost.migrate.report").open(settings.report)
  local client = make_client(settings, migration)
  local journal
  if not is_unrecorded(settings, migration) then
    journal = require "lbhost.migrate.open_journal"(journal_path(settings, migration), settings, migration, client, log)
  end
  -- What cannot be written now was reported already, and is found out from the rooms when the work goes on.
  local _ <close> = setmetatable({}, { __close = function() if journal then pcall(journal.close, journal) end end })
  local run = require("lbhost.migrate.runner").new(migration, settings, { client = client, journal = journal, log = log,
    show = show_plan, clear = clear, record = settings.dry_run and file and function(...) file:add(...) end })
  if run.dry_run then
    guard:dry(function(call) log(("would call %s"):format(call.name)) end)
  end
  local started = liveblocks.now()
  local failure, line = conclude(run, supervised(run, state, settings, log, settings.check and run.check or run.perform))
  if failure then io.stderr:write("lbhost: ", advice.failure(failure), "\n") end
  local report_failure = file and complete_report(file, journal) or nil
  failure = failure or report_failure
  if not settings.quiet and has_summary(run, failure) then show_summary(run, liveblocks.now() - started, line, arguments) end
  if not failure or run.workers.stopping == "interrupted" then return advice.exit_status(run) end
  return errors.is(failure) and failure.refused and 2 or 1
end

local function migrate(arguments)
  local settings = parse(arguments)
  local guard <close> = require("lbhost.migrate.guard").install()
  local migration = require("lbhost.migrate.file").load(settings.file, settings.options, guard)
  local order = order_of(settings)
  if order then return give_order(order, settings, migration) end
  if settings.status then return status(settings, migration) end
  if settings.check and not migration.check then errors.usage("%s has no function 'check'", migration.path) end
  local ok, result = pcall(liveblocks.task.run, perform, settings, migration, guard, arguments)
  if ok then return result end
  if errors.is(result) and result.kind == "store" then
    error(errors.new("store", require("lbhost.migrate.advice").failure(result)), 0)
  end
  error(result, 0)
end

-- Help about a migration: of a file, or of a ready-made one by its name.
local function help_about(arguments)
  local read, settings = parser_of():pparse(arguments)
  if not read then return nil end
  local path = shipped.resolve(settings.file, { "migrations" })
  local about, rows = require("lbhost.migrate.file").describe(path)
  return require("lbhost.cli.script_help").text { path = path, command = "lbhost migrate " .. settings.file, about = about,
    rows = rows, how = "NAME=VALUE after the file" }
end

return {
  api = 1, name = "migrate", about = "Bulk work over rooms, threads or users",
  commands = {
    migrate = {
      about = "change many rooms, with dry run, pace, progress and a journal to go on from",
      usage = "migrate FILE [NAME=VALUE...] [--dry-run] [--limit N] [--only ID] [--retry-failed] ...",
      run = migrate, parser = parser_of, help_about = help_about,
      examples = { "lbhost migrate due.lua --dry-run --limit 20", "lbhost migrate due.lua --status",
        "lbhost migrate due.lua --retry-failed", "lbhost --local migrate due.lua --seed boards.lua" },
      environment = { "LIVEBLOCKS_SECRET_KEY", "LIVEBLOCKS_BASE_URL" },
    },
  },
}
