-- Bulk work: the same Storage edit in many rooms, by the official SDK and by lbhost, and a very long list of rooms.
local bench, clients, report = require "bench", require "clients", require "report"

local number, ratio = report.number, report.ratio
local lbhost, dir = os.getenv "LBHOST", os.getenv "BENCH_DIR"
local WIDTH = 8

local bulk = {}

-- A program that serves until it is stopped; it prints its URL.
local function serve(...)
  local arguments = { ... }
  for i, argument in ipairs(arguments) do arguments[i] = bench.quote(argument) end
  local pipe = assert(io.popen(("%s 2>&1 & echo pid $!"):format(table.concat(arguments, " "))))
  local pid, url
  repeat
    local line = assert(pipe:read "l", "the server of the benchmark did not start")
    pid, url = pid or line:match "^pid (%d+)$", url or line:match "(http://127%.0%.0%.1:%d+)"
  until pid and url
  return url, function()
    os.execute("kill " .. pid)
    pipe:close()
  end
end

-- An entry for bench.rounds: lbhost migrate with a file of this directory.
local function migration(name, file, url, journal)
  return { name = name, key = "migrate", missing = clients.lbhost.missing, arguments = function()
    return { "env", "LIVEBLOCKS_BASE_URL=" .. url, "LIVEBLOCKS_SECRET_KEY=sk_localdev", lbhost, "migrate",
      clients.directory .. file, "-q", "--restart", "--concurrency", WIDTH, "--journal", journal }
  end }
end

--- The edit of mutate.lua in so many rooms of the local Liveblocks, by all clients.
function bulk.edit(size)
  local url, stop = serve(lbhost, "local", "--port", "0")
  local filled, why = bench.lines { lbhost, "run", clients.directory .. "mutate_rooms.lua", url, size.edits }
  if not filled then
    stop()
    return print("Storage edits: skipped, the rooms cannot be made: " .. why .. "\n")
  end
  local entries = {}
  for i, key in ipairs { "node", "bun", "lbhost" } do
    entries[i] = clients.entry(key, "mutate", function() return { url, WIDTH } end)
  end
  entries[4] = migration("lbhost migrate, with journal", "mutate_migration.lua", url, dir .. "/edit.journal")
  local results = bench.rounds(("an edit of %d rooms"):format(size.edits), entries, size.set_rounds)
  stop()
  local rows = {}
  for i, r in ipairs(results) do
    rows[i] = { r.name, number(r.wall), number(r.cpu and r.cpu / 1000), ratio(r.to and r.to.cpu), number(r.memory),
      note = r.failed }
  end
  report.table(("One Storage edit in %s rooms of the local Liveblocks, %d at a time"):format(number(size.edits), WIDTH),
    { "", "seconds", "CPU ms a room", "of Node", "peak MiB" }, rows)
  report.ratio_goal("Storage edit, CPU a room", "at most", 0.15, "Node", bench.ratio(results.lbhost, results.node, "cpu"))
  report.ratio_goal("Storage edit by lbhost migrate, with a synced journal", "at most", 0.2, "Node",
    bench.ratio(results.migrate, results.node, "cpu"))
end

-- The edits of edit_list.lua, and what they say.
local LIST_EDITS = {
  { "one", "change one object" }, { "hundredth", "change one in a hundred" }, { "all", "change all" },
  { "insert", "insert one in ten, all over" }, { "remove", "remove every second" }, { "move", "move one in ten, all over" },
  { "sort", "sort" }, { "look", "look at all, change a sum" },
}
local LIST_GOALS = { one = 0.4, remove = 3 } -- seconds of CPU for the longest list

-- CPU of lbhost and of the SDK for one edit of a list of so many objects.
local function edit_list(url, edit, count, rounds)
  local entries = {}
  for i, key in ipairs { "node", "lbhost" } do
    entries[i] = clients.entry(key, "edit_list", function() return { url, edit, count } end)
  end
  if edit == "sort" then entries[1].missing = "LiveList has no sort" end
  local results = bench.rounds(("%s, a list of %d"):format(edit, count), entries, rounds)
  return results.lbhost, results.node
end

--- One edit of one long list of Storage, in the local Liveblocks: how it grows, beside mutateStorage of the Node SDK.
function bulk.items(size)
  local url, stop = serve(lbhost, "local", "--port", "0")
  local heads, rows, seconds = { "" }, {}, {}
  for _, count in ipairs(size.items) do
    heads[#heads + 1], heads[#heads + 2] = number(count) .. " objects", "Node"
  end
  for i, edit in ipairs(LIST_EDITS) do
    local row = { edit[2] }
    for _, count in ipairs(size.items) do
      local ours, theirs = edit_list(url, edit[1], count, size.set_rounds)
      row[#row + 1], row[#row + 2] = number(ours.cpu and ours.cpu / 1000), number(theirs.cpu and theirs.cpu / 1000)
      row.note = row.note or ours.failed
      seconds[edit[1]] = ours.cpu and ours.cpu / 1e6
    end
    rows[i] = row
  end
  stop()
  report.table("One edit of a list of Storage, CPU ms of the client", heads, rows)
  local longest = size.items[#size.items]
  for name, most in pairs(longest >= 64000 and LIST_GOALS or {}) do
    local cpu = seconds[name]
    report.goal(("Storage list of %s, %s"):format(number(longest), name), ("at most %s s of CPU"):format(most), cpu,
      number(cpu) .. " s", cpu and cpu <= most)
  end
end

local function bytes_of(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:seek "end"
end

-- The listing into a new journal. It ends after the listing, which is not a success.
local function listing(url, journal)
  return { name = "lbhost migrate", key = "migrate", missing = clients.lbhost.missing, arguments = function()
    return { "sh", "-c", 'rm -f "$1"*; shift; "$@"; true', "sh", journal, "env", "LIVEBLOCKS_BASE_URL=" .. url,
      "LIVEBLOCKS_SECRET_KEY=sk_bench", lbhost, "migrate", clients.directory .. "list_migration.lua", "-q", "--journal", journal }
  end }
end

-- The same with the json and the sqlite3 of Python.
local function listing_peer(url, file)
  return { name = "Python, json and sqlite3", key = "python", arguments = function()
    return { "sh", "-c", 'rm -f "$1"*; exec python3 "$2" "$3" "$1"', "sh", file, clients.directory .. "list_peer.py", url }
  end }
end

--- Lists of rooms from a server with fixed answers into the journal of a migration.
function bulk.list(size)
  local rows, peaks, bytes, share = {}, {}, nil, nil
  for i, count in ipairs(size.lists) do
    local url, stop = serve(lbhost, "run", clients.directory .. "rooms_server.lua", count)
    local journal = ("%s/list-%d.journal"):format(dir, count)
    local entries = { listing_peer(url, dir .. "/list.db"), listing(url, journal) }
    local results = bench.rounds(("listing %d rooms"):format(count), entries, i == 1 and 2 * size.set_rounds or 1)
    stop()
    for _, r in ipairs(results) do
      rows[#rows + 1] = { r.name, number(count), number(r.wall), number(r.cpu), ratio(r.to and r.to.cpu), number(r.memory),
        note = r.failed }
    end
    if results.migrate.failed then error("the listing failed: " .. results.migrate.failed) end
    share = share or bench.ratio(results.migrate, results.python, "cpu")
    peaks[i], bytes = results.migrate.memory, bytes_of(journal) / count
  end
  report.table("Rooms listed and journaled, from a server with fixed answers",
    { "", "rooms", "seconds", "CPU µs a room", "of Python", "peak MiB" }, rows)
  local growth = peaks[#peaks] / peaks[1]
  local top = number(size.lists[#size.lists])
  report.goal(("journal, %s rooms"):format(top), "under 100 bytes a room", bytes, number(bytes), bytes < 100)
  report.ratio_goal("listing and journal, CPU a room", "at most", 1.5, "Python's json and sqlite3", share)
  report.goal(("memory, %s rooms to %s"):format(top, number(size.lists[1])), "flat: at most 1.10", growth, ratio(growth),
    growth <= 1.1)
end

return bulk
