-- Fills a local Liveblocks with rooms to edit: mutate_rooms.lua BASE COUNT.
local liveblocks = require "liveblocks"
local storage = liveblocks.storage

local base, count = ...
local client = liveblocks.new { secret = "sk_localdev", base_url = base }

liveblocks.task.map(math.tointeger(tonumber(count)), function(i)
  local id = ("room-%05d"):format(i)
  client:create_room { id = id, defaultAccesses = { "room:write" }, metadata = { type = "board" } }
  local todos = {}
  for j = 1, 20 do todos[j] = storage.object { text = ("todo %d of room %d"):format(j, i), done = false, due = "2026-01-31" } end
  client:initialize_storage_document(id, storage.to_lson(storage.object { version = 1, title = "Board " .. i,
    todos = storage.list(todos) }))
end, { concurrency = 16 })
