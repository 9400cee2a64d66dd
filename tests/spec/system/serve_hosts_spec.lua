-- Several `lbhost serve` over one PostgreSQL, as processes.
local eventually = require "tests.support.eventually"
local json = require "liveblocks".json
local pgbouncer = require "tests.support.pgbouncer"
local postgres = require "tests.support.postgres"
local process = require "tests.support.process"
local serve = require "tests.support.serve"


-- A line for each event that is handled: its id, its room, and who has handled it.
local RECORD = [[
  local file
  return { api = 1, name = "record", options = { path = { type = "string", env = "RECORD", required = true } },
    setup = function(_, options) file = assert(io.open(options.path, "a")) file:setvbuf "line" end,
    events = { ["*"] = function(event, ctx)
      local token = ctx.once("token", function() return ("%d.%d"):format(require("lbhost.host").process_id(), math.random(1 << 30)) end)
      if event.data.sleep then require("liveblocks").task.sleep(event.data.sleep) end
      while event.data.until_there and not io.open(event.data.until_there) do require("liveblocks").task.sleep(0.01) end
      file:write(("%s %s %d %s\n"):format(ctx.event_id, event.data.roomId, require("lbhost.host").process_id(), token))
      if event.data.fail then error "as asked for" end
    end },
    timers = { ["1s"] = function(ctx) ctx.log("info", "timer has its turn") end } }
]]

local function signal(name, pid) assert(os.execute(("kill -%s %d"):format(name, pid))) end

describe("several hosts over one PostgreSQL", function()
  local server, directory, hosts
  setup(function() server = postgres.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    directory, hosts = serve.directory(), {}
  end)
  after_each(function()
    for _, one in ipairs(hosts) do one:__close() end
    server:sql "DROP TABLE IF EXISTS lbhost_events, lbhost_queue, lbhost_lanes, lbhost_hosts, lbhost_once, lbhost_timers, lbhost_format"
    os.execute("rm -rf " .. directory)
  end)

  local function start(options)
    options = options or {}
    local one = serve.start { files = { ["record.lua"] = options.handler or RECORD },
      store = (options.url or server.url) .. "&lease=" .. (options.lease or 2) .. (options.query or ""),
      env = { RECORD = directory .. "/record" }, arguments = { "--plugin", postgres.plugin, "--backoff", "0.2",
        table.unpack(options.arguments or {}) } }
    hosts[#hosts + 1] = one
    return one
  end

  local function queue(...)
    local arguments = { "queue", ... }
    for _, word in ipairs { "--store", server.url, "--plugin", postgres.plugin } do arguments[#arguments + 1] = word end
    return process.run(arguments)
  end

  local function records()
    local list, by_id = {}, {}
    local file <close> = io.open(directory .. "/record", "rb")
    for id, room, pid, token in (file and file:read "a" or ""):gmatch "(%S+) (%S+) (%S+) (%S+)\n" do
      list[#list + 1] = { id = id, room = room, pid = tonumber(pid), token = token }
      by_id[id] = by_id[id] or {}
      table.insert(by_id[id], list[#list])
    end
    return list, by_id
  end

  local function all_handled(count)
    eventually(function()
      local _, by_id = records()
      local n = 0
      for _ in pairs(by_id) do n = n + 1 end
      return n == count and server:sql "SELECT count(*) FROM lbhost_queue WHERE state = 0" == "0"
    end, function() return server:sql "SELECT count(*) FROM lbhost_queue WHERE state = 0" .. " pending" end)
  end

  it("handle each event once, those of a room in order, whichever host takes them", function()
    local a, b, c = start(), start(), start()
    local list, number = { a, b, c }, 0
    for round = 1, 20 do
      for room = 1, 7 do
        number = number + 1
        local status = list[(round + room) % 3 + 1]:event(("e%03d"):format(number), "commentCreated", { roomId = "room" .. room })
        assert.equal(200, status)
      end
    end
    local status, body = b:event("e001", "commentCreated", { roomId = "room1" })
    assert.equal(200, status)
    assert.matches("duplicate", body)
    all_handled(number)
    local seen, last = records(), {}
    assert.equal(number, #seen)
    for _, one in ipairs(seen) do
      assert.is_true(one.id > (last[one.room] or ""), one.id .. " after " .. (last[one.room] or ""))
      last[one.room] = one.id
    end
    for _, one in ipairs(list) do
      local log, code = one:stop()
      assert.equal(0, code, log)
      assert.is_nil(log:find "error ", log)
    end
    assert.equal("0", server:sql "SELECT count(*) FROM lbhost_hosts")
    assert.equal("0", server:sql "SELECT count(*) FROM lbhost_lanes WHERE host IS NOT NULL")
  end)

  it("take over what a killed host had, when its lease has ended", function()
    local a, b = start(), start()
    assert.equal(200, (a:event("slow", "commentCreated", { roomId = "x", sleep = 600 })))
    for n = 1, 5 do assert.equal(200, (a:event("after" .. n, "commentCreated", { roomId = "x", n = n }))) end
    eventually(function() return server:sql "SELECT count(*) FROM lbhost_once" == "1" end)
    signal("KILL", a.process.pid)
    server:sql [[UPDATE lbhost_queue SET body = replace(body, '600', '0')]]
    all_handled(6)
    local list = records()
    for i, one in ipairs(list) do
      assert.equal(b.process.pid, one.pid)
      assert.equal(i == 1 and "slow" or "after" .. i - 1, one.id)
    end
    assert.matches("^" .. a.process.pid .. "%.", list[1].token) -- ctx.once holds over hosts
    b:wait_for "another host has not renewed its lease"
  end)

  it("record nothing of a host that was silent for longer than its lease", function()
    local a, b = start(), start()
    assert.equal(200, (a:event("e1", "commentCreated", { roomId = "x", sleep = 1 })))
    eventually(function() return server:sql "SELECT count(*) FROM lbhost_once" == "1" end)
    assert.equal(200, (a:event("e2", "commentCreated", { roomId = "x" })))
    signal("STOP", a.process.pid)
    all_handled(2)
    signal("CONT", a.process.pid)
    a:wait_for "this host was silent for longer than its lease"
    eventually(function()
      local _, by_id = records()
      return #by_id.e1 == 2 -- the handler that was stopped in its midst
    end)
    assert.equal(200, (a:event("e3", "commentCreated", { roomId = "y" })))
    all_handled(3)
    local _, by_id = records()
    assert.equal(1, #by_id.e2)
    assert.equal(b.process.pid, by_id.e2[1].pid)
    assert.equal(by_id.e1[1].token, by_id.e1[2].token)
    eventually(function() return server:sql "SELECT count(*) FROM lbhost_hosts" == "2" end)
  end)

  -- Stops the server and all that it has started, until the value is closed.
  local function stop_server()
    local pids = ("%d %s"):format(server.pid, server:children())
    os.execute("kill -STOP " .. pids)
    return setmetatable({}, { __close = function() os.execute("kill -CONT " .. pids) end })
  end

  it("answer while the server is stopped: 503 for new events, which come again", function()
    local a = start { query = "&timeout=1", arguments = { "--grace", "1" } }
    eventually(function() return a:event("e1", "commentCreated") == 200 end) -- a busy machine may take more than a second
    all_handled(1)
    do
      local _ <close> = stop_server()
      assert.equal(503, (a:event("e2", "commentCreated")))
      local health
      eventually(function()
        local status, body = a:get "/healthz"
        health = json.decode(body)
        return status == 503
      end)
      assert.equal("failing", health.status)
      assert.matches("PostgreSQL", health.store)
    end
    eventually(function() return a:event("e2", "commentCreated") == 200 end)
    all_handled(2)
    eventually(function() return a:get "/healthz" == 200 end)
    do
      local _ <close> = stop_server()
      a.process:signal "TERM"
      local _, log = a.process:wait()
      assert.matches("stopped", log)
    end
  end)

  it("show who is there, and retry and drop from anywhere", function()
    -- With a lease that lasts on a machine that is busy: without it, a host is shown as silent.
    local a = start { lease = 30, arguments = { "--attempts", "1" } }
    start { lease = 30, handler = "this is not Lua" }
    local status, body = hosts[2]:get "/healthz"
    assert.equal(200, status)
    assert.equal("degraded", json.decode(body).status)
    assert.equal("1 of its plugins were refused", json.decode(body).idle)
    for n = 1, 4 do assert.equal(200, (hosts[2]:event("e" .. n, "commentCreated", { roomId = "r" .. n, fail = n == 1 or nil }))) end
    eventually(function() return queue("list", "--state", "parked"):find "e1" ~= nil end)
    local list = {}
    for line in queue("hosts", "--json"):gmatch "[^\n]+" do list[#list + 1] = json.decode(line) end
    assert.equal(2, #list)
    assert.same({ "working", "idle" }, { list[1].state, list[2].state })
    assert.matches(":" .. a.process.pid .. "$", list[1].name)
    assert.equal(0, list[2].lanes)
    local out = queue "hosts"
    assert.matches("1 of its plugins were refused", out, 1, true)
    server:sql [[UPDATE lbhost_queue SET body = replace(body, 'fail', 'done')]]
    assert.equal("1 event will be handled again\n", (queue("retry", "e1")))
    all_handled(4)
    local seen = records()
    for _, one in ipairs(seen) do assert.equal(a.process.pid, one.pid) end
    assert.equal("0 events dropped\n", (queue("drop", "--all")))
  end)

  it("run a timer once for each time at which it is due", function()
    local list = { start(), start(), start() }
    local function count()
      local n = 0
      for _, one in ipairs(list) do n = n + select(2, one:log():gsub("timer has its turn", "")) end
      return n
    end
    eventually(function() return count() >= 1 end)
    local first = tonumber(server:sql "SELECT due FROM lbhost_timers")
    local before = count()
    eventually(function() return tonumber(server:sql "SELECT due FROM lbhost_timers") >= first + 2 end)
    for _, one in ipairs(list) do one.process:signal "TERM" end
    for _, one in ipairs(list) do one.process:wait() end
    local passed = tonumber(server:sql "SELECT due FROM lbhost_timers") - first
    assert.is_true(count() - before <= passed + 1, ("%d runs in %d periods"):format(count() - before, passed))
  end)

  it("work by looking now and then where notifications do not come", function()
    local a, b = start { query = "&listen=off" }, start { query = "&listen=off" }
    for n = 1, 30 do
      assert.equal(200, ((n % 2 == 0 and a or b):event(("e%03d"):format(n), "commentCreated", { roomId = "room" })))
    end
    all_handled(30)
    for i, one in ipairs((records())) do assert.equal(("e%03d"):format(i), one.id) end
  end)

  it("work over PgBouncer in transaction mode", function()
    local bouncer <close> = pgbouncer.start(server)
    local a, b = start { url = bouncer.url }, start { url = bouncer.url }
    for n = 1, 30 do
      assert.equal(200, ((n % 2 == 0 and a or b):event(("e%03d"):format(n), "commentCreated", { roomId = "room" .. n % 3 })))
    end
    all_handled(30)
    local last = {}
    for _, one in ipairs((records())) do
      assert.is_true(one.id > (last[one.room] or ""), one.id .. " after " .. (last[one.room] or ""))
      last[one.room] = one.id
    end
    for _, one in ipairs { a, b } do
      local log, code = one:stop()
      assert.equal(0, code, log)
      assert.is_nil(log:find "error ", log)
    end
    assert.equal("0", server:sql "SELECT count(*) FROM lbhost_hosts")
  end)

  it("begin while the server is away: they listen, refuse events, say why, and work when it is there", function()
    local port = postgres.free_port()
    local a = start { url = ("postgres://lbhost@127.0.0.1:%d/postgres?connect_timeout=1"):format(port) }
    local status, body = a:get "/healthz"
    assert.equal(503, status)
    assert.equal("failing", json.decode(body).status)
    assert.matches("refused", json.decode(body).store)
    assert.equal(503, (a:event("e1", "commentCreated")))
    local late <close> = postgres.start({}, port)
    eventually(function() return a:event("e1", "commentCreated") == 200 end)
    eventually(function() return late:sql "SELECT count(*) FROM lbhost_queue" == "0" end)
    assert.equal("e1", records()[1].id)
    assert.equal(200, (a:get "/healthz"))
    local log, code = a:stop()
    assert.equal(0, code, log)
    assert.equal("0", late:sql "SELECT count(*) FROM lbhost_hosts")
  end)

  it("end when they are asked to while the server is away", function()
    local a = start { url = ("postgres://lbhost@127.0.0.1:%d/postgres?connect_timeout=1"):format(postgres.free_port()) }
    local log, code = a:stop()
    assert.equal(0, code, log)
  end)

  it("begin while commits hang, for want of a synchronous standby", function()
    local lonely <close> = postgres.start {}
    lonely:sql "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"
    lonely:sql "SELECT pg_reload_conf()"
    eventually(function() return lonely:sql "SHOW synchronous_standby_names" == "nobody" end)
    local a = start { url = lonely.url, query = "&timeout=1" }
    assert.equal(503, (a:event("e1", "commentCreated")))
    assert.equal(503, (a:get "/healthz"))
    lonely:sql "ALTER SYSTEM RESET synchronous_standby_names"
    lonely:sql "SELECT pg_reload_conf()"
    eventually(function() return a:event("e1", "commentCreated") == 200 end)
    eventually(function() return lonely:sql "SELECT count(*) FROM lbhost_queue" == "0" end)
    local log, code = a:stop()
    assert.equal(0, code, log)
  end)

  it("store what can be stored of events that come together with one that cannot", function()
    local a = start()
    local long = ("x"):rep(200000):gsub("x", function() return string.char(math.random(97, 122)) end)
    assert.equal(503, (a:event("long", "commentCreated", { roomId = long })))
    assert.equal(200, (a:event("short", "commentCreated")))
    all_handled(1)
    a:wait_for "index row"
  end)
end)

-- Counted by the server itself.
describe("what an event costs PostgreSQL", function()
  local server, directory, a, b
  setup(function()
    server = postgres.start { shared_preload_libraries = "pg_stat_statements" }
    server:sql "CREATE EXTENSION pg_stat_statements"
    directory = serve.directory()
    local function start()
      return serve.start { files = { ["record.lua"] = RECORD }, store = server.url, env = { RECORD = directory .. "/record" },
        arguments = { "--plugin", postgres.plugin } }
    end
    a, b = start(), start()
    -- Each has looked who is there since both are.
    eventually(function()
      return server:sql "SELECT count(*) FROM lbhost_hosts WHERE seen > (SELECT max(started) FROM lbhost_hosts)" == "2"
    end)
  end)
  teardown(function()
    a:__close()
    b:__close()
    server:stop()
    os.execute("rm -rf " .. directory)
  end)
  before_each(function() server:sql "SELECT pg_stat_statements_reset()" end)

  local function calls(pattern)
    return tonumber(server:sql(("SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query LIKE '%s'"):format(pattern)))
  end

  local function count()
    return { stored = calls "%INTO lbhost_events%", lanes = calls "%INTO lbhost_lanes%", done = calls "DELETE FROM lbhost_queue%",
      given_back = calls "%DELETE FROM lbhost_lanes%", read = calls "%FROM lbhost_queue p%", notified = calls "SELECT pg_notify%" }
  end

  local function until_free()
    eventually(function()
      return server:sql [[SET enable_seqscan = off;
        SELECT (SELECT count(*) FROM lbhost_lanes) + (SELECT count(*) FROM lbhost_queue)]] == "0"
    end)
  end

  it("does not grow with the rows that were there: none of its statements reads a whole table", function()
    local sql = "SELECT sum(seq_scan) FROM pg_stat_user_tables WHERE relname IN ('lbhost_queue', 'lbhost_lanes', 'lbhost_events')"
    local before = server:sql(sql)
    for n = 1, 30 do
      assert.equal(200, ((n % 2 == 0 and a or b):event("scan" .. n, "commentCreated", { roomId = "scan" .. n % 2 })))
    end
    until_free()
    local done = "SELECT n_tup_del FROM pg_stat_user_tables WHERE relname = 'lbhost_queue'"
    eventually(function() return tonumber(server:sql(done)) >= 30 end) -- the server's own counts come a little later
    assert.equal(before, server:sql(sql))
  end)

  it("is nothing more where two hosts receive a room's events by turns: who receives one handles it", function()
    for n = 1, 12 do
      assert.equal(200, ((n % 2 == 0 and a or b):event("turn" .. n, "commentCreated", { roomId = "x" })))
      until_free()
    end
    assert.same({ stored = 12, lanes = 12, done = 12, given_back = 12, read = 0, notified = 0 }, count())
  end)

  it("is a notification and a reading where the room is with another host", function()
    assert.equal(200, (a:event("slow", "commentCreated", { roomId = "y", until_there = directory .. "/go" })))
    assert.equal(200, (b:event("next", "commentCreated", { roomId = "y" })))
    eventually(function() return calls "SELECT pg_notify%" == 1 end)
    serve.write(directory .. "/go", "")
    until_free()
    local counted = count()
    assert.equal(1, counted.notified)
    assert.is_true(counted.read <= 2, counted.read)
    assert.equal(2, counted.stored)
  end)
end)
