--- Runs a migration: lists the items into the journal, does them side by side, and says how it went.
local context = require "lbhost.migrate.context"
local dry = require "lbhost.migrate.dry"
local errors = require "liveblocks.errors"
local show = require "lbhost.migrate.show"
local source = require "lbhost.migrate.source"
local task = require "liveblocks.task"

local runner = {}

local CONCURRENCY = 8
local UNREACHABLE = 20 -- failures to reach the API in a row
local NOTE = 500       -- characters of an error that are kept

---@class lbhost.migrate.Run
local Run = {}
Run.__index = Run

-- ---- How an item ended ---------------------------------------------------------------------------

local function note_of(err)
  local text = tostring(err):gsub("%s+", " ")
  if #text <= NOTE then return text end
  return text:sub(1, (utf8.offset(text, 0, NOTE) or NOTE) - 1) .. "…"
end

-- A failure that every further item would meet as well.
function Run:is_fatal(err)
  if not errors.is(err) then return false end
  if err.kind == "store" then return true end
  if err.kind == "http" and (err.status == 401 or err.status == 403) then return err.code ~= "UNAUTHORIZED_ROOM_ACCESS" end
  if err.kind == "network" or err.kind == "timeout" or err.kind == "tls" then
    self.unreachable = self.unreachable + 1
    return self.unreachable >= UNREACHABLE
  end
  self.unreachable = 0
  return false
end

function Run:stop(reason)
  self.stopping = self.stopping or reason
end

-- Did it fail because the item itself is not there any more? A hook may miss something else.
function Run:is_gone(key, err)
  if not errors.is(err) or err.kind ~= "http" or err.status ~= 404 or not self.source.look then return false end
  local found, problem = self.source.look(self, key)
  return not found and problem.status == 404
end

function Run:ended_with(key, item, ok, result, reason)
  if ok then
    self.unreachable = 0
    local left = result == false or (item.edits > 0 and item.sent == 0)
    return self:mark(key, left and "unchanged" or "done", result == false and reason and tostring(reason) or nil)
  end
  if self:is_gone(key, result) then return self:mark(key, "gone", note_of(result)) end
  if self:is_fatal(result) then
    -- The item stays pending: nothing is wrong with it.
    self.fatal = self.fatal or result
    return self:stop "failed"
  end
  self.last_error = ("%s: %s"):format(key, note_of(result))
  self:mark(key, "failed", note_of(result), item:known_steps())
  if self.settings.stop_on_error then self:stop "error" end
end

function Run:mark(key, state, note, steps)
  self.handled = self.handled + 1
  if self.journal then
    local ok, err = pcall(self.journal.mark, self.journal, key, state, note, steps)
    if ok then return end
    self.fatal = self.fatal or err
    return self:stop "failed"
  end
  self.counts[state] = self.counts[state] + 1
end

-- ---- One item ------------------------------------------------------------------------------------

-- An error of the script: where it happened stands in its text, unless a C function such as the iterator of ipairs
-- raised it; then that is where the script called it.
local function describe(err)
  if errors.is(err) then return err end
  local text, raiser = tostring(err), debug.getinfo(2, "Sf")
  if raiser.what ~= "C" or raiser.func == error then return text end
  local level, caller = 3, debug.getinfo(3, "Sl")
  while caller and caller.currentline < 0 do
    level = level + 1
    caller = debug.getinfo(level, "Sl")
  end
  local place = caller and ("%s:%d: "):format(caller.short_src, caller.currentline) or ""
  return text:sub(1, #place) == place and text or place .. text
end

function Run:do_item(key, value)
  local plan = {}
  local client = self.dry_run and dry.client(self.real, function(call) plan[#plan + 1] = call end) or nil
  local given, room = self.source.item(self, key, value)
  local item = context.of_item(self, key, room, client)
  local ok, result, reason = xpcall(self.migration.each, describe, given, item)
  self:ended_with(key, item, ok, result, reason)
  if self.dry_run and ok then self:tell_plan(key, plan) end
  if self.dry_run and not ok then self.log(("%s: would fail: %s"):format(key, note_of(result))) end
end

function Run:tell_plan(key, plan)
  if plan[1] then
    self.would_change = self.would_change + 1
  elseif self.settings.json then
    return
  end
  if not plan[1] then return end
  self.print(self.settings.json and show.json(key, plan) or show.text(key, plan))
end

-- Does items side by side until there are no more, or the run is stopped.
function Run:work(next_item, each)
  local function worker()
    while not self.stopping do
      local key, value = next_item()
      if key == nil then return end
      self.in_flight = self.in_flight + 1
      local ok, err = pcall(each, self, key, value)
      self.in_flight = self.in_flight - 1
      if not ok then
        self.fatal = self.fatal or err
        return self:stop "failed"
      end
    end
  end
  local workers = {}
  for i = 1, self.concurrency do workers[i] = task.spawn(worker) end
  for _, one in ipairs(workers) do one:wait() end
end

-- ---- Listing -------------------------------------------------------------------------------------

-- Items straight from the source, for a dry run: nothing is kept.
function Run:source_items()
  local next_page = self.source.pages(self)
  local keys, values, i = {}, nil, 0
  local turn = self.one_at_a_time()
  return function()
    return turn(function()
      while i >= #keys do
        local _
        keys, _, values = next_page()
        if not keys then
          keys, i = {}, 0
          return nil
        end
        i, self.total = 0, self.total + #keys
      end
      i = i + 1
      return keys[i], values and values[keys[i]]
    end)
  end
end

-- Lists into the journal, from where the last run has come to. With `new`, only until everything is known.
function Run:list(new)
  local journal = self.journal
  self.phase = "listing"
  self.listed = journal:total()
  local cursor = not new and self.source.resumes and journal:get "cursor" or nil
  local next_page = self.source.pages(self, cursor)
  local found = 0
  while not self.stopping do
    local keys, following, values = next_page()
    if not keys then break end
    local added = journal:add(keys, not new and { cursor = following } or nil, values)
    found = found + added
    self.listed = self.listed + added
    if new and added == 0 then return found end
    if not new and self.limit and journal.counts.pending >= self.limit and following then return found end
  end
  if not self.stopping and not new then journal:set("listed", 1) end
  return found
end

local function limited(iterator, limit)
  if not limit then return iterator end
  local count = 0
  return function()
    if count >= limit then return nil end
    count = count + 1
    return iterator()
  end
end

-- The items of --only: straight from their keys, or from the source when a key is not enough.
function Run:only_items()
  local only, wanted = self.only, {}
  if not self.source.has_values then
    local i = 0
    return function()
      i = i + 1
      return only[i]
    end
  end
  for _, key in ipairs(only) do wanted[key] = true end
  local items = self:source_items()
  return function()
    while true do
      local key, value = items()
      if key == nil or wanted[key] then return key, value end
    end
  end
end

-- Calls a hook of the whole run.
local function call_hook(self, name, ...)
  local hook = self.migration[name]
  if not hook then return end
  local ok, err = xpcall(hook, describe, ...)
  if ok then return err end
  if not errors.is(err) then err = errors.new("script", err) end
  err.message = ("'%s' failed: %s"):format(name, err.message)
  error(err, 0)
end

-- ---- The run -------------------------------------------------------------------------------------

function Run:process()
  local journal = self.journal
  if not journal then
    local items = self.only[1] and self:only_items() or self:source_items()
    self.phase = "running"
    if self.only[1] then self.total = #self.only end
    return self:work(limited(items, self.limit), self.do_item)
  end
  if self.only[1] and not self.source.has_values then
    journal:add(self.only)
  elseif not journal:get "listed" then
    self:list(false)
  end
  self.phase, self.total = "running", journal:total()
  if self.stopping or not self:confirmed() then return end
  local items = journal:each "pending"
  if self.only[1] then items = self:pending_among(self.only) end
  self:work(limited(items, self.limit), self.do_item)
end

-- Asks the migration whether to go on with what was listed.
function Run:confirmed()
  local count = self.journal.counts.pending
  if self.only[1] then count = #self.only end
  if count == 0 or call_hook(self, "confirm", math.min(count, self.limit or count), self.ctx) ~= false then return true end
  self:stop "declined"
end

function Run:pending_among(keys)
  local i = 0
  return function()
    while true do
      i = i + 1
      if keys[i] == nil then return nil end
      local state, value = self.journal:state_of(keys[i])
      if state == "pending" then return keys[i], value end
      self.log(("%s: %s"):format(keys[i], state and ("it is %s already; --restart forgets that"):format(state)
        or "the source has no such item"))
    end
  end
end

-- Rooms that have been created since the listing.
function Run:catch_up()
  for _ = 1, 10 do
    if self.stopping or self:list(true) == 0 then break end
    self.phase, self.total = "running", self.journal:total()
    self:work(self.journal:each "pending", self.do_item)
  end
  self.phase = "running"
end

function Run:check_item(key, value)
  local given, room = self.source.item(self, key, value)
  local item = context.of_item(self, key, room, self.checker)
  item.steps = {}
  local ok, result, reason = xpcall(self.migration.check, describe, given, item)
  self.handled = self.handled + 1
  if ok and result ~= false then
    self.checks.good = self.checks.good + 1
  elseif not ok and self:is_gone(key, result) then
    self.checks.gone = self.checks.gone + 1
  else
    self.checks.bad = self.checks.bad + 1
    self.log(("%s: check: %s"):format(key, ok and (reason and tostring(reason) or "is not as it should be")
      or note_of(result)))
  end
end

--- Calls `check` for all items that are not gone; it can only read.
function Run:check()
  if not self.migration.check or self.stopping or not self.journal then return end
  self.phase, self.handled, self.in_flight = "checking", 0, 0
  self.checks = { good = 0, bad = 0, gone = 0 }
  self.checker = dry.client(self.real, function(call)
    errors.usage("'check' only reads: it must not call %s", call.name)
  end)
  local journal = self.journal
  self.total = journal:total() - journal.counts.gone - journal.counts.pending
  for _, state in ipairs { "done", "unchanged", "failed" } do
    if not self.stopping then self:work(journal:each(state), self.check_item) end
  end
end

-- Runs functions that wait one after another, however many tasks ask.
local function one_at_a_time()
  local busy, waiting = false, {}
  return function(fn)
    while busy do
      local event = task.event()
      waiting[#waiting + 1] = event
      event:wait()
    end
    busy = true
    local results = table.pack(pcall(fn))
    busy = false
    local list = waiting
    waiting = {}
    for _, event in ipairs(list) do event:set() end
    if not results[1] then error(results[2], 0) end
    return table.unpack(results, 2, results.n)
  end
end

--- Does all of it. Returns when the work is done or was stopped; what happened is in the run.
function Run:perform()
  call_hook(self, "setup", self.ctx)
  self:process()
  if self.journal then
    self.journal:flush()
    local whole = not self.limit and not self.only[1]
    if whole and self.migration.catch_up then self:catch_up() end
    self.journal:flush()
    self.complete = not self.stopping and self.journal.counts.pending == 0 and self.journal:get "listed" ~= nil
  end
  if self.complete then
    call_hook(self, "finish", self.ctx)
    self:check()
  end
end

local function without_doubles(keys)
  local list, seen = {}, {}
  for _, key in ipairs(keys) do
    if not seen[key] then list[#list + 1] = key end
    seen[key] = true
  end
  return list
end

--- A run.
---@param migration lbhost.Migration
---@param settings table concurrency, limit, only (list), stop_on_error, dry_run, json
---@param parts { client: liveblocks.Client, journal: table?, log: fun(text: string), print: fun(text: string),
---clear: fun() } clear takes the line of the progress away
---@return lbhost.migrate.Run
function runner.new(migration, settings, parts)
  local self = setmetatable({
    migration = migration, settings = settings, journal = parts.journal, log = parts.log, print = parts.print,
    clear = parts.clear,
    dry_run = settings.dry_run or false, real = parts.client, source = source.of(migration), limit = settings.limit,
    concurrency = settings.concurrency or migration.concurrency or CONCURRENCY, in_flight = 0, handled = 0, listed = 0,
    total = 0, unreachable = 0, would_change = 0, phase = "listing", one_at_a_time = one_at_a_time,
    counts = { pending = 0, done = 0, unchanged = 0, failed = 0, gone = 0 },
  }, Run)
  self.unit = self.source.unit
  self.only = without_doubles(settings.only)
  self.client = self.real
  if self.dry_run then
    -- For setup and finish; what an item does is told with the item.
    self.client = dry.client(self.real, function(told)
      self.log(("would call %s"):format(told.name))
    end)
  end
  if self.journal then self.counts = self.journal.counts end
  self.ctx = context.of_run(self, self.client)
  function self.ended()
    if self.phase == "checking" then return self.handled end
    return self.journal and self.journal:total() - self.counts.pending or self.handled
  end
  return self
end

return runner
