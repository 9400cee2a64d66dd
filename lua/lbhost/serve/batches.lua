--- What is to be stored of events, in batches: one has all that is to be stored by its commit. What became of new events is
--- reported; ends of events that cannot be stored are tried again. A store may wait while it commits: then the next batch is
--- committed after that.
local committer = require "lbhost.util.group_commit"
local errors = require "liveblocks.errors"
local liveblocks = require "liveblocks"
local task = require "liveblocks.task"

local AGAIN = 1 -- seconds after a failed commit
local NOTES, SOON = 200, 0.01 -- notes are committed together: at most that many, after that time

---@class lbhost.serve.Batches
local Batches = {}
Batches.__index = Batches

local batches = {}

local function empty()
  return { add = {}, done = {}, failed = {}, parked = {} }
end

-- Results of handlers, which nobody waits for, are kept for the next commit.
local function keep(self, batch)
  for _, kind in ipairs { "done", "failed", "parked" } do
    local list = batch[kind]
    table.move(self.batch[kind], 1, #self.batch[kind], #list + 1, list)
    self.batch[kind] = list
  end
end

-- The store refuses what is in the batch; it could be reached.
local function is_refusal(problem)
  return not (errors.is(problem) and (problem.unavailable or problem.code == "STORE_GONE"))
end

local function halves(batch)
  local first, second, list = empty(), empty(), batch.add
  first.done, first.failed, first.parked = batch.done, batch.failed, batch.parked
  table.move(list, 1, #list // 2, 1, first.add)
  table.move(list, #list // 2 + 1, #list, 1, second.add)
  return first, second
end

local commit_batch

-- One event that the store does not take, because it is too large for example, fails alone.
local function commit_halves(self, batch)
  local first, second = halves(batch)
  local ok, problem = commit_batch(self, first)
  local ok_too, problem_too = commit_batch(self, second)
  return ok and ok_too, problem or problem_too
end

function commit_batch(self, batch)
  local began = liveblocks.now()
  local left = self.seconds and self.oldest and math.max(self.seconds - (began - self.oldest), 0.1)
  if self.store.shared == true and self.store:defers() then -- what became of events cannot be recorded now
    keep(self, batch)
    batch.done, batch.failed, batch.parked = {}, {}, {}
  end
  local ok, problem = pcall(self.store.commit, self.store, batch, left)
  if not ok and is_refusal(problem) and #batch.add > 1 then return commit_halves(self, batch) end
  self.failed_at = not ok and liveblocks.now() or nil
  if not ok then keep(self, batch) end
  self.on_commit(batch, not ok and problem or nil, liveblocks.now() - began)
  return ok, problem
end

local function wake(self)
  local list = self.waiting
  self.waiting = {}
  for _, event in ipairs(list) do event:set() end
end

local function commit(self)
  if self.committing then return true end -- the next one follows at once
  local batch = self.batch
  self.committing, self.oldest, self.first_at = liveblocks.now(), self.first_at, nil
  self.batch, self.notes = empty(), 0
  local ok, problem = commit_batch(self, batch)
  self.committing = nil
  if not ok and not self.closed then self.committer:plan(AGAIN) end
  if #self.batch.add > 0 then self.committer:plan() elseif self.notes > 0 and ok then self.committer:plan(SOON) end
  wake(self)
  return ok, problem
end

local function wait(self)
  while self.committing do
    local event = task.event()
    table.insert(self.waiting, event)
    event:wait()
  end
end

--- @param store table
--- @param on_commit fun(batch: table, problem: any, seconds: number) problem: nil when the batch is stored
--- @param seconds number? for which a new event waits at most, where the store can be slow
function batches.new(store, on_commit, seconds)
  local self = setmetatable({ store = store, on_commit = on_commit, seconds = seconds, batch = empty(), notes = 0,
    waiting = {} }, Batches)
  self.committer = committer.new(function() return commit(self) end)
  return self
end

--- Stores a new event with the next commit, in this turn of the loop.
---@param event table id, type, lane, received, body; gets seq or duplicate
function Batches:add(event)
  table.insert(self.batch.add, event)
  self.first_at = self.first_at or liveblocks.now()
  if not self.committing then self.committer:plan() end
end

--- Notes what became of an event; it is stored with the next commit.
---@param kind "done"|"failed"|"parked"
function Batches:note(kind, what)
  table.insert(self.batch[kind], what)
  self.notes = self.notes + 1
  if self.failed_at or self.committing then return end -- the next attempt is planned, or follows
  self.committer:plan(self.notes < NOTES and SOON or nil)
end

--- Stores what is noted, before it is read. False: it could not be stored, and is tried again later.
---@return boolean
function Batches:flush()
  wait(self)
  local batch = self.batch
  if #batch.failed + #batch.parked + #batch.done == 0 then return true end
  if self.failed_at and liveblocks.now() - self.failed_at < AGAIN then return false end
  return (self.committer:flush())
end

--- For how long a commit has been under way, in seconds; and whether the last one failed.
---@return number
---@return boolean
function Batches:state()
  return self.committing and liveblocks.now() - self.committing or 0, self.failed_at ~= nil
end

--- Forgets what became of events: others have them.
function Batches:lose()
  for _, kind in ipairs { "done", "failed", "parked" } do self.batch[kind] = {} end
  self.notes = 0
end

--- @return boolean whether all is stored
function Batches:close()
  self.closed = true
  wait(self)
  local ok = self.committer:flush()
  self.committer:close()
  return ok
end

return batches
