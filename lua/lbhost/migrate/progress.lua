--- Shows how far a run is: one line that is written over on a terminal, a line now and then in a log.
local defaults = require "lbhost.migrate.defaults"
local display_text = require "lbhost.util.display_text"
local host = require "lbhost.host"
local liveblocks = require "liveblocks"
local printable = require "lbhost.util.printable"
local task = require "liveblocks.task"

local progress = {}

local REDRAW = 0.25 -- seconds
local WINDOW = 15 -- seconds over which the rate is measured

---@class lbhost.migrate.Progress
local Progress = {}
Progress.__index = Progress

--- 1234567 as "1,234,567".
function progress.number(n)
  local text = tostring(n):reverse():gsub("(%d%d%d)", "%1,"):reverse()
  return (text:gsub("^,", ""))
end

--- Seconds as "8 s", "3 min 20 s", "2 h 5 min".
function progress.duration(seconds)
  seconds = math.floor(seconds + 0.5)
  if seconds < 60 then return ("%d s"):format(seconds) end
  if seconds < 3600 then return ("%d min %d s"):format(seconds // 60, seconds % 60) end
  return ("%d h %d min"):format(seconds // 3600, seconds % 3600 // 60)
end

-- Items a second over the last seconds.
function Progress:rate(status)
  local now = liveblocks.now()
  if self.phase ~= status.phase then self.phase, self.samples = status.phase, {} end
  local samples = self.samples
  samples[#samples + 1] = { now, status.handled }
  while #samples > 2 and now - samples[1][1] > WINDOW do table.remove(samples, 1) end
  local first = samples[1]
  if now - first[1] < 0.2 then return nil end
  return (status.handled - first[2]) / (now - first[1])
end

function Progress:line()
  local status = self.status()
  local number = progress.number
  local parts = {}
  if status.phase == "listing" then
    parts[1] = ("listing: %s %ss"):format(number(status.listed), status.unit)
  else
    local total, ended = status.total, status.ended
    parts[1] = ("%s%s of %s (%d %%)"):format(status.phase == "checking" and "checked " or "", number(ended), number(total),
      total > 0 and ended * 100 // total or 100)
    local rate = self:rate(status)
    if rate then
      parts[#parts + 1] = ("%.3g/s"):format(rate)
      if rate > 0 and ended < total then parts[#parts + 1] = progress.duration((total - ended) / rate) .. " left" end
    end
    if status.in_flight > 0 then parts[#parts + 1] = ("%d in flight"):format(status.in_flight) end
  end
  if #(status.hosts or {}) > 1 then
    local list = {}
    for i, one in ipairs(status.hosts) do
      list[i] = ("%s %s%s"):format(one.name, number(one.handled), one.late and " silent" or "")
    end
    parts[#parts + 1] = ("hosts: %s"):format(table.concat(list, ", "))
  end
  if status.paused then parts[#parts + 1] = "paused" end
  if status.failed > 0 then parts[#parts + 1] = ("%s failed"):format(number(status.failed)) end
  if status.last_error then parts[#parts + 1] = "last error: " .. status.last_error end
  return printable.line(("%s: %s"):format(status.name, table.concat(parts, ", ")))
end

function Progress:draw()
  local line = self:line()
  if self.terminal then
    io.stderr:write("\r\27[K", display_text.cut(line, (host.terminal_width(2) or 80) - 1))
    self.drawn = true
  else
    io.stderr:write(line, "\n")
  end
  io.stderr:flush()
end

--- Takes the line away, so that something else can be written.
function Progress:clear()
  if self.drawn then
    io.stderr:write("\r\27[K")
    io.stderr:flush()
    self.drawn = false
  end
end

function Progress:stop()
  if self.ticker then
    self.ticker:cancel()
    pcall(self.ticker.wait, self.ticker)
    self.ticker = nil
  end
  self:clear()
end

--- Starts to show how far a run is.
---@param status fun(): table name, phase, unit, listed, handled, ended, total, in_flight, failed, last_error, paused
---@param settings { quiet: boolean?, every: number? } every: seconds between lines where there is no terminal
---@return lbhost.migrate.Progress
function progress.start(status, settings)
  local self = setmetatable({ status = status, terminal = host.isatty(2), samples = {} }, Progress)
  if settings.quiet then return self end
  self.ticker = task.spawn(function()
    while true do
      task.sleep(self.terminal and REDRAW or settings.every or defaults.progress)
      self:draw()
    end
  end)
  return self
end

return progress
