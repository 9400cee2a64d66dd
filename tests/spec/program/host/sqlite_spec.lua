if os.getenv "LBHOST_TEST_GC" then collectgarbage("incremental", 1, 1000) end
local sqlite = require "lbhost.sqlite"

describe("lbhost.sqlite", function()
  local path, db
  before_each(function()
    path = os.tmpname()
    db = sqlite.open(path)
    db:exec "CREATE TABLE t (id INTEGER PRIMARY KEY, v)"
  end)
  after_each(function()
    db:close()
    os.remove(path)
  end)

  it("gives back what was bound, to the last digit and byte", function()
    local values = { 1, math.mininteger, 0.1, -0.0, "text", "nul\0byte", "", true }
    for _, value in ipairs(values) do db:run("INSERT INTO t (v) VALUES (?)", value) end
    db:run("INSERT INTO t (v) VALUES (?)", nil)
    db:run("INSERT INTO t (v) VALUES (?)", sqlite.blob "\0\xff")
    local got = {}
    for id, v in db:rows "SELECT id, v FROM t ORDER BY id" do got[id] = v end
    assert.same({ 1, math.mininteger, 0.1, -0.0, "text", "nul\0byte", "", 1, nil, "\0\xff" }, got)
    assert.equal("integer", math.type(got[1]))
    assert.equal("blob", (db:row("SELECT typeof(v) FROM t WHERE id = 10")))
    assert.equal(10, db:last_rowid())
  end)

  it("returns the first row, nil without one, and the number of changes", function()
    assert.is_nil(db:row "SELECT 1 FROM t")
    assert.equal(1, db:run("INSERT INTO t (v) VALUES (?)", "a"))
    assert.equal(1, db:run("INSERT INTO t (v) VALUES (?)", "b"))
    assert.equal(2, db:run "UPDATE t SET v = v || 'x'")
    assert.same({ 1, "ax" }, { db:row "SELECT id, v FROM t ORDER BY id" })
  end)

  it("can be used inside a loop over rows, also with the same statement", function()
    for i = 1, 3 do db:run("INSERT INTO t (v) VALUES (?)", i) end
    local sum = 0
    for _, v in db:rows "SELECT id, v FROM t" do
      for _, w in db:rows "SELECT id, v FROM t" do sum = sum + v * w end
      assert.equal(v, (db:row("SELECT v FROM t WHERE v = ?", v)))
    end
    assert.equal(36, sum)
  end)

  it("rolls a transaction back on an error, and commits without one", function()
    assert.has_error(function()
      db:transaction(function()
        db:run("INSERT INTO t (v) VALUES (1)")
        error("boom", 0)
      end)
    end, "boom")
    assert.is_nil(db:row "SELECT 1 FROM t")
    assert.equal("done", (db:transaction(function()
      db:run("INSERT INTO t (v) VALUES (1)")
      return "done"
    end)))
    assert.equal(1, (db:row "SELECT count(*) FROM t"))
  end)

  it("names the file, the cause and SQLite's code when something fails", function()
    local function failure(fn, ...)
      local ok, err = pcall(fn, ...)
      assert.is_false(ok)
      return err
    end
    local err = failure(db.run, db, "INSERT INTO t (id) VALUES (1), (1)")
    assert.same({ "store", "SQLITE_CONSTRAINT" }, { err.kind, err.code })
    assert.matches(path, tostring(err), 1, true)
    assert.equal(0, (db:row "SELECT count(*) FROM t"))
    assert.matches("no such table", tostring(failure(db.row, db, "SELECT * FROM nowhere")), 1, true)
    assert.matches("2 parameters expected, got 1", tostring(failure(db.row, db, "SELECT ?, ?", 1)), 1, true)
    assert.matches("cannot be a table", tostring(failure(db.row, db, "SELECT ?", {})), 1, true)
    assert.matches("one statement expected", tostring(failure(db.run, db, "SELECT 1; SELECT 2")), 1, true)
    assert.equal("SQLITE_CANTOPEN", failure(sqlite.open, "/nonexistent/x.db").code)
    assert.equal("SQLITE_CANTOPEN", failure(sqlite.open, path .. ".none", { create = false }).code)
    db:close()
    assert.matches("closed", tostring(failure(db.row, db, "SELECT 1")), 1, true)
    db:close()
  end)

  it("says that a file is not a database, and leaves it as it is", function()
    local other = os.tmpname()
    local file = assert(io.open(other, "wb"))
    file:write(("garbage "):rep(1000))
    file:close()
    local bad = sqlite.open(other)
    local ok, err = pcall(bad.row, bad, "SELECT * FROM sqlite_master")
    assert.is_false(ok)
    assert.equal("SQLITE_NOTADB", err.code)
    bad:close()
    assert.equal(("garbage "):rep(1000), assert(io.open(other, "rb")):read "a")
    os.remove(other)
  end)

  it("reports to a second writer that the database is busy", function()
    local other <close> = sqlite.open(path)
    db:exec "BEGIN IMMEDIATE"
    local ok, err = pcall(other.transaction, other, function() end)
    assert.is_false(ok)
    assert.equal("SQLITE_BUSY", err.code)
    db:exec "COMMIT"
  end)

  it("cannot be closed by its own transaction, which is undone", function()
    local ok, err = pcall(db.transaction, db, function()
      db:run "INSERT INTO t (v) VALUES (1)"
      db:close()
    end)
    assert.is_false(ok)
    assert.matches("a transaction cannot close its database", tostring(err), 1, true)
    assert.equal(0, (db:row "SELECT count(*) FROM t"))
  end)

  it("makes a new file private when asked to", function()
    local name = os.tmpname()
    os.remove(name)
    local other = sqlite.open(name, { private = true })
    other:exec "PRAGMA journal_mode = WAL; CREATE TABLE t (v)"
    local list = io.popen("stat -c %a " .. name .. " " .. name .. "-wal")
    assert.equal("600\n600\n", list:read "a")
    list:close()
    other:close()
    os.remove(name)
  end)

  -- act() runs in a finalizer in each turn of a collector that never rests, while fn() runs.
  local function with_finalizers(act, fn)
    local ended = false
    local mt = {}
    mt.__gc = function()
      if ended then return end
      pcall(act)
      setmetatable({}, mt)
    end
    collectgarbage("incremental", 1, 1000, 1)
    setmetatable({}, mt)
    local ok, err = pcall(fn)
    ended = true
    collectgarbage("incremental", 200, 100, 13)
    if not ok then error(err, 0) end
  end

  it("reads a row as it is, also when a finalizer asks the same meanwhile", function()
    local long = ("x"):rep(3000)
    for i = 1, 4 do db:run("INSERT INTO t (v) VALUES (?)", i .. long) end
    local query = "SELECT v, v || 'b', v || 'c', v || 'd' FROM t WHERE id = ?"
    local asked = 0
    with_finalizers(function()
      asked = asked + 1
      assert(db:row(query, 1) == 1 .. long)
    end, function()
      for _ = 1, 100 do
        local a, b, c, d = db:row(query, 4)
        assert(a == 4 .. long and b == a .. "b" and c == a .. "c" and d == a .. "d", "another row was read")
      end
    end)
    assert.is_true(asked > 0)
  end)

  it("says what went wrong, whatever finalizers do with the database meanwhile", function()
    with_finalizers(function() pcall(db.exec, db, "SELECT * FROM " .. ("other"):rep(50)) end, function()
      for _ = 1, 100 do
        local ok, err = pcall(db.run, db, "INSERT INTO missing_table VALUES (1)")
        assert(not ok and err.message:find("missing_table", 1, true), err)
      end
    end)
  end)

  it("may be closed by a finalizer in the middle of anything", function()
    local uses = {
      function(one) return one:run("INSERT INTO t (v) VALUES (?)", ("x"):rep(100)) end,
      function(one) return one:row "SELECT v, v, v || 'y', v || 'z' FROM t" end,
      function(one) for _ in one:rows "SELECT v, v || 'x' FROM t" do local _ = {} end end,
      function(one) return one:exec "SELECT v FROM nowhere" end,
    }
    for i = 1, 40 do
      local one = sqlite.open ":memory:"
      one:exec "CREATE TABLE t (v)"
      one:run("INSERT INTO t (v) VALUES (?)", ("v"):rep(2000))
      local turn = 0
      with_finalizers(function()
        turn = turn + 1
        if turn >= i then one:close() end
      end, function()
        for _ = 1, 200 do
          local ok, err = pcall(uses[i % #uses + 1], one)
          if not ok and tostring(err):find "closed" then break end
          assert(ok or tostring(err):find "nowhere", err)
        end
      end)
      one:close()
    end
  end)

  it("may be finalized in the middle of anything, when a finalizer has made it known again", function()
    local function forget(back, count)
      local between, one = {}, sqlite.open ":memory:" -- luacheck: ignore 241
      one:exec "CREATE TABLE t (v)"
      one:run("INSERT INTO t (v) VALUES (?)", ("v"):rep(2000))
      local next_row = one:rows "SELECT v, v || 'x', v || 'y' FROM t"
      for i = 1, count do between[i] = setmetatable({}, { __gc = function() end }) end
      setmetatable({}, { __gc = function() back[1], back[2] = one, next_row end })
    end
    collectgarbage("incremental", 1, 100, 1)
    for i = 1, 60 do
      local back = {}
      forget(back, i * 17)
      while not back[1] do local _ = {} end
      for _ = 1, 400 do
        local ok, err
        if i % 3 == 0 then ok, err = pcall(back[2])
        elseif i % 3 == 1 then ok, err = pcall(back[1].row, back[1], "SELECT v, v || 'x' FROM t")
        else ok, err = pcall(back[1].run, back[1], "INSERT INTO t (v) VALUES (1)") end
        if not ok then
          assert(tostring(err):find "closed" or tostring(err):find "SQLITE", err)
          break
        end
      end
    end
    collectgarbage("incremental", 200, 100, 13)
  end)
end)
