--- Writes rooms into a folder: metadata, accesses, Storage with its files, Yjs, threads with comments, reactions,
--- metadata and attachments.
---
---   lbhost migrate backup.lua to=backup-2026-01 query='roomId^"board:"'
---
--- A run that was stopped goes on with the rooms that are missing. The folder is JSON and files, a folder for each
--- room; how it is laid out stands at the top of lua/lbhost/migrate/archive.lua. Yjs sub-documents are not part of it,
--- since the API does not list them; attachments and files of more than 64 MiB are named as missing.
local archive = require "lbhost.migrate.archive"
local backup = require "lbhost.migrate.backup"

return {
  api = 1, about = "Writes rooms into a folder.", idempotent = true,
  options = { to = { type = "string", required = true }, query = { type = "string", default = "" } },
  rooms = function(ctx) return { query = ctx.options.query ~= "" and ctx.options.query or nil } end,
  setup = function(ctx)
    if ctx.dry_run then return end
    ctx.state.archive = archive.open(ctx.options.to, true)
    ctx.state.archive:describe { format = 1, query = ctx.options.query, startedAt = os.date "!%Y-%m-%dT%H:%M:%SZ" }
  end,
  each = function(room, ctx)
    if ctx.dry_run then return false, "a backup writes no room" end
    local missing = backup.room(ctx.client, ctx.state.archive, room.id)
    for _, what in ipairs(missing) do ctx:log(("%s: not in the backup: %s"):format(room.id, what)) end
  end,
}
