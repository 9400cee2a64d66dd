--- Gives a field another name, everywhere that a path says.
---
---   lbhost migrate rename_key from=desc to=description at=/todos/*
---
--- A field that already has the new name stays, and the old one is left to be looked at, unless overwrite=true.
--- Values with plain JSON or a LiveMap in them need allow_conversion=true or allow_map=true: see docs/storage.md.
local walk = require "lbhost.migrate.walk"

return {
  api = 1, about = "Gives a field another name.", idempotent = true,
  options = {
    from = { type = "string", required = true }, to = { type = "string", required = true },
    at = { type = "string", default = "" }, query = { type = "string", default = "" },
    overwrite = { type = "boolean", default = false }, allow_conversion = { type = "boolean", default = false },
    allow_map = { type = "boolean", default = false },
  },
  rooms = function(ctx) return { query = ctx.options.query ~= "" and ctx.options.query or nil } end,
  each = function(_, ctx)
    local options, kept = ctx.options, nil
    ctx:mutate_storage(function(root)
      walk(root, options.at, function(part, path)
        if part[options.from] == nil then return end
        if part[options.to] ~= nil and not options.overwrite then
          kept = path
          return
        end
        part[options.to], part[options.from] = part[options.from], nil
      end)
    end, { allow_conversion = options.allow_conversion, allow_map = options.allow_map })
    if kept then
      error(("%s has '%s' and '%s' (overwrite=true takes the first)"):format(kept, options.from, options.to), 0)
    end
  end,
  check = function(room, ctx)
    local left
    ctx:read_storage(room.id, function(root)
      walk(root, ctx.options.at, function(part, path)
        if part[ctx.options.from] ~= nil then left = left or path end
      end)
    end)
    return left == nil, ("%s still has %s"):format(left or "", ctx.options.from)
  end,
}
