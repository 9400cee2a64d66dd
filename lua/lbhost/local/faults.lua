--- Faults on demand: latency, responses with 429 and 5xx, dropped and reset connections, so that a script can be tried
--- with them. The plan alone decides, from a seed, and the same seed decides the same way again.
---
---   latency=50ms~20ms   every request takes 50 ms, give or take 20
---   429=5%              one in twenty is refused (Retry-After: retry-after, 1 s); any status from 400 to 599
---   drop=2%  reset=1%   the connection is closed, or reset, without a response
---   500=5%@after        the request is processed and its response lost; without @after it is not processed
---   only=create_comment+get_rooms    these calls alone     limit=3   this many faults, then none     seed=7
local errors = require "liveblocks.errors"

local faults = {}

local Plan = {}
Plan.__index = Plan

local units = { ms = 0.001, s = 1, m = 60 }

local function seconds_of(text, what)
  local number, unit = text:match("^(%d+%.?%d*)(%a*)$")
  local factor = number and (unit == "" and 1 or units[unit])
  if not factor then errors.usage("fault: %s must be a time such as 50ms or 2s, got '%s'", what, text) end
  return tonumber(number) * factor
end

local function rate_of(text, what)
  local number, percent = text:match("^(%d+%.?%d*)(%%?)$")
  local rate = tonumber(number)
  if rate and percent == "%" then rate = rate / 100 end
  if not rate or rate > 1 then errors.usage("fault: %s must be a rate such as 5%% or 0.05, got '%s'", what, text) end
  return rate
end

local function whole(text, what)
  local n = math.tointeger(tonumber(text))
  if not n then errors.usage("fault: %s must be a whole number, got '%s'", what, text) end
  return n
end

-- What a name other than a status or a connection fault sets.
local settings = {
  latency = function(plan, text)
    local base, jitter = text:match("^(.-)~(.+)$")
    plan.latency = seconds_of(base or text, "latency")
    plan.jitter = jitter and seconds_of(jitter, "the jitter of latency") or 0
  end,
  ["retry-after"] = function(plan, text) plan.retry_after = seconds_of(text, "retry-after") end,
  only = function(plan, text)
    plan.only = {}
    for name in text:gmatch("[^+]+") do plan.only[name] = true end
  end,
  limit = function(plan, text) plan.limit = whole(text, "limit") end,
  seed = function(plan, text) plan.seed = whole(text, "seed") end,
}

local names = { drop = true, reset = true }
for name in pairs(settings) do names[name] = true end

local function add(plan, name, text)
  if settings[name] then return settings[name](plan, text) end
  local status = math.tointeger(tonumber(name))
  if status and (status < 400 or status > 599) then
    errors.usage("fault: the status must be from 400 to 599, got %d", status)
  end
  if not status and name ~= "drop" and name ~= "reset" then
    errors.usage("fault: unknown name '%s'%s (latency, a status, drop, reset, retry-after, only, limit, seed)", name,
      errors.hint(name, names))
  end
  local rate, after = text:match("^(.-)@(%a+)$")
  if after and after ~= "after" and after ~= "before" then
    errors.usage("fault: @before or @after, got '@%s'", after)
  end
  -- A refused request has by its meaning not been processed.
  if after == "after" and status == 429 then errors.usage("fault: 429 is always before the request is processed") end
  plan.chances[#plan.chances + 1] = { status = status, connection = not status and name or nil,
    rate = rate_of(rate or text, name), after = after == "after" }
end

--- Reads a plan.
---@param text string? NAME=VALUE separated by commas or spaces; nil or "" for no faults
---@param calls table<string, any>? names that `only` may have
---@return table plan
function faults.new(text, calls)
  local plan = setmetatable({ text = text or "", chances = {}, jitter = 0, retry_after = 1, seed = 1, count = 0 }, Plan)
  for part in plan.text:gmatch("[^,%s]+") do
    local name, value = part:match("^([%w%-]+)=(.+)$")
    if not name then errors.usage("fault: NAME=VALUE expected, got '%s' (as in latency=50ms~20ms,429=5%%)", part) end
    add(plan, name, value)
  end
  local sum = 0
  for _, chance in ipairs(plan.chances) do sum = sum + chance.rate end
  if sum > 1 then errors.usage("fault: the rates together are %g%%, at most 100%% is possible", sum * 100) end
  for name in pairs(calls and plan.only or {}) do
    if not calls[name] then errors.usage("fault: only: there is no call '%s'%s", name, errors.hint(name, calls)) end
  end
  plan.random_state = plan.seed
  return plan
end

-- SplitMix64: a generator of the plan's own, so that nothing else that draws numbers disturbs it.
function Plan:random()
  self.random_state = self.random_state + 0x9E3779B97F4A7C15
  local z = self.random_state
  z = (z ~ (z >> 30)) * 0xBF58476D1CE4E5B9
  z = (z ~ (z >> 27)) * 0x94D049BB133111EB
  return ((z ~ (z >> 31)) >> 11) * 2.0 ^ -53
end

--- Decides about one request.
---@param call string? the name of the endpoint
---@return number seconds to wait
---@return table? chance the fault that strikes: status or connection ("drop", "reset"), after
function Plan:decide(call)
  if self.only and not self.only[call] then return 0 end
  local delay = 0
  if self.latency then delay = math.max(0, self.latency + (self:random() * 2 - 1) * self.jitter) end
  if #self.chances == 0 or (self.limit and self.count >= self.limit) then return delay end
  local drawn = self:random()
  for _, chance in ipairs(self.chances) do
    if drawn < chance.rate then
      self.count = self.count + 1
      return delay, chance
    end
    drawn = drawn - chance.rate
  end
  return delay
end

return faults
