-- The journal of a migration in a file, and in PostgreSQL: the same tests for both, and those of files alone.
local directory = require "tests.support.directory"
local errors = require "liveblocks.errors"
local journal = require "lbhost.migrate.journal"
local postgres = require "tests.support.postgres"
local task = require "liveblocks.task"

-- What holds for journals of all kinds. make() -> open(options), look(), close()
local function contract(make)
  local where, one
  before_each(function()
    where = make()
    one = where.open()
  end)
  after_each(function()
    one:close()
    where.remove()
  end)

  local function keys(state)
    local list = {}
    for key in one:each(state) do list[#list + 1] = key end
    return list
  end
  local function reopen(options)
    one:close()
    one = where.open(options)
  end
  local function take(...)
    for _, key in ipairs { ... } do assert.is_true((one:take_one(key))) end
  end

  it("keeps items once, with what belongs to them and the place of the listing", function()
    assert.equal(2, one:add({ "b", "a" }, { cursor = "c1" }, { a = { n = 1 } }))
    assert.equal(1, one:add({ "a", "c" }, { cursor = "c2" }))
    reopen()
    assert.equal("c2", one:get "cursor")
    assert.same({ "a", "b", "c" }, keys "pending")
    assert.same({ "pending", { n = 1 } }, { one:state_of "a" })
    assert.equal(3, one:total())
  end)

  it("keeps how items ended, over a close", function()
    one:add { "a", "b", "c", "d", "e" }
    take("a", "b", "c", "d")
    one:mark("a", "done")
    one:mark("b", "failed", "why")
    one:mark("c", "unchanged")
    one:mark("d", "gone")
    reopen()
    assert.same({ done = 1, failed = 1, unchanged = 1, gone = 1, pending = 1, missing = 0 }, one.counts)
    local rows = {}
    for key, state, note in one:all() do rows[#rows + 1] = { key, state, note } end
    assert.same({ { "a", "done" }, { "b", "failed", "why" }, { "c", "unchanged" }, { "d", "gone" }, { "e", "pending" } }, rows)
  end)

  it("makes failed items pending again", function()
    one:add { "a", "b" }
    take "a"
    one:mark("a", "failed", "why")
    one:flush()
    assert.equal(1, one:reset "failed")
    assert.same({ "a", "b" }, keys "pending")
    assert.equal(2, one.counts.pending)
  end)

  it("goes through more items than a batch while they are marked", function()
    local list = {}
    for i = 1, 1000 do list[i] = ("k%04d"):format(i) end
    one:add(list)
    local seen = 0
    for key in one:take() do
      seen = seen + 1
      assert.equal(list[seen], key)
      one:mark(key, "done")
    end
    assert.equal(1000, seen)
    one:flush()
    assert.same({}, keys "pending")
  end)

  it("has what was about to be done before it is done, and forgets it afterwards", function()
    one:add { "a" }
    take "a"
    one:intend("a", { { room = "a", before = "x", after = "y" } }, 1)
    local other = where.look()
    assert.same({ { room = "a", before = "x", after = "y" } }, other:intents "a")
    other:close()
    one:mark("a", "done")
    one:flush()
    assert.same({}, one:intents "a")
  end)

  it("forgets its items and keeps whose it is, when all is to be done again", function()
    one:identify { key = "k" }
    one:add({ "a", "b" }, { listed = 1, cursor = "c" })
    take "a"
    one:intend("a", { { room = "a" } }, 1)
    one:mark("a", "failed", "why", { { room = "a", made = true } })
    one:clear()
    assert.equal(0, one:total())
    assert.same({ "k" }, { one:get "key", one:get "listed", one:get "cursor" })
    one:add { "a" }
    assert.same({}, one:intents "a")
    reopen()
    assert.same({ {}, 1 }, { one:intents "a", one.counts.pending })
  end)

  it("makes single items pending again, without what was known of their edits", function()
    one:add { "a", "b" }
    for _, key in ipairs { "a", "b" } do
      take(key)
      one:intend(key, { { room = key } }, 1)
      one:mark(key, "failed", "why", { { room = key, made = true } })
    end
    one:flush()
    one:reset_keys { "a", "none" }
    assert.same({ "a" }, keys "pending")
    assert.same({ {}, { { room = "b", made = true } } }, { one:intents "a", one:intents "b" })
    reopen()
    assert.same({ {}, { { room = "b", made = true } } }, { one:intents "a", one:intents "b" })
  end)

  it("keeps the orders to its runs, with their author and time", function()
    local other = where.look()
    other:order("pause", nil, "alice@host")
    other:order("set", "rate=5", "bob@host")
    other:close()
    local orders = one:orders(one:orders(0)[1].id)
    assert.same({ 1, one:last_order(), "set", "rate=5", "bob@host" },
      { #orders, orders[1].id, orders[1].what, orders[1].value, orders[1].who })
    assert.matches("^20%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$", orders[1].at)
    local function in_use()
      local look <close> = where.look()
      return look:in_use()
    end
    assert.is_true(in_use())
    one:close()
    assert.is_false(in_use())
    one = where.open()
  end)

  it("forgets everything on a restart", function()
    one:add({ "a" }, { listed = 1 })
    reopen { restart = true }
    assert.equal(0, one:total())
    assert.is_nil(one:get "listed")
  end)

  it("gives bytes back as they were, in keys, values, intents and notes", function()
    local key = "é \\ \"x\" {1,2} 日本 ~/%"
    one:add({ key }, nil, { [key] = { text = "a\0b\n\u{1F600}", list = { 1, 2.5, 12345678901234567 } } })
    local taken, value = one:take_one(key)
    assert.same({ true, { text = "a\0b\n\u{1F600}", list = { 1, 2.5, 12345678901234567 } } }, { taken, value })
    one:intend(key, { { room = key, sent = "\0" } }, 1)
    one:mark(key, "failed", "why \"é\"", { { room = key, sent = "\0" } }, { seconds = 1.5, changes = { "add /é", "remove /b" } })
    reopen()
    local found, state, note, facts = one:all()()
    assert.same({ key, "failed", "why \"é\"", { attempts = 1, seconds = 1.5, changes = { "add /é", "remove /b" } } },
      { found, state, note, facts })
    assert.same({ { room = key, sent = "\0" } }, one:intents(key))
    assert.same({ { key = key, state = "failed", note = "why \"é\"" } }, one:failures(5))
  end)

  it("refuses two different items of one key, and takes the same again", function()
    one:add({ "a" }, nil, { a = { n = 1 } })
    assert.equal(0, one:add({ "a" }, nil, { a = { n = 1 } }))
    assert.matches("two different items with the id 'a'", select(2, pcall(one.add, one, { "a" }, nil, { a = { n = 2 } })).message)
    one:add { "b" }
    assert.matches("two different items with the id 'b'", select(2, pcall(one.add, one, { "b" }, nil, { b = { n = 2 } })).message)
  end)

  it("says once that all is done", function()
    one:add { "a" }
    take "a"
    one:mark("a", "done")
    one:flush()
    assert.is_true(one:complete "2026-01-01T00:00:00Z")
    assert.equal("2026-01-01T00:00:00Z", one:get "completedAt")
  end)
end

describe("the journal of a migration", function()
  local dir, path, one
  before_each(function()
    dir = directory.new()
    path = dir.path .. "/j.journal"
    one = journal.open(path)
  end)
  after_each(function()
    one:close()
    dir:remove()
  end)

  local function keys(state)
    local list = {}
    for key in one:each(state) do list[#list + 1] = key end
    return list
  end
  local function reopen()
    one:close()
    one = journal.open(path)
  end

  it("of another version is distinguished from what is not a journal", function()
    one:set("format", 1)
    one:close()
    for _, open in ipairs { journal.open, journal.look } do
      local ok, err = pcall(open, path)
      assert.is_false(ok)
      assert.matches("was made by another version of lbhost; go on with that one, or begin again with %-%-restart", err.message)
    end
    one = journal.open(path, { restart = true })
    assert.equal(0, one:total())
  end)

  it("of the version before goes on, with all that is in it", function()
    local db = require("lbhost.sqlite").open(dir.path .. "/old")
    db:exec [[
      CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
      CREATE TABLE item (key TEXT PRIMARY KEY, state INTEGER NOT NULL, note TEXT, value TEXT) WITHOUT ROWID;
      CREATE TABLE intent (id INTEGER PRIMARY KEY, key TEXT NOT NULL, steps TEXT NOT NULL);
      INSERT INTO meta VALUES ('format', 2), ('cursor', 'c');
      INSERT INTO item VALUES ('a', 1, NULL, NULL), ('b', 0, NULL, '{"n":1}');
      INSERT INTO intent VALUES (1, 'b', '[{"room":"b"}]');
    ]]
    db:close()
    one:close()
    for _ = 1, 2 do
      one = journal.open(dir.path .. "/old")
      assert.equal("c", one:get "cursor")
      assert.same({ "pending", { n = 1 } }, { one:state_of "b" })
      assert.same({ { room = "b" } }, one:intents "b")
      one:mark("a", "failed", "x", nil, { seconds = 1.5, changes = { "add /n" } })
      one:close()
    end
    one = journal.open(dir.path .. "/old")
    local _, _, _, facts = one:all()()
    assert.same({ attempts = 2, seconds = 1.5, changes = { "add /n" } }, facts)
  end)

  it("is not set back by a power cut: each commit is synced", function()
    assert.equal(2, (one.db:row "PRAGMA synchronous"))
    assert.equal("wal", (one.db:row "PRAGMA journal_mode"))
  end)

  it("uses the place of an intent again, and never takes that of one item for another's", function()
    one:add { "a", "b", "c" }
    one:intend("a", { { room = "a" } }, 1)
    one:mark("a", "done")
    one:flush()
    one:intend("b", { { room = "b" } }, 1)
    one:mark("b", "failed", "x", { { room = "b", made = true } })
    one:flush()
    one:intend("c", { { room = "c" } }, 1)
    one:mark("c", "gone")
    one:close()
    one = journal.open(path)
    assert.same({ {}, { { room = "b", made = true } }, {} }, { one:intents "a", one:intents "b", one:intents "c" })
    one:reset "failed"
    one:intend("b", { { room = "b", made = true }, { room = "other" } }, 1)
    assert.equal("other", one:intents("b")[2].room)
    assert.equal(2, (one.db:row "SELECT count(*) FROM intent"))
  end)

  it("loses nothing that was noted when the disk is full, and writes it when there is room again", function()
    local list = {}
    for i = 1, 2000 do list[i] = ("a-room-with-a-long-name-%05d"):format(i) end
    one:add(list)
    -- A limit of pages is a full disk as SQLite sees it.
    one.db:exec("PRAGMA max_page_count = " .. (one.db:row "PRAGMA page_count"))
    for i = 1, 2000 do one.marks[list[i]] = { "failed", ("x"):rep(200) } end
    local ok, err = pcall(one.flush, one)
    assert.is_false(ok)
    assert.equal("SQLITE_FULL", err.code)
    assert.equal(0, (one.db:row("SELECT state FROM item WHERE key = ?", list[1])))
    one.db:exec "PRAGMA max_page_count = 1000000"
    one:flush()
    assert.equal("failed", (one:state_of(list[2000])))
  end)

  -- How often what is given commits.
  local function commits(fn)
    local count, transaction = 0, one.db.transaction
    local counting = setmetatable({ transaction = function(_, ...)
      count = count + 1
      return transaction(one.db_itself, ...)
    end }, { __index = function(_, name)
      return function(_, ...) return one.db_itself[name](one.db_itself, ...) end
    end })
    one.db_itself, one.db = one.db, counting
    local ok, err = pcall(fn)
    one.db, one.db_itself = one.db_itself, nil
    if not ok then error(err, 0) end
    return count
  end

  it("commits together what the items of a run are about to do, and what became of others", function()
    local list = {}
    for i = 1, 24 do list[i] = ("k%02d"):format(i) end
    one:add(list)
    local other = journal.look(path)
    assert.equal(3, commits(function()
      task.map(list, function(key, i)
        task.sleep(i % 8 / 10000) -- they come one after another
        one:intend(key, { { room = key } }, 8)
        assert.equal(key, (other.db:row("SELECT key FROM intent WHERE key = ?", key))) -- durable before it goes on
        one:mark(key, "done")
      end, { concurrency = 8 })
    end))
    assert.equal(16, (other.db:row "SELECT count(*) FROM item WHERE state = 1")) -- the last ones have time
    other:close()
  end)

  it("commits what became of items soon, though nothing more happens", function()
    one:add { "a" }
    local other = journal.look(path)
    task.run(function()
      one:mark("a", "done")
      while (other.db:row "SELECT state FROM item") ~= 1 do task.sleep(0.01) end
    end)
    other:close()
  end)

  it("lets no item go on whose commit failed, and says so to those that end", function()
    one:add { "a", "b", "c" }
    one.db:exec("PRAGMA max_page_count = " .. (one.db:row "PRAGMA page_count"))
    local long, codes = ("x"):rep(20000), {}
    task.map({ "a", "b" }, function(key, i)
      local ok, err = pcall(one.intend, one, key, { { room = key, sent = long } }, 2)
      codes[i] = not ok and err.code
    end)
    assert.same({ "SQLITE_FULL", "SQLITE_FULL" }, codes)
    local ok, err = pcall(one.mark, one, "c", "done")
    assert.is_false(ok)
    assert.equal("SQLITE_FULL", err.code)
    assert.equal(0, (one.db:row "SELECT count(*) FROM intent"))
    assert.equal(0, (one.db:row "SELECT state FROM item WHERE key = 'c'"))
    one.db:exec "PRAGMA max_page_count = 1000000"
    one:flush()
    one:mark("a", "done")
    one:intend("b", { { room = "b" } }, 1)
    reopen()
    assert.same({ {}, { { room = "b" } } }, { one:intents "a", one:intents "b" })
    assert.same({ "b" }, keys "pending")
  end)

  it("is for one run at a time, but can be looked at", function()
    one:add { "a" }
    local ok, err = pcall(journal.open, path)
    assert.is_false(ok)
    assert.matches("another run is using the journal", err.message)
    local look <close> = setmetatable({ journal.look(path) }, { __close = function(self) self[1]:close() end })
    assert.equal(1, look[1].counts.pending)
  end)

  it("is for one run at a time by whatever name, and refuses to have two that are hard links", function()
    one:add { "a" }
    assert(os.execute(("ln -s j.journal '%s/soft' && ln '%s' '%s/hard'"):format(dir.path, path, dir.path)))
    for _, name in ipairs { "/soft", "/hard" } do
      assert.matches("another run is using the journal", select(2, pcall(journal.open, dir.path .. name)).message)
    end
    one:close()
    assert.matches("has 2 names %(hard links%), and may have one", select(2, pcall(journal.open, path)).message)
    os.remove(dir.path .. "/hard")
    one = journal.open(dir.path .. "/soft")
    assert.equal(1, one.counts.pending)
  end)

  it("that is removed or replaced under a run is noticed before more is done", function()
    for what, command in pairs { removed = "rm '%s'", ["replaced by another file"] = "cp '%s' x && mv x '%s'" } do
      one:add { what }
      assert(os.execute(("cd '%s' && %s"):format(dir.path, command:gsub("%%s", path))))
      local ok, err = pcall(one.intend, one, what, { { room = "a" } }, 1)
      assert.is_false(ok)
      assert.equal("store", err.kind)
      assert.matches("j.journal' was " .. what .. " while this run was using it", err.message)
      assert.is_false(pcall(one.add, one, { "more" }))
      one:close()
      os.execute(("rm -f '%s'*"):format(path))
      one = journal.open(path)
    end
  end)

  it("can be read by its owner alone", function()
    one:add { "a" }
    local pipe = io.popen(("stat -c %%a '%s' '%s-wal'"):format(path, path))
    assert.equal("600\n600\n", pipe:read "a")
    pipe:close()
  end)

  it("refuses a file that is not a journal, and leaves it alone", function()
    local text = ("this is not a database\n"):rep(100)
    for name, content in pairs { text = text, short = "x" } do
      local file = dir:write(name, content)
      local ok, err = pcall(journal.open, file)
      assert.is_false(ok)
      assert.matches("is not a journal of lbhost migrate", err.message)
      assert.equal(content, dir:read(name))
    end
    local sqlite = require "lbhost.sqlite"
    local db = sqlite.open(dir.path .. "/other.db")
    db:exec "CREATE TABLE precious (a)"
    db:close()
    local ok, err = pcall(journal.open, dir.path .. "/other.db", { restart = true })
    assert.is_false(ok)
    assert.matches("is not a journal of lbhost migrate %(it has a table precious%)", err.message)
    assert.matches("cannot open the journal: ", select(2, pcall(journal.open, dir.path .. "/no/where")).message)
    assert.is_nil(journal.look(dir.path .. "/none"))
  end)

  it("takes under 100 bytes a room, and a commit a page", function()
    local page, ids = 100, 20000
    assert.equal(ids / page, commits(function()
      for i = 1, ids, page do
        local list = {}
        for j = 1, page do list[j] = ("project-%07d-board"):format((i + j) * 7919 % 9999991) end
        one:add(list, { cursor = "cursor" .. i })
      end
    end))
    one:close()
    local file = assert(io.open(path, "rb"))
    local bytes = file:seek "end"
    file:close()
    one = journal.open(path)
    assert.equal(ids, one:total())
    assert.is_true(bytes / ids < 100, ("%.0f bytes a room"):format(bytes / ids))
  end)
end)

describe("a journal in a file", function()
  contract(function()
    local dir = directory.new()
    local path = dir.path .. "/j.journal"
    return { open = function(options) return journal.open(path, options) end, look = function() return journal.look(path) end,
      remove = function() dir:remove() end }
  end)
end)

describe("a journal in PostgreSQL", function()
  local server, stop
  local function drop()
    server:sql("DROP TABLE lbhost_journals, lbhost_journal_items, lbhost_journal_meta, lbhost_journal_hosts, lbhost_journal_orders")
  end
  setup(function() server, stop = postgres.start_with_plugin() end)
  teardown(function() stop() end)

  contract(function()
    return { open = function(options)
      local all = { name = "m" }
      for name, value in pairs(options or {}) do all[name] = value end
      return journal.open(server.url, all)
    end, look = function() return journal.look(server.url, "m") end,
      remove = drop }
  end)

  it("gives a host no more items than it claims, also with a plan that joins them row by row", function()
    local others = { "enable_hashagg", "enable_hashjoin", "enable_mergejoin", "enable_sort", "enable_material" }
    for _, name in ipairs(others) do server:sql(("ALTER DATABASE postgres SET %s = off"):format(name)) end
    local one = journal.open(server.url, { name = "plans" })
    one:attach { listing = { left = 50 }, workers = { wanted = 3, in_flight = 0 }, outcome = { handled = 0, failures = 0 } }
    local keys = {}
    for i = 1, 60 do keys[i] = ("room-%02d"):format(i) end
    one:add(keys)
    one:flush()
    assert.equal("room-01", (one:take()()))
    assert.equal("6", server:sql "SELECT count(*) FROM lbhost_journal_items WHERE host IS NOT NULL")
    one:close()
    for _, name in ipairs(others) do server:sql(("ALTER DATABASE postgres RESET %s"):format(name)) end
  end)

  it("that does not respond is waited for once by a run that is to end, and once more for its last words", function()
    local one = journal.open(server.url, { name = "another" })
    one:add { "a" }
    assert.is_true((one:take_one "a"))
    one:attach { workers = { stopping = "interrupted", in_flight = 0 }, outcome = { handled = 0, failures = 0 } }
    local asked = 0
    function one.pool.transaction()
      asked = asked + 1
      error(errors.new("store", "it does not respond", { unavailable = true }), 0)
    end
    one:mark("a", "done")
    for _, ask in ipairs { "recount", "flush", "last_order", "flush" } do
      assert.matches("does not respond", select(2, pcall(one[ask], one)).message)
    end
    assert.equal(1, asked)
    assert.is_false(pcall(one.close, one))
    assert.equal(2, asked)
  end)
end)
