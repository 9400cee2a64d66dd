local eventually = require "tests.support.eventually"
local helper = require "tests.support.client"
local liveblocks = require "liveblocks"
local core = require "liveblocks.core"
local task = liveblocks.task

describe("tasks", function()
  local srv, client
  setup(function()
    srv = helper.server()
    client = helper.client(srv, "echo")
  end)
  teardown(function() srv:stop() end)

  local function fetch(id) return (client:get_room(id ~= "" and id or "x")) and id end

  local places = {
    ["the main chunk"] = function() return fetch("a") end,
    ["pcall"] = function() return select(2, pcall(fetch, "a")) end,
    ["a metamethod"] = function() return setmetatable({}, { __index = function(_, k) return fetch(k) end }).a end,
    ["a for iterator"] = function()
      local got
      for id in function(_, last) return not last and fetch("a") or nil end do got = id end
      return got
    end,
    ["a coroutine of one's own"] = function()
      local co = coroutine.create(function(id)
        local got = fetch(id)
        return fetch(coroutine.yield(got))
      end)
      local _, first = coroutine.resume(co, "a")
      assert.equal("suspended", coroutine.status(co))
      local _, second = coroutine.resume(co, "a")
      assert.equal("dead", coroutine.status(co))
      return first == second and first
    end,
    ["a coroutine in a coroutine"] = function()
      return coroutine.wrap(function() return coroutine.wrap(function() return fetch("a") end)() end)()
    end,
    ["xpcall and its handler"] = function()
      return select(2, xpcall(error, function(message) return fetch(message) end, "a"))
    end,
    ["a reader of load"] = function()
      local chunk = load(function() return fetch("") end)
      return chunk and fetch("a")
    end,
    ["arithmetic, comparison and calls of metamethods"] = function()
      local meta = {}
      for _, name in ipairs { "add", "lt", "concat", "call", "eq", "unm" } do
        meta["__" .. name] = function() return fetch("a") end
      end
      local x, y = setmetatable({}, meta), setmetatable({}, meta)
      return x + y == "a" and x < y and x .. y == "a" and x() == "a" and x == y and -x or "wrong"
    end,
    ["a module while it is loaded"] = function()
      package.preload["tests.fetches"] = function() return fetch("a") end
      package.loaded["tests.fetches"] = nil
      return (require "tests.fetches")
    end,
    ["a generator"] = function() return coroutine.wrap(function() coroutine.yield(fetch("a")) end)() end,
    ["table.sort"] = function()
      local got
      table.sort({ 2, 1 }, function(x, y) got = fetch("a") return x < y end)
      return got
    end,
    ["gsub"] = function() return (("x"):gsub("x", function() return fetch("a") end)) end,
  }
  -- Lua 5.2 does not say where a coroutine cannot yield: there, these raise an error in a task.
  if _VERSION == "Lua 5.2" then
    for _, name in ipairs { "xpcall and its handler", "a reader of load", "a module while it is loaded", "table.sort", "gsub" } do
      local fn = places[name]
      places[name] = nil
      it("cannot wait in " .. name .. ", and say so", function()
        assert.equal("a", fn())
        local ok, result = pcall(task.run, fn)
        assert.is_true(not ok or result ~= "a")
        assert.equal("a", task.run(fetch, "a"))
        collectgarbage()
        collectgarbage()
        assert.equal(0, core.pending())
      end)
    end
  end
  for name, fn in pairs(places) do
    it("give the same result in " .. name .. ", inside and outside a task", function()
      assert.equal("a", fn())
      assert.equal("a", task.run(fn))
    end)
  end

  it("wait side by side", function()
    srv:reset()
    local slow = helper.client(srv, "slow=300")
    assert.equal(50, #task.map(50, function(i) return slow:get_room("r" .. i) end, { concurrency = 50 }))
    assert.is_true(srv:count().peak_busy > 1)
  end)

  it("return results in order and pass errors on", function()
    assert.same({ 2, 4, 6 }, task.map({ 1, 2, 3 }, function(n) task.sleep(0.01 / n) return n * 2 end))
    local ends = false -- of those that sleep: never
    local function sleeper(seconds)
      task.sleep(seconds)
      ends = true
    end
    local ok, err = pcall(task.all, { function() sleeper(60) end, function() error("boom", 0) end, task.in_task })
    assert.is_false(ok)
    assert.equal("boom", err)
    local ended = task.spawn(error, "before", 0)
    core.step()
    ok, err = pcall(task.all, { function() sleeper(60) end, ended })
    assert.is_false(ok)
    assert.equal("before", err)
    ok, err = pcall(task.map, { 60, 60, 0, 60 }, function(n) return n == 0 and error("third", 0) or sleeper(n) end)
    assert.is_false(ok)
    assert.equal("third", err)
    assert.is_false(ends)
    assert.same({}, task.unseen_failures())
    assert.equal(0, core.pending())
  end)

  it("stop their transfer when they are cancelled", function()
    local silent, id = helper.client(srv, "silent")
    local one = task.spawn(function() silent:get_room("r") end)
    eventually(function() return srv:log(id, { keep = true })[1] end)
    one:cancel()
    local ok, err = pcall(one.wait, one)
    assert.is_false(ok)
    assert.equal("cancelled", err.kind)
    assert.equal(0, core.pending())
    eventually(function() return srv:log(id, { keep = true })[1].outcome == "client-gone" end)
  end)

  it("leave no timer behind when they are cancelled while they sleep", function()
    local one = task.spawn(task.sleep, 60)
    core.step()
    one:cancel()
    local ok, err = pcall(one.wait, one)
    assert.is_false(ok)
    assert.equal("cancelled", err.kind)
    assert.equal(0, core.pending())
  end)

  it("end a call whose handle is collected", function()
    local silent = helper.client(srv, "silent")
    silent:submit("get_room", "r")
    collectgarbage()
    collectgarbage()
    assert.equal(0, core.pending())
  end)

  it("end a dropped call and a cancelled one also when others have ended before", function()
    local echo, silent = helper.client(srv, "echo"), helper.client(srv, "silent")
    for _ = 1, 2 do
      task.map(10, function(i) assert.equal("/v2/rooms/r" .. i, echo:get_room("r" .. i).path) end)
      for _ = 1, 5 do silent:submit("get_room", "r") end
      collectgarbage()
      collectgarbage()
      assert.equal(0, core.pending())
      local one = task.spawn(silent.get_room, silent, "r")
      core.step()
      one:cancel()
      assert.equal("cancelled", select(2, pcall(one.wait, one)).kind)
    end
    assert.equal("/v2/rooms/last", echo:get_room("last").path)
  end)

  it("share the loop with calls of several clients, each with its options", function()
    local clients, ids, outcomes = {}, {}, {}
    for i, scenario in ipairs { "slow=20", "status,code=404", "status,code=503,times=1", "silent", "echo" } do
      clients[i], ids[i] = helper.client(srv, scenario, { timeout = scenario == "silent" and 0.4 or 90, max_in_flight = i })
    end
    task.map(50, function(n)
      local i = n % 5 + 1
      local room, err = clients[i].try:get_room("r" .. n)
      outcomes[i] = (outcomes[i] or "") .. (room and "ok" or err.status or err.kind) .. " "
    end, { concurrency = 50 })
    assert.same({ ("ok "):rep(10), ("404 "):rep(10), ("ok "):rep(10), ("timeout "):rep(10), ("ok "):rep(10) }, outcomes)
    for _, id in ipairs(ids) do srv:log(id) end
    assert.equal(0, core.pending())
  end)

  it("are refused where none can be made", function()
    local refused = require "tests.support.refused"
    for expected, call in pairs {
      ["task.spawn: a function expected, got nil"] = { task.spawn }, ["task.all: a list expected"] = { task.all, 5 },
      ["functions and tasks expected, got number at 2"] = { task.all, { print, 5 } },
      ["a function expected after the items"] = { task.map, { 1 } }, ["a list, a number or an iterator"] = { task.map, "x", print },
      ["concurrency must be an integer"] = { task.map, { 1 }, print, { concurrency = 0 } },
      ["a number of seconds expected"] = { task.timeout, "1", print }, ["task.spawn: a function"] = { task.timeout, 1 },
    } do
      assert.matches(expected, refused(table.unpack(call)), 1, true)
    end
    assert.equal(0, core.pending())
  end)

  it("are bounded in time by timeout", function()
    local silent = helper.client(srv, "silent")
    local ok, err = pcall(task.timeout, 0.1, function() silent:get_room("r") end)
    assert.is_false(ok)
    assert.equal("timeout", err.kind)
  end)

  it("share one page iterator without losing or repeating an item", function()
    local paged = helper.client(srv, "pages,n=95,size=20")
    local ids = task.run(task.map, (paged:iter_rooms()), function(room)
      task.sleep(0.001)
      return room.id
    end, { concurrency = 8 })
    local seen, n = {}, 0
    for _, id in ipairs(ids) do
      n = n + (seen[id] and 0 or 1)
      seen[id] = true
    end
    assert.equal(95, n)
    assert.equal(95, #ids)
  end)

  it("pass on the error of a shared iterator", function()
    local paged = helper.client(srv, "pages,n=95,size=20,fail=2", { retries = 0 })
    local ok, err = pcall(task.map, (paged:iter_rooms()), function() task.sleep(0.001) end, { concurrency = 8 })
    assert.is_false(ok)
    assert.equal("http", err.kind)
    assert.equal(0, core.pending())
  end)

  it("say so when they wait for each other", function()
    local a, b
    a = task.spawn(function() b:wait() end)
    b = task.spawn(function() a:wait() end)
    local ok, err = pcall(a.wait, a)
    assert.is_false(ok)
    assert.matches("cannot happen", err)
    a:cancel()
    b:cancel()
    pcall(a.wait, a)
  end)

  it("keep a client alive while a call of it is in flight", function()
    local handle = helper.client(srv, "slow=50"):submit("get_room", "r")
    collectgarbage()
    collectgarbage()
    assert.is_table((handle:wait()))
  end)

  it("say so when they wait for what cannot happen", function()
    local event = core.event()
    local ok, err = pcall(event.wait, event)
    assert.is_false(ok)
    assert.matches("cannot happen", err)
  end)

  it("go on when a wait fails after it has resumed others, also in code that is compiled after that", function()
    local seventh, expected, made = 0, 0, {}
    for round = 1, os.getenv "LBHOST_TEST_GC" and 30 or 300 do
      expected = expected + (round % 7 > 0 and round % 7 < 5 and 29 or 28)
      made[round] = task.spawn(function() task.event():wait() end)
      assert.is_false(pcall(function() task.event():wait() end))
      for i = 1, 200 do -- LuaJIT compiles this, and leaves what it has compiled now and then
        if i % 7 == round % 7 then seventh = seventh + 1 end
        if #{ i, tostring(i) } == 3 then seventh = nil end
      end
    end
    assert.equal(expected, seventh)
    for _, one in ipairs(made) do one:cancel() end
    core.step()
  end)

  it("share an iterator that waits, one at a time, and do not call it after its end or an error", function()
    local inside, calls = 0, 0
    local function counting(last, fails)
      calls = 0
      return task.one_at_a_time(function()
        calls, inside = calls + 1, inside + 1
        assert.equal(1, inside)
        task.sleep(0.001)
        inside = inside - 1
        if calls > last and fails then error("broken", 0) end
        if calls <= last then return calls, "value " .. calls end
      end)
    end
    local function collect(iterator)
      local seen = {}
      task.map(5, function()
        for number, value in iterator do
          assert.equal("value " .. number, value)
          seen[#seen + 1] = number
        end
      end)
      return seen
    end
    assert.equal(30, #collect(counting(30)))
    assert.equal(31, calls)
    local broken = counting(3, true)
    assert.has_error(function() collect(broken) end, "broken")
    assert.equal(4, calls)
    assert.is_nil(broken())
    assert.equal(4, calls)
  end)
end)
