-- Bulk work: the same Storage edit in many rooms, by the official SDK and by lbhost, and a very long list of rooms.
local bench, clients, report = require "bench", require "clients", require "report"

local number, ratio = report.number, report.ratio
local lbhost, dir = os.getenv "LBHOST", os.getenv "BENCH_DIR"
local WIDTH = 8

local bulk = {}

-- A program that serves until it is stopped; it prints its URL.
local function serve(...)
  local words = { ... }
  for i, word in ipairs(words) do words[i] = bench.quote(word) end
  local pipe = assert(io.popen(("%s 2>&1 & echo pid $!"):format(table.concat(words, " "))))
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

-- An entry for bench.rounds: lbhost migrate with a file of this folder.
local function migration(name, file, url, journal)
  return { name = name, key = "migrate", missing = clients.lbhost.missing, words = function()
    return { "env", "LIVEBLOCKS_BASE_URL=" .. url, "LIVEBLOCKS_SECRET_KEY=sk_localdev", lbhost, "migrate",
      clients.folder .. file, "-q", "--restart", "--concurrency", WIDTH, "--journal", journal }
  end }
end

--- The edit of mutate.lua in so many rooms of the local Liveblocks, by all clients.
function bulk.edit(size)
  local url, stop = serve(lbhost, "local", "--port", "0")
  local filled, why = bench.lines { lbhost, "run", clients.folder .. "mutate_rooms.lua", url, size.edits }
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
  local goals = { lbhost = "Storage edit, CPU a room", migrate = "Storage edit by lbhost migrate" }
  for _, key in ipairs { "lbhost", "migrate" } do
    local cpu = results[key].cpu and results[key].cpu / 1000
    report.goal(goals[key], "at most 0.25 ms", cpu, number(cpu) .. " ms", cpu and cpu <= 0.25)
  end
end

local function bytes_of(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:seek "end"
end

--- Lists of rooms from a server with fixed answers into the journal of a migration.
function bulk.list(size)
  local rows, peaks, last = {}, {}, nil
  for i, count in ipairs(size.lists) do
    local url, stop = serve(lbhost, "run", clients.folder .. "rooms_server.lua", count)
    local journal = ("%s/list-%d.journal"):format(dir, count)
    bench.progress(("listing %d rooms"):format(count))
    -- It stops behind the listing, which is no success.
    local pipe = assert(io.popen(("env LIVEBLOCKS_BASE_URL=%s LIVEBLOCKS_SECRET_KEY=sk_bench %s migrate %s -q --journal %s")
      :format(url, bench.quote(lbhost), bench.quote(clients.folder .. "list_migration.lua"), bench.quote(journal))))
    local line = pipe:read "a"
    pipe:close()
    stop()
    bench.progress ""
    local calls, wall, cpu, kb = line:match '"calls":(%d+),"wall":([%d.]+),"cpu":([%d.]+),"rss_kb":(%d+)'
    if not calls or tonumber(calls) ~= count then error("the listing gave no figures: " .. line) end
    last = { cpu = cpu / count * 1e6, bytes = bytes_of(journal) / count }
    peaks[i] = kb / 1024
    rows[i] = { number(count), number(tonumber(wall)), number(last.cpu), number(last.bytes), number(peaks[i]) }
  end
  report.table("Rooms listed and journaled, from a server with fixed answers",
    { "rooms", "seconds", "CPU µs a room", "journal bytes a room", "peak MiB" }, rows)
  local growth = peaks[#peaks] / peaks[1]
  local top = number(size.lists[#size.lists])
  report.goal(("journal, %s rooms"):format(top), "under 100 bytes a room", last.bytes, number(last.bytes), last.bytes < 100)
  report.goal(("listing, %s rooms"):format(top), "under 20 µs a room", last.cpu, number(last.cpu) .. " µs", last.cpu < 20)
  report.goal(("memory, %s rooms to %s"):format(top, number(size.lists[1])), "flat: at most 1.10", growth, ratio(growth),
    growth <= 1.1)
end

return bulk
