-- Walks a set of rooms page by page: iter_rooms.lua BASE SET. Prints the figures get_room.lua prints.
local liveblocks = require "liveblocks"
local measure = dofile((arg and arg[0] or ""):match("^(.*/)") .. "measure.lua")

local base, set = ...
local client = liveblocks.new { secret = "sk_bench", base_url = base }

measure(0, function()
  local seen = 0
  for room in client:iter_rooms { userId = set, limit = 100 } do
    seen = seen + 1
    if room.id ~= "room-" .. seen then error(("room %d is called %s"):format(seen, room.id)) end
  end
  return seen
end)
