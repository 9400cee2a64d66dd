local task = require "liveblocks.task"
local workers = require "lbhost.migrate.workers"

describe("workers", function()
  -- Numbers from 1 on.
  local function numbers(count)
    local i = 0
    return function()
      i = i + 1
      return i <= count and i or nil
    end
  end

  -- Goes through `count` numbers; each(i, now) is called with how many are done at this moment.
  local function go_through(pool, count, each)
    local now, max, done = 0, 0, 0
    task.run(function()
      pool:run(numbers(count), function(i)
        now = now + 1
        max = math.max(max, now)
        task.sleep(0.001)
        if each then each(i, now) end
        now, done = now - 1, done + 1
      end)
    end)
    return done, max
  end

  it("do so many items at a time, each once", function()
    assert.same({ 50, 4 }, { go_through(workers.new(4), 50) })
    assert.same({ 2, 2 }, { go_through(workers.new(4), 2) })
    assert.same({ 0, 0 }, { go_through(workers.new(4), 0) })
  end)

  it("become more and fewer while they work", function()
    local pool, late = workers.new(2), 0
    local done, max = go_through(pool, 100, function(i, now)
      if i == 10 then pool:set_count(8) end
      if i == 50 then pool:set_count(1) end
      if i > 70 then late = math.max(late, now) end
    end)
    assert.same({ 100, 8, 1 }, { done, max, late })
  end)

  it("wait while they are paused, and end when they are stopped meanwhile", function()
    local pool = workers.new(2)
    local done = go_through(pool, 20, function(i)
      if i == 5 then
        pool:pause()
        task.spawn(function()
          task.sleep(0.05)
          assert.equal(0, pool.in_flight)
          pool:unpause()
        end)
      end
    end)
    assert.equal(20, done)
    done = go_through(pool, 20, function(i)
      if i == 5 then
        pool:pause()
        task.spawn(function()
          task.sleep(0.05)
          pool:stop "stopped"
        end)
      end
    end)
    assert.is_true(done < 20)
    assert.equal("stopped", pool.stopping)
  end)

  it("stop at an error and raise it, when those in flight have ended", function()
    local pool = workers.new(3)
    local ok, err = pcall(go_through, pool, 20, function(i) if i == 4 then error("this", 0) end end)
    assert.same({ false, "this" }, { ok, err })
    assert.equal("failed", pool.stopping)
    assert.equal(0, pool.in_flight)
  end)
end)
