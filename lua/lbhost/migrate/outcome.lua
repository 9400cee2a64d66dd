--- How items end: what is noted of each, what is counted, and what stops the whole run.
local errors = require "liveblocks.errors"
local secrets = require "lbhost.util.secrets"

local outcome = {}

local UNREACHABLE <const> = 20 -- failures to reach the API in a row
local NOTE <const> = 500       -- bytes of an error that are kept

---@class lbhost.migrate.Outcome
---@field counts table<string, integer> items by state
---@field handled integer items that have ended in this run
---@field failures integer of these
---@field would_change integer in a dry run
---@field fatal any what every further item would meet as well
---@field last_error string?
local Outcome = {}
Outcome.__index = Outcome

--- @param run lbhost.migrate.Run
---@return lbhost.migrate.Outcome
function outcome.new(run)
  return setmetatable({ run = run, journal = run.journal, handled = 0, failures = 0, unreachable = 0, would_change = 0,
    counts = run.journal and run.journal.counts
      or { pending = 0, done = 0, unchanged = 0, failed = 0, gone = 0, missing = 0 } }, Outcome)
end

--- An error in one line, without secrets, that is not too long to be kept.
---@param err any
---@return string
function outcome.note_of(err)
  local text = secrets.hide(tostring(err)):gsub("%s+", " ")
  if #text <= NOTE then return text end
  return text:sub(1, (utf8.offset(text, 0, NOTE) or NOTE) - 1) .. "…"
end

local note_of = outcome.note_of

--- The message handler of hooks: an error of a script says where it was raised, unless a C function such as the iterator
--- of ipairs raised it; then that is where the script called it.
function outcome.describe(err)
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

-- A failure that every further item would meet as well.
local function is_fatal(self, err)
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

--- Did it fail because the item itself is not there? A hook may miss something else.
---@param key string
---@param err any
---@return boolean
function Outcome:is_gone(key, err)
  local look = self.run.source.look
  if not errors.is(err) or err.kind ~= "http" or err.status ~= 404 or not look then return false end
  local found, problem = look(self.run, key)
  return not found and problem.status == 404
end

local function mark(self, item, state, note)
  self.handled = self.handled + 1
  if state == "failed" or state == "missing" then self.failures = self.failures + 1 end
  local facts = { seconds = item.seconds, changes = item.changes and item.changes[1] and item.changes or nil }
  if not self.journal then
    self.counts[state] = self.counts[state] + 1
  else
    local steps = state == "failed" and item:known_steps() or nil
    local ok, err = pcall(self.journal.mark, self.journal, item.key, state, note, steps, facts)
    if not ok then
      self.fatal = self.fatal or err
      self.run.workers:stop "failed"
    end
  end
  if self.run.record then
    self.run.record(item.key, state, note, { seconds = facts.seconds, changes = facts.changes, attempts = 1 })
  end
end

local function fail(self, item, state, note)
  self.last_error = ("%s: %s"):format(item.key, note)
  mark(self, item, state, note)
  if self.run.settings.stop_on_error then self.run:stop_at_failure() end
end

--- Notes how `each` has ended for an item.
---@param item table the context of the item
---@param ok boolean
---@param result any what it returned, or its error
---@param reason any the second value that it returned
function Outcome:ended(item, ok, result, reason)
  if ok then
    self.unreachable = 0
    if item.plan and item.plan[1] then self.would_change = self.would_change + 1 end
    local left = result == false or (item.edits > 0 and item.sent == 0)
    return mark(self, item, left and "unchanged" or "done",
      reason ~= nil and type(result) == "boolean" and note_of(reason) or nil)
  end
  if self.journal and self.journal:has_moved(result) then
    self.run.log(("%s: it went to another host"):format(item.key))
    self.run.listing:moved()
    return self.journal:give_back(item.key)
  end
  -- What the API has listed may vanish; what a list names was perhaps never there.
  if self:is_gone(item.key, result) then
    if self.run.source.resumes then return mark(self, item, "gone", note_of(result)) end
    return fail(self, item, "missing", note_of(result))
  end
  if is_fatal(self, result) then
    -- The item stays pending: nothing is wrong with it.
    self.fatal = self.fatal or result
    return self.run.workers:stop "failed"
  end
  fail(self, item, "failed", note_of(result))
end

return outcome
