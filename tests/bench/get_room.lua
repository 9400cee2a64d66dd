-- get_room through the liveblocks module: get_room.lua turn|flight BASE CALLS WARMUP [IN_FLIGHT]
-- BENCH_CA names the root certificate of an https BASE.
-- Prints {"calls":,"wall":,"cpu":,"rss_kb":} for CALLS calls after WARMUP others.
local liveblocks = require "liveblocks"
local measure = dofile((arg and arg[0] or ""):match("^(.*/)") .. "measure.lua")

local mode, base, calls, warmup, width = ...
local client = liveblocks.new { secret = "sk_bench", base_url = base, ca_file = os.getenv "BENCH_CA" }

local function fetch(i)
  local id = "room-" .. i
  local room = client:get_room(id)
  if room.id ~= id then error(("asked for %s, got %s"):format(id, room.id)) end
end

local function in_turn(count)
  for i = 1, count do fetch(i) end
end

local function in_flight(count)
  liveblocks.task.map(count, fetch, { concurrency = math.tointeger(width) or 64 })
end

local run = mode == "turn" and in_turn or in_flight
run(math.tointeger(warmup))
measure(math.tointeger(calls), run)
