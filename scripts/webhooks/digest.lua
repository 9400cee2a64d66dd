--- digest: once a day, posts to a chat what has happened in the rooms: new threads, comments, resolved threads.
---
---   export LIVEBLOCKS_WEBHOOK_SECRET=whsec_...
---   export CHAT_WEBHOOK_URL=https://hooks.slack.com/services/...
---   lbhost serve scripts/webhooks/digest.lua            subscribe the endpoint to threadCreated, commentCreated and
---                                                       threadMarkedAsResolved
---   lbhost serve scripts/webhooks/digest.lua --once digest              posts now what there is to post
---
--- It counts events as they come and makes no calls, so it costs the same for ten rooms and for ten thousand. The time is
--- in UTC, at the end of this file.
---
--- Options, in lbhost.lua (return { plugins = { digest = { ... } } }):
---   url        the chat's webhook; else CHAT_WEBHOOK_URL
---   path       file in which the events of the day are kept; else DIGEST_PATH ("digest.db")
---   rooms      how many rooms are listed at most, the busiest first (20)
---   room_url   address of a room in your application, such as "https://app.example/rooms/{roomId}"
local http = require "liveblocks.http"
local slack = require "lbhost.slack"
local sqlite = require "lbhost.sqlite"

local SCHEMA <const> = [[
  CREATE TABLE IF NOT EXISTS happened (
    event_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, room_id TEXT NOT NULL, thread_id TEXT NOT NULL, kind TEXT NOT NULL,
    who TEXT);
]]

---@type table<string, any>, lbhost.sqlite.Database
local options, db

local function setup(_, given)
  options = given
  db = sqlite.open(given.path, { create = true, busy_timeout = 5 })
  db:exec(SCHEMA)
end

-- ---- Counting ------------------------------------------------------------------------------------

-- An event that is delivered or handled twice is counted once.
local function note(kind, who)
  return function(event, ctx)
    local data = event.data
    db:run("INSERT OR IGNORE INTO happened SELECT ?, coalesce(max(seq), 0) + 1, ?, ?, ?, ? FROM happened", ctx.event_id,
      data.roomId, data.threadId, kind, data[who])
  end
end

-- ---- Posting -------------------------------------------------------------------------------------

local function counted(count, one, many)
  if count > 0 then return ("%d %s"):format(count, count == 1 and one or many) end
end

local function line_of(room_id, threads, comments, resolved, people)
  local parts = {}
  parts[#parts + 1] = counted(threads, "new thread", "new threads")
  parts[#parts + 1] = counted(comments, "comment", "comments")
  parts[#parts + 1] = counted(resolved, "thread resolved", "threads resolved")
  local by = people > 0 and (" by %s"):format(counted(people, "person", "people")) or ""
  return ("• %s: %s%s"):format(slack.room(options.room_url, room_id), table.concat(parts, ", "), by)
end

local function message(last)
  local lines, rooms = {}, db:row("SELECT count(DISTINCT room_id) FROM happened WHERE seq <= ?", last)
  for room_id, threads, comments, resolved, people in db:rows([[
    SELECT room_id, sum(kind = 'thread'), sum(kind = 'comment'), sum(kind = 'resolved'), count(DISTINCT who)
    FROM happened WHERE seq <= ? GROUP BY room_id ORDER BY count(*) DESC, room_id LIMIT ?]], last, options.rooms) do
    lines[#lines + 1] = line_of(room_id, threads, comments, resolved, people)
  end
  if rooms > #lines then lines[#lines + 1] = "… and " .. counted(rooms - #lines, "more room", "more rooms") end
  return "Since the last digest:\n" .. table.concat(lines, "\n")
end

local function post(ctx)
  local last = db:row("SELECT max(seq) FROM happened")
  if not last then return ctx.log("info", "nothing has happened") end
  http.request { url = options.url, json = { text = message(last) }, timeout = 10 }
  -- Only what was posted is forgotten; what fails is posted tomorrow.
  db:run("DELETE FROM happened WHERE seq <= ?", last)
end

return {
  api = 1, name = "digest", about = "A daily digest for a chat", version = "1.0",
  options = {
    url = { type = "string", secret = true, required = true, env = "CHAT_WEBHOOK_URL", about = "the chat's webhook" },
    path = { type = "string", default = "digest.db", env = "DIGEST_PATH", about = "keeps the events of the day" },
    rooms = { type = "integer", default = 20, min = 1, max = 200, about = "rooms that are listed" },
    room_url = { type = "string", about = "address of a room, with {roomId}" },
  },
  setup = setup,
  events = {
    threadCreated = note("thread", "createdBy"),
    commentCreated = note("comment", "createdBy"),
    threadMarkedAsResolved = note("resolved", "updatedBy"),
  },
  timers = { ["07:00"] = post },
  stop = function()
    if db then db:close() end
  end,
}
