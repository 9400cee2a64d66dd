-- The pace of a migration: what a server sees of it.
local directory = require "tests.support.directory"
local process = require "tests.support.process"
local socket = require "socket"
local test_server = require "tests.support.server"

describe("the pace of lbhost migrate", function()
  local server, dir
  setup(function() server, dir = test_server.start {}, directory.new() end)
  teardown(function()
    server:stop()
    dir:remove()
  end)
  before_each(function() server:reset() end)

  -- Gets so many rooms from a server that meets the scenario, every other one by a client of its own; returns the requests
  -- it saw.
  local function run(scenario, count, ...)
    local text = ([[local ids = {} for i = 1, %d do ids[i] = "r" .. i end
      return { api = 1, ids = ids, each = function(id, ctx)
        local client = id:find "[13579]$" and ctx.client:with { timeout = 30, rate = 1000 } or ctx.client
        client:get_room(id)
      end }]]):format(count)
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

  it("is never faster than --rate", function() -- tests/c/pace_test.c has it to a call
    local began = socket.gettime()
    local log = run("ok", 400, "--rate", "300", "--concurrency", "20")
    local seconds = log[#log].time - began
    assert.is_true(seconds >= 399 / 300, ("400 requests in %g s"):format(seconds))
  end)

  it("is slower as a whole after a 429, and recovers", function()
    local log = run("status,code=429,retry-after=1,times=1", 100, "--concurrency", "4")
    assert.is_true(#log > 100)
    -- After the first responses nothing comes until the second is over; then all the rest.
    local before = 1
    while log[before + 1] and log[before + 1].time - log[before].time < 0.9 do before = before + 1 end
    assert.is_true(#log - before >= 90, ("%d of %d requests before the pause"):format(before, #log))
  end)
end)
