--- Deletes the rooms of a query, after asking, and after a backup of each.
---
---   lbhost migrate delete_rooms query='metadata["temporary"]:"true"' backup=deleted-rooms
---
--- query    of rooms; required
--- backup   the directory that each room is written to before it is deleted (see backup.lua); none does without
--- yes      true: does not ask
local archive = require "lbhost.migrate.archive"
local backup = require "lbhost.migrate.backup"

return {
  api = 1, about = "Deletes the rooms of a query.", idempotent = true,
  options = {
    query = { type = "string", required = true }, backup = { type = "string", required = true },
    yes = { type = "boolean", default = false },
  },
  rooms = function(ctx)
    if ctx.options.query == "" then error("'query' must not be empty: that would be every room", 0) end
    return { query = ctx.options.query }
  end,
  setup = function(ctx)
    if ctx.options.backup ~= "none" and not ctx.dry_run then
      ctx.state.archive = archive.open(ctx.options.backup, true)
    end
  end,
  confirm = function(count, ctx)
    if ctx.options.yes then return true end
    return ctx:ask(("%d rooms will be deleted; %s."):format(count, ctx.state.archive
      and "each is written to '" .. ctx.options.backup .. "' first" or "there will be no backup"), "delete")
  end,
  each = function(room, ctx)
    if ctx.state.archive then
      local missing = backup.room(ctx.client, ctx.state.archive, room.id)
      if missing[1] then error("not deleted, for the backup lacks " .. missing[1], 0) end
    end
    ctx.client:delete_room(room.id)
  end,
}
