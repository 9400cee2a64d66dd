-- Edits the Storage document of many rooms: edit_storage.lua BASE ROOMS WARMUP, 8 in flight.
local liveblocks = require "liveblocks"
local measure = dofile((arg and arg[0] or ""):match("^(.*/)") .. "measure.lua")

local base, rooms, warmup = ...
local client = liveblocks.new { secret = "sk_bench", base_url = base }

local function edit(root)
  root.version = root.version + 1
  root.cards["card-3"].done = true
end

local function edit_all(count)
  liveblocks.task.map(count, function(i)
    client:mutate_storage("room-" .. i, edit)
  end, { concurrency = 8 })
end

edit_all(math.tointeger(warmup))
measure(math.tointeger(rooms), edit_all)
