--- Brings the rooms of a backup back, to another project or under a prefix.
---
---   lbhost migrate restore from=backup-2026-01 prefix=restored:
---
--- Authors, dates of comments and reactions, edits, metadata, visibility and resolved state are kept, also the ids of
--- files and attachments. What the API cannot bring back, and Storage that is there already with other content (it is
--- left), is counted in the summary and listed in `losses`, a file of JSON Lines, with the new ids of threads. A run that
--- was stopped goes on, and what is there already is not made again.
---
--- A backup that was brought up to date has each room as it was when it was last read; rooms that had been deleted by
--- then are left out.
---
--- organizations   true: rooms go to the organisation they were in
--- deleted         true: brings rooms back, too, that the project did not have any more
local archive = require "lbhost.migrate.archive"
local host = require "lbhost.host"
local json = require("liveblocks").json
local restore = require "lbhost.migrate.restore"

-- Each backup, and each prefix, is restored by a run of its own.
local function journal_of(options)
  local name = (options.from .. "-" .. options.prefix):gsub("[^%w]+", "-"):gsub("^%-", ""):gsub("%-$", "")
  return ("restore-%s.journal"):format(name:sub(-100))
end

local function open_losses(path)
  local made, problem = host.make_private(path)
  local file
  if made then file, problem = io.open(path, "a") end
  if not file then error("cannot write the losses: " .. problem, 0) end
  file:setvbuf "line"
  return file
end

return {
  api = 1, about = "Brings the rooms of a backup back.", idempotent = true,
  options = {
    from = { type = "string", required = true }, prefix = { type = "string", default = "" },
    losses = { type = "string", default = "restore-losses.jsonl" },
    organizations = { type = "boolean", default = false }, deleted = { type = "boolean", default = false },
  },
  journal = journal_of,
  setup = function(ctx)
    ctx.state.counts = {}
    ctx.state.archive = archive.open(ctx.options.from)
    if not ctx.dry_run then ctx.state.losses = open_losses(ctx.options.losses) end
  end,
  ids = function(ctx) return ctx.state.archive:rooms() end,
  each = function(id, ctx)
    local kept, losses = ctx.state.archive, ctx.state.losses
    if not ctx.options.deleted and kept:find(id, "deleted.json") then
      return false, "it was deleted before the last backup (deleted=true brings it back)"
    end
    local target = ctx.options.prefix .. id
    local function note(row)
      if losses then losses:write(json.encode(row), "\n") end
    end
    local lost = restore.room(ctx.client, kept, id, target, {
      keep_organization = ctx.options.organizations,
      renamed = function(old, new) note { room = target, thread = old, newThread = new } end,
    })
    for _, one in ipairs(lost) do
      note { room = target, kind = one.kind, lost = one.what }
      ctx.state.counts[one.kind] = (ctx.state.counts[one.kind] or 0) + 1
    end
    return true, ("%d losses"):format(#lost)
  end,
  finish = function(ctx)
    if ctx.state.losses then ctx.state.losses:close() end
  end,
  summary = function(ctx)
    local total, parts = 0, {}
    for kind, count in pairs(ctx.state.counts or {}) do
      total = total + count
      parts[#parts + 1] = ("%d %s"):format(count, kind)
    end
    table.sort(parts)
    return parts[1] and ("%d losses are listed in %s: %s"):format(total, ctx.options.losses, table.concat(parts, ", ")) or nil
  end,
}
