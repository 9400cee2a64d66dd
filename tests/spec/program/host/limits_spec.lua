local eventually = require "tests.support.eventually"
local limits = require "lbhost.limits"
local task = require "liveblocks.task"

-- Runs fn in a task under limits; returns its outcome and what was exceeded.
local function under(given, fn)
  local budget = limits.new(given)
  local ok, result = pcall(task.run, function()
    local _ <close> = budget:begin()
    return fn()
  end)
  return ok, result, budget:exceeded()
end

describe("lbhost.limits", function()
  it("lets through what stays within", function()
    local ok, value, exceeded = under({ seconds = 5, instructions = 1e8, memory = 1 << 24 }, function() return 42 end)
    assert.same({ true, 42 }, { ok, value })
    assert.is_nil(exceeded)
  end)

  it("stops an endless loop by instructions and by time", function()
    local ok, err, exceeded = under({ instructions = 1e6 }, function() while true do end end)
    assert.is_false(ok)
    assert.matches("more instructions than its budget allows", err)
    assert.equal("instructions", exceeded)
    ok, err, exceeded = under({ seconds = 0.05 }, function() while true do end end)
    assert.is_false(ok)
    assert.matches("longer than its budget allows", err)
    assert.equal("seconds", exceeded)
  end)

  it("stops a loop that catches its errors", function()
    local ok, err = under({ instructions = 1e5 }, function()
      while true do pcall(function() while true do end end) end
    end)
    assert.is_false(ok)
    assert.matches("more instructions", err)
  end)

  it("stops what hides in a coroutine", function()
    local ok, err = under({ instructions = 1e6 }, function()
      coroutine.wrap(function() while true do end end)()
    end)
    assert.is_false(ok)
    assert.matches("more instructions", err)
  end)

  it("stops what allocates for ever, in small pieces and in one", function()
    local ok, _, exceeded = under({ memory = 8 << 20 }, function()
      local list = {}
      while #list >= 0 do list[#list + 1] = { #list } end
    end)
    assert.is_false(ok)
    assert.equal("memory", exceeded)
    ok, _, exceeded = under({ memory = 8 << 20 }, function() return ("x"):rep(1 << 30) end)
    assert.is_false(ok)
    assert.equal("memory", exceeded)
  end)

  it("lets others go first when it computes for long", function()
    local ticks = 0
    local ticking = task.spawn(function()
      while true do
        task.sleep(0.01)
        ticks = ticks + 1
      end
    end)
    local ok = under({ seconds = eventually.seconds }, function() while ticks < 2 do end end)
    ticking:cancel()
    assert.is_true(ok)
  end)

  it("counts only what the task itself does", function()
    local ok, value = under({ instructions = 2e5, memory = 4 << 20 }, function()
      task.run(function()
        local list = {}
        for i = 1, 400000 do list[i] = { i } end
        assert.equal(400000, #list)
      end)
      return "alive"
    end)
    assert.same({ true, "alive" }, { ok, value })
  end)

  it("ends one that waits and catches every error", function()
    local budget = limits.new {}
    local one = task.spawn(function()
      local _ <close> = budget:begin()
      while true do pcall(task.sleep, 10) end
    end)
    task.sleep(0)
    budget:expire()
    one:cancel()
    local ok, err = pcall(one.wait, one)
    assert.is_false(ok)
    assert.matches("longer than its budget allows", tostring(err))
  end)

  it("lets through what makes much garbage and keeps little", function()
    local ok, _, exceeded = under({ memory = 4 << 20 }, function()
      collectgarbage "stop"
      for i = 1, 200 do assert(#("x"):rep(100000 + i) > 0) end
      collectgarbage "restart"
      for _ = 1, 100000 do end
    end)
    collectgarbage "restart"
    assert.is_true(ok)
    assert.is_nil(exceeded)
  end)

  it("does not touch the task any more when it has ended", function()
    task.run(function()
      local budget = limits.new { instructions = 1e5 }
      do local _ <close> = budget:begin() end
      for _ = 1, 1e6 do end
      local again <close> = budget:begin()
      assert.has_error(function() again:begin() end)
      assert.has_error(function() limits.new({}):begin() end)
    end)
  end)
end)
