--- Brings the rooms of a backup back, to another project or under a prefix.
---
---   lbhost migrate restore.lua from=backup-2026-01 prefix=restored:
---
--- Authors, dates of comments and reactions, edits, metadata, visibility and resolved state are kept, also the ids of
--- files and attachments. What the API cannot bring back is listed in `losses`, a file of JSON Lines, with the new ids
--- of threads. A run that was stopped goes on, and what is there already is not made again.
---
--- organizations   true: rooms go to the organisation they were in
local archive = require "lbhost.migrate.archive"
local json = require("liveblocks").json
local restore = require "lbhost.migrate.restore"

return {
  api = 1, about = "Brings the rooms of a backup back.", idempotent = true,
  options = {
    from = { type = "string", required = true }, prefix = { type = "string", default = "" },
    losses = { type = "string", default = "restore-losses.jsonl" },
    organizations = { type = "boolean", default = false },
  },
  setup = function(ctx)
    ctx.state.archive = archive.open(ctx.options.from)
    if ctx.dry_run then return end
    local file, problem = io.open(ctx.options.losses, "a")
    if not file then error("cannot write the losses: " .. problem, 0) end
    file:setvbuf "line"
    ctx.state.losses = file
  end,
  ids = function(ctx) return ctx.state.archive:rooms() end,
  each = function(id, ctx)
    local target = ctx.options.prefix .. id
    local losses = ctx.state.losses
    local function tell(row)
      if losses then losses:write(json.encode(row), "\n") end
    end
    local lost = restore.room(ctx.client, ctx.state.archive, id, target, {
      keep_organization = ctx.options.organizations,
      renamed = function(old, new) tell { room = target, thread = old, newThread = new } end,
    })
    for _, one in ipairs(lost) do tell { room = target, kind = one.kind, lost = one.what } end
  end,
  finish = function(ctx)
    if ctx.state.losses then ctx.state.losses:close() end
  end,
}
