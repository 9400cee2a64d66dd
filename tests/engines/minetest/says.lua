-- Beside the recipe: a player says something, and the server ends when the comment is there.
local insecure = minetest.request_insecure_environment()
minetest.after(0.1, function()
  for _, fn in ipairs(minetest.registered_on_chat_messages) do fn("minetest", "Hello from the world") end
end)
local liveblocks = insecure.require "liveblocks"
minetest.register_globalstep(function()
  if minetest.get_server_uptime() > 1 and liveblocks.pending() == 0 then minetest.request_shutdown() end
end)
