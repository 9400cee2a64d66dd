--- Keeps the state in a file: soon after it has changed, and at the end.
local liveblocks = require "liveblocks"
local errors = require "liveblocks.errors"
local host = require "lbhost.host"
local state = require "lbhost.local.state"
local task = require "liveblocks.task"

local saver = {}

---@class lbhost.local.Saver
local Saver = {}
Saver.__index = Saver

local SOON <const> = 0.5 -- seconds
local SHARE <const> = 20 -- saving takes at most one part in so many of the time

--- Takes a data file: nobody else uses it from now on.
---@param path string
---@return { close: function } lock
function saver.lock(path)
  local lock, problem = host.lock_file(path .. ".lock")
  if not lock then
    errors.usage(problem and "cannot use the data file: " .. problem
      or ("another lbhost local uses the data file '%s': end it first, or name another file"):format(path))
  end
  return lock
end

--- Keeps an app's state in a file, beginning now; raises a usage error where that is not possible.
---@param app lbhost.local.App
---@param path string
---@param on_problem fun(message: string) called when it becomes impossible later
---@return lbhost.local.Saver
function saver.new(app, path, on_problem)
  local self = setmetatable({ app = app, path = path, took = 0, dirty = true,
    on_problem = function(message) errors.usage("%s", message) end }, Saver)
  self:save()
  self.on_problem = on_problem
  local function changed() self:changed() end
  app:on("event", changed)
  app:on("changed", changed)
  return self
end

--- Writes the file now, if anything has changed. No room may be half changed (gate.lua).
---@return boolean done false when it could not be written; then it is tried again at the next change
function Saver:save()
  if not self.dirty then return true end
  local started = liveblocks.now()
  self.dirty = false
  local written, done, problem = pcall(state.save, self.path, self.app.state)
  self.took = liveblocks.now() - started
  if written and done then return true end
  self.dirty = true
  self.on_problem(("cannot write the data file: %s"):format(tostring(written and problem or done)))
  return false
end

--- Something has changed: it is saved soon.
function Saver:changed()
  self.dirty = true
  if self.waiting or self.stopped then return end
  self.waiting = task.spawn(function()
    task.sleep(math.max(SOON, self.took * SHARE))
    self.app.gate:settle()
    self.waiting = nil
    self:save()
  end)
end

--- Saves what is left; nothing is saved after that.
---@return boolean done
function Saver:stop()
  self.stopped = true
  if self.waiting then self.waiting:cancel() end
  self.app.gate:settle()
  return self:save()
end

return saver
