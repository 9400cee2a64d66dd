-- lbhost migrate in processes of its own, against the local Liveblocks.
local json = require "liveblocks.json"
local migrations = require "tests.support.migration"
local process = require "tests.support.process"
local quote = require "tests.support.quote"

local edit = [[
  each = function(room, ctx)
    ctx:mutate_storage(function(root) root.n = root.n + 1 end)
  end,
]]

describe("lbhost migrate", function()
  local site = migrations.site(setup, teardown, before_each, after_each)
  local server, client, dir
  before_each(function() server, client, dir = site.server, site.client, site.dir end)

  local rooms, all, migration, run = site.rooms, migrations.list, site.write, site.run
  local function numbers()
    local list = {}
    for room in client:iter_rooms() do
      list[#list + 1] = client:get_storage_document(room.id, { format = "json" }).n
    end
    return list
  end

  it("does every room once, also when it is run again, and checks", function()
    rooms(150)
    migration("rooms = {}," .. edit .. [[check = function(room, ctx)
      return ctx.client:get_storage_document(room.id, { format = "json" }).n >= 2, "n is too small"
    end]])
    local out, err, status = run()
    assert.equal(0, status, err)
    assert.matches("m: 150 done, in %d+ s\nm: checked: 150 good, 0 bad\n", out)
    assert.same(all(150, 2), numbers())
    assert.equal(0, select(3, run()))
    assert.same(all(150, 2), numbers())
    assert.matches("^m: 150 done\n", (run "--status"))
    assert.equal(0, select(3, run "--restart"))
    assert.same(all(150, 3), numbers())
  end)

  it("shows in a dry run what would change, and writes nothing", function()
    rooms(2)
    migration [[rooms = {}, each = function(room, ctx)
      ctx:mutate_storage(function(root) root.n = root.n + 1 root.due = "x" end)
      ctx:mutate_storage(function(root) root.list = require("liveblocks").storage.list { 1 } end)
      ctx.client:update_room(room.id, { metadata = { a = "b" } })
      local own = require("liveblocks").new()
      own:delete_room(room.id)
      require("liveblocks").http.request { url = "http://127.0.0.1:1/", json = {} }
    end]]
    local out, err, status = run "--dry-run"
    assert.equal(0, status, err)
    assert.matches('room%-002\n    %+ /due  "x"\n    ~ /n  1 → 2\n    %+ /list  %[1%]\n', out)
    assert.matches('    ! update_room room%-002 {"metadata":{"a":"b"}}\n', out)
    assert.matches("would call delete_room", err)
    assert.matches("would call http.request", err)
    assert.matches("2 of 2 would change, 0 would fail; nothing was written", err)
    assert.same({ 1, 1 }, numbers())
    assert.is_nil(dir:read "m.journal")
    local line = json.decode((run("--dry-run", "--json", "--only", "room-001")):match "^[^\n]+")
    assert.equal("room-001", line.key)
    assert.same({ op = "test", path = "/n", value = 1 }, line.calls[1].patch[1])
    assert.equal("update_room", line.calls[3].call)
  end)

  it("collects failures and goes on, reports them, and does them again when asked to", function()
    rooms(20)
    migration [[rooms = {}, options = { strict = { type = "boolean", default = true } }, each = function(room, ctx)
      if ctx.options.strict and room.id:find "5$" then error("no fives") end
      ctx:mutate_storage(function(root) root.n = 9 end)
    end]]
    local out, _, status = run("--report", "report.jsonl")
    assert.equal(1, status)
    assert.matches("m: 18 done, 2 failed", out)
    assert.matches("room%-005: m.lua:2: no fives", out)
    assert.matches("do the failed ones again with: lbhost migrate m.lua %-%-report report.jsonl %-%-retry%-failed", out)
    local rows = {}
    for line in dir:read("report.jsonl"):gmatch "[^\n]+" do
      local row = json.decode(line)
      rows[row.key] = row
    end
    assert.equal("failed", rows["room-015"].state)
    assert.matches("no fives", rows["room-015"].error)
    assert.equal("done", rows["room-001"].state)
    assert.matches("18 done, 2 failed", (run()))
    assert.matches("the options of m.lua have changed", select(2, run("strict=false", "--retry-failed")))
    assert.matches("m: 20 done", (run("strict=false", "--retry-failed", "--accept-change")))
  end)

  it("stops at the first failure with --stop-on-error", function()
    rooms(30)
    migration [[rooms = {}, each = function() error("always", 0) end]]
    local out, _, status = run("--stop-on-error", "--concurrency", "1")
    assert.equal(1, status)
    assert.matches("m: 1 failed, 29 pending", out)
  end)

  it("keeps to --limit and --only, and goes on from there", function()
    rooms(10)
    migration("rooms = {}," .. edit)
    assert.matches("3 done, 7 pending.*go on with: lbhost migrate m.lua", (run("--limit", "3")))
    run("--only", "room-009", "--only", "room-010")
    run()
    assert.same(all(10, 2), numbers())
  end)

  it("says when its source is empty", function()
    migration("rooms = { query = { metadata = { type = 'typo' } } }," .. edit)
    assert.equal("m: there are no rooms to do: is the source right?\n", (run()))
  end)

  it("takes rooms that vanish for gone, but not ids that a list names and that were never there", function()
    rooms(3)
    migration([[rooms = {}, concurrency = 1, each = function(room, ctx)
      for i = 1, 3 do
        if room.id ~= "room-00" .. i then ctx.client.try:delete_room("room-00" .. i) end
      end
      ctx:mutate_storage(function(root) root.n = root.n + 1 end)
    end]])
    local out, _, status = run()
    assert.equal(0, status)
    assert.matches("1 done, 2 gone", out)
    client:delete_room "room-001"
    rooms(3)
    migration("name = 'l', ids = { 'room-001', 'room-002', 'other' }," .. edit)
    out, _, status = run()
    assert.equal(1, status)
    assert.matches("2 done, 1 not found", out)
    assert.matches("  other: not found: [^\n]*404", out)
    client:create_room { id = "other", defaultAccesses = {} }
    client:initialize_storage_document("other", { liveblocksType = "LiveObject", data = { n = 1 } })
    out, _, status = run "--retry-failed"
    assert.equal(0, status, out)
    assert.matches("3 done", out)
    client:delete_room "other"
    -- What a hook misses is another matter.
    migration [[name = "n", rooms = {}, each = function(room, ctx) ctx.client:get_thread(room.id, "th_none") end]]
    out, _, status = run()
    assert.equal(1, status)
    assert.matches("n: 3 failed", out)
  end)

  it("refuses a query that the server cannot read, and leaves no trace", function()
    migration("rooms = { query = 'roomId^^' }," .. edit)
    local _, err, status = run()
    assert.equal(1, status)
    assert.matches("^lbhost: [^\n]*INVALID_QUERY[^\n]*\n$", err)
  end)

  it("catches up with rooms that appear meanwhile, when the migration says so", function()
    rooms(5)
    migration("rooms = {}, catch_up = true, " .. [[each = function(room, ctx)
      if room.id == "room-001" then
        ctx.client:create_room { id = "room-new", defaultAccesses = {} }
        ctx.client:initialize_storage_document("room-new", { liveblocksType = "LiveObject", data = { n = 1 } })
      end
      ctx:mutate_storage(function(root) root.n = root.n + 1 end)
    end]])
    assert.matches("6 done", (run()))
    assert.same(all(6, 2), numbers())
  end)

  it("does nothing again when it catches up several times, nor when an item is named twice", function()
    rooms(1)
    migration [[rooms = {}, catch_up = true, each = function(room, ctx)
      ctx:log("did " .. room.id)
      local n = tonumber(room.id:match "%d+$")
      if n < 5 then ctx.client:create_room { id = ("room-%03d"):format(n + 1), defaultAccesses = {}, idempotent = true } end
    end]]
    local out, err = run()
    assert.matches("m: 5 done", out)
    assert.equal(5, select(2, err:gsub("did room", "")))
    out, err = run("--restart", "--only", "room-001", "--only", "room-001")
    assert.matches("m: 5 done", out)
    assert.equal(1, select(2, err:gsub("did room", "")))
  end)

  it("goes through threads, users and what an iterator gives", function()
    rooms(2)
    for i = 1, 2 do
      client:create_thread("room-00" .. i, { comment = { userId = "u", body = { version = 1, content = {} } } })
    end
    migration [[threads = { query = { resolved = false } }, each = function(thread, ctx)
      assert(thread.roomId:find "^room" and #thread.comments == 1)
      ctx.client:mark_thread_as_resolved(thread.roomId, thread.id, { userId = "u" })
    end]]
    assert.matches("2 done", (run()))
    assert.is_true(client:get_threads("room-001").data[1].resolved)
    dir:write("users.txt", "alice\n\nbob\n")
    migration [[name = "u", users = { file = "users.txt" }, each = function(user, ctx)
      ctx:log(user.id)
      return user.id == "alice", "not bob"
    end]]
    local out, err = run()
    assert.matches("1 done, 1 unchanged", out)
    assert.matches("lbhost: alice\n", err)
    migration [[name = "i", items = function()
      local i = 0
      return function() i = i + 1 if i <= 3 then return { id = "x" .. i, n = i } end end
    end, each = function(item, ctx) assert(item.n and ctx.key == "x" .. item.n) end]]
    assert.matches("1 done, 2 pending", (run("--only", "x2")))
    assert.matches("0 of 1 would change, 0 would fail", (select(2, run("--only", "x2", "--dry-run"))))
    assert.matches("3 done", (run()))
  end)

  it("calls setup and finish, with a state that all hooks share", function()
    migration [[ids = { "a", "b" }, setup = function(ctx) ctx.state.sum = 0 end,
      each = function(id, ctx) ctx.state.sum = ctx.state.sum + #id end,
      finish = function(ctx) ctx:log("sum " .. ctx.state.sum) end]]
    assert.matches("sum 2", select(2, run()))
    migration [[name = "s", ids = { "a" }, setup = function() error "no way" end, each = print]]
    local _, err, status = run()
    assert.equal(1, status)
    assert.matches("^lbhost: 'setup' failed: m.lua:1: no way\n$", err)
  end)

  it("says where a failure came from, also when a function in C raised it", function()
    for code, expected in pairs {
      ["for _ in ipairs(nil) do end"] = "a: m.lua:2: attempt to index a nil value",
      ["for _ in ipairs(setmetatable({}, { __index = function(t, k) return nil + k end })) do end"] =
        "a: m.lua:2: attempt to perform arithmetic on a nil value",
      ["error('mine', 0)"] = "a: mine",
    } do
      migration('name = "p", ids = { "a" },\neach = function() ' .. code .. " end")
      local out, err = run "--restart"
      assert.matches(expected, out .. err, 1, true)
    end
  end)

  it("refuses a check that writes, and counts what is not good", function()
    rooms(3)
    migration([[rooms = {}, each = function() end, check = function(room, ctx)
      if room.id == "room-001" then ctx.client:delete_room(room.id) end
      return room.id ~= "room-002", "is two"
    end]])
    local out, err, status = run()
    assert.equal(1, status)
    assert.matches("checked: 1 good, 2 bad", out)
    assert.matches("room%-002: check: is two", err)
    assert.matches("'check' only reads", err)
    assert.equal(3, #numbers())
  end)

  it("is quiet with -q, and says what is wrong all the same", function()
    rooms(1)
    migration("rooms = {}," .. edit)
    assert.same({ "", "", 0 }, { run "-q" })
    local _, err, status = run("-q", "--limit", "x")
    assert.equal(2, status)
    assert.matches("^lbhost: [^\n]+\n$", err)
  end)

  it("notices another project's key, and a key that is wrong", function()
    rooms(2)
    migration("rooms = {}," .. edit)
    run("--limit", "1")
    local env = { LIVEBLOCKS_BASE_URL = server.url, LIVEBLOCKS_SECRET_KEY = "sk_other", HOME = "/nonexistent" }
    local _, err, status = server:run({ "migrate", "m.lua" }, { cwd = dir.path, env = env })
    assert.equal(2, status)
    assert.matches("was made with another secret key: if that is the same project, go on with %-%-accept%-key", err)
    _, err, status = server:run({ "migrate", "m.lua", "--journal", "other" }, { cwd = dir.path, env = env })
    assert.equal(1, status)
    assert.matches("^lbhost: [^\n]*key[^\n]*\n$", err)
  end)

  it("refuses bad input in one line, before anything is sent", function()
    rooms(1)
    migration("rooms = {}," .. edit)
    local function refused(pattern, ...)
      local out, err, status = run(...)
      assert.equal(2, status)
      assert.equal("", out)
      assert.matches(pattern, err)
      assert.is_nil(err:find "\n.")
    end
    refused("cannot write the report: ", "--report", "/nonexistent/x")
    refused("cannot open the journal: ", "--journal", "/nonexistent/x")
    refused("there is no journal", "--status")
    refused("%-%-restart forgets", "--restart", "--retry-failed")
    dir:write("bad", "no journal")
    refused("'bad' is not a journal", "--journal", "bad")
    assert.same({ 1 }, numbers())
  end)

  it("finishes what is in flight on Ctrl-C, says how to go on, and goes on", function()
    rooms(60)
    migration([[rooms = {}, concurrency = 2, options = { wait = "number" }, each = function(room, ctx)
      require("liveblocks").task.sleep(ctx.options.wait)
      ctx:mutate_storage(function(root) root.n = root.n + 1 end)
      ctx:log("did " .. room.id)
    end]])
    local running <close> = site.spawn "wait=1"
    running:wait_for("did room", true)
    running:signal "INT"
    local out, err, status = running:wait()
    assert.equal(130, status)
    assert.matches("stopping: 2 in flight will be finished", err)
    assert.matches("m: %d+ done, %d+ pending.*\ngo on with: lbhost migrate m.lua wait=1\n", out)
    assert.matches("m: 60 done", (run("wait=0", "--accept-change")))
    assert.same(all(60, 2), numbers())
  end)

  it("stops at once on a second Ctrl-C, and loses nothing", function()
    rooms(4)
    migration([[rooms = {}, concurrency = 1, options = { wait = "number" }, each = function(room, ctx)
      ctx:mutate_storage(function(root) root.n = root.n + 1 end)
      ctx:log("did " .. room.id)
      require("liveblocks").task.sleep(ctx.options.wait)
    end]])
    local running <close> = site.spawn "wait=60"
    running:wait_for("did room", true)
    running:signal "INT"
    running:wait_for("stopping", true)
    running:signal "INT"
    local _, _, status = running:wait()
    assert.equal(130, status)
    local out = run("wait=0", "--accept-change")
    assert.matches("m: 4 done", out)
    assert.same(all(4, 2), numbers())
  end)

  it("refuses a second run on its journal", function()
    rooms(2)
    migration([[rooms = {}, each = function(_, ctx) ctx:log "here" require("liveblocks").task.sleep(60) end]])
    local running <close> = site.spawn()
    running:wait_for("here", true)
    local _, err, status = run()
    assert.equal(2, status)
    assert.matches("another run is using the journal 'm.journal'", err)
    assert.matches("2 pending", (run "--status"))
  end)

  it("does no edit twice when it is killed", function()
    rooms(40)
    migration([[rooms = {}, concurrency = 3, options = { wait = "number" }, each = function(room, ctx)
      ctx:mutate_storage(function(root) root.n = root.n + 1 end)
      ctx:log("did " .. room.id)
      require("liveblocks").task.sleep(ctx.options.wait)
    end]])
    for i = 1, 3 do
      local running <close> = site.spawn "wait=0.4"
      running:wait_for(("did room.-"):rep(i * 2), true)
      running:signal "KILL"
      assert.equal(137, select(3, running:wait())) -- before it was done
    end
    assert.matches("m: 40 done", (run("wait=0", "--accept-change")))
    assert.same(all(40, 2), numbers())
  end)

  -- Runs a migration that says "did" when its edits are made and waits, kills it there, and runs it again.
  local function killed_once(text)
    migration('options = { wait = "number" }, ' .. text)
    local running <close> = site.spawn "wait=1000"
    running:wait_for("did", true)
    running:signal "KILL"
    assert.equal(137, select(3, running:wait()))
    assert.matches("m: 1 done", (run("wait=0", "--accept-change")))
  end

  it("does no edit twice when one before it had nothing to change", function()
    rooms(1)
    killed_once [[rooms = {}, each = function(_, ctx)
      ctx:mutate_storage(function(root) root.n = root.n end)
      ctx:mutate_storage(function(root) root.n = root.n + 1 end)
      ctx:log "did"
      require("liveblocks").task.sleep(ctx.options.wait)
    end]]
    assert.same({ 2 }, numbers())
  end)

  it("does no edit twice when an item makes several at a time", function()
    rooms(3)
    killed_once [[ids = { "all" }, each = function(_, ctx)
      local task = require("liveblocks").task
      task.map(3, function(i)
        ctx:mutate_storage(("room-%03d"):format(i), function(root) root.n = root.n + 1 end)
      end)
      ctx:log "did"
      task.sleep(ctx.options.wait)
    end]]
    assert.same({ 2, 2, 2 }, numbers())
  end)

  it("knows of a failed item which of its edits were made, whatever others do meanwhile", function()
    rooms(1)
    migration [[options = { fail = "boolean" }, rooms = {}, each = function(_, ctx)
      ctx:mutate_storage(function(root) root.n = root.n + 1 end)
      if ctx.options.fail then error "not now" end
      ctx:mutate_storage(function(root) root.m = 5 end)
    end]]
    local out = run("fail=true")
    assert.matches("m: 1 failed", out)
    assert.same({ 2 }, numbers())
    client:patch_storage_document("room-001", { { op = "replace", path = "/n", value = 70 } })
    assert.matches("m: 1 done", (run("fail=false", "--accept-change", "--retry-failed")))
    assert.same({ n = 70, m = 5 }, client:get_storage_document("room-001", { format = "json" }))
  end)

  it("says what was done when its report cannot be written, and that it may be run again", function()
    rooms(2)
    migration("rooms = {}," .. edit)
    local out, err, status = run("--report", "/dev/full")
    assert.equal(1, status)
    assert.matches("m: 2 done", out)
    assert.equal("lbhost: cannot write the report: /dev/full: No space left on device (what was done is in the journal: "
      .. "free some space, and run it again)\n", err)
    assert.equal(0, select(3, run("--report", "report.jsonl")))
    assert.equal(2, select(2, dir:read("report.jsonl"):gsub('"done"', "")))
    assert.same({ 2, 2 }, numbers())
  end)

  it("shows its progress on a terminal", function()
    rooms(10)
    migration([[rooms = {}, concurrency = 1, each = function() require("liveblocks").task.sleep(0.1) end]])
    local env = {}
    for name, value in pairs(server.env) do env[#env + 1] = ("%s='%s'"):format(name, value) end
    local command = ("cd '%s' && env -u LD_PRELOAD %s script -qec %s /dev/null"):format(dir.path, table.concat(env, " "),
      quote(("stty cols 100; %s migrate m.lua"):format(quote(process.program))))
    local pipe = assert(io.popen(command .. " </dev/null"))
    local text = pipe:read "a"
    pipe:close()
    assert.matches("m: %d of 10 %(%d+ %%%), [%d.]+/s, %d+ s left, 1 in flight", text)
  end)

  it("keeps to its rate", function()
    rooms(60)
    migration([[rooms = {}, each = function(room, ctx) ctx.client:get_room(room.id) end]])
    local start = require("liveblocks").now()
    run("--rate", "100", "--concurrency", "20", "-q")
    local seconds = require("liveblocks").now() - start
    assert.is_true(seconds >= 0.55, ("%g seconds"):format(seconds))
  end)
end)
