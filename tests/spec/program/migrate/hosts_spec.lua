-- Several `lbhost migrate` that share a journal in PostgreSQL, as processes, against the local Liveblocks.
local directory = require "tests.support.directory"
local eventually = require "tests.support.eventually"
local journals = require "lbhost.migrate.journal"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local local_server = require "tests.support.local_server"
local outcome = require "liveblocks.storage.outcome"
local pgbouncer = require "tests.support.pgbouncer"
local postgres = require "tests.support.postgres"
local process = require "tests.support.process"
local standby = require "tests.support.postgres_standby"
local test_server = require "tests.support.server"

local plugin = postgres.plugin

local function signal(name, pid) assert(os.execute(("kill -%s %d"):format(name, pid))) end

describe("lbhost migrate on several hosts", function()
  local database, server, client, dir, running
  setup(function()
    database, server = postgres.start(), local_server.start()
    client = server:client()
  end)
  teardown(function()
    server:stop()
    database:stop()
  end)
  before_each(function() dir, running = directory.new(), {} end)
  after_each(function()
    for _, one in ipairs(running) do one:stop() end
    server:clear()
    dir:remove()
    database:sql("DROP TABLE IF EXISTS lbhost_journals, lbhost_journal_items, lbhost_journal_meta, lbhost_journal_hosts, "
      .. "lbhost_journal_orders")
  end)

  local function rooms(count)
    liveblocks.task.map(count, function(i)
      local id = ("room-%03d"):format(i)
      if not client.try:create_room { id = id, defaultAccesses = {} } then return end -- it is there
      client:initialize_storage_document(id, { liveblocksType = "LiveObject",
        data = { n = 1, log = { liveblocksType = "LiveList", data = {} } } })
    end, { concurrency = 16 })
  end

  -- Each edit would show when it was made twice.
  local EDIT = [[
    ctx:mutate_storage(function(root)
      root.n = root.n + 1
      root.log:insert(require("liveblocks").storage.object { migrated = true })
    end)]]
  -- An item that has begun waits until the test lets all of them go on: until then nobody can have finished.
  local HELD = [[local name = "begun" .. (os.getenv "HOST_OF_TEST" or "")
    io.open(name, "w"):close()
    while not io.open "go" do require("liveblocks").task.sleep(0.01) end]]
  -- The same for the items of each host; the name of the host is `me`.
  local HELD_ALONE = [[local me = os.getenv "HOST_OF_TEST"
    io.open("begun" .. me, "w"):close()
    while not io.open("go" .. me) do require("liveblocks").task.sleep(0.01) end ]]
  local function migration(text, each, query)
    dir:write("m.lua", ('return { api = 1, rooms = {%s}, %s each = function(room, ctx) %s %s end }'):format(query or "", text or "",
      each or "", EDIT))
  end

  local function url(query) return database.url .. "&" .. (query or "lease=2") end
  local function arguments(options, ...)
    return { "--plugin", plugin, "migrate", "m.lua", "--journal", options.url or url(options.query), ... }
  end
  local function start(options, ...)
    local env = { HOST_OF_TEST = tostring(#running + 1) }
    for name, value in pairs(server.env) do env[name] = value end
    local one = server:spawn(arguments(options or {}, ...), { cwd = dir.path, env = env })
    running[#running + 1] = one
    return one
  end
  local function run(...) return server:run(arguments({}, ...), { cwd = dir.path }) end

  local function number(i)
    return client:get_storage_document(("room-%03d"):format(i), { format = "json" }).n
  end
  local function check(count)
    local wrong = {}
    for i = 1, count do
      local id = ("room-%03d"):format(i)
      local got = client:get_storage_document(id, { format = "json" })
      if got.n ~= 2 or #got.log ~= 1 then wrong[#wrong + 1] = ("%s: %s"):format(id, json.encode(got)) end
    end
    assert.same({}, wrong)
  end
  local function done()
    if database:sql "SELECT to_regclass('lbhost_journal_orders') IS NOT NULL" ~= "t" then return 0 end
    return tonumber(database:sql "SELECT count(*) FROM lbhost_journal_items WHERE state = 1")
  end
  local function until_done(count)
    eventually(function() return done() >= count end, function() return done() .. " done" end)
  end
  local function until_begun(hosts)
    for i = 1, hosts do
      eventually(function() return dir:read("begun" .. i) end,
        function() return ("host %d has begun no item: %s%s"):format(i, running[i]:output(), running[i]:errors()) end)
    end
  end
  local function let_go() dir:write("go", "") end
  local function ends_well(one)
    local out, err, status = one:wait()
    assert.equal(0, status, out .. err)
    return out, err
  end

  it("shares the items of one migration, each done once; the report is one, and one host finishes it", function()
    rooms(60)
    migration([[finish = function(ctx) ctx:log "finished" end,
      check = function(room, ctx) return ctx.client:get_storage_document(room.id, { format = "json" }).n == 2 end,]], HELD)
    local list = {}
    for i = 1, 3 do list[i] = start({}, "--concurrency", "3", "--report", ("report%d.jsonl"):format(i)) end
    until_begun(3)
    let_go()
    local total, finished, here = 0, 0, 0
    for i, one in ipairs(list) do
      local out, err = ends_well(one)
      assert.matches("m: 60 done, in ", out)
      local mine = tonumber(out:match "(%d+) of them here")
      total, here = total + mine, here + (mine > 0 and 1 or 0)
      finished = finished + select(2, err:gsub("finished\n", ""))
      local seen = {}
      for line in dir:read(("report%d.jsonl"):format(i)):gmatch "[^\n]+" do
        local row = json.decode(line)
        assert.same({ "done", 1 }, { row.state, row.attempts })
        seen[#seen + 1] = row.key
      end
      assert.equal(60, #seen)
    end
    assert.same({ 60, 3, 1 }, { total, here, finished })
    check(60)
    assert.equal("0", database:sql "SELECT count(*) FROM lbhost_journal_hosts")
    assert.equal("0", database:sql "SELECT count(*) FROM lbhost_journal_items WHERE host IS NOT NULL")
    assert.matches("^m: 60 done\n$", (run "--status"))
    assert.matches("nothing was left to do", (run()))
  end)

  it("goes on with the items of a host that was killed, when its lease has ended", function()
    rooms(20)
    migration(nil, HELD)
    local options = { query = "lease=1" }
    local killed, other = start(options, "--concurrency", "2"), start(options, "--concurrency", "2")
    until_begun(2)
    signal("KILL", killed.pid)
    let_go()
    local _, err = ends_well(other)
    assert.matches("the host %S+ has not renewed its lease: its %d+ items are free", err)
    check(20)
  end)

  it("records nothing of a host that was silent for longer than its lease, which says so and goes on", function()
    rooms(20)
    migration(nil, HELD)
    local options = { query = "lease=1" }
    local silent, other = start(options, "--concurrency", "2"), start(options, "--concurrency", "2")
    until_begun(2)
    signal("STOP", silent.pid)
    other:wait_for("has not renewed its lease", true)
    signal("CONT", silent.pid)
    silent:wait_for("this host was silent for longer than its lease: its items went to others, and it goes on with new ones", true)
    signal("KILL", other.pid)
    let_go()
    local out, err = ends_well(silent)
    assert.matches("room%-%d+: it went to another host", err)
    assert.matches("m: 20 done", out)
    check(20)
  end)

  it("gives its items back at once when it is stopped, and another run goes on with them", function()
    rooms(30)
    migration(nil, 'require("liveblocks").task.sleep(0.05)')
    local one = start({ query = "lease=600" }, "--concurrency", "2")
    until_done(4)
    signal("INT", one.pid)
    local out, _, status = one:wait()
    assert.equal(130, status)
    assert.matches("m: %d+ done, %d+ pending, in .*\ngo on with: lbhost migrate m.lua %-%-journal", out)
    assert.equal("0", database:sql "SELECT count(*) FROM lbhost_journal_items WHERE host IS NOT NULL")
    ends_well(start { query = "lease=600" })
    check(30)
  end)

  it("goes on when the host that lists is killed in the midst", function()
    rooms(250) -- pages of 100
    migration "setup = function(ctx) ctx:log(\"begins\") end,"
    local options = { query = "lease=1" }
    client:request("PUT", "/local/faults", { body = "latency=300ms", content_type = "application/octet-stream" })
    local lister = start(options)
    eventually(function() return done() == 0 and lister:errors():find "begins" and
      database:sql "SELECT count(*) FROM lbhost_journal_items" == "100" end)
    local other = start(options)
    other:wait_for("begins", true)
    signal("KILL", lister.pid)
    other:wait_for("has not renewed its lease", true)
    client:request("DELETE", "/local/faults")
    assert.matches("m: 250 done", (ends_well(other)))
    check(250)
  end)

  it("waits while the database is away, and goes on", function()
    rooms(40)
    migration(nil, 'require("liveblocks").task.sleep(0.05)')
    local list = { start({}, "--concurrency", "3"), start({}, "--concurrency", "3") }
    until_done(5)
    database:restart()
    for _, one in ipairs(list) do assert.matches("PostgreSQL is not reachable", (select(2, ends_well(one)))) end
    check(40)
  end)

  it("ends at once without the database when it is stopped, and makes no edit twice", function()
    rooms(30)
    migration(nil, 'require("liveblocks").task.sleep(0.05)')
    local one = start({ query = "timeout=1&lease=1" }, "--concurrency", "2")
    until_done(4)
    signal("STOP", database.pid)
    local pids = database:children()
    os.execute("kill -STOP " .. pids)
    signal("INT", one.pid)
    local _, err, status = one:wait()
    os.execute(("kill -CONT %d %s 2>/dev/null"):format(database.pid, pids)) -- some have ended
    assert.equal(130, status, err)
    ends_well(start())
    check(30)
  end)

  it("obeys orders on all hosts, also on one that comes later", function()
    rooms(60)
    migration(nil, 'require("liveblocks").task.sleep(0.05)')
    local list = { start({}, "--concurrency", "2"), start({}, "--concurrency", "2") }
    until_done(4)
    assert.matches("^m: paused by [^@]+@%S+\n$", (run "--pause"))
    for _, one in ipairs(list) do one:wait_for("lbhost: paused by ", true) end
    list[3] = start({}, "--concurrency", "2")
    list[3]:wait_for("lbhost: paused by ", true)
    local status = run "--status"
    assert.matches("\n  host %S+: %d+ done, %d+ in flight, since 20%d%d", status)
    assert.equal(3, select(2, status:gsub("  host ", "")))
    assert.matches("\n  20%d%d%-[%dT:-]+Z paused by [^@]+@%S+\n$", status)
    run("--set", "concurrency=5,rate=500")
    for _, one in ipairs(list) do one:wait_for("lbhost: is set to concurrency=5,rate=500", true) end
    assert.equal("500", database:sql "SELECT rate FROM lbhost_journals")
    run "--stop"
    for _, one in ipairs(list) do assert.equal(130, select(3, one:wait())) end
    assert.matches(", 0 of them here\n", (list[3]:wait())) -- it came when all were paused
    assert.matches("no run is using the journal", select(2, run "--pause"))
    assert.matches("m: 60 done", (run())) -- orders are for the runs that there are
    check(60)
  end)

  it("refuses another version of the file, a restart while others run, and what is for one host at a time", function()
    rooms(30)
    migration(nil, 'require("liveblocks").task.sleep(0.05)')
    local one = start({}, "--concurrency", "1")
    until_done(1)
    local function refused(pattern, ...)
      local _, err, status = run(...)
      assert.equal(2, status, err)
      assert.matches(pattern, err)
    end
    refused("this run wants the journal for itself, and the host %S+ is using it: stop that one first", "--restart")
    migration("about = \"another\",")
    refused("the host %S+ runs another version of the migration, or with other options, on the same journal: stop it first",
      "--accept-change")
    migration("repeats = true,")
    refused("the host %S+ runs another version", "--accept-change")
    ends_well(one)
    refused("has changed since the journal 'postgres://[^']+' was made")
    assert.equal(0, select(3, run "--accept-change"))
  end)

  describe("with three hosts:", function()
    -- Starts three with the same arguments; they go on when each has begun.
    local function three(...)
      local list = {}
      for i = 1, 3 do list[i] = start({}, "--concurrency", "1", ...) end
      until_begun(3)
      let_go()
      return list
    end
    -- What each says that it has done.
    local function here(list)
      local counts = {}
      for i, one in ipairs(list) do counts[i] = tonumber((ends_well(one)):match "(%d+) of them here") end
      return counts
    end

    it("--limit is for each of them, and leaves the rest for later runs", function()
      rooms(12)
      migration(nil, HELD)
      assert.same({ 2, 2, 2 }, here(three("--limit", "2")))
      assert.equal("6", database:sql "SELECT count(*) FROM lbhost_journal_items WHERE state = 0 AND host IS NULL")
      assert.matches("m: 12 done", (run()))
      check(12)
    end)

    it("claims no more items than --limit lets it do: the others are free for other hosts", function()
      rooms(8)
      migration(nil, HELD)
      local list = {}
      for i = 1, 3 do list[i] = start({}, "--limit", "2") end -- of 8 at a time
      until_begun(3)
      let_go()
      assert.same({ 2, 2, 2 }, here(list))
    end)

    it("claims no more items than are left of --limit", function()
      rooms(6)
      migration(nil, "ctx.state.n = (ctx.state.n or 0) + 1 if ctx.state.n == 3 then " .. HELD .. " end") -- claims two, and then the third
      local one = start({}, "--concurrency", "1", "--limit", "3")
      until_begun(1)
      local function held() return database:sql "SELECT count(*) FROM lbhost_journal_items WHERE host IS NOT NULL" end
      eventually(function() return held() == "1" end, held) -- when the end of the two is recorded
      let_go()
      ends_well(one)
    end)

    it("--limit lists further while other hosts have the items that are listed", function()
      rooms(12)
      migration(nil, HELD, "limit = 1") -- a room a page
      assert.same({ 3, 3, 3 }, here(three("--limit", "3")))
      assert.matches("m: 12 done", (run()))
      check(12)
    end)

    it("--limit is no more than there is", function()
      rooms(7)
      migration('finish = function() io.open("finished", "a"):write("x"):close() end,', HELD, "limit = 1")
      local counts = here(three("--limit", "5"))
      assert.same({ 7, "x" }, { counts[1] + counts[2] + counts[3], dir:read "finished" })
      check(7)
    end)

    it("--stop-on-error stops all of them at the first failure of one", function()
      rooms(12)
      migration(nil, HELD_ALONE .. 'if me == "2" then error "no" end')
      local list = {}
      for i = 1, 3 do list[i] = start({}, "--concurrency", "1", "--stop-on-error") end
      until_begun(3)
      dir:write("go2", "")
      for i = 1, 3, 2 do
        list[i]:wait_for("lbhost: is stopping at the first failure, by ", true)
        dir:write("go" .. i, "")
      end
      for i = 1, 3 do
        local out, err, status = list[i]:wait()
        assert.same({ 1, 1 }, { status, tonumber(out:match "(%d+) of them here") }, out .. err)
        assert.matches("1 failed", out)
        assert.matches("go on with: lbhost migrate m.lua", out, 1, true)
      end
      assert.equal("2 1 9", database:sql [[SELECT concat_ws(' ', count(*) FILTER (WHERE state = 1), count(*) FILTER (WHERE state = 3),
        count(*) FILTER (WHERE state = 0 AND host IS NULL)) FROM lbhost_journal_items]])
      assert.matches("Z is stopping at the first failure, by ", (run "--status"))
    end)

    it("--stop-on-error stops all of them when the database responds again, if it did not at the failure", function()
      rooms(8)
      migration(nil, HELD_ALONE .. 'if me == "2" then io.open("failed", "w"):close() error "no" end')
      local list = {}
      for i = 1, 2 do list[i] = start({ query = "timeout=1&lease=60" }, "--concurrency", "1", "--stop-on-error") end
      until_begun(2)
      local pids = database.pid .. " " .. database:children()
      os.execute("kill -STOP " .. pids)
      dir:write("go2", "")
      eventually(function() return dir:read "failed" end, "the item of the second host fails")
      liveblocks.task.sleep(2.5) -- longer than a statement may take
      os.execute(("kill -CONT %s 2>/dev/null"):format(pids)) -- some have ended
      list[1]:wait_for("lbhost: is stopping at the first failure, by ", true)
      dir:write("go1", "")
      for i = 1, 2 do
        local out, err, status = list[i]:wait()
        assert.same({ 1, 1 }, { status, tonumber(out:match "(%d+) of them here") }, out .. err)
      end
    end)

    it("--stop-on-error stops them once, however many items fail together", function()
      rooms(6)
      migration(nil, HELD .. ' error "no"')
      local one = start({}, "--concurrency", "6", "--stop-on-error")
      until_begun(1)
      let_go()
      local _, _, status = one:wait()
      assert.same({ 1, "6 1" }, { status, database:sql [[SELECT concat_ws(' ', (SELECT count(*) FROM lbhost_journal_items WHERE state = 3),
        (SELECT count(*) FROM lbhost_journal_orders))]] })
    end)

    it("--retry-failed makes what has failed pending for all of them", function()
      rooms(3)
      migration(nil, 'if not io.open "mended" then error "no" end ' .. HELD)
      assert.matches("m: 3 failed", (run()))
      dir:write("mended", "")
      local list = { start({}, "--concurrency", "1", "--retry-failed", "--limit", "1") }
      until_begun(1)
      list[2] = start({}, "--concurrency", "1")
      until_begun(2)
      let_go()
      assert.same({ 1, 2 }, here(list))
      check(3)
    end)

    it("--only does each of the items once, and says of those that another host has", function()
      rooms(3)
      migration(nil, HELD)
      local list = { start({}, "--only", "room-002") }
      until_begun(1)
      local other = start({}, "--only", "room-002", "--only", "room-003")
      other:wait_for("room%-002: it is in progress on another host", true)
      let_go()
      ends_well(list[1])
      ends_well(other)
      assert.matches("room%-002: it is done already; %-%-restart with %-%-only does it again", select(2, run("--only", "room-002")))
      assert.equal("2", database:sql "SELECT count(*) FROM lbhost_journal_items WHERE state = 1")
      assert.same({ 1, 2, 2 }, { number(1), number(2), number(3) })
    end)

    it("catch_up does the rooms that were made meanwhile, each once", function()
      rooms(9)
      migration("catch_up = true,", HELD)
      local list = {}
      for i = 1, 3 do list[i] = start({}, "--concurrency", "1") end
      until_begun(3)
      rooms(30) -- those that are there stay as they are
      let_go()
      for _, one in ipairs(list) do ends_well(one) end
      assert.matches("^m: 30 done\n$", (run "--status"))
      check(30)
    end)

    it("threads are shared as rooms are, also those of one room", function()
      rooms(2)
      for i = 1, 12 do
        client:create_thread(("room-%03d"):format(i % 2 + 1), { comment = { userId = "u", body = { version = 1, content = {} } } })
      end
      dir:write("m.lua", "return { api = 1, threads = {}, each = function(thread, ctx) " .. HELD .. [[
        local file <close> = io.open("did", "a")
        file:write(thread.roomId, "/", thread.id, "\n")
      end }]])
      local counts = here(three())
      assert.equal(12, counts[1] + counts[2] + counts[3])
      local seen, lines = {}, 0
      for line in dir:read("did"):gmatch "[^\n]+" do seen[line], lines = true, lines + 1 end
      local different = 0
      for _ in pairs(seen) do different = different + 1 end
      assert.same({ 12, 12 }, { lines, different })
    end)

    it("a dry run uses no journal: it shows all of it, and other hosts have nothing to do with it", function()
      rooms(3)
      migration(nil, HELD)
      local one = start({}, "--only", "room-001")
      until_begun(1)
      dir:write("go", "")
      ends_well(one)
      for _ = 1, 3 do assert.matches("3 of 3 would change, 0 would fail; nothing was written", select(2, run "--dry-run")) end
      assert.equal("1", database:sql "SELECT count(*) FROM lbhost_journal_items")
      assert.same({ 2, 1, 1 }, { number(1), number(2), number(3) })
    end)

    it("a guard that may make an edit twice is refused, unless the migration says that this does no harm", function()
      rooms(1)
      local function each(more)
        dir:write("m.lua", ([[return { api = 1, rooms = {}, %s each = function(room, ctx)
          ctx:mutate_storage(function(root) root.n = 2 root.log:insert "x" end, { guard = "values" })
        end }]]):format(more))
      end
      each ""
      assert.matches("with a journal that hosts share, guard = 'values' may make an edit twice: leave it out, or declare", (run()))
      assert.equal(1, number(1))
      each "idempotent = true,"
      assert.equal(0, select(3, run("--restart")))
      assert.equal(2, number(1))
    end)
  end)

  it("works over PgBouncer in transaction mode, also when a host is killed", function()
    local bouncer <close> = pgbouncer.start(database)
    rooms(30)
    migration(nil, HELD)
    local options = { url = bouncer.url .. "&lease=1" }
    local list = {}
    for i = 1, 3 do list[i] = start(options, "--concurrency", "2") end
    until_begun(3)
    signal("KILL", list[1].pid)
    let_go()
    for i = 2, 3 do assert.matches("m: 30 done", (ends_well(list[i]))) end
    check(30)
    assert.equal("0", database:sql "SELECT count(*) FROM lbhost_journal_hosts")
  end)

  it("goes on with the standby that takes the place of the primary, and makes no edit twice", function()
    local pair = standby.start()
    finally(function() pair:stop() end)
    rooms(30)
    migration(nil, 'require("liveblocks").task.sleep(0.05)')
    local list = {}
    for i = 1, 3 do list[i] = start({ url = pair.url .. "&lease=2" }, "--concurrency", "1") end
    local function ended() return tonumber(pair:sql "SELECT count(*) FROM lbhost_journal_items WHERE state = 1") or 0 end
    eventually(function() return ended() >= 6 end)
    pair:promote()
    for _, one in ipairs(list) do assert.matches("PostgreSQL is not reachable", (select(2, ends_well(one)))) end
    assert.equal(30, ended())
    check(30)
  end)

  it("says what is wrong with a journal that it cannot use", function()
    migration()
    local function fails(pattern, journal, ...)
      local _, err, status = server:run({ "--plugin", plugin, "migrate", "m.lua", "--journal", journal, ... }, { cwd = dir.path })
      assert.is_true(status == 1 or status == 2)
      assert.matches(pattern, err)
      assert.is_nil(err:find("secret123", 1, true))
    end
    fails("there is no journal 'postgres://", url(), "--status")
    fails("there is no journal 'postgres://", url(), "--pause")
    fails("PostgreSQL: .*onnection refused", "postgres://lbhost:secret123@127.0.0.1:1/x?timeout=0.5")
    fails("the URL of PostgreSQL: journal must be letters", url "journal=a%20b")
  end)

  describe("with a request of a host that fell silent, which comes late:", function()
    -- What that host was about to send: as mutate_storage makes it where hosts share a journal.
    local function late_patch()
      rooms(1)
      local patch = client:mutate_storage("room-001", function(root)
        root.log:insert(liveblocks.storage.object { migrated = true })
      end, { dry_run = true, guard = "structure" })
      return patch, client:get_storage_document("room-001", { format = "plain-lson" })
    end
    local function lines() return #client:get_storage_document("room-001", { format = "json" }).log end

    it("while the next one edits, the edit is found to be made", function()
      local patch, before = late_patch()
      local one = journals.open(dir.path .. "/m.journal")
      one:add({ "room-001" }, { listed = 1 })
      one:intend("room-001", { { room = "room-001", sent = outcome.snapshot(patch, before) } }, 1)
      one:close()
      dir:write("patch.json", json.encode(patch))
      dir:write("m.lua", [[local late = true
        return { api = 1, rooms = {}, each = function(room, ctx)
          ctx:mutate_storage(function(root)
            if late then
              local file <close> = io.open "patch.json"
              ctx.client:patch_storage_document(room.id, require("liveblocks").json.decode(file:read "a"))
            end
            late = false
            root.log:insert(require("liveblocks").storage.object { migrated = true })
          end)
        end }]])
      local out, err, status = server:run({ "migrate", "m.lua" }, { cwd = dir.path })
      assert.equal(0, status, err)
      assert.matches("m: 1 done", out)
      assert.equal(1, lines())
    end)

    it("after the next one has edited, it is refused", function()
      local patch = late_patch()
      dir:write("m.lua", [[return { api = 1, rooms = {}, each = function(room, ctx)
        ctx:mutate_storage(function(root) root.log:insert(require("liveblocks").storage.object { migrated = true }) end)
      end }]])
      ends_well(start())
      local _, problem = client.try:patch_storage_document("room-001", patch)
      assert.equal(422, problem.status)
      assert.equal(1, lines())
    end)
  end)

  -- Requests by a server that only counts them.
  describe("keeps to one pace:", function()
    local counter
    setup(function() counter = test_server.start {} end)
    teardown(function() counter:stop() end)
    before_each(function() counter:reset() end)

    -- Every other item is done by a client of its own.
    local function go(scenario, count, each, ...)
      dir:write("m.lua", ([[local ids, own = {}, nil
        for i = 1, %d do ids[i] = "r" .. i end
        return { api = 1, ids = ids, setup = function(ctx) own = ctx.client:with { timeout = 30, max_in_flight = 10 } end,
          each = function(id, ctx) (id:find "[13579]$" and own or ctx.client):get_room(id) end }]]):format(count))
      for i = 1, each do
        local one = process.start(arguments({}, ...), { cwd = dir.path, env = { LIVEBLOCKS_SECRET_KEY = "sk_x", HOME = "/nonexistent",
          LIVEBLOCKS_BASE_URL = counter:base(scenario, "pace") } })
        running[i] = one
      end
      for _, one in ipairs(running) do ends_well(one) end
      return counter:log "pace"
    end

    it("--rate is that of all hosts together", function() -- tests/c/pace_test.c has it to a call
      local log = go("ok", 120, 3, "--rate", "60", "--concurrency", "20")
      local seconds = log[#log].time - log[1].time
      -- Each host may have saved up one request.
      assert.is_true(seconds >= (#log - 1 - 3) / 60, ("%d requests in %g s"):format(#log, seconds))
      assert.is_true(#log >= 120)
    end)

    it("the first host decides it, and one that is given another changes it for all", function()
      rooms(8)
      migration(nil, HELD)
      local list = { start({}, "--concurrency", "1", "--rate", "500") }
      until_begun(1)
      local function rate() return database:sql "SELECT rate FROM lbhost_journals" end
      assert.equal("500", rate())
      list[2] = start({}, "--concurrency", "1")
      until_begun(2)
      assert.same({ "500", "0" }, { rate(), database:sql "SELECT count(*) FROM lbhost_journal_orders" })
      list[3] = start({}, "--concurrency", "1", "--rate", "100")
      for i = 1, 2 do list[i]:wait_for("lbhost: is set to rate=100 by ", true) end
      assert.equal("100", rate())
      let_go()
      for _, one in ipairs(list) do ends_well(one) end
      assert.equal("100", rate())
    end)

    it("a 429 of one host stops all of them, for as long as it says", function()
      dir:write("m.lua", [[local me, task = os.getenv "HOST_OF_TEST", require "liveblocks.task"
        local ids = {} for i = 1, 12 do ids[i] = "r" .. i end -- each host claims two
        return { api = 1, ids = ids, each = function(id, ctx)
          io.open("begun" .. me, "w"):close()
          while not io.open "go" do task.sleep(0.01) end
          while me ~= "1" and ctx.client:paused() < 10 do task.sleep(0.01) end
          local own = ctx.client:with { timeout = 3600 }
          local call = task.spawn(own.get_room, own, "of-" .. me)
          while ctx.client:paused() == 0 do task.sleep(0.01) end
          task.sleep(0.2)
          io.open("ended" .. me, "w"):write(call.done and "done" or "waits"):close()
          call:cancel()
        end }]])
      counter:answer { path = "/v2/rooms/of-1", status = 429, headers = { ["Retry-After"] = "600" } }
      for i = 1, 3 do
        running[i] = process.start(arguments({ query = "lease=60" }, "--concurrency", "1", "--rate", "500"), { cwd = dir.path, env = {
          LIVEBLOCKS_SECRET_KEY = "sk_x", HOME = "/nonexistent", HOST_OF_TEST = tostring(i), LIVEBLOCKS_BASE_URL = counter.url } })
      end
      until_begun(3)
      let_go()
      for i = 1, 3 do
        assert.equal("waits", eventually(function() return (dir:read("ended" .. i) or ""):match "^%w+" end,
          function() return running[i]:errors() end))
      end
      local sent = {}
      for _, row in ipairs(counter:log()) do sent[#sent + 1] = row.target:match "/rooms/(of%-%d)" end
      assert.same({ "of-1" }, sent)
    end)
  end)
end)
