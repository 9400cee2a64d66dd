-- LÖVE: a step in each frame, which draws a bar meanwhile.
package.cpath = os.getenv "MODULES" .. "/5.1/?.so;" .. package.cpath
local liveblocks = require "liveblocks"
local calls = dofile(os.getenv "ENGINES" .. "/calls.lua")(liveblocks, os.getenv "BASE_URL")
local frames, reported = 0, false

function love.update()
  frames = frames + 1
  if frames == 60 then calls.start() end -- the first frames are slow
  liveblocks.step(0.002)
  calls.tick()
  if calls.ended() and not reported then
    reported = true
    liveblocks.task.spawn(function()
      calls.report("love", ("LÖVE %d.%d"):format(love.getVersion()))
      love.event.quit()
    end)
  end
end

function love.draw()
  love.graphics.rectangle("fill", 10, 90, frames % 300, 20)
end
