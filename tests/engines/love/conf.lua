function love.conf(t)
  t.window.width, t.window.height = 320, 200
  t.window.vsync = 0
  t.modules.audio, t.modules.sound, t.modules.physics = false, false, false
end
