-- Start-up, in stages: writes a byte at the first line, once the module is loaded, or after the first response.
local stage, base = ...

local function say() io.stdout:write("x"):flush() end

if stage == "line" then return say() end
local liveblocks = require "liveblocks"
if stage == "module" then return say() end
assert(liveblocks.new { secret = "sk_bench", base_url = base }:get_room("room-1").id == "room-1")
say()
