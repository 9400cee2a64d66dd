-- local_server.lua - the local Liveblocks under load: calls a second, memory with many rooms and threads, and what a page
-- costs at the beginning and at the end of a long list.
--
--   lbhost run tests/bench/local_server.lua [ROOMS]        (LBHOST names the program to measure)
local liveblocks = require "liveblocks"
local task = liveblocks.task

local count = math.tointeger(tonumber(arg[1] or "")) or 100000
local program = os.getenv "LBHOST" or "build/release/lbhost"

local pipe = assert(io.popen(program .. " local --port 0 & echo pid $!"))
local pid, url
repeat
  local line = assert(pipe:read("l"), "the server did not start")
  pid = pid or line:match("^pid (%d+)")
  url = url or line:match("listens on (%S+)")
until pid and url

local function memory()
  for line in io.lines("/proc/" .. pid .. "/status") do
    local kb = line:match("^VmRSS:%s*(%d+)")
    if kb then return tonumber(kb) / 1024 end
  end
end

local function cpu()
  local file <close> = assert(io.open("/proc/" .. pid .. "/stat"))
  local user, system = file:read("a"):match("%) %S (.*)$"):match("^" .. ("%S+ "):rep(10) .. "(%d+) (%d+)")
  return (user + system) / 100
end

local client = liveblocks.new { base_url = url, secret = "sk_localdev", timeout = 60 }

local function measure(name, calls, fn)
  local started, used = liveblocks.now(), cpu()
  task.map(calls, fn, { concurrency = 64 })
  local seconds, server = liveblocks.now() - started, cpu() - used
  print(("%-34s %8.0f a second, %5.1f us of the server's CPU each"):format(name, calls / seconds, server / calls * 1e6))
end

-- Goes through all pages of a list: what they cost at its beginning, on the way, and at its end.
local function walk(what, size, fetch)
  local cursor, page, times = nil, 0, {}
  repeat
    local started = liveblocks.now()
    local answer = fetch(cursor)
    page = page + 1
    times[page] = (liveblocks.now() - started) * 1000
    cursor = answer.nextCursor
  until cursor == liveblocks.null
  for _, share in ipairs { 0, 0.25, 0.5, 0.75, 1 } do
    local from = math.max(1, math.floor(share * (page - 20)) + 1)
    local slice = table.move(times, from, math.min(from + 19, page), 1, {})
    table.sort(slice)
    print(("pages of %d %s from page %5d:  %.2f ms each"):format(size, what, from, slice[(#slice + 1) // 2]))
  end
end

local function main()
  print(("empty: %.0f MB"):format(memory()))
  measure("create_room", count, function(i)
    client:create_room { id = "room-" .. i, defaultAccesses = { "room:write" }, metadata = { color = i % 2 == 0 and "blue" or "red" } }
  end)
  print(("%d rooms: %.0f MB"):format(count, memory()))
  measure("get_room", 50000, function(i) client:get_room("room-" .. (i * 7919) % count + 1) end)
  measure("create_thread", count, function(i)
    client:create_thread("room-" .. i, { comment = { userId = "ann", body = { version = 1, content = {
      { type = "paragraph", children = { { text = "This is a comment of some length, as people write them." } } },
    } } }, metadata = { priority = 3 } })
  end)
  print(("%d rooms with a thread each: %.0f MB"):format(count, memory()))
  walk("rooms", 100, function(cursor) return client:get_rooms { limit = 100, startingAfter = cursor } end)
  measure("trigger_inbox_notification", count, function(i)
    client:trigger_inbox_notification { userId = "ann", kind = "$built", subjectId = "build-" .. i, activityData = { n = i } }
  end)
  print(("and %d notifications of one user: %.0f MB"):format(count, memory()))
  walk("notifications", 50, function(cursor) return client:get_inbox_notifications("ann", { startingAfter = cursor }) end)
end

local ok, err = pcall(function() task.run(main) end)
os.execute("kill -INT " .. pid)
pipe:close()
if not ok then error(err, 0) end
