--- What is to be stored of events, in batches: one is all that comes up until its commit. What became of new events is
--- informed; ends of events that cannot be stored are tried again.
local committer = require "lbhost.util.group_commit"
local liveblocks = require "liveblocks"

local AGAIN = 1 -- seconds after a failed commit
local NOTES, SOON = 200, 0.01 -- notes are committed together: at most that many, after that time

---@class lbhost.serve.Batches
local Batches = {}
Batches.__index = Batches

local batches = {}

local function empty()
  return { add = {}, done = {}, failed = {}, parked = {} }
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
  self.batch, self.notes = empty(), 0
  local began = liveblocks.now()
  local ok, problem = pcall(self.store.commit, self.store, batch)
  self.failed_at = not ok and began or nil
  if not ok then
    keep(self, batch)
    if not self.closed then self.committer:plan(AGAIN) end
  end
  self.on_commit(batch, not ok and problem or nil, liveblocks.now() - began)
  return ok, problem
end

--- @param store table
--- @param on_commit fun(batch: table, problem: any, seconds: number) problem: nil when the batch is stored
function batches.new(store, on_commit)
  local self = setmetatable({ store = store, on_commit = on_commit, batch = empty(), notes = 0 }, Batches)
  self.committer = committer.new(function() return commit(self) end)
  return self
end

--- Stores a new event with the next commit, in this turn of the loop.
---@param event table id, type, lane, received, body; gets seq or duplicate
function Batches:add(event)
  table.insert(self.batch.add, event)
  self.committer:plan()
end

--- Notes what became of an event; it is stored with the next commit.
---@param kind "done"|"failed"|"parked"
function Batches:note(kind, what)
  table.insert(self.batch[kind], what)
  self.notes = self.notes + 1
  if self.failed_at then return end -- the next attempt is planned
  self.committer:plan(self.notes < NOTES and SOON or nil)
end

--- Stores what is noted, for who is about to read it. False: it could not be stored, and is tried again later.
---@return boolean
function Batches:flush()
  local batch = self.batch
  if #batch.failed + #batch.parked + #batch.done == 0 then return true end
  if self.failed_at and liveblocks.now() - self.failed_at < AGAIN then return false end
  return (self.committer:flush())
end

--- @return boolean whether all is stored
function Batches:close()
  self.closed = true
  local ok = self.committer:flush()
  self.committer:close()
  return ok
end

return batches
