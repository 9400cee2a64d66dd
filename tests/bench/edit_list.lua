-- One edit of a list of Storage in one room: edit_list.lua BASE EDIT ITEMS. Prints the figures get_room.lua prints.
local liveblocks = require "liveblocks"
local measure = dofile((arg and arg[0] or ""):match("^(.*/)") .. "measure.lua")
local json, storage = liveblocks.json, liveblocks.storage

local edits = {
  one = function(list) list[#list // 2].done = true end,
  hundredth = function(list)
    for i = 1, #list, 100 do list[i].done = true end
  end,
  all = function(list)
    for i = 1, #list do list[i].done = true end
  end,
  insert = function(list)
    for i = #list, 1, -10 do list:insert(i, storage.object { id = "new" .. i, done = false }) end
  end,
  remove = function(list)
    for i = #list, 1, -2 do list:remove(i) end
  end,
  move = function(list)
    local n = #list
    for i = 1, n, 10 do list:move(i, i * 7919 % n + 1) end
  end,
  sort = function(list) table.sort(list, function(a, b) return a.rank < b.rank end) end,
  look = function(list)
    local sum = 0
    for i = 1, #list do sum = sum + list[i].rank end
    return sum
  end,
}

local base, name, count = ...
local client = liveblocks.new { secret = "sk_localdev", base_url = base, timeout = 600 }
local items = json.array {}
for i = 1, math.tointeger(tonumber(count)) do
  items[i] = { liveblocksType = "LiveObject", data = { id = "item" .. i, text = "todo " .. i, done = false,
    rank = i * 7919 % 100003 } }
end
client:create_room { id = "list", defaultAccesses = { "room:write" }, idempotent = true }
client:delete_storage_document "list"
client:initialize_storage_document("list", { liveblocksType = "LiveObject",
  data = { items = { liveblocksType = "LiveList", data = items }, sum = 0 } })
collectgarbage()

measure(1, function()
  client:mutate_storage("list", function(root)
    local sum = edits[name](root.items)
    if sum then root.sum = sum end
  end)
end)
