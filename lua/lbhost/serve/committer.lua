--- Groups what is to be stored: all that comes up in one turn of the loop is one commit, so that being durable does
--- not cost throughput. What became of new events is told; ends of events that cannot be stored are tried again.
local core = require "liveblocks.core"
local task = require "liveblocks.task"

local AGAIN = 1 -- seconds after a failed commit
local NOTES, SOON = 200, 0.01 -- notes are committed together: at most that many, after that time

---@class lbhost.serve.Committer
local Committer = {}
Committer.__index = Committer

local committer = {}

local function empty()
  return { add = {}, done = {}, failed = {}, parked = {} }
end

--- @param store table
--- @param on_commit fun(batch: table, problem: any, seconds: number) problem: nil when the batch is stored
function committer.new(store, on_commit)
  return setmetatable({ store = store, on_commit = on_commit, batch = empty(), notes = 0 }, Committer)
end

-- What changes nothing for anybody outside is kept for the next commit.
local function keep(self, batch)
  for _, kind in ipairs { "done", "failed", "parked" } do
    local list = batch[kind]
    table.move(self.batch[kind], 1, #self.batch[kind], #list + 1, list)
    self.batch[kind] = list
  end
end

local function commit(self)
  local batch = self.batch
  self.batch, self.planned, self.notes = empty(), false, 0
  local began = core.now()
  local ok, problem = pcall(self.store.commit, self.store, batch)
  self.failed_at = not ok and began or nil
  if not ok then keep(self, batch) end
  self.on_commit(batch, not ok and problem or nil, core.now() - began)
  return ok
end

-- Without a delay, the task runs behind all that are ready now: they add to the same commit. A commit that is
-- planned for later is overtaken by one that cannot wait.
local function plan(self, delay)
  if self.planned then return end
  local this = {}
  self.planned = this
  task.spawn(function()
    if delay then task.sleep(delay) end
    if self.planned == this and not commit(self) and not self.closed then plan(self, AGAIN) end
  end)
end

--- Stores a new event with the next commit, in this turn of the loop.
---@param event table id, type, lane, received, body; gets seq or duplicate
function Committer:add(event)
  table.insert(self.batch.add, event)
  if #self.batch.add == 1 then self.planned = false end
  plan(self)
end

--- Notes what became of an event; it is stored with the next commit.
---@param kind "done"|"failed"|"parked"
function Committer:note(kind, what)
  table.insert(self.batch[kind], what)
  self.notes = self.notes + 1
  if self.notes == NOTES then self.planned = false end
  plan(self, self.notes < NOTES and SOON or nil)
end

--- Stores what is noted, for who is about to read it. False: it could not be stored, and is tried again later.
---@return boolean
function Committer:flush()
  local batch = self.batch
  if #batch.failed + #batch.parked + #batch.done == 0 then return true end
  if self.failed_at and core.now() - self.failed_at < AGAIN then return false end
  if commit(self) then return true end
  plan(self, AGAIN)
  return false
end

function Committer:close()
  self.closed = true
  return commit(self)
end

return committer
