-- A run that is paused, paced and stopped from another terminal.
local control = require "lbhost.migrate.control"
local directory = require "tests.support.directory"
local local_server = require "tests.support.local_server"
local socket = require "socket"

describe("lbhost migrate", function()
  local server, client, dir
  setup(function()
    server = local_server.start()
    client = server:client()
    for i = 1, 30 do client:create_room { id = ("room-%02d"):format(i), defaultAccesses = {} } end
  end)
  teardown(function() server:stop() end)
  before_each(function()
    dir = directory.new()
    dir:write("m.lua", [[return { api = 1, rooms = {}, concurrency = 1, each = function(room, ctx)
      require("liveblocks").task.sleep(0.05)
      ctx.client:get_room(room.id)
      ctx:log("did " .. room.id)
    end }]])
  end)
  after_each(function() dir:remove() end)

  local function run(...) return server:run({ "migrate", "m.lua", ... }, { cwd = dir.path }) end
  local function start(...)
    local running = server:spawn({ "migrate", "m.lua", ... }, { cwd = dir.path })
    running:wait_for("did room", true)
    return running
  end
  local function order(pattern, ...)
    local out, err, status = run(...)
    assert.same({ 0, "" }, { status, err })
    assert.matches(pattern, out)
  end
  local function refused(pattern, ...)
    local _, err, status = run(...)
    assert.equal(2, status)
    assert.matches(pattern, err)
  end

  it("pauses, shows who said so, and goes on", function()
    local running <close> = start()
    order("^m: paused by [^@]+@%S+\n$", "--pause")
    running:wait_for("lbhost: paused by ", true)
    -- What was in flight has ended when nothing more comes.
    local before
    repeat
      before = running:errors()
      socket.sleep(0.3)
    until running:errors() == before
    assert.matches("pending", (run "--status"))
    assert.matches("\n  20%d%d%-[%dT:-]+Z paused by [^@]+@%S+\n$", (run "--status"))
    order("^m: goes on by ", "--unpause")
    local out, err, status = running:wait()
    assert.equal(0, status, err)
    assert.matches("m: 30 done", out)
    assert.equal(30, select(2, err:gsub("did room", "")))
    assert.matches("paused by .*\n.*goes on by ", (run "--status"))
  end)

  it("stops when it is ordered to, also while it is paused, and says how to go on", function()
    local running <close> = start()
    order("paused", "--pause")
    running:wait_for("lbhost: paused by ", true)
    order("is stopping by ", "--stop")
    local out, _, status = running:wait()
    assert.equal(130, status)
    assert.matches("m: %d+ done, %d+ pending, in %d+ s\ngo on with: lbhost migrate m.lua\n$", out)
    -- Orders are for the runs that there are, not for those that come.
    out, _, status = run()
    assert.equal(0, status)
    assert.matches("m: 30 done", out)
  end)

  it("changes its pace", function()
    local running <close> = start()
    order("paused", "--pause") -- or it may have ended before the second order
    order("is set to rate=500,concurrency=4 by ", "--set", "rate=500,concurrency=4")
    running:wait_for("lbhost: is set to rate=500,concurrency=4 by ", true)
    order("is set to rate=none by ", "--set", "rate=none")
    running:wait_for("lbhost: is set to rate=none by ", true)
    order("goes on by ", "--unpause")
    assert.equal(0, select(3, running:wait()))
  end)

  it("refuses orders when there is no run, and such as make no sense", function()
    refused("there is no journal 'm.journal'", "--pause")
    run()
    refused("no run is using the journal 'm.journal'", "--pause")
    refused("%-%-set takes rate=N,concurrency=N, got 'x'", "--set", "x")
    refused("%-%-set concurrency takes 1 to 1000 items at a time, got '0'", "--set", "concurrency=0")
    refused("%-%-set rate takes requests a second, or none, got '%-1'", "--set", "rate=-1")
    refused("%-%-set knows no 'rat'; did you mean 'rate'%?", "--set", "rat=1")
    refused("%-%-pause and %-%-stop are two orders", "--pause", "--stop")
    refused("%-%-pause is an order", "--pause", "--dry-run")
  end)

  it("reads what is to be set", function()
    assert.same({ rate = 20, concurrency = 4 }, control.parse "rate=20, concurrency=4")
    assert.same({ rate = false }, control.parse "rate=none")
    assert.same({ rate = 0.5 }, control.parse "rate=0.5")
  end)
end)
