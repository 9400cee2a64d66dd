--- Tells how far a run is: one line that is written over on a terminal, a line now and then in a log.
local liveblocks = require "liveblocks"
local host = require "lbhost.host"
local task = require "liveblocks.task"

local progress = {}

local REDRAW, LOG_EVERY = 0.25, 10 -- seconds
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
function Progress:rate()
  local now = liveblocks.now()
  if self.phase ~= self.run.phase then self.phase, self.samples = self.run.phase, {} end
  local samples = self.samples
  samples[#samples + 1] = { now, self.run.handled }
  while #samples > 2 and now - samples[1][1] > WINDOW do table.remove(samples, 1) end
  local first = samples[1]
  if now - first[1] < 0.2 then return nil end
  return (self.run.handled - first[2]) / (now - first[1])
end

function Progress:line()
  local run, counts = self.run, self.run.counts
  local number = progress.number
  local parts = {}
  if run.phase == "listing" then
    parts[1] = ("listing: %s %ss"):format(number(run.listed), run.unit)
  else
    local total, ended = run.total, run.ended()
    parts[1] = ("%s%s of %s (%d %%)"):format(run.phase == "checking" and "checked " or "", number(ended), number(total),
      total > 0 and ended * 100 // total or 100)
    local rate = self:rate()
    if rate then
      parts[#parts + 1] = ("%.3g/s"):format(rate)
      if rate > 0 and ended < total then parts[#parts + 1] = progress.duration((total - ended) / rate) .. " left" end
    end
    if run.in_flight > 0 then parts[#parts + 1] = ("%d in flight"):format(run.in_flight) end
  end
  if counts.failed > 0 then parts[#parts + 1] = ("%s failed"):format(number(counts.failed)) end
  if run.last_error then parts[#parts + 1] = "last error: " .. run.last_error end
  return (("%s: %s"):format(run.migration.name, table.concat(parts, ", ")):gsub("%c", " "))
end

-- At most so many characters.
local function cut(text, width)
  if (utf8.len(text) or #text) <= width then return text end
  local behind = utf8.offset(text, width) or width
  return text:sub(1, behind - 1) .. "…"
end

function Progress:draw()
  local line = self:line()
  if self.terminal then
    io.stderr:write("\r\27[K", cut(line, (host.terminal_width(2) or 80) - 1))
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

--- Starts telling about a run, which has migration, phase, unit, listed, handled, counts, total, ended(), in_flight and
--- last_error.
---@param run table
---@param quiet boolean
---@return lbhost.migrate.Progress
function progress.start(run, quiet)
  local self = setmetatable({ run = run, terminal = host.isatty(2), samples = {} }, Progress)
  if quiet then return self end
  self.ticker = task.spawn(function()
    while true do
      task.sleep(self.terminal and REDRAW or LOG_EVERY)
      self:draw()
    end
  end)
  return self
end

return progress
