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

  local function fetch(id) return (client:get_room(id)) and id end

  local places = {
    ["the main chunk"] = function() return fetch("a") end,
    ["pcall"] = function() return select(2, pcall(fetch, "a")) end,
    ["a metamethod"] = function() return setmetatable({}, { __index = function(_, k) return fetch(k) end }).a end,
    ["a for iterator"] = function()
      local got
      for id in function(_, last) return not last and fetch("a") or nil end do got = id end
      return got
    end,
    ["a generator"] = function() return coroutine.wrap(function() coroutine.yield(fetch("a")) end)() end,
    ["table.sort"] = function()
      local got
      table.sort({ 2, 1 }, function(x, y) got = fetch("a") return x < y end)
      return got
    end,
    ["gsub"] = function() return (("x"):gsub("x", function() return fetch("a") end)) end,
    ["a to-be-closed variable"] = function()
      local got
      do local _ <close> = setmetatable({}, { __close = function() got = fetch("a") end }) end
      return got
    end,
  }
  for name, fn in pairs(places) do
    it("give the same result in " .. name .. ", inside and outside a task", function()
      assert.equal("a", fn())
      assert.equal("a", task.run(fn))
    end)
  end

  it("wait side by side", function()
    local slow = helper.client(srv, "slow=200")
    local start = core.now()
    assert.equal(50, #task.map(50, function(i) return slow:get_room("r" .. i) end, { concurrency = 50 }))
    assert.is_true(core.now() - start < 2)
  end)

  it("return results in order and pass errors on", function()
    assert.same({ 2, 4, 6 }, task.map({ 1, 2, 3 }, function(n) task.sleep(0.01 / n) return n * 2 end))
    local ok, err = pcall(task.all, { function() task.sleep(5) end, function() error("boom", 0) end })
    assert.is_false(ok)
    assert.equal("boom", err)
  end)

  it("stop their transfer when they are cancelled", function()
    local silent, id = helper.client(srv, "silent")
    local one = task.spawn(function() silent:get_room("r") end)
    for _ = 1, 20 do core.step(10) end
    one:cancel()
    local ok, err = pcall(one.wait, one)
    assert.is_false(ok)
    assert.equal("cancelled", err.kind)
    for _ = 1, 20 do core.step(5) end
    assert.equal(0, core.pending())
    assert.is_true(#srv:log(id) >= 1)
  end)

  it("end a call whose handle goes out of scope", function()
    local silent = helper.client(srv, "silent")
    do local _ <close> = silent:submit("get_room", "r") end
    assert.equal(0, core.pending())
    silent:submit("get_room", "r")
    collectgarbage()
    collectgarbage()
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
    local ok, err = pcall(event.wait_event, event)
    assert.is_false(ok)
    assert.matches("cannot happen", err)
  end)
end)
