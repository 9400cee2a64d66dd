--- Numbers for Prometheus, in its text format.
--- Documentation: https://prometheus.io/docs/instrumenting/exposition_formats/
local limits = require "lbhost.limits"
local sorted_keys = require "liveblocks.sorted_keys"

---@class lbhost.serve.Metrics
local Metrics = {}
Metrics.__index = Metrics

local metrics = {}

-- name -> type and help; counters and their labels arise when they are first counted.
local known = {
  { "lbhost_events_received_total", "counter", "Webhooks by what became of them: new, duplicate, refused, unstored." },
  { "lbhost_events_handled_total", "counter", "Handled events by outcome: done, failed, parked." },
  { "lbhost_handler_failures_total", "counter", "Failures by plugin." },
  { "lbhost_handler_seconds", "histogram", "Time that handling an event took." },
  { "lbhost_response_seconds", "histogram", "Time from a complete webhook to its response." },
  { "lbhost_commit_seconds", "histogram", "Time that a commit of the event store took." },
  { "lbhost_commit_failures_total", "counter", "Commits of the event store that failed." },
  { "lbhost_timer_runs_total", "counter", "Runs of timers by outcome." },
  { "lbhost_http_requests_total", "counter", "Responses by status." },
  { "lbhost_http_connections", "gauge", "Open connections." },
  { "lbhost_http_connections_refused_total", "counter", "Connections closed because their address had too many." },
  { "lbhost_events", "gauge", "Events in the store by state." },
  { "lbhost_events_running", "gauge", "Events that are being handled." },
  { "lbhost_lua_bytes", "gauge", "Memory that Lua holds." },
  { "process_resident_memory_bytes", "gauge", "Resident memory." },
  { "process_start_time_seconds", "gauge", "When the program started." },
}

local BUCKETS = { 0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60 }
local bounds = { lbhost_response_seconds = { 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10 } }

local function labels_of(labels)
  if not labels then return "" end
  local parts = {}
  for i, name in ipairs(sorted_keys(labels)) do
    parts[i] = ('%s="%s"'):format(name, tostring(labels[name]):gsub('[\\"]', "\\%0"):gsub("\n", "\\n"))
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function metrics.new()
  return setmetatable({ values = {}, counters = {}, histograms = {}, started = os.time() }, Metrics)
end

--- Counts one more.
---@param name string
---@param label string? its only label
---@param value string|integer|nil of the label
function Metrics:count(name, label, value)
  local counter = self.counters[name]
  if not counter then
    counter = { label = label, values = {} }
    self.counters[name] = counter
  end
  local key = value or ""
  counter.values[key] = (counter.values[key] or 0) + 1
end

--- Sets a gauge.
---@param name string
---@param labels table<string, string>?
---@param value number
function Metrics:set(name, labels, value)
  self.values[name] = self.values[name] or {}
  self.values[name][labels_of(labels)] = value
end

--- Adds a measurement to a histogram.
---@param name string
---@param seconds number
function Metrics:observe(name, seconds)
  local h = self.histograms[name]
  if not h then
    h = { sum = 0, count = 0 }
    for i = 1, #self:bounds(name) + 1 do h[i] = 0 end
    self.histograms[name] = h
  end
  h.sum, h.count = h.sum + seconds, h.count + 1
  local list, i = bounds[name] or BUCKETS, 1
  while list[i] and seconds > list[i] do i = i + 1 end
  h[i] = h[i] + 1
end

--- The upper bounds of the buckets of a histogram; one more has what is above the last.
---@return number[]
function Metrics.bounds(_, name)
  return bounds[name] or BUCKETS
end

--- What was measured so far: sum, count, and the number in each bucket; nil when nothing was.
---@param name string
---@return { sum: number, count: integer, [integer]: integer }?
function Metrics:histogram(name)
  return self.histograms[name]
end

--- What a counter has come to.
---@param name string
---@param value string|integer|nil of its label
---@return integer
function Metrics:counted(name, value)
  local counter = self.counters[name]
  return counter and counter.values[value or ""] or 0
end

local function resident()
  local file = io.open("/proc/self/statm")
  if not file then return nil end
  local _, pages = file:read("n", "n")
  file:close()
  return pages and pages * 4096
end

local function write_histogram(out, name, h)
  local below = 0
  for i, bound in ipairs(bounds[name] or BUCKETS) do
    below = below + h[i]
    out[#out + 1] = ('%s_bucket{le="%g"} %d'):format(name, bound, below)
  end
  out[#out + 1] = ('%s_bucket{le="+Inf"} %d'):format(name, h.count)
  out[#out + 1] = ("%s_sum %.6f"):format(name, h.sum)
  out[#out + 1] = ("%s_count %d"):format(name, h.count)
end

--- The page.
---@return string
function Metrics:text()
  self:set("lbhost_lua_bytes", nil, limits.memory())
  self:set("process_resident_memory_bytes", nil, resident())
  self:set("process_start_time_seconds", nil, self.started)
  for name, counter in pairs(self.counters) do
    for value, count in pairs(counter.values) do
      self:set(name, counter.label and { [counter.label] = value }, count)
    end
  end
  local out = {}
  for _, row in ipairs(known) do
    local name, kind, help = row[1], row[2], row[3]
    local values, histogram = self.values[name], self.histograms[name]
    if values or histogram then
      out[#out + 1] = ("# HELP %s %s"):format(name, help)
      out[#out + 1] = ("# TYPE %s %s"):format(name, kind)
      if histogram then write_histogram(out, name, histogram) end
      for _, key in ipairs(sorted_keys(values or {})) do out[#out + 1] = ("%s%s %s"):format(name, key, values[key]) end
    end
  end
  return table.concat(out, "\n") .. "\n"
end

return metrics
