local eventually = require "tests.support.eventually"
local helper = require "tests.support.client"
local liveblocks = require "liveblocks"
local refused = require "tests.support.refused"
local socket = require "socket"
local task = require "liveblocks.task"

-- A descriptor as luasocket selects it.
local function selectable(fd)
  return { getfd = function() return fd end, dirty = function() return false end }
end

describe("an engine that gives only Lua", function()
  local srv
  setup(function() srv = helper.server() end)
  teardown(function() srv:stop() end)
  after_each(function() liveblocks.on_wait(nil) end)

  it("steps when the descriptor is readable or the time has come, and at no other time", function()
    local client, done = helper.client(srv, "slow=60"), 0
    for i = 1, 5 do
      task.spawn(function()
        client:get_room("r" .. i)
        task.sleep(0.03)
        done = done + 1
      end)
    end
    assert.equal(0, liveblocks.due()) -- a task is ready: it must not sleep
    local steps = 0
    while liveblocks.pending() > 0 and steps < 2000 do
      local due = liveblocks.due()
      socket.select({ selectable(assert(liveblocks.fd())) }, nil, due or 10)
      liveblocks.step()
      steps = steps + 1
    end
    assert.equal(5, done)
    assert.is_nil(liveblocks.due())
    assert.is_true(steps < 500, steps .. " steps")
  end)

  it("is asked to step at once while a task is ready that nothing else would wake", function()
    local event, order = task.event(), {}
    task.spawn(function() event:wait() order[#order + 1] = "woken" end)
    liveblocks.step()
    assert.is_nil(liveblocks.due())
    event:set()
    assert.equal(0, liveblocks.due())
    liveblocks.step()
    assert.same({ "woken" }, order)
    assert.equal(0, liveblocks.pending())
  end)

  it("waits in its own way where the code that waits is not in a task", function()
    local client, asked, ended = helper.client(srv, "slow=30"), 0, false
    liveblocks.on_wait(function(waitable)
      if not coroutine.isyieldable() then return false end
      asked = asked + 1
      assert.is_false(waitable:done())
      coroutine.yield(asked)
    end)
    local co = coroutine.create(function() ended = type((client:get_room("r"))) == "table" end)
    eventually(function()
      assert(coroutine.resume(co, "a frame", 0.016))
      return coroutine.status(co) == "dead"
    end)
    assert.is_true(ended)
    assert.is_true(asked > 1)
    -- A task has its own way; and where the engine cannot go on, the loop is pumped.
    local before = asked
    assert.is_table(task.run(client.get_room, client, "in a task"))
    assert.is_table((client:get_room("pumped")))
    liveblocks.on_wait(nil)
    coroutine.wrap(function() assert.is_table((client:get_room("without a hook"))) end)()
    assert.equal(before, asked)
  end)

  it("has the error of its hook where the hook raises it", function()
    local client = helper.client(srv, "slow=30")
    liveblocks.on_wait(function() error("no frame", 0) end)
    local ok, err = pcall(client.get_room, client, "r")
    assert.same({ false, "no frame" }, { ok, err })
    collectgarbage()
    collectgarbage()
    assert.equal(0, liveblocks.pending())
  end)

  it("does one unit of work a step, however little time it gives", function()
    local done = 0
    for _ = 1, 10 do task.spawn(function() done = done + 1 end) end
    for i = 1, 5 do
      liveblocks.step(0)
      assert.is_true(done >= i and done <= 2 * i, done .. " tasks in " .. i .. " steps")
    end
    while liveblocks.pending() > 0 do liveblocks.step(0) end
    assert.equal(10, done)
  end)

  it("refuses steps in tasks that run in steps of tasks, before the C stack ends", function()
    local stepped, failed, count = 0, 0, 3000
    for _ = 1, count do
      task.spawn(function()
        local ok, err = pcall(liveblocks.step)
        if ok then stepped = stepped + 1 else failed = failed + 1 end
        assert(ok or tostring(err):find("waits or steps inside tasks inside steps are nested too deeply", 1, true), tostring(err))
      end)
    end
    while liveblocks.pending() > 0 do liveblocks.step() end
    assert.equal(count, stepped + failed)
    assert.is_true(stepped >= 20 and failed > 0, stepped .. " steps, " .. failed .. " failed")
    assert.equal(0, #task.unseen_failures())
  end)

  it("refuses waits in coroutines of tasks that run in such waits, before the C stack ends", function()
    local events, failed, count = {}, 0, 3000
    for i = 1, count do events[i] = task.event() end
    for i = 1, count do
      task.spawn(function()
        local ok, err = pcall(coroutine.wrap(function() events[i]:wait() end))
        if not ok then
          failed = failed + 1
          assert(tostring(err):find("nested too deeply", 1, true), tostring(err))
        end
      end)
    end
    task.spawn(function() for i = 1, count do events[i]:set() end end)
    while liveblocks.pending() > 0 do liveblocks.step() end
    assert.is_true(failed > 0)
    assert.equal(0, #task.unseen_failures())
  end)

  it("refuses what is not a time", function()
    for message, given in pairs { ["seconds must be 0 or more"] = { -1 }, ["#2 to .*seconds must be 0 or more"] = { nil, -1 },
      ["number expected, got string"] = { "soon" } } do
      local ok, err = pcall(liveblocks.step, given[1], given[2])
      assert.is_false(ok)
      assert.matches(message, err)
    end
    assert.matches("a function expected, got boolean", refused(liveblocks.on_wait, true), 1, true)
  end)

  it("hears what cannot happen any more, when it waits for ever", function()
    local one = task.spawn(function() task.event():wait() end)
    local ok, err = pcall(function() while true do liveblocks.step(nil, math.huge) end end)
    assert.is_false(ok)
    assert.matches("cannot happen", err)
    one:cancel()
    pcall(one.wait, one)
  end)
end)
