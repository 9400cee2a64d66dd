-- Prosody: its loop says when the module has work to do.
package.cpath = os.getenv "MODULES" .. "/5.4/?.so;" .. package.cpath
local server, timer = require "net.server", require "util.timer"
local liveblocks = require "liveblocks"
local calls = dofile(os.getenv "ENGINES" .. "/calls.lua")(liveblocks, os.getenv "BASE_URL")

local waiting
local function step()
  liveblocks.step(0.002)
  local due = liveblocks.due()
  if waiting then timer.stop(waiting) end
  waiting = due and timer.add_task(due, step) or nil
end

server.watchfd(liveblocks.fd(), step)
timer.add_task(0.01, function()
  calls.tick()
  return 0.01
end)
calls.start()
liveblocks.task.spawn(function()
  while not calls.ended() do liveblocks.task.sleep(0.01) end
  calls.report("prosody", "Prosody " .. prosody.version)
  prosody.shutdown "done"
end)
step()
