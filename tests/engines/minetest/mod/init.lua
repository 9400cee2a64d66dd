-- Minetest: a step in each step of the server. Only a mod that the server trusts may load a module written in C.
local insecure = assert(minetest.request_insecure_environment(), "liveblocks_calls is not among secure.trusted_mods")
insecure.package.cpath = insecure.os.getenv "MODULES" .. "/5.1/?.so"
local liveblocks = insecure.require "liveblocks"
local calls = insecure.dofile(insecure.os.getenv "ENGINES" .. "/calls.lua")(liveblocks, insecure.os.getenv "BASE_URL")

calls.start()
minetest.register_globalstep(function()
  liveblocks.step(0.002)
  calls.tick()
end)
liveblocks.task.spawn(function()
  while not calls.ended() do liveblocks.task.sleep(0.01) end
  calls.report("minetest", "Minetest " .. minetest.get_version().string)
  minetest.request_shutdown()
end)
