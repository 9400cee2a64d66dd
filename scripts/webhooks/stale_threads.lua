--- stale_threads: once a day, resolves threads in which nobody has written for a long time, with a comment that says so.
---
---   export LIVEBLOCKS_SECRET_KEY=sk_...
---   export LIVEBLOCKS_WEBHOOK_SECRET=whsec_...
---   lbhost serve scripts/webhooks/stale_threads.lua --handler-seconds 3600      a minute is enough for some thousand rooms
---   lbhost serve scripts/webhooks/stale_threads.lua --once stale_threads        does it now
---
--- Options, in lbhost.lua (return { plugins = { stale_threads = { ... } } }):
---   days      without a comment, after which a thread is stale (30)
---   user_id   who resolves and comments ("bot")
---   comment   Markdown of the comment ("Resolved: nobody has written here for **{days} days**."); "" for none
---   query     which rooms, in the query language, such as "metadata['type']:'board'"; all without it
---   keep      threads with this key in their metadata stay open ("keepOpen")
---   dry_run   true only logs what would be resolved
---
--- The time is in UTC, at the end of this file. An edit counts as writing; reactions do not.
local comment = require("liveblocks").comment
local task = require "liveblocks.task"

local DAY <const> = 86400
local ROOMS_AT_ONCE <const> = 4

---@type table<string, any>
local options

local function setup(_, given)
  options = given
end

-- Times of the API are UTC and sort as strings.
local function latest(thread)
  local last = thread.createdAt
  for _, one in ipairs(thread.comments) do
    for _, name in ipairs { "createdAt", "editedAt", "deletedAt" } do
      if type(one[name]) == "string" and one[name] > last then last = one[name] end
    end
  end
  return last
end

local function is_stale(thread, limit)
  local metadata = thread.metadata or {}
  return not thread.resolved and metadata[options.keep] == nil and latest(thread) < limit
end

-- Resolved first: if what comes then fails, no comment is written twice.
local function close(client, thread)
  client:mark_thread_as_resolved(thread.roomId, thread.id, { userId = options.user_id })
  if options.comment == "" then return end
  local text = options.comment:gsub("{days}", tostring(options.days))
  client:create_comment(thread.roomId, thread.id, { userId = options.user_id, body = comment.from_markdown(text) })
end

local function look_into(room, limit, ctx)
  local list, err = ctx.client.try:get_threads(room.id, { query = { resolved = false } })
  if not list then
    if err.status == 404 then return 0 end -- the room is gone
    error(err, 0)
  end
  local count = 0
  for _, thread in ipairs(list.data) do
    if is_stale(thread, limit) then
      ctx.log("info", options.dry_run and "would be resolved" or "resolved", { room = room.id, thread = thread.id })
      if not options.dry_run then close(ctx.client, thread) end
      count = count + 1
    end
  end
  return count
end

local function sweep(ctx)
  local limit = os.date("!%Y-%m-%dT%H:%M:%S.000Z", os.time() - options.days * DAY)
  local rooms = ctx.client:iter_rooms { query = options.query }
  local closed, failed = 0, 0
  task.map(rooms, function(room)
    -- One room that fails does not keep the others from being looked into.
    local ok, count = pcall(look_into, room, limit, ctx)
    if ok then
      closed = closed + count
    else
      failed = failed + 1
      ctx.log("warn", "the threads of a room could not be looked into", { room = room.id, reason = tostring(count) })
    end
    return true
  end, { concurrency = ROOMS_AT_ONCE })
  ctx.log("info", "stale threads", { resolved = closed, rooms_failed = failed })
end

return {
  api = 1, name = "stale_threads", about = "Resolves threads in which nobody writes any more", version = "1.0",
  options = {
    days = { type = "integer", default = 30, min = 1, max = 3650, about = "days without a comment" },
    user_id = { type = "string", default = "bot", about = "who resolves and comments" },
    comment = { type = "string", default = "Resolved: nobody has written here for **{days} days**.", about = "Markdown" },
    query = { type = "string", about = "which rooms" },
    keep = { type = "string", default = "keepOpen", about = "key in the metadata of threads that stay open" },
    dry_run = { type = "boolean", default = false, about = "only logs" },
  },
  setup = setup,
  timers = { ["03:00"] = sweep },
}
