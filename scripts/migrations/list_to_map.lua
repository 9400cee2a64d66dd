--- Makes a map of a list: its items by one of their fields.
---
---   lbhost migrate list_to_map list=todos key=id position=order
---
--- key        the field of an item that becomes its key; it must be there, and no two may be the same
--- position   a field that keeps where the item stood, from 0 (none)
--- as         map (a LiveMap, read back to see that it is one) or object (a LiveObject)
local liveblocks = require "liveblocks"
local walk = require "lbhost.migrate.walk"

local storage = liveblocks.storage

local function by_key(list, options)
  local entries = {}
  for i, item in ipairs(list) do
    local key = storage.kind(item) and item[options.key]
    if type(key) == "number" then key = tostring(key) end
    if type(key) ~= "string" then error(("item %d has no '%s' to be its key"):format(i - 1, options.key), 0) end
    if entries[key] then error(("two items have the key '%s'"):format(key), 0) end
    entries[key] = item
    if options.position ~= "" then item[options.position] = i - 1 end
  end
  return entries
end

return {
  api = 1, about = "Makes a map of a list.", idempotent = true,
  options = {
    list = { type = "string", required = true }, key = { type = "string", default = "id" },
    at = { type = "string", default = "" }, position = { type = "string", default = "" },
    as = { type = "string", default = "map" }, query = { type = "string", default = "" },
    allow_conversion = { type = "boolean", default = false },
  },
  setup = function(ctx)
    if ctx.options.as ~= "map" and ctx.options.as ~= "object" then error("as must be map or object", 0) end
  end,
  rooms = function(ctx) return { query = ctx.options.query ~= "" and ctx.options.query or nil } end,
  each = function(_, ctx)
    local options = ctx.options
    ctx:mutate_storage(function(root)
      walk(root, options.at, function(part)
        local list = part[options.list]
        if storage.kind(list) == "LiveList" then part[options.list] = storage[options.as](by_key(list, options)) end
      end)
    end, { allow_map = true, allow_conversion = options.allow_conversion })
  end,
  check = function(room, ctx)
    local left
    ctx:read_storage(room.id, function(root)
      walk(root, ctx.options.at, function(part, path)
        if storage.kind(part[ctx.options.list]) == "LiveList" then left = left or path end
      end)
    end)
    return left == nil, ("%s/%s is a list"):format(left or "", ctx.options.list)
  end,
}
