-- What players say becomes comments. In minetest.conf: secure.trusted_mods = liveblocks_chat
local insecure = assert(minetest.request_insecure_environment(), "liveblocks_chat is not among secure.trusted_mods")
local liveblocks = insecure.require "liveblocks"
local client = liveblocks.new()
local room, thread = insecure.os.getenv "ROOM", insecure.os.getenv "THREAD"

minetest.register_globalstep(function()
  liveblocks.step(0.002)
end)

minetest.register_on_chat_message(function(player, message)
  liveblocks.task.spawn(function()
    local body = liveblocks.comment.from_markdown(message)
    local ok, err = pcall(client.create_comment, client, room, thread, { userId = player, body = body })
    if not ok then minetest.log("error", tostring(err)) end
  end)
end)
