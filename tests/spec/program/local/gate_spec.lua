-- Long work of one request lets others run, and they see all of what it does or nothing. Nothing here depends on how fast the
-- machine is: with a slice of 0 seconds the long one lets others run every 32 points.
require "tests.support.client"
local divided = require "liveblocks.storage.divided"
local eventually = require "tests.support.eventually"
local index = require "lbhost.local.index"
local json = require "liveblocks.json"
local local_ports = require "tests.support.local_ports"
local saver = require "lbhost.local.saver"
local socket = require "socket"
local state = require "lbhost.local.state"
local support = require "tests.support.local_app"
local task = require "liveblocks.task"

local MANY <const> = 1500 -- operations of a patch

describe("long work of a request", function()
  local app, done

  local function call(...) return support.call(app, ...) end

  before_each(function()
    app = support.new()
    app.gate.slice, done = 0, {}
    for _, id in ipairs { "a", "b" } do
      call("POST", "/v2/rooms", { id = id, defaultAccesses = {} })
      call("POST", "/v2/rooms/" .. id .. "/storage", { liveblocksType = "LiveObject", data = {
        l = { liveblocksType = "LiveList", data = json.array {} } } })
    end
  end)

  after_each(function()
    assert.same({}, app.gate.held)
    assert.same({ 0, 0 }, { app.gate.changing, app.gate.settling })
  end)

  -- A request in a task: when it ends, its name is in `done`.
  local function start(name, ...)
    local arguments = table.pack(...)
    return task.spawn(function()
      local results = table.pack(call(table.unpack(arguments, 1, arguments.n)))
      done[#done + 1] = name
      return table.unpack(results, 1, results.n)
    end)
  end

  local function patch_of(count, last)
    local patch = json.array {}
    for i = 1, count do patch[i] = { op = "add", path = "/l/-", value = { i = i } } end
    patch[#patch + 1] = last
    return patch
  end

  local function start_long(room, last)
    return start("long " .. room, "PATCH", "/v2/rooms/" .. room .. "/storage/json-patch", patch_of(MANY, last))
  end

  -- Lets others run, step by step, until it is so.
  local function step_until(condition)
    local till = eventually.deadline()
    while not condition() do
      assert.is_true(socket.gettime() < till, "waited in vain")
      coroutine.yield()
    end
  end

  -- Runs others until a change is half done.
  local function get_into_it()
    step_until(function() return app.gate.changing > 0 end)
  end

  local function length_of(room, saved)
    return #((saved or app.state).rooms[room].storage.root.children.l.items)
  end

  local function run(fn) return task.run(fn) end

  it("lets requests for other rooms, and for none, run before it ends", function()
    run(function()
      local long = start_long "a"
      get_into_it()
      local short, list = start("short", "GET", "/v2/rooms/b/storage"), start("list", "GET", "/v2/rooms")
      assert.same({ 200, 200, 200 }, { (short:wait()), (list:wait()), (long:wait()) })
      assert.same({ "short", "list", "long a" }, done)
    end)
  end)

  it("of several rooms goes on side by side, each whole in the end", function()
    run(function()
      local first, second = start_long "a", start_long "b"
      local together = false
      while not first.done do
        together = together or app.gate.changing == 2
        coroutine.yield()
      end
      second:wait()
      assert.is_true(together)
      assert.same({ MANY, MANY }, { length_of "a", length_of "b" })
    end)
  end)

  it("is seen whole by those who ask for the same room, who have their turns in the order in which they came", function()
    run(function()
      local all = { start_long "a" }
      get_into_it()
      all[2] = start("read", "GET", "/v2/rooms/a/storage?format=json")
      all[3] = start("add", "PATCH", "/v2/rooms/a/storage/json-patch", { { op = "add", path = "/l/0", value = 0 } })
      all[4] = start("read again", "GET", "/v2/rooms/a/storage?format=json")
      all[5] = start("another room", "GET", "/v2/rooms/b")
      local _, before = all[2]:wait()
      assert.equal(MANY, #before.l)
      local _, after = all[4]:wait()
      assert.equal(MANY + 1, #after.l)
      assert.same({ "another room", "long a", "read", "add", "read again" }, done)
    end)
  end)

  it("that is refused in the end leaves nothing, and its room free", function()
    run(function()
      local long = start_long("a", { op = "remove", path = "/not/there" })
      get_into_it()
      local read = start("read", "GET", "/v2/rooms/a/storage?format=json")
      assert.equal(422, (long:wait()))
      assert.same({ l = {} }, select(2, read:wait()))
    end)
  end)

  it("that fails leaves its room free", function()
    app.options.on_error = function() end
    local apply = app.handlers.patch_storage_document
    app.handlers.patch_storage_document = function(request)
      return app.gate:change(request, function()
        for _ = 1, 1000 do divided.point() end
        error "a bug"
      end)
    end
    run(function()
      local long = start_long "a"
      get_into_it()
      local read = start("read", "GET", "/v2/rooms/a/storage?format=json")
      assert.equal(500, (long:wait()))
      assert.equal(200, (read:wait()))
    end)
    app.handlers.patch_storage_document = apply
  end)

  it("is divided for operations that clients send, Storage that is initialized and read, and large bodies", function()
    local rows = json.array {}
    for i = 1, 5000 do rows[i] = { liveblocksType = "LiveObject", data = { i = i } } end
    local document = { liveblocksType = "LiveObject", data = { l = { liveblocksType = "LiveList", data = rows } } }
    local ops = json.array {}
    for i = 1, MANY do
      ops[i] = { opId = "1:" .. i, type = 4, id = "1:" .. i, parentId = "root", parentKey = "k" .. i, data = { i = i } }
    end
    local long = {
      { "POST", "/v2/rooms/a/storage", document }, { "GET", "/v2/rooms/a/storage" }, { "GET", "/v2/rooms/a/storage?format=json" },
      { "POST", "/v2/rooms/a/request-storage-mutation", "" },
      { "POST", "/v2/rooms/a/send-message", { messages = { { type = 201, ops = ops } } } },
    }
    call("DELETE", "/v2/rooms/a/storage")
    run(function()
      for i, arguments in ipairs(long) do
        done = {}
        local one = start("long", table.unpack(arguments))
        step_until(function() return next(app.gate.held) or one.done end)
        local short = start("short", "GET", "/v2/rooms/b")
        local status, answer = one:wait()
        assert.equal(200, status, i .. ": " .. tostring(type(answer) == "table" and answer.message))
        assert.equal(200, (short:wait()))
        assert.same({ "short", "long" }, done, arguments[2])
      end
      assert.equal(MANY + 1, require("lbhost.local.rules.check").count(app.state.rooms.a.storage.root.children))
    end)
  end)

  it("may be stopped by those who wait for it without harm to the others", function()
    run(function()
      local long = start_long "a"
      get_into_it()
      local gone = { start("gone", "GET", "/v2/rooms/a") }
      local kept = start("kept", "GET", "/v2/rooms/a")
      gone[2] = start("gone", "GET", "/v2/rooms/a")
      coroutine.yield()
      gone[1]:cancel()
      gone[2]:cancel()
      long:wait()
      assert.equal(200, (kept:wait()))
      for _, one in ipairs(gone) do pcall(one.wait, one) end
      assert.equal(200, (call("GET", "/v2/rooms/a")))
    end)
  end)

  it("hands its room on when the one whose turn it is gives up at that moment", function()
    run(function()
      local long = start_long "a"
      get_into_it()
      local gone = start("gone", "GET", "/v2/rooms/a")
      local kept = start("kept", "GET", "/v2/rooms/a")
      local leave = app.gate.leave
      app.gate.leave = function(self, request) -- cancelled between its turn and its next step
        leave(self, request)
        app.gate.leave = nil
        gone:cancel()
      end
      long:wait()
      assert.equal(200, (kept:wait()))
      pcall(gone.wait, gone)
    end)
  end)

  it("is over before the room is deleted or gets another id", function()
    run(function()
      local long = start_long "a"
      get_into_it()
      local renamed = start("renamed", "POST", "/v2/rooms/a/update-room-id", { newRoomId = "c" })
      local deleted = start("deleted", "DELETE", "/v2/rooms/a")
      assert.same({ 200, 200, 204 }, { (long:wait()), (renamed:wait()), (deleted:wait()) })
      assert.equal(MANY, length_of "c")
      assert.is_nil(app.state.rooms.a)
    end)
  end)

  it("belongs to the data that were there: an event of it does not come after they have been deleted", function()
    run(function()
      local long = start_long "a"
      get_into_it()
      app:load()
      assert.equal(200, (long:wait()))
      assert.same({}, app.state.rooms)
      for _, event in ipairs(app.events) do
        assert.is_not_true(event.type == "storageUpdated" and event.data.updatedAt == nil)
      end
      assert.equal("storageUpdated", app.events[#app.events].type) -- that of before_each()
      assert.equal("b", app.events[#app.events].data.roomId)
    end)
  end)

  it("is not in what is saved until it is done", function()
    local path = os.tmpname()
    finally(function() os.execute(("rm -f '%s' '%s'.*"):format(path, path)) end)
    run(function()
      local keeper = saver.new(app, path, error)
      local long = start_long "a"
      get_into_it()
      keeper:changed()
      assert.equal(0, length_of("a", state.load(path)))
      assert.is_true(keeper:stop())
      assert.equal(MANY, length_of("a", state.load(path)))
      assert.equal(200, (long:wait()))
    end)
  end)

  it("is not in what is saved while it goes on, however many changes follow each other", function()
    local path = os.tmpname()
    finally(function() os.execute(("rm -f '%s' '%s'.*"):format(path, path)) end)
    run(function()
      local keeper, ended = saver.new(app, path, error), false
      local function change(room)
        while not ended do start_long(room):wait() end
      end
      local both = { task.spawn(change, "a"), task.spawn(change, "b") }
      get_into_it()
      keeper:changed()
      local saved = eventually(function()
        local content = state.load(path)
        return length_of("a", content) > 0 and content
      end)
      ended = true
      for _, one in ipairs(both) do one:wait() end
      assert.same({ 0, 0 }, { length_of("a", saved) % MANY, length_of("b", saved) % MANY })
      keeper:stop()
    end)
  end)

  it("is whole or not in GET /local/state, and other changes wait until that has been read", function()
    local control = require "lbhost.local.control"
    control.attach(app, { plan = { text = "" } })
    run(function()
      local first = start_long "a"
      get_into_it()
      local read = start("state", "GET", "/local/state")
      step_until(function() return app.gate.settling > 0 end)
      local second = start("second", "PATCH", "/v2/rooms/b/storage/json-patch", patch_of(1))
      local _, _, response = read:wait()
      assert.same({ 200, 200 }, { (first:wait()), (second:wait()) })
      local content = assert(state.decode(response.body))
      assert.same({ MANY, 0 }, { length_of("a", content), length_of("b", content) })
      assert.same({ "long a", "state", "second" }, done)
    end)
  end)

  it("is whole in the page of its room, which waits for it", function()
    local server = require "lbhost.local.server"
    local one = server.start { port = 0 }
    finally(function() one:stop() end)
    app = one.app
    app.gate.slice = 0
    call("POST", "/v2/rooms", { id = "a", defaultAccesses = {} })
    call("POST", "/v2/rooms/a/storage", { liveblocksType = "LiveObject", data = {
      l = { liveblocksType = "LiveList", data = json.array {} } } })
    run(function()
      local long = start_long "a"
      get_into_it()
      local function page(path)
        return task.spawn(function()
          local response = one.front:handle { method = "GET", path = path, headers = { host = "127.0.0.1" }, body = "" }
          done[#done + 1] = path
          return response
        end)
      end
      local room, overview = page "/page/rooms/a", page "/"
      assert.equal(200, overview:wait().status or 200)
      assert.matches(("list %s"):format(MANY), (room:wait().body:gsub(",", "")), 1, true)
      assert.same({ "/", "long a", "/page/rooms/a" }, done)
      long:wait()
    end)
  end)

  it("is not held by a connection that is closed meanwhile", function()
    local ports = local_ports.new()
    finally(function() ports.stop() end)
    local one, client = ports.start()
    app = one.app
    app.gate.slice = 0
    client:create_room { id = "a", defaultAccesses = {} }
    client:patch_storage_document("a", { { op = "add", path = "/l", value = json.array {} } })
    run(function()
      local cut = task.spawn(function() client:patch_storage_document("a", patch_of(MANY)) end)
      get_into_it()
      local waiting = task.spawn(function() client:get_storage_document("a", { format = "json" }) end)
      eventually(function() return app.gate.held.a and app.gate.held.a.last > 0 end)
      cut:cancel()
      waiting:cancel()
      assert.equal(MANY, #client:get_storage_document("a", { format = "json" }).l)
    end)
    eventually(function() return next(app.gate.held) == nil end)
  end)
end)

describe("a large body", function()
  local app
  before_each(function()
    app = support.new()
    support.call(app, "POST", "/v2/rooms", { id = "a", defaultAccesses = {} })
  end)

  it("is taken and refused with the same words as a small one", function()
    local long = ("x"):rep(200000)
    local function patch(text)
      return task.run(function()
        return support.call(app, "PATCH", "/v2/rooms/a/storage/json-patch", text, { ["content-type"] = "application/json" })
      end)
    end
    assert.equal(200, (patch(('[{"op":"add","path":"/t","value":"%s"}]'):format(long))))
    local _, stored = support.call(app, "GET", "/v2/rooms/a/storage?format=json")
    assert.equal(long, stored.t)
    for _, filling in ipairs { "x", long } do
      local status, problem = patch(('[{"op":"add","path":"/t","value":"%s"'):format(filling))
      assert.equal(400, status)
      assert.matches("^the body is not JSON: %$%[0%].* but the text ends at byte %d+$", problem.message)
      status, problem = patch(('{"op":"add","path":"/t","value":"%s"}'):format(filling))
      assert.equal(422, status)
      assert.matches("body must be", problem.message, 1, true)
    end
  end)
end)

describe("a long list that is filtered", function()
  it("lets others run, and has each record that stays exactly once, whatever they change", function()
    local app = support.new()
    for i = 1, 3000 do
      support.call(app, "POST", "/v2/rooms", { id = "r" .. i, defaultAccesses = {}, metadata = { n = i % 300 == 0 and "x" or "y" } })
    end
    task.run(function()
      local list = task.spawn(function() return support.call(app, "GET", "/v2/rooms?metadata.n=x&limit=100") end)
      local changes = 0
      coroutine.yield()
      while not list.done do
        changes = changes + 1
        for i = 1, 3000, 7 do -- none of those that are found
          if i % 300 ~= 0 then support.call(app, "DELETE", "/v2/rooms/r" .. i) end
        end
        for i = 1, 300 do
          support.call(app, "POST", "/v2/rooms", { id = ("new%d-%d"):format(changes, i), defaultAccesses = {}, metadata = { n = "x" } })
        end
        coroutine.yield()
      end
      local status, page = list:wait()
      assert.equal(200, status)
      assert.is_true(changes > 3, tostring(changes))
      local ids = {}
      for i, room in ipairs(page.data) do ids[i] = room.id end
      assert.same({ "r3000", "r2700", "r2400", "r2100", "r1800", "r1500", "r1200", "r900", "r600", "r300" }, ids)
    end)
  end)

  it("ends where the data are deleted meanwhile", function()
    local app = support.new()
    support.call(app, "POST", "/v2/rooms", { id = "a", defaultAccesses = {} })
    for _ = 1, 1200 do
      support.call(app, "POST", "/local/rooms/a/text-mentions", { userId = "u", createdBy = "v" })
    end
    task.run(function()
      local list = task.spawn(function()
        return support.call(app, "GET", "/v2/users/u/inbox-notifications?organizationId=other")
      end)
      coroutine.yield()
      assert.is_false(list.done)
      app:load()
      local status, page = list:wait()
      assert.same({ 200, 0, json.null }, { status, #page.data, page.nextCursor })
    end)
  end)

  it("of threads lets others run, and is that of one moment", function()
    local app = support.new()
    app.gate.slice = 0
    support.call(app, "POST", "/v2/rooms", { id = "a", defaultAccesses = {} })
    local comment = { userId = "u", body = { version = 1, content = json.array {} } }
    local function add() return support.call(app, "POST", "/v2/rooms/a/threads", { comment = comment }) end
    for _ = 1, 100 do add() end
    task.run(function()
      local list = task.spawn(function() return support.call(app, "GET", "/v2/rooms/a/threads") end)
      coroutine.yield()
      assert.is_false(list.done)
      local added = task.spawn(add)
      assert.equal(200, (support.call(app, "GET", "/v2/rooms")))
      local status, all = list:wait()
      assert.same({ 200, 100 }, { status, #all.data })
      assert.equal(200, (added:wait()))
    end)
    assert.same({}, app.gate.held)
  end)

  it("has its pages from a position on, whatever has become of the record there", function()
    local list = index.new()
    local pages = require "lbhost.local.http.pagination"
    for i = 1, 1200 do list:insert { created = i, seq = i } end
    local seen, points = {}, 0
    local app = { gate = { point = function()
      points = points + 1
      for record in list:newest(seen[#seen], seen[#seen]) do
        if record.created % 2 == 0 then
          list:remove(record)
          break
        end
      end
    end } }
    for record in pages.each({ app = app }, list, "newest") do seen[#seen + 1] = record.created end
    assert.equal(2, points)
    assert.equal(1200 - 1, #seen) -- the other one that was removed was the one at the point
    for i = 2, #seen do assert.is_true(seen[i] < seen[i - 1]) end
  end)
end)
