-- mpv: a timer steps the module.
local lua = jit and "5.1" or _VERSION:match "%d+%.%d+" -- 5.2 in Debian 12
package.cpath = ("%s/%s/?.so;%s"):format(os.getenv "MODULES", lua, package.cpath)
local liveblocks = require "liveblocks"
local calls = dofile(os.getenv "ENGINES" .. "/calls.lua")(liveblocks, os.getenv "BASE_URL")

calls.start()
mp.add_periodic_timer(0.01, function()
  liveblocks.step(0.002)
  calls.tick()
end)
liveblocks.task.spawn(function()
  while not calls.ended() do liveblocks.task.sleep(0.01) end
  calls.report("mpv", mp.get_property "mpv-version")
  mp.commandv "quit"
end)
