--- Checks afterwards: calls `check` of the migration for items; it can only read.
local context = require "lbhost.migrate.context"
local dry = require "lbhost.migrate.dry"
local errors = require "liveblocks.errors"
local outcome = require "lbhost.migrate.outcome"
local task = require "liveblocks.task"

local check = {}

---@class lbhost.migrate.Check
---@field handled integer
---@field good integer
---@field bad integer
---@field gone integer items that are not there
local Check = {}
Check.__index = Check

--- @param run lbhost.migrate.Run
---@return lbhost.migrate.Check
function check.new(run)
  local self = setmetatable({ run = run, handled = 0, good = 0, bad = 0, gone = 0 }, Check)
  self.client = dry.client(run.real, function(call)
    errors.usage("'check' only reads: it must not call %s", call.name)
  end)
  return self
end

function Check:item(key, value)
  local run = self.run
  local given, room = run.source.item(run, key, value)
  local item = context.of_item(run, key, room, self.client)
  item.steps = {}
  local ok, result, reason = xpcall(run.migration.check, outcome.describe, given, item)
  self.handled = self.handled + 1
  if ok and result ~= false then
    self.good = self.good + 1
  elseif not ok and run.outcome:is_gone(key, result) then
    self.gone = self.gone + 1
  else
    self.bad = self.bad + 1
    run.log(("%s: check: %s"):format(key, ok and (reason and tostring(reason) or "is not as it should be")
      or outcome.note_of(result)))
  end
end

local function each(self)
  return function(key, value) return self:item(key, value) end
end

--- Checks what the journal knows and is not gone.
function Check:recorded()
  local run = self.run
  local counts = run.journal.counts
  self.total = run.journal:total() - counts.gone - counts.missing - counts.pending
  for _, state in ipairs { "done", "unchanged", "failed" } do
    if not run.workers.stopping then run.workers:run(task.one_at_a_time(run.journal:each(state)), each(self)) end
  end
end

--- Checks all that the source has, or what --only and --limit name.
function Check:unrecorded()
  self.run.workers:run(self.run.listing:unrecorded(), each(self))
end

return check
