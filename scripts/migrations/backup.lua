--- Writes rooms into a directory: metadata, accesses, Storage with its files, Yjs, threads with comments, reactions,
--- metadata and attachments.
---
---   lbhost migrate backup to=backup-2026-01 query='roomId^"board:"'
---   lbhost migrate backup -q to=/var/backups/liveblocks          # each night: the same line brings it up to date
---
--- Each directory is a backup of its own, with its journal in it. A run to one that is there brings it up to date: every
--- room is read, and what has changed is written. Rooms that failed or were not reached are done first. Rooms that the
--- project does not have any more stay in the directory, marked as deleted; restore.lua leaves them out unless an option says not
--- to. The status is 0 when every room is in the backup. Attachments and files that cannot be had (of more than 64 MiB,
--- or deleted) are named in room.json as missing.
---
--- The directory is JSON and files, a directory for each room; how it is laid out stands at the top of
--- lua/lbhost/migrate/archive.lua. Yjs sub-documents are not part of it, since the API does not list them.
local archive = require "lbhost.migrate.archive"
local backup = require "lbhost.migrate.backup"

local function now() return os.date "!%Y-%m-%dT%H:%M:%SZ" end

-- Marks the rooms of the archive that the listing did not have.
local function mark_deleted(ctx)
  local kept, date = ctx.state.archive, now()
  for id in kept:rooms() do
    local state = ctx:state_of(id)
    if state == nil or state == "gone" then
      kept:set_deleted(id, date)
      ctx.state.deleted = ctx.state.deleted + 1
    end
  end
end

return {
  api = 1, about = "Writes rooms into a directory.", idempotent = true, repeats = true, catch_up = true,
  options = { to = { type = "string", required = true }, query = { type = "string", default = "" } },
  journal = function(options) return options.to .. "/backup.journal" end,
  rooms = function(ctx) return { query = ctx.options.query ~= "" and ctx.options.query or nil } end,
  setup = function(ctx)
    if ctx.dry_run then return end
    local state = ctx.state
    state.missing, state.deleted = 0, 0
    state.archive = archive.open(ctx.options.to, true)
    state.facts = state.archive:facts() or { format = 1, query = ctx.options.query, startedAt = now() }
    if state.facts.query ~= ctx.options.query then
      error(("'%s' is a backup with query='%s': give that query, or another directory"):format(ctx.options.to,
        tostring(state.facts.query)), 0)
    end
    state.archive:describe(state.facts)
  end,
  each = function(room, ctx)
    if ctx.dry_run then return false, "a backup writes no room" end
    local missing, changed = backup.room(ctx.client, ctx.state.archive, room.id)
    for _, what in ipairs(missing) do ctx:log(("%s: not in the backup: %s"):format(room.id, what)) end
    ctx.state.missing = ctx.state.missing + #missing
    return changed, missing[1] and ("%d not in the backup"):format(#missing) or nil
  end,
  finish = function(ctx)
    mark_deleted(ctx)
    ctx.state.facts.completedAt = now()
    ctx.state.archive:describe(ctx.state.facts)
  end,
  summary = function(ctx)
    local parts, state = {}, ctx.state
    if (state.missing or 0) > 0 then
      parts[#parts + 1] = ("%d attachments or files are not in the backup (named in room.json)"):format(state.missing)
    end
    if (state.deleted or 0) > 0 then
      parts[#parts + 1] = ("%d rooms of the backup are not in the project any more, and stay in it"):format(state.deleted)
    end
    return parts[1] and table.concat(parts, "; ") or nil
  end,
}
