local liveblocks, loop = require "liveblocks", vim.loop
local client, timer = liveblocks.new(), loop.new_timer()

local function step()
  liveblocks.step(0.002)
  local due = liveblocks.due()
  timer:stop()
  if due then timer:start(math.ceil(due * 1000), 0, step) end
end
loop.new_poll(liveblocks.fd()):start("r", step)

local function command(name, fn) -- which runs while the editor goes on, and returns a message
  vim.api.nvim_create_user_command(name, function(called)
    liveblocks.task.spawn(function()
      local _, message = pcall(fn, called.args)
      vim.schedule(function() vim.notify(tostring(message)) end)
    end)
    step()
  end, { nargs = "*" })
end

command("LiveblocksRooms", function()
  local ids = {}
  for room in client:iter_rooms() do ids[#ids + 1] = room.id end
  return table.concat(ids, "\n")
end)
command("LiveblocksComment", function(args)
  local room, thread, text = args:match "^(%S+) (%S+) (.+)$"
  return client:create_comment(room, thread, { userId = "neovim", body = liveblocks.comment.from_markdown(text) }).id
end)
