-- Stock Lua: calls.lua of this directory in its own loop. arg: the directory of calls.lua, the address, the name.
local liveblocks = require "liveblocks"
local directory, base_url, name = arg[1], arg[2], arg[3]
local calls = dofile(directory .. "/calls.lua")(liveblocks, base_url)
calls.start()
while not calls.ended() do
  liveblocks.step(0.002, 0.005)
  calls.tick()
end
calls.report(name, "lua")
