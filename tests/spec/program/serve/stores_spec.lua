-- The event store of `lbhost serve` in SQLite, and in PostgreSQL: the same tests for both.
local eventually = require "tests.support.eventually"
local batches = require "lbhost.serve.batches"
local changes = require "lbhost.serve.postgres.changes"
local directory = require "tests.support.directory"
local membership = require "lbhost.serve.postgres.membership"
local open_store = require "lbhost.serve.open_store"
local postgres = require "tests.support.postgres"

local function event(id, lane, body)
  return { id = id, type = "commentCreated", lane = lane or "room", received = 1700000000.25, body = body or "{}" }
end

local function contract(make)
  local where, one
  before_each(function()
    where = make()
    one = where.open { lock = true, create = true }
  end)
  after_each(function()
    one:close()
    where.remove()
  end)

  local function add(...)
    local events = {}
    for i, id in ipairs { ... } do events[i] = type(id) == "table" and id or event(id) end
    one:commit { add = events }
    return table.unpack(events)
  end

  local function ids(filter)
    local out = {}
    for found in one:list(filter or {}) do out[#out + 1] = ("%s:%s"):format(found.id, found.state) end
    return table.concat(out, " ")
  end

  it("gives an event back byte for byte", function()
    local body = '{"a":"\\\\ \\" \' {x,y} é 日本 NULL",\n\t"b":[1.0,-0.0,12345678901234567890]}'
    local first = add(event('id "1"', "room, {1} \\", body))
    local got = one:get(first.seq)
    assert.same({ seq = first.seq, id = 'id "1"', type = "commentCreated", lane = "room, {1} \\", received = 1700000000.25,
      body = body, state = "pending", attempts = 0, due = 0.0, handled = "" }, got)
    assert.equal("integer", math.type(got.seq))
    assert.is_nil(one:get(first.seq + 100))
    assert.is_nil(one:list({})().body)
  end)

  it("recognises duplicates, of before and within a batch", function()
    add("a")
    local again, b, twice = add("a", "b", event("b", "other"))
    assert.is_true(again.duplicate)
    assert.is_nil(again.seq)
    assert.is_nil(b.duplicate)
    assert.is_true(twice.duplicate)
    assert.equal("a:pending b:pending", ids())
  end)

  it("changes events: done, failed, parked; all of a batch or nothing", function()
    local a, b, c = add("a", "b", "c")
    one:commit { done = { a.seq }, failed = { { seq = b.seq, attempts = 2, due = 1700000100.5, error = 'it "failed"', handled = "x,y" } },
      parked = { { seq = c.seq, attempts = 9, error = "gave up", handled = "" } }, add = { event "d" } }
    assert.equal("a:done b:pending c:parked d:pending", ids())
    assert.is_nil(one:get(a.seq).body)
    local failed = one:get(b.seq)
    assert.same({ 2, 1700000100.5, 'it "failed"', "x,y" }, { failed.attempts, failed.due, failed.error, failed.handled })
    assert.same({ pending = 2, parked = 1, done = 1 }, one:count())
    local bad = event "f"
    bad.body = {}
    assert.has_error(function() one:commit { done = { b.seq }, add = { event "e", bad } } end)
    assert.equal("a:done b:pending c:parked d:pending", ids())
    assert.is_true(add("a").duplicate)
  end)

  it("finds, retries, drops and prunes", function()
    local a, b = add("a", event("b", "other"), event("c", "other"))
    one:commit { parked = { { seq = a.seq, attempts = 5, error = "x", handled = "h" } },
      failed = { { seq = b.seq, attempts = 1, due = 5, error = "y", handled = "" } } }
    assert.equal("a:parked", ids { state = "parked" })
    assert.equal("b:pending c:pending", ids { lane = "other" })
    assert.equal("b:pending", ids { lane = "other", limit = 1 })
    assert.equal("c:pending", ids { lane = "other", after = b.seq })
    assert.same({ pending = 2, parked = 1, oldest = 1700000000.25 }, one:depth())
    assert.equal("", ids { type = "roomCreated" })
    assert.equal("c:pending", ids { id = "c" })
    assert.equal(1, one:retry { state = "parked" })
    local again = one:get(a.seq)
    assert.same({ "pending", 0, 0.0, "h" }, { again.state, again.attempts, again.due, again.handled })
    assert.equal(1, one:retry {})
    assert.equal(2, one:drop { lane = "other" })
    assert.equal("a:pending b:done c:done", ids())
    assert.equal(0, one:prune(0))
    one:put_once("b", "key", "1")
    assert.equal(2, one:prune(os.time() + 10))
    assert.equal("a:pending", ids())
    assert.is_false((one:once("b", "key")))
  end)

  it("forgets old events piece by piece, past those that are parked", function()
    local events, done, parked = {}, {}, {}
    for n = 1, 4100 do events[n] = event("e" .. n) end
    one:commit { add = events }
    for n, each in ipairs(events) do
      if n <= 2000 then
        parked[n] = { seq = each.seq, attempts = 1, error = "e", handled = "" }
      else
        done[#done + 1] = each.seq
      end
    end
    one:commit { done = done, parked = parked }
    local before, pieces, sum = os.time() + 10, 0, 0
    assert.same({ pending = 0, parked = 2000, done = 2100 }, one:count())
    assert.equal(0, one:prune(0))
    repeat
      local count = one:prune(before)
      pieces, sum = pieces + 1, sum + count
    until count == 0
    assert.same({ 3, 2100 }, { pieces, sum })
    one:commit { add = { event "e1", event "new", event "new" } }
    assert.same({ pending = 1, parked = 2000, done = 0 }, one:count())
    assert.equal(0, one:prune(before))
  end)

  it("records what was done once, and when timers ran", function()
    assert.is_false((one:once("e", "k")))
    one:put_once("e", "k", '{"x":1}')
    assert.same({ true, '{"x":1}' }, { one:once("e", "k") })
    one:put_once("e", "empty", nil)
    assert.same({ true }, { one:once("e", "empty") })
    assert.is_nil(one:timer "15m")
    assert.is_true(one:put_timer("15m", 1700000000))
    assert.is_false(one:put_timer("15m", 1700000001))
    assert.is_true(one:put_timer("15m", 1700000900, 1700000000))
    assert.is_false(one:put_timer("15m", 1700000900, 1700000000)) -- another host was first
    assert.equal(1700000900, one:timer "15m")
  end)

  it("is there again after it was closed", function()
    add "a"
    one:close()
    one = where.open { lock = true, create = true }
    assert.equal("a:pending", ids())
  end)
end

describe("the event store in SQLite", function()
  local function make()
    local home = directory.new()
    return { open = function(options) return open_store(home.path .. "/events.db", options) end,
      remove = function() home:remove() end }
  end
  contract(make)

  it("keeps the order within lanes, and the order of lanes", function()
    local where = make()
    local one = where.open {}
    one:commit { add = { event("1", "x"), event("2", "y"), event("3", "x"), event("4", "z") } }
    local lanes = {}
    for lane, due in one:lanes() do lanes[#lanes + 1] = lane .. due end
    assert.same({ "x0.0", "y0.0", "z0.0" }, lanes)
    local first = one:next("x", 0)
    assert.equal("1", first.id)
    assert.equal("3", one:next("x", first.seq).id)
    assert.is_nil(one:next("x", one:next("x", first.seq).seq))
    assert.is_nil(one:next("nothing", 0))
    one:close()
    where.remove()
  end)

  it("is locked for a second one that would serve, and notices what others change", function()
    local where = make()
    local one = where.open { lock = true, create = true }
    one:commit { add = { event "a" } }
    one:changed()
    assert.is_false(one:changed())
    local ok, err = pcall(where.open, { lock = true, create = true })
    assert.is_false(ok)
    assert.matches("in use by another lbhost serve", tostring(err), 1, true)
    local other = where.open { create = false }
    assert.equal(1, other:drop { id = "a" })
    other:close()
    assert.is_true(one:changed())
    assert.is_false(one:changed())
    one:close()
    where.remove()
  end)

  it("syncs each commit, before which no webhook is acknowledged", function()
    local home = directory.new()
    local store = open_store(home.path .. "/events.db", {})
    assert.equal("wal", (store.db:row "PRAGMA journal_mode"))
    assert.equal(2, (store.db:row "PRAGMA synchronous"))
    store:close()
    home:remove()
  end)
end)

describe("the event store in PostgreSQL", function()
  local server, stop
  setup(function()
    server, stop = postgres.start_with_plugin { shared_preload_libraries = "pg_stat_statements" }
    server:sql "CREATE EXTENSION pg_stat_statements"
  end)
  teardown(function() stop() end)

  local function clear()
    server:sql "DROP TABLE IF EXISTS lbhost_events, lbhost_queue, lbhost_lanes, lbhost_hosts, lbhost_once, lbhost_timers, lbhost_format"
  end

  describe("as any store", function()
    contract(function()
      return { open = function(options) return open_store(server.url, options) end, remove = clear }
    end)
  end)

  it("looks a row up for each lane of a list, and does not compare each lane with each row", function()
    local one = open_store(server.url, { create = true })
    local array, keys, added = one.pool.array, {}, {}
    for i = 1, 300 do keys[i], added[i] = "lane " .. i, 1 end
    local list = {}
    local new = { events = { event "e1" }, held = keys, added = added, others = {}, host = 7, max = 0 }
    local at = changes.add(array, new, list)
    local idle = { keys = keys, added = added }
    local statements = { lanes = list[at.lanes], release = changes.release(array, idle, 7), give_up = changes.give_up(array, idle, 7) }
    for name, statement in pairs(statements) do
      local values = {}
      for i = 2, #statement do values[i - 1] = ("'%s'"):format(statement[i]) end
      for _, mode in ipairs { "force_generic_plan", "force_custom_plan" } do
        local plan = server:sql(([[SET enable_seqscan = off; SET plan_cache_mode = %s; BEGIN;
          INSERT INTO lbhost_lanes (lane, host) SELECT 'lane ' || n, 7 FROM generate_series(1, 300) AS n;
          PREPARE it AS %s; EXPLAIN (ANALYZE) EXECUTE it (%s); ROLLBACK]]):format(mode, statement[1], table.concat(values, ", ")))
        assert.truthy(plan:find "loops=300", name .. "\n" .. plan)
        assert.is_nil(plan:find("Removed by Join Filter", 1, true), name .. "\n" .. plan)
      end
    end
    one:close()
    clear()
  end)

  it("finds events of the queue by their index, whatever the statistics were when a statement was planned", function()
    local one = open_store(server.url, { create = true })
    local array, list = one.pool.array, {}
    changes.ends(array, { done = { 1 }, failed = { { seq = 2, attempts = 1, due = 0, error = "e", handled = "" } },
      parked = { { seq = 3, attempts = 1, error = "e", handled = "" } } }, list)
    one:close()
    local by_seq, by_lane = { "lbhost_queue_pkey", "lbhost_queue_pending" }, { "lbhost_queue_pending", "lbhost_queue_pkey" }
    local cases = { { list[1][1], by_seq }, { list[2][1], by_seq }, { list[3][1], by_seq }, { membership.READ, by_lane },
      { changes.release(array, { keys = {}, added = {} }, 7)[1], by_lane } }
    local many = [[INSERT INTO lbhost_queue (seq, id, type, lane, received, body) SELECT n, n, 't', 'room', 0, '{}'
      FROM generate_series(1, 20000) AS n; ]]
    for _, state in ipairs { "", "ANALYZE;", many, many .. "ANALYZE;" } do
      for _, case in ipairs(cases) do
        local sql, nulls = case[1], {}
        for number in sql:gmatch "%$(%d+)" do
          for i = #nulls + 1, tonumber(number) do nulls[i] = "NULL" end
        end
        local plan = server:sql(("BEGIN; %s SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; PREPARE it AS %s; "
          .. "EXPLAIN EXECUTE it (%s); DEALLOCATE it; ROLLBACK"):format(state, sql, table.concat(nulls, ", ")))
        local used = plan:find(case[2][1], 1, true) and not plan:find(case[2][2], 1, true)
        assert.is_true(used, ("%s\n%s\n%s"):format(state, sql, plan))
      end
    end
    clear()
  end)

  it("plans the statements of a commit once, whatever lanes are in it", function()
    local one = open_store(server.url, { create = true })
    one.pool.size = 1 -- all on one connection
    local done = {}
    for round = 1, 20 do
      local add = {}
      for i = 1, 32 do add[i] = event(("e%d-%d"):format(round, i), "lane " .. round * 20 + i) end
      one:commit { add = add, done = done }
      done = {}
      for i, each in ipairs(add) do done[i] = each.seq end
    end
    local rows = one.pool:query [[SELECT custom_plans FROM pg_prepared_statements WHERE statement ~ '(INTO|FROM) lbhost_']]
    one:close()
    clear()
    local again = {}
    for i, row in ipairs(rows) do again[i] = row.custom_plans end
    assert.same({ 0, 0, 0 }, again) -- the lanes, the new events, the ends
  end)

  describe("with many done events", function()
    local one
    before_each(function()
      one = open_store(server.url, { create = true })
      server:sql [[INSERT INTO lbhost_events (id, type, lane, received) SELECT 'done-' || n, 'commentCreated',
          CASE WHEN n > 44990 THEN 'rare' ELSE 'common' END, n FROM generate_series(1, 45000) AS n;
        ANALYZE lbhost_events; SELECT pg_stat_statements_reset()]]
    end)
    after_each(function()
      one:close()
      clear()
    end)

    -- Blocks that a statement has read for each of its calls.
    local function blocks(pattern)
      return tonumber(server:sql(([[SELECT coalesce(max((shared_blks_hit + shared_blks_read) / calls), -1) FROM pg_stat_statements
        WHERE query LIKE '%s']]):format(pattern)))
    end

    local function ids(filter)
      local list = {}
      for each in one:list(filter) do list[#list + 1] = each.id end
      return list
    end

    it("forgets the old ones piece by piece, past those that are parked or have a time from the future", function()
      server:sql [[UPDATE lbhost_events SET received = 4e9 WHERE seq BETWEEN 2001 AND 6000;
        INSERT INTO lbhost_queue (seq, id, type, lane, received, body, state) SELECT seq, id, type, lane, received, '{}', 2
          FROM lbhost_events WHERE seq <= 2000;
        INSERT INTO lbhost_once (id, key) SELECT 'done-' || n, 'k' FROM generate_series(1, 45000) AS n;
        ANALYZE lbhost_once; SELECT pg_stat_statements_reset()]]
      local pieces, sum = 0, 0
      repeat
        local count = one:prune(30001)
        pieces, sum = pieces + 1, sum + count
        assert.is_true(count <= 2000)
      until count == 0
      assert.equal(24000, sum)
      assert.equal("21000 21000", server:sql "SELECT (SELECT count(*) FROM lbhost_events) || ' ' || (SELECT count(*) FROM lbhost_once)")
      assert.equal("30001", server:sql "SELECT min(seq) FROM lbhost_events WHERE seq > 6000")
      assert.equal(0, one:prune(30001))
      server:sql "SELECT pg_stat_statements_reset()"
      assert.equal(0, one:prune(0))
      local read = blocks "%pg_try_advisory_xact_lock%"
      assert.is_true(read > 0 and read < 200, read)
    end)

    it("lists those of a room, of a type and of a state, and finds an id, without reading all at once", function()
      assert.equal(45000, #ids {})
      assert.equal(45000, #ids { state = "done" })
      assert.same({}, ids { type = "roomCreated" })
      local rare = ids { lane = "rare", state = "done" }
      assert.same({ 10, "done-44991", "done-45000" }, { #rare, rare[1], rare[10] })
      assert.same({ "done-44993", "done-44994" }, ids { lane = "rare", limit = 2, after = 44992 })
      server:sql "SELECT pg_stat_statements_reset()"
      for _ = 1, 8 do assert.same({ "done-44999" }, ids { id = "done-44999", type = "commentCreated" }) end -- also by a generic plan
      local read = blocks "%lbhost_events AS e LEFT JOIN%"
      assert.is_true(read > 0 and read < 30, read)
    end)
  end)

  it("lists the parked events, and those of a room that wait, without reading all that wait", function()
    local one = open_store(server.url, { create = true })
    server:sql [[INSERT INTO lbhost_queue (seq, id, type, lane, received, body, state) SELECT n, 'e' || n, 'commentCreated',
        CASE WHEN n % 10000 = 0 THEN 'rare' ELSE 'common' END, n, '{}', CASE WHEN n % 10000 = 1 THEN 2 ELSE 0 END
        FROM generate_series(1, 45000) AS n;
      ANALYZE lbhost_queue; SELECT pg_stat_statements_reset()]]
    for _ = 1, 8 do -- also when the statement is prepared
      local parked, rare = {}, {}
      for each in one:list { state = "parked" } do parked[#parked + 1] = each.seq end
      for each in one:list { state = "pending", lane = "rare" } do rare[#rare + 1] = each.seq end
      assert.same({ { 1, 10001, 20001, 30001, 40001 }, { 10000, 20000, 30000, 40000 } }, { parked, rare })
    end
    one:close()
    local read = tonumber(server:sql [[SELECT max((shared_blks_hit + shared_blks_read) / calls) FROM pg_stat_statements
      WHERE query LIKE '%FROM lbhost_queue WHERE ($1%']])
    clear()
    assert.is_true(read > 0 and read < 30, read)
  end)

  it("connects again after the server has closed the connection", function()
    local one = open_store(server.url, {})
    one:commit { add = { event "a" } }
    server:sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lbhost'"
    eventually(function() return (pcall(one.commit, one, { add = { event "b" } })) end)
    one:commit { add = { event "c" } }
    local found = {}
    for each in one:list {} do found[#found + 1] = each.id end
    assert.equal("a b c", table.concat(found, " "))
    one:close()
    clear()
  end)

  it("is brought up to date from the tables of before, but not while such a program uses them", function()
    server:sql [[CREATE TABLE lbhost_events (seq bigserial PRIMARY KEY, id text NOT NULL UNIQUE, type text NOT NULL,
      lane text NOT NULL, received float8 NOT NULL, body text, state text NOT NULL DEFAULT 'pending',
      attempts int NOT NULL DEFAULT 0, due float8 NOT NULL DEFAULT 0, error text, handled text NOT NULL DEFAULT '',
      finished float8);
      CREATE INDEX lbhost_pending ON lbhost_events (lane, seq) WHERE state = 'pending';
      CREATE INDEX lbhost_parked ON lbhost_events (seq) WHERE state = 'parked';
      CREATE INDEX lbhost_done ON lbhost_events (finished) WHERE state = 'done';
      CREATE TABLE lbhost_once (id text, key text, result text, PRIMARY KEY (id, key));
      CREATE TABLE lbhost_timers (name text PRIMARY KEY, due float8 NOT NULL);
      CREATE TABLE lbhost_format (format int NOT NULL); INSERT INTO lbhost_format VALUES (1);
      INSERT INTO lbhost_events (id, type, lane, received, body, state, attempts, error) VALUES
        ('a', 't', 'x', 1, '{"n":1}', 'pending', 2, 'e'),
        ('b', 't', 'x', 2, NULL, 'done', 1, NULL), ('c', 't', 'y', 3, '{"n":3}', 'parked', 8, 'f')]]
    local old = io.popen(server.psql .. [["SELECT pg_advisory_lock('lbhost_events'::regclass::oid::bigint); SELECT pg_sleep(60)"]])
    eventually(function() return server:sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'" == "1" end)
    local ok, err = pcall(open_store, server.url, {})
    assert.is_false(ok)
    assert.matches("an lbhost of an older version uses it; stop that one first", tostring(err), 1, true)
    server:sql "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
    old:close()
    local one = open_store(server.url, {})
    local found = {}
    for each in one:list {} do found[#found + 1] = ("%s:%s:%d"):format(each.id, each.state, each.attempts) end
    assert.equal("a:pending:2 b:done:0 c:parked:8", table.concat(found, " "))
    assert.equal('{"n":3}', one:get(3).body)
    local again = event "b"
    local new = event "d"
    one:commit { add = { again, new } }
    assert.is_true(again.duplicate)
    assert.equal(5, new.seq)
    one:close()
    clear()
  end)

  it("is opened by two at once when it is empty", function()
    local task = require "liveblocks.task"
    local list = task.map(4, function() return open_store(server.url, {}) end)
    assert.equal(0, list[1]:count().done)
    for _, one in ipairs(list) do one:close() end
    clear()
  end)

  for what, spoil in pairs {
    ["is too large for an index"] = function(one)
      one.lane = ("x"):rep(200000):gsub("x", function() return string.char(math.random(97, 122)) end)
    end,
    ["has a NUL"] = function(one) one.type = "a\0b" end,
    ["a CHECK refuses"] = function(one) one.body = "refused" end,
  } do
    it("stores the others of a batch in which one " .. what, function()
      local store = open_store(server.url, {})
      server:sql "ALTER TABLE lbhost_queue ADD CHECK (body <> 'refused')"
      local stored, failed, list = {}, {}, {}
      local group = batches.new(store, function(batch, problem)
        for _, one in ipairs(batch.add) do table.insert(problem and failed or stored, one.id) end
      end, 5)
      for n = 1, 9 do list[n] = event("e" .. n, "room " .. n % 3) end
      spoil(list[4])
      for _, one in ipairs(list) do group:add(one) end
      group:flush()
      eventually(function() return #stored + #failed == 9 end)
      assert.same({ "e4" }, failed)
      assert.same({ "e1", "e2", "e3", "e5", "e6", "e7", "e8", "e9" }, stored)
      assert.equal("8", server:sql "SELECT count(*) FROM lbhost_queue")
      group:close()
      store:close()
      clear()
    end)
  end

  it("says what is wrong, without the password", function()
    for url, expected in pairs {
      ["postgres://lbhost:s3cret@/nothing?port=" .. server.port .. "&host=" .. server.home.path] = 'database "nothing" does not exist',
      ["postgres://lbhost:s3cret@/postgres?host=/nonexistent"] = "connection to server",
      ["postgres://lbhost:s3cret@/?x=y"] = "invalid URI",
      ["postgers://x"] = "did you mean 'postgres'",
    } do
      local ok, err = pcall(open_store, url, {})
      assert.is_false(ok)
      assert.matches(expected, tostring(err), 1, true)
      assert.is_nil(tostring(err):find "s3cret")
    end
    server:sql "CREATE TABLE lbhost_format AS SELECT 7 AS format"
    local ok, err = pcall(open_store, server.url, {})
    assert.is_false(ok)
    assert.matches("another format", tostring(err))
    clear()
  end)
end)
