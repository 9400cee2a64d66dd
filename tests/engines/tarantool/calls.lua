-- Tarantool: a fiber steps the module when its descriptor is readable.
package.cpath = os.getenv "MODULES" .. "/5.1/?.so;" .. package.cpath
local fiber, socket = require "fiber", require "socket"
local liveblocks = require "liveblocks"
local calls = dofile(os.getenv "ENGINES" .. "/calls.lua")(liveblocks, os.getenv "BASE_URL")

fiber.create(function()
  while true do
    fiber.sleep(0.01)
    calls.tick()
  end
end)
calls.start()
local function run()
  while liveblocks.pending() > 0 do
    local due = liveblocks.due()
    if due ~= 0 then socket.iowait(liveblocks.fd(), "R", due) end
    liveblocks.step(0.002)
    fiber.yield()
  end
end
run()
liveblocks.task.spawn(calls.report, "tarantool", "Tarantool " .. _TARANTOOL)
run()
os.exit(0)
