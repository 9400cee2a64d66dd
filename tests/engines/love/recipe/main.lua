local liveblocks = require "liveblocks"
local room, thread = os.getenv "ROOM", os.getenv "THREAD"
local client, x = liveblocks.new(), 0

function love.load()
  liveblocks.task.spawn(function() -- others see where the player is
    while true do
      client:set_presence(room, { userId = "love", userInfo = { name = "Player" }, data = { x = x }, ttl = 30 })
      liveblocks.task.sleep(5)
    end
  end)
end

function love.update(dt)
  x = x + 60 * dt
  liveblocks.step(0.002) -- of a frame of 16 ms
end

function love.keypressed(key)
  if key ~= "c" then return end
  liveblocks.task.spawn(function()
    local body = liveblocks.comment.from_markdown(("Look at **%d**."):format(x))
    client:create_comment(room, thread, { userId = "love", body = body })
  end)
end

function love.draw()
  love.graphics.circle("fill", x % 320, 100, 8)
end
