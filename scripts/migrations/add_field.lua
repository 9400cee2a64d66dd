--- Adds a field with a default where it is missing.
---
---   lbhost migrate add_field field=due value=null
---   lbhost migrate add_field field=done value=false at=/todos/* query='roomId^"board:"'
---
--- at      the objects that get it: a path in Storage, * for every part of a list or map (the root)
--- value   JSON; objects and lists become Live structures
local liveblocks = require "liveblocks"
local walk = require "lbhost.migrate.walk"

return {
  api = 1, about = "Adds a field with a default where it is missing.", idempotent = true,
  options = {
    field = { type = "string", required = true }, value = { type = "json", required = true },
    at = { type = "string", default = "" }, query = { type = "string", default = "" },
  },
  rooms = function(ctx) return { query = ctx.options.query ~= "" and ctx.options.query or nil } end,
  each = function(_, ctx)
    local options = ctx.options
    ctx:mutate_storage(function(root)
      walk(root, options.at, function(part)
        if part[options.field] == nil then part[options.field] = liveblocks.storage.live(options.value) end
      end)
    end)
  end,
  check = function(room, ctx)
    local missing
    ctx:read_storage(room.id, function(root)
      walk(root, ctx.options.at, function(part, path)
        if part[ctx.options.field] == nil then missing = missing or path end
      end)
    end)
    return missing == nil, ("%s has no %s"):format(missing or "", ctx.options.field)
  end,
}
