--- The files that `lbhost new` writes. @NAME@ and @PATH@ are filled in; the first comment says how to run it.
local starters = {}

starters.webhook = [[
--- @NAME@: handles webhook events of Liveblocks.
---
---   export LIVEBLOCKS_SECRET_KEY=sk_...            the project's secret key, for calls
---   export LIVEBLOCKS_WEBHOOK_SECRET=whsec_...     the endpoint's signing secret
---   lbhost serve @PATH@
---   lbhost send commentCreated                     in another terminal: a signed event to try it with

local liveblocks = require "liveblocks"

local seen = 0

-- An event has type and data; its names are those of the documentation:
-- https://liveblocks.io/docs/platform/webhooks
local function on_comment(event, ctx)
  local data = event.data
  -- Events carry ids only. What they name may be gone by the time it is fetched: that is not a failure.
  local comment, err = ctx.client.try:get_comment(data.roomId, data.threadId, data.commentId)
  if not comment and err.status == 404 then return end
  if not comment then error(err, 0) end -- raising means: try this event again later
  ctx.log("info", "a comment", { room = data.roomId, by = comment.userId })
end

---@type lbhost.PluginTable
return {
  api = 1,
  name = "@NAME@",
  about = "What it does, in one line",

  events = {
    commentCreated = on_comment,
    -- Every event, whatever its type, also those that nobody knows yet.
    ["*"] = function() seen = seen + 1 end,
  },

  timers = {
    -- Every hour; "08:30" is a time of the day in UTC.
    ["1h"] = function(ctx) ctx.log("info", "events so far", { count = seen }) end,
  },

  routes = {
    -- curl http://127.0.0.1:8787/status
    ["GET /status"] = function()
      return { status = 200, headers = { ["content-type"] = "application/json" },
        body = liveblocks.json.encode { events = seen } }
    end,
  },
}
]]

starters.plugin = [[
--- @NAME@: a plugin of lbhost.
---
---   lbhost --plugin @PATH@ @NAME@ world        run its command
---   lbhost --plugin @PATH@ plugins             see what lbhost makes of it
---   cp @PATH@ ~/.config/lbhost/plugins/        keep it; then: lbhost @NAME@ world

local greeting

---@type lbhost.PluginTable
return {
  api = 1,
  name = "@NAME@",
  about = "What it does, in one line",
  version = "0.1",

  -- Set in ~/.config/lbhost/lbhost.lua: return { plugins = { ["@NAME@"] = { greeting = "hi" } } }
  -- Types: string, number, integer, boolean, list (of strings).
  options = {
    greeting = { type = "string", default = "hello", about = "the first word" },
  },

  -- Once, before anything else is called. host: log, client, options, name, version.
  setup = function(host, options)
    greeting = options.greeting
    host.log("debug", "ready")
  end,

  commands = {
    ["@NAME@"] = {
      about = "greets",
      usage = "@NAME@ [NAME]",
      run = function(arguments)
        print(greeting .. ", " .. (arguments[1] or "nobody"))
        return 0 -- the exit status
      end,
    },
  },

  -- More, when you need it (take away what you do not): events and timers and routes for `lbhost serve`
  -- events = { commentCreated = function(event, ctx) end },
  -- timers = { ["15m"] = function(ctx) end },
  -- routes = { ["GET /@NAME@"] = function(request, ctx) return { status = 200, body = "hi\n" } end },

  -- Once, at the end.
  stop = function() end,
}
]]

starters.migration = [[
--- @NAME@: changes many rooms.
---
---   lbhost --local migrate @PATH@ --dry-run     tries it on a local Liveblocks (--seed SCRIPT fills that)
---   export LIVEBLOCKS_SECRET_KEY=sk_...
---   lbhost migrate @PATH@ --dry-run --limit 5   shows what it would do to five rooms
---   lbhost migrate @PATH@                       does it; when it is stopped, the same command goes on

---@type lbhost.MigrationTable
return {
  api = 1,
  name = "@NAME@",
  about = "What it does, in one line",

  -- Which rooms: fields of get_rooms. {} means all of them.
  rooms = { query = { metadata = { type = "board" } } },

  -- Once for each room. What raises an error is noted, and the other rooms go on.
  each = function(room, ctx)
    ctx:mutate_storage(function(root)
      -- Plain Lua on the room's Storage; only what differs afterwards is sent, and only if nobody has changed it
      -- meanwhile (then this runs again).
      root.version = root.version or 1
    end)
  end,

  -- Afterwards, for each room: false and a reason when it is not as it should be.
  check = function(room, ctx)
    local document = ctx.client:get_storage_document(room.id, { format = "json" })
    if document.version == nil then return false, "there is no version" end
  end,
}
]]

return starters
