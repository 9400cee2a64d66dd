--- Runs a migration: lists its items (listing.lua), does them side by side (workers.lua), notes how each ends
--- (outcome.lua), and checks them (check.lua).
local check = require "lbhost.migrate.check"
local control = require "lbhost.migrate.control"
local context = require "lbhost.migrate.context"
local defaults = require "lbhost.migrate.defaults"
local dry = require "lbhost.migrate.dry"
local errors = require "liveblocks.errors"
local liveblocks = require "liveblocks"
local listing = require "lbhost.migrate.listing"
local outcome = require "lbhost.migrate.outcome"
local recorder = require "lbhost.migrate.recorder"
local source = require "lbhost.migrate.source"
local task = require "liveblocks.task"
local workers = require "lbhost.migrate.workers"

local runner = {}

---@class lbhost.migrate.Run
---@field migration lbhost.Migration
---@field settings table
---@field journal lbhost.migrate.Journal?
---@field source table of source.lua
---@field listing lbhost.migrate.Listing
---@field workers lbhost.migrate.Workers
---@field outcome lbhost.migrate.Outcome
---@field checks lbhost.migrate.Check?
---@field phase "listing"|"running"|"checking"
---@field stop_ordered boolean? has it ordered all hosts to stop?
---@field was_complete string? since when all was done before this run
local Run = {}
Run.__index = Run

-- ---- One item ------------------------------------------------------------------------------------

-- Shows what an item would do.
local function show_plan(self, item, ok, result)
  if self.settings.json or (ok and item.plan[1]) then
    self.show(item.key, item.plan, not ok and outcome.note_of(result) or nil)
  end
  if not ok then self.log(("%s: would fail: %s"):format(item.key, outcome.note_of(result))) end
end

function Run:do_item(key, value)
  local given, room = self.source.item(self, key, value)
  local item = context.of_item(self, key, room)
  item.changes = {}
  if self.dry_run then
    item.plan = {}
    item.client = dry.client(self.real, function(call) item.plan[#item.plan + 1] = call end)
  else
    item.client = recorder.client(self.real, item.changes, room)
  end
  local started = liveblocks.now()
  local ok, result, reason = xpcall(self.migration.each, outcome.describe, given, item)
  item.seconds = liveblocks.now() - started
  if self.dry_run then
    for _, call in ipairs(item.plan) do recorder.note_plan(item.changes, room, call) end
  end
  self.outcome:ended(item, ok, result, reason)
  if self.dry_run then show_plan(self, item, ok, result) end
end

local function doer(self)
  return function(key, value) return self:do_item(key, value) end
end

-- ---- The run -------------------------------------------------------------------------------------

-- Calls a hook of the whole run.
local function call_hook(self, name, ...)
  local hook = self.migration[name]
  if not hook then return end
  local ok, result = xpcall(hook, outcome.describe, ...)
  if ok then return result end
  if not errors.is(result) then result = errors.new("script", result) end
  result.message = ("'%s' failed: %s"):format(name, result.message)
  error(result, 0)
end

-- Asks the migration whether to go on with what was listed.
local function is_confirmed(self)
  local count = self.listing:count()
  if count == 0 or call_hook(self, "confirm", count, self.ctx) ~= false then return true end
  self.workers:stop "declined"
end

-- Does what is pending.
local function process(self)
  self.listing:prepare(self.settings.restart)
  self.phase = "running"
  if self.workers.stopping or not is_confirmed(self) then return end
  self.workers:run(self.listing:pending(), doer(self))
  self.journal:flush()
end

-- Rooms that have been created since the listing.
local function catch_up(self)
  for _ = 1, 10 do
    if self.workers.stopping or self.listing:fill(true) == 0 then break end
    self.phase = "running"
    self.workers:run(task.one_at_a_time(self.journal:take()), doer(self))
  end
  self.phase = "running"
end

-- Whether all is listed is asked first: another host may list while the items are counted.
local function is_complete(journal)
  local listed = journal:get "listed" ~= nil
  journal:recount()
  return listed and journal.counts.pending == 0
end

-- A migration that repeats does all again when it is run again. What a run before this one has left is done first, so
-- that runs that are always cut short get to the end of the list some day, and then once more all of it.
local function process_again(self)
  local journal = self.journal
  journal:reset "failed"
  journal:reset "missing"
  local earlier = journal:total() > 0
  if earlier and is_complete(journal) then
    journal:clear()
    earlier = false
  end
  process(self)
  if earlier and not self.workers.stopping and is_complete(journal) then
    journal:clear()
    process(self)
  end
end

-- All is done: is it this run that calls `finish`? One that finds all done calls it again, as for a journal of one host; of
-- hosts that share a journal one does, also when another begins after the last item has ended.
local function is_finisher(self, completed_at)
  if completed_at and self.journal.first then return true end
  return self.journal:complete(os.date "!%Y-%m-%dT%H:%M:%SZ")
end

local function do_all(self)
  local journal, whole = self.journal, self.listing:is_whole()
  local completed_at
  if is_complete(journal) and not self.listing.only[1] then
    completed_at = journal:get "completedAt"
    self.was_complete = completed_at or "an earlier run"
  end
  if self.migration.repeats and whole then
    self.was_complete, completed_at = nil, nil
    process_again(self)
  else
    process(self)
  end
  if whole and self.migration.catch_up then catch_up(self) end
  journal:flush()
  return not self.workers.stopping and is_complete(journal) and is_finisher(self, completed_at)
end

-- Checks all that was done; or with --check, when there is no journal, all that there is.
local function check_all(self)
  self.phase, self.checks = "checking", check.new(self)
  if self.journal then self.checks:recorded() else self.checks:unrecorded() end
end

--- Only checks.
function Run:check()
  check_all(self)
end

--- Does all of it. Returns when the work is done or was stopped; what happened is in the run.
function Run:perform()
  call_hook(self, "setup", self.ctx)
  local complete
  if self.journal then
    complete = do_all(self)
  else
    self.phase = "running"
    self.workers:run(self.listing:unrecorded(), doer(self))
  end
  if complete then
    call_hook(self, "finish", self.ctx)
    if self.migration.check and not self.workers.stopping then check_all(self) end
  end
end

--- A line of the migration's own for the end; nil when it has none.
---@return string?
function Run:summary()
  local line = call_hook(self, "summary", self.ctx)
  return line ~= nil and tostring(line) or nil
end

--- An item has failed, and no other one is to be started, on any host.
function Run:stop_at_failure()
  local journal, shared = self.journal, self.journal and self.journal.shared
  if shared and self.stop_ordered then return end
  if not shared or self.workers.stopping then return self.workers:stop "error" end
  self.stop_ordered = true
  self.workers:pause() -- while the database does not respond, the journal waits until it does: as long as the work is not to stop
  local ok, problem = pcall(function()
    journal:flush() -- the others are to see the failure
    journal:order("stop", control.FAILURE, control.who())
  end)
  self.workers:stop "error"
  if not ok then error(problem, 0) end
end

--- Changes how many items are done at a time, and how many requests are made a second, from the next item on.
---@param changes { concurrency: integer?, rate: number|false|nil } false: no limit
function Run:set(changes)
  if changes.concurrency then self.workers:set_count(changes.concurrency) end
  local rate = changes.rate
  if self.journal and self.journal.shared then rate = nil end -- that of all hosts is in the journal
  self.real:set_pace { rate = rate, max_in_flight = changes.concurrency }
end

--- How far the run is, to be shown.
---@return table
function Run:progress()
  local now, work = self.outcome, self.workers
  local status = { name = self.migration.name, unit = self.source.unit, phase = self.phase,
    listed = self.journal and self.journal:total() or self.listing.listed,
    in_flight = work.in_flight, failed = now.counts.failed + now.counts.missing, last_error = now.last_error,
    paused = work.paused, handled = now.handled, ended = now.handled, total = self.listing.total }
  if self.phase == "checking" then
    status.handled, status.ended = self.checks.handled, self.checks.handled
    status.total = self.checks.total or status.total
  elseif self.journal then
    status.total, status.hosts = self.journal:total(), self.journal:known_hosts()
    status.ended = status.total - now.counts.pending
    if self.journal.shared then status.handled = status.ended end -- how fast all hosts are
  end
  return status
end

--- A run.
---@param migration lbhost.Migration
---@param settings table concurrency, limit, only (list), restart, stop_on_error, dry_run, json
---@param parts { client: liveblocks.Client, journal: lbhost.migrate.Journal?, log: fun(text: string),
---show: fun(key: string, plan: table[], problem: string?), clear: fun(), record: function? } show: what a dry run would
---do; clear takes the line of the progress away; record(key, state, note, facts) is called for each item that has ended
---@return lbhost.migrate.Run
function runner.new(migration, settings, parts)
  local self = setmetatable({
    migration = migration, settings = settings, journal = parts.journal, log = parts.log, show = parts.show,
    clear = parts.clear, record = parts.record, dry_run = settings.dry_run or false, real = parts.client,
    source = source.of(migration), phase = "listing",
    workers = workers.new(settings.concurrency or migration.concurrency or defaults.concurrency),
  }, Run)
  self.outcome = outcome.new(self)
  self.listing = listing.new(self, settings.only or {}, settings.limit)
  self.client = self.real
  if self.dry_run then
    -- For setup and finish; what an item does is shown with the item.
    self.client = dry.client(self.real, function(call) self.log(("would call %s"):format(call.name)) end)
  end
  self.ctx = context.of_run(self, self.client)
  if self.journal then self.journal:attach(self) end
  return self
end

return runner
