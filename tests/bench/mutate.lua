-- The same Storage edit in all rooms, with mutate_storage: mutate.lua BASE WIDTH. Prints the figures get_room.lua prints.
local liveblocks = require "liveblocks"
local measure = dofile((arg and arg[0] or ""):match("^(.*/)") .. "measure.lua")

local base, width = ...
local client = liveblocks.new { secret = "sk_localdev", base_url = base }

local function edit(root)
  root.version = root.version + 1
  root.todos[1].done = true
  root.todos:insert(liveblocks.storage.object { text = "new", done = false })
  root.todos:remove(2)
end

measure(0, function()
  local count = 0
  liveblocks.task.map(client:iter_rooms { limit = 100 }, function(room)
    client:mutate_storage(room.id, edit)
    count = count + 1
  end, { concurrency = math.tointeger(tonumber(width)) })
  return count
end)
