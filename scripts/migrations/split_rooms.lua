--- Splits rooms: items of a list go to rooms of their own, by one of their fields.
---
---   lbhost migrate split_rooms list=cards by=team name='%s-%s' keep=core query='roomId^"board:"'
---
--- list   the list at the root of Storage      by     a field of its items: items without it stay
--- name   of a new room, from the room's id and the value
--- keep   a value whose items stay
--- New rooms get the accesses and metadata of the old one. Items are first added to the new room, then taken out of the
--- old one, so that none is lost; a run that was stopped adds none twice, when items have an `id`.
local liveblocks = require "liveblocks"

local json, storage = liveblocks.json, liveblocks.storage

local function groups_of(root, options)
  local groups, order = {}, {}
  local list = root[options.list]
  if storage.kind(list) ~= "LiveList" then return groups, order end
  for _, item in ipairs(list) do
    local value = storage.kind(item) == "LiveObject" and item[options.by]
    if type(value) == "string" and value ~= options.keep then
      if not groups[value] then
        groups[value] = {}
        order[#order + 1] = value
      end
      table.insert(groups[value], storage.to_lson(item))
    end
  end
  return groups, order
end

-- Plain LSON as a new Live structure.
local function again(lson)
  return storage.open({ liveblocksType = "LiveObject", data = { item = lson } }).root.item
end

-- The content of items, for recognising them later: others may add some with the same value, or change one.
local function contents_of(groups)
  local contents = {}
  for _, items in pairs(groups) do
    for _, item in ipairs(items) do contents[json.encode(item, { pretty = true })] = true end
  end
  return contents
end

local function add_items(ctx, room, options, items)
  ctx:mutate_storage(room, function(root)
    local list = root[options.list]
    if list == nil then
      root[options.list] = storage.list {}
      list = root[options.list]
    end
    local known = {}
    for _, item in ipairs(list) do
      if storage.kind(item) == "LiveObject" and item.id ~= nil then known[item.id] = true end
    end
    for _, lson in ipairs(items) do
      local item = again(lson)
      if item.id == nil or not known[item.id] then list:insert(item) end
    end
  end, { allow_conversion = options.allow_conversion, allow_map = options.allow_map })
end

return {
  api = 1, about = "Splits rooms by a field of the items of a list.",
  options = {
    list = { type = "string", required = true }, by = { type = "string", required = true },
    name = { type = "string", default = "%s-%s" }, keep = { type = "string", default = "" },
    query = { type = "string", default = "" }, allow_conversion = { type = "boolean", default = false },
    allow_map = { type = "boolean", default = false },
  },
  rooms = function(ctx) return { query = ctx.options.query ~= "" and ctx.options.query or nil } end,
  each = function(room, ctx)
    local options = ctx.options
    local groups, order = ctx:read_storage(room.id, function(root) return groups_of(root, options) end)
    if not order[1] then return false, "nothing to split" end
    for _, value in ipairs(order) do
      local name = options.name:format(room.id, value)
      ctx.client:create_room { id = name, defaultAccesses = room.defaultAccesses, usersAccesses = room.usersAccesses,
        groupsAccesses = room.groupsAccesses, metadata = room.metadata, idempotent = true }
      if not ctx.dry_run then add_items(ctx, name, options, groups[value]) end
    end
    local moved = contents_of(groups)
    ctx:mutate_storage(function(root)
      local list = root[options.list]
      for i = #list, 1, -1 do
        if storage.kind(list[i]) and moved[json.encode(storage.to_lson(list[i]), { pretty = true })] then list:remove(i) end
      end
    end)
  end,
}
