-- Webhooks taken, stored durably and handled, by one, two and four `lbhost serve` over one PostgreSQL, and by one with SQLite; beside
-- graphile-worker and pg-boss with a job for each webhook. The CPU is that of all hosts and of the PostgreSQL server, from the first
-- request until nothing is pending.
--
-- The load comes from wrk, as many connections to each host: what a host more costs is what an event costs when it brings its own
-- load, as one that is added since the others have enough to do. So the commits of a host have as many events as those of one alone,
-- which the table shows. For information there are two hosts with the load of one, whose commits have half as many each, and rooms so
-- few that one host never gives them back: among several it does, for the next host that receives an event of the room.
local bench, clients, report = require "bench", require "clients", require "report"

package.path = package.path .. ";" .. clients.directory .. "../../?.lua"
local postgres = require "tests.support.postgres"
local http = require "socket.http"
local socket = require "socket"
local watching = require "load"

local number = report.number
local dir = os.getenv "BENCH_DIR"
local CONNECTIONS <const>, ROOMS <const>, FEW_ROOMS <const> = 64, 100000, 1000
local SECRET <const> = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
local DRAINED <const> = 120 -- seconds within which nothing is pending
local FEW <const> = 3 -- rounds of what is compared with others in no round
local ACQUAINTED <const> = 4 -- seconds within which hosts know of each other

local function shell(format, ...)
  local pipe = assert(io.popen(format:format(...)))
  local text = pipe:read("a")
  pipe:close()
  return text
end

local function read(path)
  local file <close> = io.open(path)
  return file and file:read "a" or ""
end

-- ---- Processes -----------------------------------------------------------------------------------

-- Starts a server; returns its process and the port that it prints.
local function start(arguments)
  local log, line = os.tmpname(), {}
  for i, argument in ipairs(arguments) do line[i] = bench.quote(argument) end
  local pid = shell("LIVEBLOCKS_WEBHOOK_SECRET=%s timeout 900 %s >%s 2>&1 & echo $!", SECRET, table.concat(line, " "), log):match "%d+"
  for _ = 1, 400 do
    local port = read(log):match "^(%d+)\n" or read(log):match "listening on http://[%d.]+:(%d+)"
    if port then
      os.remove(log)
      return { pid = shell("pgrep -P %s", pid):match "%d+", shell = pid, port = port }
    end
    os.execute "sleep 0.05"
  end
  error("the server did not start: " .. read(log))
end

local function stop(one)
  os.execute("kill " .. one.pid)
  for _ = 1, 200 do
    if read("/proc/" .. one.shell .. "/stat") == "" then return end
    os.execute "sleep 0.05"
  end
end

local function load(entry, ports, seconds, from, count)
  local pipes = {}
  for i, port in ipairs(ports) do
    pipes[i] = assert(io.popen(("RECEIVE_FILE=%s/%s RECEIVE_FROM=%d wrk -t1 -c%d -d%gs --timeout 10s -s %sreceive_wrk.lua " ..
      "http://127.0.0.1:%s/"):format(dir, entry.few_rooms and "few_rooms" or "many_rooms", from + (i - 1) * (count // #ports),
      entry.connections or CONNECTIONS, seconds, clients.directory, port)))
  end
  local sum = { requests = 0, seconds = 0, p99 = 0 }
  for _, pipe in ipairs(pipes) do
    local got = require "cjson".decode(pipe:read "a":match "{.-}")
    pipe:close()
    assert(got.errors == 0, ("%s: %d requests failed"):format(entry.name, got.errors))
    sum.requests, sum.seconds, sum.p99 = sum.requests + got.requests, math.max(sum.seconds, got.seconds), math.max(sum.p99, got.p99)
  end
  return sum
end

-- ---- Participants ---------------------------------------------------------------------------------

local program = os.getenv "LBHOST"
local PLUGIN <const> = program:match "^(.*)/" .. "/plugins/postgres.so"
local PENDING <const> = "SELECT count(*) FROM lbhost_queue"

local function serve(store, handler)
  return { program, "serve", clients.directory .. (handler or "receive_handler.lua"), "--port", "0", "--store", store, "--plugin", PLUGIN,
    "--log-handled", "off", "--address-connections", "0" }
end

local function hosts(count, entry)
  entry.hosts, entry.pending = count, PENDING
  entry.name = (count == 1 and "1 host" or ("%d hosts"):format(count)) .. (entry.name or "")
  entry.start = function(url)
    local list = {}
    for i = 1, count do list[i] = start(serve(url)) end
    if count > 1 then socket.sleep(ACQUAINTED) end
    return list
  end
  return entry
end

-- Commits of the event stores so far.
local function commits_of(running)
  local sum = 0
  for _, one in ipairs(running) do
    local text = assert(http.request(("http://127.0.0.1:%s/metrics"):format(one.port)))
    sum = sum + tonumber(text:match "lbhost_commit_seconds_count (%d+)" or 0)
  end
  return sum
end

local function peer(kind, pending)
  local there = os.execute(("test -d %s/node_modules/%s"):format(os.getenv "LBHOST_PEERS", kind))
  return { name = kind, few = true, pending = pending, note = not there and ("skipped: there is no %s in build/peers"):format(kind) or nil,
    start = function(url) return { start { "node", clients.directory .. "hosts_peer.mjs", kind, url, SECRET } } end }
end

local one, two = hosts(1, {}), hosts(2, {})
local full = hosts(1, {})
local one_few = hosts(1, { name = ", few rooms", few_rooms = true, few = true })
local two_few = hosts(2, { name = ", few rooms", few_rooms = true, few = true })
local graphile = peer("graphile-worker", "SELECT count(*) FROM graphile_worker._private_jobs")
local boss = peer("pg-boss", "SELECT count(*) FROM pgboss.job WHERE name = 'webhook' AND state < 'completed'")
local list = { one, two, full, one_few, two_few, hosts(4, { few = true }),
  hosts(2, { name = ", load of 1", connections = CONNECTIONS // 2, few = true }),
  { name = "1 host, SQLite", few = true, hosts = 1, start = function(_, file) return { start(serve(file)) } end }, graphile, boss }

-- ---- Measuring -----------------------------------------------------------------------------------

local function wait_until_drained(server, entry, at)
  if not entry.pending then return os.execute "sleep 0.1" end
  local till = socket.gettime() + DRAINED
  while server:sql_at(at, entry.pending) ~= "0" do
    assert(socket.gettime() < till, entry.name .. ": events are still pending")
    os.execute "sleep 0.02"
  end
end

-- Done events, as they are in the table after a while.
local DONE <const> = [[INSERT INTO lbhost_events (id, type, lane, received) SELECT 'done-' || n, 'commentCreated', 'room ' || n %% 1000,
  extract(epoch FROM now()) - n / 1000.0 FROM generate_series(1, %d) AS n]]

-- A database of its own, with its tables; the one that has done events stays for all rounds.
local function database(server, entry, size)
  if entry.database then return entry.database end
  server.databases = (server.databases or 0) + 1
  local at = "bench" .. server.databases
  server:sql("CREATE DATABASE " .. at)
  if entry ~= full then return at end
  bench.progress(("hosts: %s done events"):format(number(size.hosts_done)))
  entry.database = at
  stop(start(serve((server.url:gsub("/postgres%?", "/" .. at .. "?")))))
  server:sql_at(at, DONE:format(size.hosts_done))
  server:sql_at(at, "VACUUM ANALYZE lbhost_events")
  return at
end

-- One round of one of them.
local function measure(server, entry, size)
  local at = database(server, entry, size)
  bench.progress("hosts: " .. entry.name)
  local running = entry.start(server.url:gsub("/postgres%?", "/" .. at .. "?"), ("%s/%s.db"):format(dir, at))
  local ports = {}
  for i, host in ipairs(running) do ports[i] = host.port end
  local warm = size.hosts_events // 8
  load(entry, ports, 1, 0, warm)
  wait_until_drained(server, entry, at)
  -- A database that stays has what earlier rounds have deleted.
  if entry.hosts and entry.pending then server:sql_at(at, "VACUUM lbhost_queue, lbhost_lanes, lbhost_hosts") end
  server:sql "CHECKPOINT"
  local function cpu()
    local own, in_database = 0, watching.used_by(server.pid)
    for _, host in ipairs(running) do own = own + watching.used_by(tonumber(host.pid)) end
    return own / watching.TICKS, in_database / watching.TICKS
  end
  local commits = entry.hosts and commits_of(running)
  local own, in_database = cpu()
  local got = load(entry, ports, size.hosts_seconds, warm, size.hosts_events - warm)
  local began = socket.gettime()
  wait_until_drained(server, entry, at)
  local seconds = got.seconds + (entry.pending and socket.gettime() - began or 0)
  local own_after, in_database_after = cpu()
  commits = commits and commits_of(running) - commits
  for _, host in ipairs(running) do stop(host) end
  if not entry.database then server:sql(("DROP DATABASE %s WITH (FORCE)"):format(at)) end
  own, in_database = own_after - own, in_database_after - in_database
  return { rate = got.requests / seconds, p99 = got.p99, own = own / got.requests * 1e6, database = in_database / got.requests * 1e6,
    cpu = (own + in_database) / got.requests * 1e6, per_cpu = got.requests / (own + in_database),
    batch = commits and got.requests / math.max(commits, 1) }
end

local function median_of(rounds, field)
  local values = {}
  for i, round in ipairs(rounds) do values[i] = round[field] end
  return bench.median(values)
end

-- The peak of memory of a host, in MiB, with so many events pending, which its handlers are at.
local function memory(server, count)
  server:sql "CREATE DATABASE pending"
  local url = server.url:gsub("/postgres%?", "/pending?")
  stop(start(serve(url)))
  server:sql_at("pending", ([[INSERT INTO lbhost_events (id, type, lane, received) SELECT 'p-' || n, 'commentCreated',
      'room ' || n %% 1000, 0 FROM generate_series(1, %d) AS n;
    INSERT INTO lbhost_queue (seq, id, type, lane, received, body) SELECT seq, id, type, lane, received,
      '{"type":"commentCreated","data":{"roomId":"r","threadId":"th","commentId":"cm","createdBy":"alice@example.com"}}' FROM lbhost_events;
    INSERT INTO lbhost_lanes (lane) SELECT DISTINCT lane FROM lbhost_queue; ANALYZE]]):format(count))
  local host = start(serve(url, "hosts_slow_handler.lua"))
  os.execute "sleep 3"
  local peak = tonumber(read("/proc/" .. host.pid .. "/status"):match "VmHWM:%s+(%d+)") / 1024
  local pending = tonumber(server:sql_at("pending", PENDING))
  os.execute("kill -9 " .. host.pid)
  assert(pending > count * 0.9, "they were handled meanwhile")
  return peak
end

local function sign(size) -- again for each round: a webhook is refused when it is some minutes old
  for name, rooms in pairs { many_rooms = ROOMS, few_rooms = FEW_ROOMS } do
    shell("%s run %sreceive_sign.lua %s/%s %d %s %d", bench.quote(program), clients.directory, dir, name, size.hosts_events, SECRET, rooms)
  end
end

local function row_of(entry)
  if entry.note then return { entry.name, note = entry.note } end
  local cells = { entry.name }
  for _, field in ipairs { "rate", "own", "database", "cpu", "per_cpu", "batch", "p99" } do
    cells[#cells + 1] = number(median_of(entry.rounds, field))
  end
  return cells
end

return { hosts = function(size)
  local server <close> = postgres.start { fsync = "on", synchronous_commit = "on", shared_buffers = "256MB", max_wal_size = "2GB",
    jit = "off" }
  full.name = ("1 host, %s done"):format(number(size.hosts_done))
  for _, entry in ipairs(list) do entry.rounds = {} end
  database(server, full, size)
  local watched = watching.watch()
  for round = 1, size.hosts_rounds do
    sign(size)
    for _, entry in ipairs(list) do
      if not entry.note and (round <= FEW or not entry.few) then table.insert(entry.rounds, measure(server, entry, size)) end
    end
  end
  bench.progress "hosts: memory"
  local peak = memory(server, 100000)
  local others = watched()
  local rows = {}
  for i, entry in ipairs(list) do rows[i] = row_of(entry) end
  bench.progress ""
  report.table(("Webhooks taken, stored durably and handled: %d connections to each host, %s rooms (few: %s)"):format(CONNECTIONS,
    number(ROOMS), number(FEW_ROOMS)), { "", "events/s", "CPU µs here", "in PostgreSQL", "together", "events a CPU second",
    "events a commit", "p99 ms" }, rows)
  local function to(ours, theirs, field)
    if not (ours.rounds[1] and theirs.rounds[1]) then return nil end
    return bench.ratio({ rounds = ours.rounds, others = others }, { rounds = theirs.rounds }, field)
  end
  local better = not graphile.rounds[1] and boss or not boss.rounds[1] and graphile or
    median_of(graphile.rounds, "per_cpu") > median_of(boss.rounds, "per_cpu") and graphile or boss
  report.ratio_goal("webhooks a CPU second, PostgreSQL's included", "at least", 2, better.name, to(one, better, "per_cpu"))
  report.ratio_goal("CPU an event with two hosts", "at most", 1.15, "one", to(two, one, "cpu"))
  report.ratio_goal(("CPU an event, %s done events"):format(number(size.hosts_done)), "at most", 1.1, "none", to(full, one, "cpu"))
  report.goal("memory of a host, 100,000 pending", "at most 40 MiB", peak, number(peak) .. " MiB", peak <= 40)
end }
