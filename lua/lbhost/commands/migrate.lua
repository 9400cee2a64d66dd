--- lbhost migrate FILE: bulk work that can be stopped, continued and trusted.
local cli_parser = require "lbhost.cli.parser"
local errors = require "liveblocks.errors"
local globals = require "lbhost.cli.global_options"
local liveblocks = require "liveblocks"
local shipped = require "lbhost.util.shipped"

local RETRIES, TIMEOUT = 8, 120 -- of a call: one that fails in the end costs an item
local RATE = 50                 -- requests a second, unless the API is on this machine
local INTERRUPTED = 130

local function count(text)
  local n = math.tointeger(tonumber(text))
  if n and n > 0 then return n end
  return nil, ("a number of at least 1 expected, got '%s'"):format(text)
end

local function parser_of()
  local parser = cli_parser.new("migrate", "Bulk work: goes through rooms, threads or users, and changes them.")
  parser:argument("file", "The migration, a Lua file."):argname "FILE"
  parser:argument("options", "NAME=VALUE, options of the migration."):argname "NAME=VALUE":args "*"
  parser:flag("--dry-run", "Show what would change; nothing is written."):target "dry_run"
  parser:flag("--json", "With --dry-run: JSON Lines.")
  parser:flag("--status", "How far the journal is; nothing is done.")
  parser:flag("--check", "Only call the migration's check.")
  parser:option("--limit", "At most so many items."):argname "N":convert(count)
  parser:option("--only", "Only this item; may be repeated."):argname "ID":count "*"
  parser:option("--concurrency", cli_parser.with_default("Items at a time.", 8)):argname "N":convert(count)
  parser:flag("--resume", "Go on where the last run stopped (this is the default).")
  parser:flag("--restart", "Forget the journal and begin anew.")
  parser:flag("--retry-failed", "Do failed items again."):target "retry_failed"
  parser:flag("--accept-change", "Go on though the migration file was changed."):target "accept_change"
  parser:flag("--stop-on-error", "Stop at the first failure."):target "stop_on_error"
  parser:option("--report", "Write a line of JSON for each item to this file."):argname "FILE"
  parser:option("--journal", "The journal (NAME.journal in the current directory unless given)."):argname "FILE"
  parser:option("--seed", "With --local: run this script first, which makes rooms to try the migration on."):argname "FILE"
  parser:flag("-q --quiet", "No progress.")
  parser:epilog "Requests a second are the global option --rate (50, and no limit for an API on this machine)."
  return parser
end

local function parse(words)
  local settings = cli_parser.parse(parser_of(), words, "migrate")
  settings.file = shipped.resolve(settings.file, { "migrations" })
  if settings.restart and (settings.resume or settings.retry_failed or settings.status) then
    errors.usage "migrate: --restart forgets what --resume, --retry-failed and --status need"
  end
  if settings.seed and not globals.values.inside then
    errors.usage "migrate: --seed is for --local: it would write to a real project"
  end
  if settings.report and settings.dry_run then errors.usage "migrate: --report is for a run; --dry-run has --json" end
  if settings.json and not settings.dry_run then errors.usage "migrate: --json is for --dry-run" end
  return settings
end

-- ---- Parts of a run ------------------------------------------------------------------------------

-- Is the API on this machine?
local function is_near()
  local url = globals.client().base_url or os.getenv "LIVEBLOCKS_BASE_URL"
  local host = url and url:match "^https?://([^/:]+)"
  return host == "localhost" or host == "127.0.0.1"
end

local function make_client(settings, migration)
  local rate = globals.values.rate or migration.rate or (not is_near() and RATE or nil)
  return liveblocks.new { retries = RETRIES, timeout = globals.values.timeout or TIMEOUT, rate = rate,
    max_in_flight = settings.concurrency or migration.concurrency }
end

-- Which project this is, without its key.
local function project_of()
  local given = globals.client()
  local secret = given.secret or os.getenv "LIVEBLOCKS_SECRET_KEY"
  if not secret then
    errors.usage "no secret key: set LIVEBLOCKS_SECRET_KEY, or give --secret-file (the key is in the dashboard, API keys)"
  end
  return require("lbhost.migrate.file").hash("project", secret, given.base_url or os.getenv "LIVEBLOCKS_BASE_URL" or "")
end

local function open_journal(settings, migration)
  local journal = require "lbhost.migrate.journal"
  -- What the local Liveblocks inside holds ends with this program, so a journal of it would only mislead.
  local path = settings.journal or (globals.values.inside and ":memory:") or migration.name .. ".journal"
  local this = project_of()
  local opened = journal.open(path, { restart = settings.restart })
  local ok, err = pcall(function()
    local hash, project = opened:get "migration", opened:get "project"
    if project and project ~= this and not globals.values.inside then
      errors.usage("the journal '%s' is of another project or key; name another with --journal, or use --restart", path)
    end
    if hash and hash ~= migration.text_hash and not settings.accept_change then
      errors.usage("%s or its options have changed since the journal '%s' was made; go on with --accept-change, or begin "
        .. "anew with --restart", migration.path, path)
    end
    opened:identify { migration = migration.text_hash, project = this, name = migration.name }
    if settings.retry_failed then opened:reset "failed" end
  end)
  if not ok then
    opened:close()
    error(err, 0)
  end
  return opened
end

local function status(settings, migration)
  local journal, report = require "lbhost.migrate.journal", require "lbhost.migrate.report"
  local path = settings.journal or migration.name .. ".journal"
  local opened = journal.look(path)
  if not opened then errors.usage("there is no journal '%s'", path) end
  local text = report.counts(opened.counts)
  if not opened:get "listed" then text = text .. "; not all items are listed yet" end
  io.stdout:write(("%s: %s\n"):format(opened:get "name" or migration.name, text), report.failures(opened))
  opened:close()
  return 0
end

-- ---- The run -------------------------------------------------------------------------------------

-- Writes what is for people, around the line of the progress.
local function writers(state, quiet)
  local function clear()
    if state.progress then state.progress:clear() end
  end
  return function(text)
    clear()
    if not quiet then io.stderr:write("lbhost: ", text, "\n") end
  end, function(text)
    clear()
    io.stdout:write(text)
  end, clear
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
      run:stop "interrupted"
      log(("stopping: %d in flight will be finished; again, and it stops at once"):format(run.in_flight))
    end)
  end
  return off
end

local function summary(run, seconds)
  local progress, report = require "lbhost.migrate.progress", require "lbhost.migrate.report"
  local out = {}
  local function add(...) out[#out + 1] = (...):format(select(2, ...)) end
  local name = run.migration.name
  if run.dry_run then
    add("%s: dry run: %s of %s would change, %s would fail; nothing was written", name, progress.number(run.would_change),
      progress.number(run.handled), progress.number(run.counts.failed))
  elseif run.source.unit and run.handled == 0 and run.counts.pending == 0 and run.total == 0 then
    add("%s: there are no %ss to do: is the source right?", name, run.source.unit)
  else
    add("%s: %s, in %s", name, report.counts(run.counts), progress.duration(seconds))
  end
  if run.checks then
    add("%s: checked: %s good, %s bad", name, progress.number(run.checks.good), progress.number(run.checks.bad))
  end
  return table.concat(out, "\n") .. "\n"
end

-- The words of this run, to be given again.
local function command_line(words)
  local out = {}
  for _, word in ipairs(words) do
    if word ~= "--restart" then out[#out + 1] = word:find "[^%w_./=:-]" and ("'%s'"):format(word:gsub("'", "'\\''")) or word end
  end
  return "lbhost migrate " .. table.concat(out, " ")
end

local function advice(run, words)
  if run.dry_run then return nil end
  local text = command_line(words)
  if run.stopping == "declined" then return "nothing was done" end
  if run.stopping == "interrupted" or run.stopping == "error" then return "go on with: " .. text end
  if run.counts.failed > 0 then return ("do the failed ones again with: %s --retry-failed"):format(text) end
  if run.counts.pending > 0 then return "go on with: " .. text end
end

local function exit_status(run)
  if run.stopping == "interrupted" then return INTERRUPTED end
  if run.stopping == "declined" or run.fatal or run.counts.failed > 0 or (run.checks and run.checks.bad > 0) then return 1 end
  return 0
end

-- Runs the script that fills the local Liveblocks.
local function seed(path)
  local script, problem = require("lbhost.util.module_path").load_file(path)
  if not script then errors.usage("cannot read the seed: %s", problem) end
  script()
end

-- A failure of the whole run, with what to do where that is not plain.
local function told(failure)
  local text = tostring(failure)
  if errors.is(failure) and failure.kind == "store" then
    text = text .. " (the journal; no edit is lost or made twice: make room, and run it again)"
  end
  return text
end

local function perform(settings, migration, words)
  if settings.seed then seed(settings.seed) end
  local report = require "lbhost.migrate.report"
  local state = {}
  local log, print_out, clear = writers(state, settings.quiet)
  local report_file = settings.report and report.open(settings.report)
  local client = make_client(settings, migration)
  local journal <close> = setmetatable({ opened = not settings.dry_run and open_journal(settings, migration) or nil },
    -- What cannot be written now is told already, and found out from the rooms when the work goes on.
    { __close = function(self) if self.opened then pcall(self.opened.close, self.opened) end end })
  local run = require("lbhost.migrate.runner").new(migration, settings,
    { client = client, journal = journal.opened, log = log, print = print_out, clear = clear })
  local undo = run.dry_run and require("lbhost.migrate.dry").enforce(function(call)
    log(("would call %s"):format(call.name))
  end) or function() end
  local off = watch_signals(run, log)
  state.progress = require("lbhost.migrate.progress").start(run, settings.quiet or settings.dry_run)
  local started = liveblocks.now()
  local ok, err = pcall(settings.check and run.check or run.perform, run)
  off()
  undo()
  state.progress:stop()
  state.progress = nil
  if journal.opened and ok then
    ok, err = pcall(journal.opened.flush, journal.opened)
  end
  local failure = not ok and err or run.fatal
  if failure then io.stderr:write("lbhost: ", told(failure), "\n") end
  if report_file then
    local written, problem = pcall(report.write, report_file, settings.report, journal.opened)
    if not written then
      io.stderr:write("lbhost: ", tostring(problem), "\n")
      failure = failure or problem
    end
  end
  if not settings.quiet and not (failure and run.handled == 0) then
    (run.dry_run and io.stderr or io.stdout):write(summary(run, liveblocks.now() - started))
    if journal.opened and run.counts.failed > 0 then io.stdout:write(report.failures(journal.opened)) end
    local hint = advice(run, words)
    if hint then io.stdout:write(hint, "\n") end
  end
  return failure and run.stopping ~= "interrupted" and 1 or exit_status(run)
end

local function migrate(words)
  local settings = parse(words)
  local migration = require("lbhost.migrate.file").load(settings.file, settings.options)
  if settings.status then return status(settings, migration) end
  local ok, result = pcall(liveblocks.task.run, perform, settings, migration, words)
  if ok then return result end
  if errors.is(result) and result.kind == "store" then error(errors.new("store", told(result)), 0) end
  error(result, 0)
end

return {
  api = 1, name = "migrate", about = "Bulk work over rooms, threads or users",
  commands = {
    migrate = {
      about = "change many rooms, with dry run, pace, progress and a journal to go on from",
      usage = "migrate FILE [NAME=VALUE...] [--dry-run] [--limit N] [--only ID] [--retry-failed] ...",
      run = migrate, parser = parser_of,
      examples = { "lbhost migrate due.lua --dry-run --limit 20", "lbhost migrate due.lua --status",
        "lbhost migrate due.lua --retry-failed", "lbhost --local migrate due.lua --seed boards.lua" },
      environment = { "LIVEBLOCKS_SECRET_KEY", "LIVEBLOCKS_BASE_URL" },
    },
  },
}
