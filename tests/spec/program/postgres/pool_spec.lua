local eventually = require "tests.support.eventually"
local postgres = require "tests.support.postgres"
local task = require "liveblocks.task"

local function signal(name, pid)
  assert(os.execute(("kill -%s %d"):format(name, pid)))
end

describe("connections to PostgreSQL", function()
  local server, stop, pool, one
  setup(function()
    server, stop = postgres.start_with_plugin()
    pool = require "lbhost.postgres.pool"
  end)
  teardown(function() stop() end)
  before_each(function() one = pool.open(server.url, { timeout = 20 }) end)
  after_each(function()
    one:close()
    server:sql "DROP TABLE IF EXISTS t"
  end)

  local function failure(fn, ...)
    local ok, problem = pcall(fn, ...)
    assert.is_false(ok)
    assert.equal("store", problem.kind, tostring(problem))
    return problem
  end

  it("give rows with values of their types, in a task and outside of one", function()
    local sql = [[SELECT 1::bigint AS a, 1.5::float8 AS b, true AS c, NULL AS d, $1 || '' AS e, $2::int AS f]]
    local expected = { a = 1, b = 1.5, c = true, e = 'x "\\é', f = 7 }
    local rows = one:query(sql, 'x "\\é', 7)
    assert.same(expected, rows[1])
    assert.equal(1, rows.count)
    assert.same(expected, task.run(function() return one:query(sql, 'x "\\é', 7) end)[1])
    assert.equal("integer", math.type(rows[1].a))
  end)

  it("take lists as arrays, byte for byte", function()
    local list = { 'a"b', "c\\d", "{e,f}", "NULL", "", " x ", "日本", ('"\\'):rep(3000) }
    local rows = one:query("SELECT v FROM unnest($1::text[]) WITH ORDINALITY AS l (v, n) ORDER BY n", one.array(list))
    for i, text in ipairs(list) do assert.equal(text, rows[i].v) end
    assert.same({ { v = 1 }, {}, { v = 3 }, count = 3 },
      one:query("SELECT v FROM unnest($1::int[]) AS l (v)", one.array({ { n = 1 }, {}, { n = 3 } }, "n")))
    assert.equal(0, one:query("SELECT v FROM unnest($1::int[]) AS l (v)", one.array {}).count)
  end)

  it("run a transaction in one go: all of it or nothing", function()
    one:query "CREATE TABLE t (n int PRIMARY KEY)"
    local results = one:transaction { { "INSERT INTO t VALUES ($1), ($2)", 1, 2 }, { "SELECT sum(n) AS sum FROM t" } }
    assert.equal(2, results[1].count)
    assert.equal(3, results[2][1].sum)
    local problem = failure(one.transaction, one, { { "INSERT INTO t VALUES (3)" }, { "INSERT INTO t VALUES (1)" },
      { "INSERT INTO t VALUES (4)" } })
    assert.equal("23505", problem.code)
    assert.is_nil(problem.unavailable)
    assert.equal(3, one:query("SELECT sum(n) AS sum FROM t")[1].sum)
    assert.is_nil(one:problem())
  end)

  it("refuse a NUL and what cannot be a value, without harm to the connection", function()
    for _, value in ipairs { "a\0b", {}, print } do
      local problem = failure(one.query, one, "SELECT $1::text", value)
      assert.is_nil(problem.unavailable)
      assert.matches("^22", problem.code)
    end
    assert.has_error(function() one.array { "a\0b" } end)
    assert.equal("x", one:query("SELECT $1::text AS v", "x")[1].v)
    assert.equal(1, one.open)
  end)

  it("say what PostgreSQL says", function()
    local problem = failure(one.query, one, "SELECT * FROM nothing")
    assert.equal("42P01", problem.code)
    assert.equal('PostgreSQL: relation "nothing" does not exist', tostring(problem):match "PostgreSQL.*$")
    assert.equal(1, one:query("SELECT 1 AS one")[1].one)
  end)

  it("are shared by many tasks, and no more than a few", function()
    local sums = task.map(50, function(i) return one:query("SELECT $1::int + 1 AS n", i)[1].n end, { concurrency = 50 })
    for i = 1, 50 do assert.equal(i + 1, sums[i]) end
    assert.is_true(one.open <= 2, one.open)
  end)

  it("repeat what was undone because of a deadlock", function()
    one:query "CREATE TABLE t (n int PRIMARY KEY, v int)"
    one:query "INSERT INTO t VALUES (1, 0), (2, 0)"
    local add = "UPDATE t SET v = v + 1 WHERE n = $1 AND pg_sleep(0.1) IS NOT NULL"
    task.all {
      function() one:transaction { { add, 1 }, { add, 2 } } end,
      function() one:transaction { { add, 2 }, { add, 1 } } end,
    }
    assert.equal(4, one:query("SELECT sum(v) AS sum FROM t")[1].sum)
  end)

  it("end with the time of a transaction when a backend is stopped, and the loop goes on", function()
    local process = one:query("SELECT pg_backend_pid() AS pid")[1].pid
    signal("STOP", process)
    local turns, ended = 0, false
    local problem
    task.all {
      function()
        problem = failure(one.transaction, one, { { "SELECT 1" } }, 1)
        ended = true
      end,
      function()
        while not ended do
          task.sleep(0.01)
          turns = turns + 1
        end
      end,
    }
    assert.is_true(problem.unavailable)
    assert.matches("no response within", problem.message, 1, true)
    assert.is_true(turns > 3, turns)
    assert.matches("no response within", (one:problem()), 1, true)
    assert.equal(1, one:query("SELECT 1 AS one")[1].one) -- on another connection
    assert.is_nil(one:problem())
    signal("CONT", process)
  end)

  it("are made again when the server has ended them, and when it is back", function()
    one:query "SELECT 1"
    server:sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lbhost'"
    local good = eventually(function() return (pcall(one.query, one, "SELECT 1")) end)
    assert.is_true(good)
  end)

  it("close with statements under way and tasks that wait", function()
    local problems = {}
    local tasks = {}
    for i = 1, 4 do
      tasks[i] = task.spawn(function() problems[i] = failure(one.query, one, "SELECT pg_sleep(60)") end)
    end
    task.run(function() eventually(function() return one.open == 2 and #one.waiting == 2 end) end)
    one:close()
    one:close()
    for i = 1, 4 do
      tasks[i]:wait()
      assert.is_truthy(problems[i])
    end
    assert.equal("CLOSED", failure(one.query, one, "SELECT 1").code)
  end)

  it("leave a task that is cancelled, and go on", function()
    local waiting = task.spawn(function() one:query "SELECT pg_sleep(60)" end)
    task.run(function() eventually(function() return one.open == 1 and not one.idle[1] end) end)
    waiting:cancel()
    assert.is_false((pcall(waiting.wait, waiting)))
    assert.equal(1, one:query("SELECT 1 AS one")[1].one)
  end)

  it("hear notifications, and that some may have been missed after a connection was lost", function()
    local heard = {}
    one:listen("news", function(payload) heard[#heard + 1] = payload or "missed" end)
    local function wait_for(count) task.run(function() eventually(function() return #heard >= count end) end) end
    wait_for(1)
    one:query "SELECT pg_notify('news', 'a')"
    one:query "SELECT pg_notify('other', 'b')"
    wait_for(2)
    server:sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    wait_for(3)
    one:query "SELECT pg_notify('news', 'c')"
    wait_for(4)
    assert.same({ "missed", "a", "missed", "c" }, heard)
  end)

  it("set what a session needs, and prepare nothing where connections are shared", function()
    local set = pool.open(server.url, { session = { statement_timeout = "1234", no_such_setting = "x" } })
    assert.equal("1234ms", set:query("SHOW statement_timeout")[1].statement_timeout)
    set:close()
    local shared = pool.open(server.url .. "&listen=off", { session = { statement_timeout = "1234" } })
    assert.equal("0", shared:query("SHOW statement_timeout")[1].statement_timeout)
    assert.equal(0, shared:query("SELECT count(*) AS n FROM pg_prepared_statements")[1].n)
    shared:close()
    one:query("SELECT $1::int", 1)
    assert.equal(2, one:query("SELECT count(*) AS n FROM pg_prepared_statements")[1].n)
  end)

  it("are found by a host's name, at the server that responds", function()
    local tcp = pool.open(("postgres://lbhost@localhost:%d/postgres"):format(server.port))
    assert.equal(1, tcp:query("SELECT 1 AS one")[1].one)
    tcp:close()
    local second = pool.open(("postgres://lbhost@127.0.0.1:1,127.0.0.1:%d/postgres?target_session_attrs=read-write")
      :format(server.port))
    assert.equal(1, second:query("SELECT 1 AS one")[1].one)
    assert.equal(2, second.server)
    second:close()
  end)

  it("pass a server by that does not respond", function()
    local socket = require "socket"
    local silent = assert(socket.bind("127.0.0.1", 0)) -- it accepts, and says nothing
    local _, port = silent:getsockname()
    local second = pool.open(("postgres://lbhost@127.0.0.1:%d,127.0.0.1:%d/postgres"):format(port, server.port),
      { connect_timeout = 0.2 })
    assert.equal(1, second:query("SELECT 1 AS one")[1].one)
    second:close()
    silent:close()
  end)

  it("say why there is none", function()
    for text, expected in pairs {
      ["postgres://lbhost@127.0.0.1:1/postgres"] = "Connection refused",
      ["postgres://lbhost@no-such-host.invalid/postgres"] = "the host 'no-such-host.invalid' is not found",
      [server.tcp:gsub("/postgres$", "/nothing")] = 'database "nothing" does not exist',
      [server.tcp .. "?target_session_attrs=standby"] = "server is not in hot standby mode",
    } do
      local wrong = pool.open(text, { timeout = 1 })
      local problem = failure(wrong.query, wrong, "SELECT 1")
      assert.is_true(problem.unavailable)
      assert.matches(expected, problem.message, 1, true)
      assert.matches(expected, (wrong:problem()), 1, true)
      wrong:close()
    end
  end)

  it("are left by the collector and by the end of the state", function()
    local file = server.home.path .. "/ends.lua"
    server.home:write("ends.lua", ([[
      require("lbhost.plugin.registry").load_all()
      local pool = require("lbhost.postgres.pool")
      local one = pool.open(%q)
      one:query "SELECT 1"
      require("liveblocks.task").spawn(function() one:query "SELECT pg_sleep(60)" end)
      require("liveblocks.task").sleep(0.05)
      one:listen("x", function() end)
      pool.open("postgres://localhost/x"):query("SELECT 1")
    ]]):format(server.url))
    local process = require "tests.support.process"
    local _, err, status = process.run { "--plugin", postgres.plugin, "run", file }
    assert.equal(1, status, err)
    assert.matches("PostgreSQL: ", err, 1, true)
  end)

  it("say where the rights are described that a role does not have", function()
    one:query "CREATE TABLE t (n int)"
    server:sql "CREATE ROLE guest LOGIN"
    local guest = pool.open((server.url:gsub("lbhost@", "guest@")))
    local problem = failure(guest.query, guest, "SELECT n FROM t")
    guest:close()
    assert.equal("42501", problem.code)
    assert.equal("PostgreSQL: permission denied for table t; the rights that the role needs are in docs/deployment.md, Several hosts",
      problem.message)
  end)

  it("write nothing of the server's warnings into the log", function()
    local file = server.home:write("warns.lua", ([[
      require("lbhost.plugin.registry").load_all()
      require("lbhost.postgres.pool").open(%q):query "DO $$ BEGIN RAISE WARNING 'look out'; END $$"
      print "done"
    ]]):format(server.url))
    local process = require "tests.support.process"
    local out, err, status = process.run { "--plugin", postgres.plugin, "run", file }
    assert.same({ "done\n", "", 0 }, { out, err, status })
  end)

  it("note how long it lasts", function()
    local wrong = pool.open("postgres://lbhost@127.0.0.1:1/postgres", { timeout = 0.2 })
    failure(wrong.query, wrong, "SELECT 1")
    local _, seconds = wrong:problem()
    assert.equal("number", type(seconds))
    assert.is_nil(one:problem())
    wrong:close()
  end)
end)
