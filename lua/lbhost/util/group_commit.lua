--- Groups what is to be durable: all that has been added when a commit is due is in it, so that its price, the sync of the
--- disk, is shared. A commit is due in this turn of the loop, after all tasks that are ready and may add to it, or
--- soon; the earliest that was asked for counts.
local liveblocks = require "liveblocks"
local task = require "liveblocks.task"

---@class lbhost.Committer
local Committer = {}
Committer.__index = Committer

local committer = {}

--- @param commit fun(): boolean, any writes what has been added; false and why: it could not
---@return lbhost.Committer
function committer.new(commit)
  return setmetatable({ commit = commit, waiting = {} }, Committer)
end

-- Sleeps until a commit is due; woken by plan() and close().
local function sleep(self)
  while self.due do
    local left = self.due - liveblocks.now()
    if left <= 0 then return end
    self.asleep = true
    local slept = pcall(task.sleep, left)
    if not slept and self.asleep then return end -- it cannot sleep, so it commits early
    self.asleep = false
    task.clear_cancel() -- it was to wake, and the time was over
  end
end

local function wake(self)
  if not self.asleep then return end
  self.asleep = false
  task.cancel_wait(self.task.handle)
end

-- What is added after the commit has started is for the next one.
local function run(self)
  sleep(self)
  self.task, self.asleep = nil, false
  if self.due then self:flush() end
end

--- Commits in at most so many seconds; without: in this turn of the loop.
---@param seconds number?
function Committer:plan(seconds)
  local due = liveblocks.now() + (seconds or 0)
  if self.due and self.due <= due then return end
  self.due = due
  if self.task then wake(self) else self.task = task.spawn(run, self) end
end

--- Waits for the next commit, which is made in at most so many seconds, or in this turn when all wait that could join.
--- Raises what it failed with.
---@param all integer how many could wait for it
---@param seconds number
function Committer:wait(all, seconds)
  local one = { event = task.event() }
  table.insert(self.waiting, one)
  self:plan(#self.waiting < all and seconds or nil)
  one.event:wait()
  if not one.ok then error(one.problem, 0) end
end

--- Commits now.
---@return boolean ok
---@return any problem
function Committer:flush()
  local waiting = self.waiting
  self.due, self.waiting = nil, {}
  local ok, problem = self.commit()
  for _, one in ipairs(waiting) do
    one.ok, one.problem = ok, problem
    one.event:set()
  end
  return ok, problem
end

--- Forgets what is planned.
function Committer:close()
  self.due = nil
  wake(self)
end

return committer
