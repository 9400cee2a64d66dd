-- Webhooks taken, stored durably and handled, by one, two and four `lbhost serve` over one PostgreSQL, and by one with SQLite; beside
-- graphile-worker and pg-boss with a job for each webhook. The load comes from wrk, as many connections to each host; the CPU is
-- that of all hosts and of the PostgreSQL server, from the first request until nothing is pending.
local bench, clients, report = require "bench", require "clients", require "report"

package.path = package.path .. ";" .. clients.directory .. "../../?.lua"
local postgres = require "tests.support.postgres"
local socket = require "socket"
local watching = require "load"

local number, ratio = report.number, report.ratio
local dir = os.getenv "BENCH_DIR"
local CONNECTIONS <const>, ROOMS <const> = 64, 1000
local SECRET <const> = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
local DRAINED <const> = 120 -- seconds within which nothing is pending

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

local function load(ports, seconds, from, count)
  local pipes = {}
  for i, port in ipairs(ports) do
    pipes[i] = assert(io.popen(("RECEIVE_FILE=%s/hosts RECEIVE_FROM=%d wrk -t1 -c%d -d%gs -s %sreceive_wrk.lua http://127.0.0.1:%s/")
      :format(dir, from + (i - 1) * (count // #ports), CONNECTIONS, seconds, clients.directory, port)))
  end
  local sum = { requests = 0, seconds = 0, p99 = 0 }
  for _, pipe in ipairs(pipes) do
    local got = require "cjson".decode(pipe:read "a":match "{.-}")
    pipe:close()
    assert(got.errors == 0, got.errors .. " requests failed")
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

local function hosts(count)
  return { name = count == 1 and "lbhost, 1 host" or ("lbhost, %d hosts"):format(count), pending = PENDING, start = function(url)
    local list = {}
    for i = 1, count do list[i] = start(serve(url)) end
    return list
  end }
end

local function peer(kind, pending)
  local there = os.execute(("test -d %s/node_modules/%s"):format(os.getenv "LBHOST_PEERS", kind))
  return { name = kind, pending = pending, note = not there and ("skipped: there is no %s in build/peers"):format(kind) or nil,
    start = function(url) return { start { "node", clients.directory .. "hosts_peer.mjs", kind, url, SECRET } } end }
end

local list = { hosts(1), hosts(2), hosts(4),
  { name = "lbhost, SQLite", start = function(_, file) return { start(serve(file)) } end },
  peer("graphile-worker", "SELECT count(*) FROM graphile_worker._private_jobs"),
  peer("pg-boss", "SELECT count(*) FROM pgboss.job WHERE name = 'webhook' AND state < 'completed'") }

-- ---- Measuring -----------------------------------------------------------------------------------

local function wait_until_drained(server, entry, at)
  if not entry.pending then return os.execute "sleep 0.1" end
  local till = socket.gettime() + DRAINED
  while server:sql_at(at, entry.pending) ~= "0" do
    assert(socket.gettime() < till, entry.name .. ": events are still pending")
    os.execute "sleep 0.02"
  end
end

-- One round of one of them, in a database of its own; `prepare` is SQL for it, run when its tables are there.
local function measure(server, entry, size, prepare)
  server.databases = (server.databases or 0) + 1
  local at = "bench" .. server.databases
  server:sql("CREATE DATABASE " .. at)
  local running = entry.start(server.url:gsub("/postgres%?", "/" .. at .. "?"), ("%s/%s.db"):format(dir, at))
  local ports = {}
  for i, one in ipairs(running) do ports[i] = one.port end
  if prepare then server:sql_at(at, prepare) end
  local warm = size.hosts_events // 8
  load(ports, 1, 0, warm)
  wait_until_drained(server, entry, at)
  server:sql "CHECKPOINT"
  local function cpu()
    local own, database = 0, watching.used_by(server.pid)
    for _, one in ipairs(running) do own = own + watching.used_by(tonumber(one.pid)) end
    return own / watching.TICKS, database / watching.TICKS
  end
  local own, database = cpu()
  local got = load(ports, size.hosts_seconds, warm, size.hosts_events - warm)
  local began = socket.gettime()
  wait_until_drained(server, entry, at)
  local seconds = got.seconds + (entry.pending and socket.gettime() - began or 0)
  local own_after, database_after = cpu()
  for _, one in ipairs(running) do stop(one) end
  server:sql(("DROP DATABASE %s WITH (FORCE)"):format(at))
  own, database = own_after - own, database_after - database
  return { rate = got.requests / seconds, p99 = got.p99, own = own / got.requests * 1e6, database = database / got.requests * 1e6,
    cpu = (own + database) / got.requests * 1e6, per_cpu = got.requests / (own + database) }
end

local function median_of(rounds, field)
  local values = {}
  for i, round in ipairs(rounds) do values[i] = round[field] end
  return bench.median(values)
end

local DONE <const> = [[INSERT INTO lbhost_events (id, type, lane, received) SELECT 'done-' || n, 'commentCreated', 'room ' || n %% 1000,
  extract(epoch FROM now()) - n / 1000.0 FROM generate_series(1, %d) AS n; ANALYZE lbhost_events]]

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
  local one = start(serve(url, "hosts_slow_handler.lua"))
  os.execute "sleep 3"
  local peak = tonumber(read("/proc/" .. one.pid .. "/status"):match "VmHWM:%s+(%d+)") / 1024
  local pending = tonumber(server:sql_at("pending", PENDING))
  os.execute("kill -9 " .. one.pid)
  assert(pending > count * 0.9, "they were handled meanwhile")
  return peak
end

return { hosts = function(size)
  bench.progress "hosts over PostgreSQL"
  local function sign() -- again for each round: a webhook is refused when it is some minutes old
    shell("%s run %sreceive_sign.lua %s/hosts %d %s %d", bench.quote(program), clients.directory, dir, size.hosts_events, SECRET, ROOMS)
  end
  local server <close> = postgres.start { fsync = "on", synchronous_commit = "on", shared_buffers = "256MB", max_wal_size = "2GB",
    jit = "off" }
  local watched = watching.watch()
  for _, entry in ipairs(list) do entry.rounds = {} end
  local full = { name = "lbhost, 1 host", pending = PENDING, start = list[1].start, rounds = {} }
  for _ = 1, size.hosts_rounds do
    sign()
    for _, entry in ipairs(list) do
      if not entry.note then table.insert(entry.rounds, measure(server, entry, size)) end
    end
  end
  local peak = memory(server, 100000)
  sign()
  table.insert(full.rounds, measure(server, full, size, DONE:format(size.hosts_done)))
  local others = watched()
  full.name = ("1 host, %s done events"):format(number(size.hosts_done))
  table.insert(list, 4, full)
  local rows = {}
  for i, entry in ipairs(list) do
    if entry.note then
      rows[i] = { entry.name, note = entry.note }
    else
      local cells = { entry.name }
      for _, field in ipairs { "rate", "own", "database", "cpu", "per_cpu", "p99" } do
        cells[#cells + 1] = number(median_of(entry.rounds, field))
      end
      rows[i] = cells
    end
  end
  bench.progress ""
  report.table(("Webhooks taken, stored durably and handled: %d connections to each host, %s rooms"):format(CONNECTIONS, number(ROOMS)),
    { "", "events/s", "CPU µs here", "in PostgreSQL", "together", "events a CPU second", "p99 ms" }, rows)
  local function to(ours, theirs, field)
    if not (ours.rounds[1] and theirs.rounds[1]) then return nil end
    return bench.ratio({ rounds = ours.rounds, others = others }, { rounds = theirs.rounds }, field)
  end
  local graphile, boss = list[6], list[7]
  local better = not graphile.rounds[1] and boss or not boss.rounds[1] and graphile or
    median_of(graphile.rounds, "per_cpu") > median_of(boss.rounds, "per_cpu") and graphile or boss
  report.ratio_goal("webhooks a CPU second, PostgreSQL's included", "at least", 2, better.name, to(list[1], better, "per_cpu"))
  report.ratio_goal("CPU an event with two hosts", "at most", 1.15, "one", to(list[2], list[1], "cpu"))
  local share = full.rounds[1].cpu / median_of(list[1].rounds, "cpu")
  report.goal(("CPU an event, %s done events"):format(number(size.hosts_done)), "at most 1.1 of none", share, ratio(share), share <= 1.1,
    report.disturbed(others))
  report.goal("memory of a host, 100,000 pending", "at most 40 MiB", peak, number(peak) .. " MiB", peak <= 40)
end }
