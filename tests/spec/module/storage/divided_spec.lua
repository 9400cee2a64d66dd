local liveblocks = require "liveblocks"
local divided = require "liveblocks.storage.divided"
local seed = require "tests.support.seed"

local function steps_until(done)
  local steps = 0
  while not done() do
    liveblocks.step(0)
    steps = steps + 1
    assert(steps < 10000, "it does not end")
  end
  return steps
end

describe("divided work", function()
  it("sorts what table.sort sorts", function()
    seed.start()
    for _, count in ipairs { 0, 1, 2, 63, 64, 65, 127, 128, 129, 191, 192, 1000 } do
      local list = {}
      for i = 1, count do list[i] = ("/path/%d"):format(math.random(0, count)) end
      local expected = table.move(list, 1, count, 1, {})
      table.sort(expected)
      assert.same(expected, divided.run(divided.sort, table.move(list, 1, count, 1, {})))
      assert.same(expected, divided.sort(list))
    end
  end)

  it("is paused at its points where a step has a budget that is spent", function()
    local points, ended = 0, false
    liveblocks.task.spawn(function()
      divided.run(function()
        for _ = 1, 1000 do
          divided.point()
          points = points + 1
        end
      end)
      ended = true
    end)
    liveblocks.step(0)
    assert.is_true(points < 100, points .. " points in the first step")
    assert.is_true(steps_until(function() return ended end) >= 20)
    assert.equal(1000, points)
  end)

  it("lets no other task in outside of divided.run, also while another task is paused in it", function()
    local divided_ended, whole_ended, turns = false, false, 0
    liveblocks.task.spawn(function()
      divided.run(function() for _ = 1, 1000 do divided.point() end end)
      divided_ended = true
    end)
    liveblocks.task.spawn(function()
      for _ = 1, 10 do
        local before = turns
        for _ = 1, 1000 do divided.point() end
        assert.equal(before, turns)
        coroutine.yield()
      end
      whole_ended = true
    end)
    liveblocks.task.spawn(function()
      while not (divided_ended and whole_ended) do
        turns = turns + 1
        coroutine.yield()
      end
    end)
    steps_until(function() return divided_ended and whole_ended end)
    steps_until(function() return liveblocks.pending() == 0 end)
  end)

  it("returns what the function returns, raises what it raises, and has ended then", function()
    local problem = {}
    assert.same({ 1, nil, 3, n = 3 }, table.pack(divided.run(function(...) return ... end, 1, nil, 3)))
    local ok, err = pcall(divided.run, function() error(problem) end)
    assert.is_false(ok)
    assert.equal(problem, err)
    local points = 0
    liveblocks.task.spawn(function()
      for _ = 1, 1000 do
        divided.point()
        points = points + 1
      end
    end)
    liveblocks.step(0)
    assert.equal(1000, points)
    assert.equal(0, #liveblocks.task.unseen_failures())
  end)
end)
