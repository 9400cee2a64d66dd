--- What is said at the end of a run: how it went, what to do next, and the exit status.
local errors = require "liveblocks.errors"
local globals = require "lbhost.cli.global_options"
local printable = require "lbhost.util.printable"
local progress = require "lbhost.migrate.progress"
local report = require "lbhost.migrate.report"
local secrets = require "lbhost.util.secrets"

local advice = {}

local INTERRUPTED <const> = 130

local function quote(argument)
  return argument:find "[^%w_./=:,@%%+-]" and ("'%s'"):format(argument:gsub("'", "'\\''")) or argument
end

-- Options that are for one run, and are not given again.
local once = { ["--restart"] = true, ["--retry-failed"] = true, ["--accept-change"] = true, ["--accept-key"] = true,
  ["--accept-project"] = true, ["--resume"] = true }

-- Global options that this run was given and the next one needs as well.
local kept = { { "base_url", "--base-url" }, { "secret_file", "--secret-file" }, { "config", "--config" },
  { "timeout", "--timeout" }, { "rate", "--rate" } }

--- The command line of this run, to be given again; with a further option or none.
---@param arguments string[]
---@param option string?
---@return string
function advice.command_line(arguments, option)
  local out = { "lbhost migrate" }
  for _, argument in ipairs(arguments) do
    if not once[argument] then out[#out + 1] = quote(secrets.hide(argument)) end
  end
  for _, row in ipairs(kept) do
    local value = not globals.values.inside and globals.values[row[1]]
    if value then out[#out + 1] = row[2] .. " " .. quote(tostring(value)) end
  end
  out[#out + 1] = option
  return table.concat(out, " ")
end

-- Is it the disk? With SQLite it nearly always is; PostgreSQL has a class of SQLSTATE for it.
local function is_disk(code)
  return code:find "^SQLITE_" or code:find "^53"
end

--- A failure of the whole run, with what to do where that is not plain.
---@param failure any
---@return string
function advice.failure(failure)
  local text = tostring(failure)
  if errors.is(failure) and failure.code == "JOURNAL_MOVED" then
    text = text .. " (the run stops, for no journal would know of what it does; no edit is made twice when the file comes back "
      .. "and the run goes on with it)"
  elseif errors.is(failure) and failure.unavailable then
    text = text .. " (the journal; no edit is lost or made twice: run it again when the database responds)"
  elseif errors.is(failure) and failure.kind == "store" then
    text = ("%s (the journal; no edit is lost or made twice: %s, and run it again)"):format(text,
      is_disk(failure.code or "") and "free some space" or "mend that")
  end
  return printable.line(text)
end

local function counts_line(run, seconds)
  local counts, name = run.outcome.counts, run.migration.name
  local number = progress.number
  if run.dry_run then
    return ("%s: dry run: %s of %s would change, %s would fail; nothing was written"):format(name,
      number(run.outcome.would_change), number(run.outcome.handled), number(counts.failed + counts.missing))
  end
  if run.outcome.handled == 0 and run.journal:total() == 0 then
    return ("%s: there are no %ss to do: is the source right?"):format(name, run.source.unit)
  end
  if run.was_complete and counts.failed + counts.missing == 0 then
    return ("%s: %s; nothing was left to do (complete since %s): --restart begins again"):format(name, report.counts(counts),
      run.was_complete)
  end
  local text = report.counts(counts)
  if not run.journal:get "listed" and not run.listing.only[1] then text = text .. " so far, for the listing goes on" end
  local here = run.journal.shared and (", %s of them here"):format(number(run.outcome.handled)) or ""
  return ("%s: %s, in %s%s"):format(name, text, progress.duration(seconds), here)
end

--- How the run went, in lines for people.
---@param run lbhost.migrate.Run
---@param seconds number
---@param line string? of the migration's own
---@return string
function advice.summary(run, seconds, line)
  local out = {}
  local checks = run.checks
  if not (run.settings.check) then out[1] = counts_line(run, seconds) end
  if checks then
    out[#out + 1] = ("%s: checked: %s good, %s bad%s"):format(run.migration.name, progress.number(checks.good),
      progress.number(checks.bad), checks.gone > 0 and (", %s not found"):format(progress.number(checks.gone)) or "")
  end
  if line then out[#out + 1] = printable.line(("%s: %s"):format(run.migration.name, line)) end
  return table.concat(out, "\n") .. "\n"
end

local function failures_of(run)
  return run.outcome.counts.failed + run.outcome.counts.missing
end

--- What to do next, nil when nothing is left.
---@param run lbhost.migrate.Run
---@param arguments string[] of the command line
---@return string?
function advice.next_step(run, arguments)
  local stopping = run.workers.stopping
  if run.dry_run or run.settings.check then return nil end
  if stopping == "declined" then return "nothing was done" end
  if stopping == "interrupted" or stopping == "stopped" or stopping == "error" then
    return "go on with: " .. advice.command_line(arguments)
  end
  if failures_of(run) > 0 then
    return "do the failed ones again with: " .. advice.command_line(arguments, not run.migration.repeats and "--retry-failed" or nil)
  end
  if run.outcome.counts.pending > 0 then return "go on with: " .. advice.command_line(arguments) end
end

--- The exit status: 0; 1 when something failed; 130 when the run was stopped by a signal or an order.
---@param run lbhost.migrate.Run
---@return integer
function advice.exit_status(run)
  local stopping, checks = run.workers.stopping, run.checks
  if stopping == "interrupted" or stopping == "stopped" then return INTERRUPTED end
  local bad = checks and (checks.bad > 0 or (run.settings.check and checks.gone > 0 and not run.source.resumes))
  if stopping == "declined" or stopping == "error" or run.outcome.fatal or failures_of(run) > 0 or bad then return 1 end
  return 0
end

return advice
