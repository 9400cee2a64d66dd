-- The event store of `lbhost serve` in SQLite, and in PostgreSQL through the plugin in C: the same tests for both.
local eventually = require "tests.support.eventually"
local folder = require "tests.support.folder"
local globals = require "lbhost.cli.global_options"
local open_store = require "lbhost.serve.open_store"
local plugins = require "lbhost.plugin.registry"
local postgres = require "tests.support.postgres"

local plugin_file = (os.getenv "LBHOST" or "build/debug/lbhost"):match("^(.*)/") .. "/plugins/postgres.so"

local function event(id, lane, body)
  return { id = id, type = "commentCreated", lane = lane or "room", received = 1700000000.25, body = body or "{}" }
end

local function shared(make)
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

  it("keeps the order within lanes, and the order of lanes", function()
    add(event("1", "x"), event("2", "y"), event("3", "x"), event("4", "z"))
    local lanes = {}
    for lane, due in one:lanes() do lanes[#lanes + 1] = lane .. due end
    assert.same({ "x0.0", "y0.0", "z0.0" }, lanes)
    local first = one:next("x", 0)
    assert.equal("1", first.id)
    assert.equal("3", one:next("x", first.seq).id)
    assert.is_nil(one:next("x", one:next("x", first.seq).seq))
    assert.is_nil(one:next("nothing", 0))
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

  it("records what was done once, and when timers ran", function()
    assert.is_false((one:once("e", "k")))
    one:put_once("e", "k", '{"x":1}')
    assert.same({ true, '{"x":1}' }, { one:once("e", "k") })
    one:put_once("e", "empty", nil)
    assert.same({ true }, { one:once("e", "empty") })
    assert.is_nil(one:timer "15m")
    one:put_timer("15m", 1700000000)
    one:put_timer("15m", 1700000900)
    assert.equal(1700000900, one:timer "15m")
  end)

  it("is locked for a second one that would serve, and notices what others change", function()
    add "a"
    one:changed()
    assert.is_false(one:changed())
    local ok, err = pcall(where.open, { lock = true, create = true })
    assert.is_false(ok)
    assert.matches("in use by another lbhost serve", tostring(err), 1, true)
    local other = where.open { create = false }
    assert.equal(1, other:drop { id = "a" })
    other:close()
    eventually(function() return one:changed() end) -- PostgreSQL notifies a moment later
    assert.is_false(one:changed())
    assert.equal("a:done", ids())
  end)

  it("is there again after it was closed", function()
    add "a"
    one:close()
    one = where.open { lock = true, create = true }
    assert.equal("a:pending", ids())
  end)
end

describe("the event store in SQLite", function()
  shared(function()
    local home = folder.new()
    return { open = function(options) return open_store(home.path .. "/events.db", options) end,
      remove = function() home:remove() end }
  end)

  it("syncs each commit, before which no webhook is acknowledged", function()
    local home = folder.new()
    local store = open_store(home.path .. "/events.db", {})
    assert.equal("wal", (store.db:row "PRAGMA journal_mode"))
    assert.equal(2, (store.db:row "PRAGMA synchronous"))
    store:close()
    home:remove()
  end)
end)

describe("the event store in PostgreSQL", function()
  local server, before
  setup(function()
    server = postgres.start()
    before = globals.values.plugins
    globals.values.plugins = { plugin_file }
    plugins.reset()
  end)
  teardown(function()
    globals.values.plugins = before
    plugins.reset()
    collectgarbage()
    server:stop()
  end)

  local function clear()
    server:sql "DROP TABLE IF EXISTS lbhost_events, lbhost_once, lbhost_timers, lbhost_format"
  end

  describe("as any store", function()
    shared(function()
      return { open = function(options) return open_store(server.url, options) end, remove = clear }
    end)
  end)

  it("connects again after the server has closed the connection", function()
    local one = open_store(server.url, { lock = true })
    one:commit { add = { event "a" } }
    server:sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lbhost'"
    local ok, err = pcall(one.commit, one, { add = { event "b" } })
    assert.is_false(ok)
    assert.equal("store", err.kind)
    assert.matches("the event store in PostgreSQL: ", tostring(err), 1, true)
    one:commit { add = { event "c" } }
    assert.is_true(one:changed())
    local found = {}
    for each in one:list {} do found[#found + 1] = each.id end
    assert.same({ "a", "c" }, found)
    assert.has_error(function() open_store(server.url, { lock = true }) end)
    one:close()
    clear()
  end)

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
