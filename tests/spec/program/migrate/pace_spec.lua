-- The pace of a migration: what a server sees of it.
local folder = require "tests.support.folder"
local process = require "tests.support.process"
local test_server = require "tests.support.server"

describe("the pace of lbhost migrate", function()
  local server, dir
  setup(function() server, dir = test_server.start {}, folder.new() end)
  teardown(function()
    server:stop()
    dir:remove()
  end)
  before_each(function() server:reset() end)

  -- Gets so many rooms from a server that meets the scenario; returns the requests it saw.
  local function run(scenario, count, ...)
    local text = ([[local ids = {} for i = 1, %d do ids[i] = "r" .. i end
      return { api = 1, ids = ids, each = function(id, ctx) ctx.client:get_room(id) end }]]):format(count)
    dir:write("m.lua", text)
    local out, err, status = process.run({ "migrate", "m.lua", "--restart", ... }, { cwd = dir.path,
      env = { LIVEBLOCKS_BASE_URL = server:base(scenario, "pace"), LIVEBLOCKS_SECRET_KEY = "sk_x", HOME = "/nonexistent" } })
    assert.equal(0, status, err)
    assert.matches(("%d done"):format(count), out)
    return server:log("pace")
  end

  it("is never more at a time than --concurrency, and uses it", function()
    run("slow=15", 60, "--concurrency", "5")
    assert.equal(5, server:count().peak_busy)
  end)

  it("is never faster than --rate by more than 2 %", function()
    local log = run("ok", 400, "--rate", "300", "--concurrency", "20")
    -- From when it is under way: the first requests wait for connections, and arrive late.
    local first = 50
    local seconds = tonumber(log[#log].time) - tonumber(log[first].time)
    local rate = (#log - first) / seconds
    assert.is_true(rate <= 300 * 1.02 + 3, ("%.1f requests a second"):format(rate))
  end)

  it("is slower as a whole after a 429, and recovers", function()
    local log = run("status,code=429,retry-after=1,times=1", 100, "--concurrency", "4")
    assert.is_true(#log > 100)
    -- Behind the first answers nothing comes until the second is over; then all the rest.
    local gap, after = 0, 0
    for i = 2, #log do
      local pause = tonumber(log[i].time) - tonumber(log[i - 1].time)
      if pause > gap then gap, after = pause, #log - i end
    end
    assert.is_true(gap >= 0.9, ("a gap of %g s"):format(gap))
    assert.is_true(after >= 90)
  end)
end)
