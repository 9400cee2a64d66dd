--- A value that is computed when it is asked for, and kept for a while: for how long follows from what it costs. A caller
--- waits a moment for a new one, and gets the last one when that takes longer: a page appears also when the store is down.
local errors = require "liveblocks.errors"
local liveblocks = require "liveblocks"
local task = require "liveblocks.task"
local wait_within = require "lbhost.util.event_timeout"

local cached = {}

local EVERY <const> = 1     -- seconds between two times at least
local SHARE <const> = 50    -- of the time, finding out takes at most one part in so many
local PATIENCE <const> = 0.5 -- seconds that who asks waits

---@class lbhost.web.Cached
local Cached = {}
Cached.__index = Cached

---@param find fun(): any may wait, and raise
---@param every number? seconds (1)
---@return lbhost.web.Cached
function cached.new(find, every)
  return setmetatable({ find = find, every = every or EVERY, next_at = 0, waiting = {} }, Cached)
end

local function run(self)
  task.background()
  local began = liveblocks.now()
  local ok, value = pcall(self.find)
  local now = liveblocks.now()
  self.value, self.problem = ok and value or self.value, not ok and value or nil
  self.next_at = now + math.max(self.every, (now - began) * SHARE)
  self.since = nil
  local waiting = self.waiting
  self.waiting = {}
  for _, event in ipairs(waiting) do event:set() end
end

--- The value, nil when none was found yet; and what is wrong, in words.
---@return any
---@return string?
function Cached:get()
  local now = liveblocks.now()
  if not self.since and now >= self.next_at then
    self.since = now
    task.spawn(run, self)
  end
  if self.since and now - self.since < PATIENCE then
    local event = task.event()
    table.insert(self.waiting, event)
    wait_within(event, PATIENCE)
  end
  if self.since then return self.value, ("there is no response for %.0f s"):format(liveblocks.now() - self.since) end
  local problem = self.problem
  return self.value, problem and (errors.is(problem) and problem.message or tostring(problem)) or nil
end

--- It has changed: who asks next waits for the new one.
function Cached:forget()
  self.next_at = 0
end

return cached
