--- Merges rooms: the items of their lists are added to those of one room.
---
---   lbhost migrate merge_rooms into=board:all lists=cards,labels query='roomId^"board:team-"'
---
--- lists    lists at the root of Storage; items with an `id` that is there already are not added again
--- delete   true: rooms are deleted once their items have been added (make a backup first: backup.lua)
--- Threads and Yjs documents stay where they are. The room must be there. Rooms are merged one after another.
local liveblocks = require "liveblocks"

local storage = liveblocks.storage

local function again(lson)
  return storage.open({ liveblocksType = "LiveObject", data = { item = lson } }).root.item
end

-- The items of the lists of a room, in plain LSON.
local function items_of(root, lists)
  local items = {}
  for _, name in ipairs(lists) do
    items[name] = {}
    if storage.kind(root[name]) == "LiveList" then
      for i, item in ipairs(root[name]) do items[name][i] = storage.kind(item) and storage.to_lson(item) or item end
    end
  end
  return items
end

local function id_of(item)
  return storage.kind(item) == "LiveObject" and item.id or nil
end

local function add(root, name, items)
  if not items[1] then return end
  if root[name] == nil then root[name] = storage.list {} end
  local list, known = root[name], {}
  for _, item in ipairs(list) do
    local id = id_of(item)
    if id ~= nil then known[id] = true end
  end
  for _, lson in ipairs(items) do
    local item = again(lson)
    local id = id_of(item)
    if id == nil or not known[id] then list:insert(item) end
  end
end

return {
  api = 1, about = "Merges the lists of rooms into one room.", concurrency = 1,
  options = {
    into = { type = "string", required = true }, lists = { type = "list", required = true },
    query = { type = "string", required = true }, delete = { type = "boolean", default = false },
    allow_conversion = { type = "boolean", default = false }, allow_map = { type = "boolean", default = false },
  },
  rooms = function(ctx) return { query = ctx.options.query } end,
  setup = function(ctx) ctx.client:get_room(ctx.options.into) end,
  each = function(room, ctx)
    local options = ctx.options
    if room.id == options.into then return false, "is the room they are merged into" end
    local items = ctx:read_storage(room.id, function(root) return items_of(root, options.lists) end)
    ctx:mutate_storage(options.into, function(root)
      for _, name in ipairs(options.lists) do add(root, name, items[name]) end
    end, { allow_conversion = options.allow_conversion, allow_map = options.allow_map })
    if options.delete then ctx.client:delete_room(room.id) end
  end,
}
