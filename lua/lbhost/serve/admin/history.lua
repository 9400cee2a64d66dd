--- What the service has done in each minute of the last hour, worked out from its metrics: what is counted anyway is looked at
--- now and then, so that a webhook costs no more.
local series = require "lbhost.web.series"

-- name here, metric, label
local counters <const> = {
  { "new", "lbhost_events_received_total", "new" }, { "duplicate", "lbhost_events_received_total", "duplicate" },
  { "refused", "lbhost_events_received_total", "refused" }, { "unstored", "lbhost_events_received_total", "unstored" },
  { "done", "lbhost_events_handled_total", "done" }, { "failed", "lbhost_events_handled_total", "failed" },
  { "parked", "lbhost_events_handled_total", "parked" },
}

local RESPONSES <const> = "lbhost_response_seconds"

---@class lbhost.serve.History
---@field series lbhost.web.Series
local History = {}
History.__index = History

local history = {}

---@param metrics lbhost.serve.Metrics
---@param now fun(): number Unix seconds
---@return lbhost.serve.History
function history.new(metrics, now)
  return setmetatable({ metrics = metrics, series = series.new(now), last = {} }, History)
end

local function add(self, name, value)
  self.series:add(name, value - (self.last[name] or 0))
  self.last[name] = value
end

--- Adds what has come since the last time.
function History:sample()
  for _, row in ipairs(counters) do add(self, row[1], self.metrics:counted(row[2], row[3])) end
  local h = self.metrics:histogram(RESPONSES)
  if not h then return end
  add(self, "seconds", h.sum)
  add(self, "responses", h.count)
  for i = 1, #h do add(self, "bucket" .. i, h[i]) end
end

-- The value below which a part of all lies, from the counts of buckets; nil when there are none. Within a bucket, values are
-- taken to be spread evenly.
local function quantile(bounds, counts, part)
  local total = 0
  for _, count in ipairs(counts) do total = total + count end
  if total == 0 then return nil end
  local wanted, below = total * part, 0
  for i, count in ipairs(counts) do
    if below + count >= wanted and count > 0 then
      local from, to = bounds[i - 1] or 0, bounds[i]
      return to and from + (to - from) * (wanted - below) / count or from
    end
    below = below + count
  end
end

--- The seconds within which 95 of 100 webhooks got their response: in each of the last 60 minutes, and in all of them (nil when
--- there were none).
---@return number[]
---@return number?
function History:response_times()
  local bounds = self.metrics:bounds(RESPONSES)
  local columns, each, whole = {}, {}, {}
  for i = 1, #bounds + 1 do
    columns[i] = self.series:values("bucket" .. i)
    whole[i] = self.series:sum("bucket" .. i)
  end
  for minute = 1, 60 do
    local counts = {}
    for i = 1, #columns do counts[i] = columns[i][minute] end
    each[minute] = quantile(bounds, counts, 0.95) or 0
  end
  return each, quantile(bounds, whole, 0.95)
end

return history
