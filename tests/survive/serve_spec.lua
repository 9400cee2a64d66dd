-- What `lbhost serve` must survive, with real processes: takes minutes, run by ./dev survive.
local eventually = require "tests.support.eventually"
local files = require "tests.support.files"
local process = require "tests.support.process"
local raw = require "tests.support.server"
local seed = require "tests.support.seed"
local serve = require "tests.support.serve"
local socket = require "socket"

-- Writes a line for each event that it has handled.
local RECORD = [[
  local file
  return { api = 1, name = "record", options = { path = { type = "string", env = "RECORD", required = true } },
    setup = function(_, options) file = assert(io.open(options.path, "a")) file:setvbuf "line" end,
    events = { ["*"] = function(_, ctx) file:write(ctx.event_id, "\n") end } }
]]

local function counts_of(path)
  local counts = {}
  for id in files.content(path):gmatch("[^\n]+") do counts[id] = (counts[id] or 0) + 1 end
  return counts
end

-- A connection that sends many events, one after the other.
local function sender(port)
  local connection = assert(socket.connect("127.0.0.1", port))
  connection:settimeout(eventually.seconds)
  return function(id, room)
    local body = serve.body("commentCreated", { roomId = room })
    local head = { "POST / HTTP/1.1", "Host: x", ("Content-Length: %d"):format(#body),
      table.unpack(serve.headers(id, body)) }
    if not connection:send(table.concat(head, "\r\n") .. "\r\n\r\n" .. body) then return nil end
    local line = connection:receive "*l"
    local status, length = line and tonumber(line:match("^HTTP/1%.1 (%d+)")), 0
    if not status then return nil end
    repeat
      line = connection:receive "*l"
      if not line then return nil end
      length = tonumber(line:match("^[Cc]ontent%-[Ll]ength: (%d+)")) or length
    until line == ""
    local answer = connection:receive(length)
    return answer and status, answer
  end
end

describe("lbhost serve survives", function()
  it("being killed at random moments under load, twenty times", function()
    seed.start()
    local directory, store = serve.directory()
    local record = directory .. "/record"
    local waiting, new, acknowledged, number = {}, {}, {}, 0
    local one
    for _ = 1, 20 do
      one = serve.start { files = { ["record.lua"] = RECORD }, store = store, env = { RECORD = record } }
      local send, killed = sender(one.port), false
      local at = number + math.random(20, 200)
      -- Those without a response come again, as the vendor sends them; some that have one come again, too.
      local again = {}
      for id in pairs(waiting) do again[#again + 1] = id end
      for id in pairs(acknowledged) do
        if math.random() < 0.02 then again[#again + 1] = id end
      end
      table.sort(again)
      while not killed do
        local id = table.remove(again)
        if not id then
          number = number + 1
          id = "msg_" .. number
        end
        if number == at then
          -- in the middle of what is being done: a shell kills it while we send
          os.execute(("(sleep 0.00%d; kill -9 %d) &"):format(math.random(0, 9), one.process.pid))
        end
        waiting[id] = true
        local status, answer = send(id, "room" .. number % 13)
        if status == 200 then
          if not answer:find "duplicate" then new[id] = (new[id] or 0) + 1 end
          acknowledged[id], waiting[id] = true, nil
        else
          killed = true
        end
      end
      one.process:stop()
    end
    one = serve.start { files = { ["record.lua"] = RECORD }, store = store, env = { RECORD = record } }
    for id in pairs(waiting) do
      local status, answer = one:event(id, "commentCreated")
      assert.equal(200, status)
      if not answer:find "duplicate" then new[id] = (new[id] or 0) + 1 end
      acknowledged[id] = true
    end
    one:until_metric('lbhost_events{state="pending"}', 0)
    one:stop()
    local handled, twice, count = counts_of(record), 0, 0
    for id in pairs(acknowledged) do
      count = count + 1
      assert.is_true((handled[id] or 0) >= 1, id .. " was acknowledged and never handled")
      assert.is_true((new[id] or 0) <= 1, id .. " was acknowledged twice as new")
      if handled[id] > 1 then twice = twice + 1 end
    end
    assert.is_true(count > 1000, count)
    -- Again only where the kill came between the handler and the commit of its end.
    assert.is_true(twice <= 20 * 16, twice)
    os.execute("rm -rf " .. directory)
  end)

  it("a full disk: new events are refused, nothing stored suffers, and it goes on when there is room", function()
    local disk = serve.directory()
    assert(os.execute(("mount -t tmpfs -o size=1500k tmpfs %s"):format(disk)), "mounting a small disk needs root")
    local directory = serve.directory()
    local record = directory .. "/record"
    local ok, problem = pcall(function()
      local one = serve.start { files = { ["record.lua"] = RECORD }, store = disk .. "/events.db", env = { RECORD = record } }
      local stored, refused = {}, 0
      for n = 1, 400 do
        local id = "msg_" .. n
        local body = serve.body("commentCreated", { roomId = "r" .. n % 5, text = ("x"):rep(8000) })
        local status = one:post(body, serve.headers(id, body))
        if status == 200 then stored[#stored + 1] = id else refused = refused + 1 end
        assert.is_true(status == 200 or status == 503, status)
      end
      assert.is_true(#stored > 20 and refused > 20, #stored)
      assert.equal(200, (one:get "/healthz"))
      assert(os.execute(("mount -o remount,size=40m %s"):format(disk)))
      eventually(function() return one:event("later", "roomCreated") == 200 end, "it goes on")
      one:until_metric('lbhost_events{state="pending"}', 0)
      local log, status = one:stop()
      assert.equal(0, status, log)
      assert.matches("disk is full", log)
      local handled = counts_of(record)
      for _, id in ipairs(stored) do assert.is_true((handled[id] or 0) >= 1, id) end
      local out = process.run { "queue", "list", "--limit", "1000", "--store", disk .. "/events.db" }
      for _, id in ipairs(stored) do assert.matches(id .. " ", out, 1, true) end
    end)
    os.execute(("umount -l %s; rm -rf %s %s"):format(disk, disk, directory))
    if not ok then error(problem, 0) end
  end)

  it("a thousand connections that send a byte a second", function()
    local record = os.tmpname()
    local one = serve.start { files = { ["record.lua"] = RECORD }, env = { RECORD = record },
      arguments = { "--request-seconds", "3" } }
    local text = ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"):rep(2)
    local slow = {}
    for i = 1, 1000 do
      slow[i] = assert(socket.connect("127.0.0.1", one.port))
      slow[i]:settimeout(0)
    end
    for second = 1, 5 do
      for _, connection in ipairs(slow) do connection:send(text:sub(second, second)) end
      for n = 1, 20 do
        assert.equal(200, (one:event(("m%d_%d"):format(second, n), "roomCreated")))
      end
      socket.sleep(0.8)
    end
    eventually(function()
      local open = 0
      for _, connection in ipairs(slow) do
        local _, why = connection:receive(1)
        if why ~= "closed" then open = open + 1 end
      end
      return open == 0
    end, "all that are slow are cut")
    for _, connection in ipairs(slow) do connection:close() end
    one:until_metric('lbhost_events{state="pending"}', 0)
    one:stop()
    os.remove(record)
  end)

  it("an API that answers 429 and 500 while handlers run", function()
    local api = raw.start {}
    local handler = [[
      return { api = 1, name = "api", events = { roomCreated = function(event, ctx)
        ctx.client:get_room(event.data.roomId)
        ctx.log("info", "fetched " .. event.data.roomId)
      end } }]]
    for i, scenario in ipairs { "sequence,codes=429.429.429.429.429.200,retry-after=0", "sequence,codes=500.502.500.503.500.500.200" } do
      local one = serve.start { files = { ["api.lua"] = handler }, env = { LIVEBLOCKS_BASE_URL = api:base(scenario, "s" .. i) },
        arguments = { "--backoff", "0.2" } }
      for n = 1, 4 do one:event("m" .. n, "roomCreated", { roomId = "room" .. n }) end
      for n = 1, 4 do one:wait_for("fetched room" .. n) end
      one:until_metric('lbhost_events{state="pending"}', 0)
      one:stop()
    end
    api:stop()
  end)

  it("a clock that steps forwards and backwards", function()
    local directory = serve.directory()
    local record, clock = directory .. "/record", serve.write(directory .. "/clock", "+0")
    local timed = [[return { api = 1, name = "timed", timers = { ["1h"] = function(ctx) ctx.log("info", "hourly") end } }]]
    local one = serve.start { files = { ["record.lua"] = RECORD, ["timed.lua"] = timed }, env = { RECORD = record,
      LD_PRELOAD = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", FAKETIME_TIMESTAMP_FILE = clock,
      FAKETIME_DONT_FAKE_MONOTONIC = "1", FAKETIME_NO_CACHE = "1" } }
    local function hourly() return select(2, one:log():gsub("hourly", "")) end
    local function send(id, age)
      local body = serve.body("roomCreated")
      return (one:post(body, serve.headers(id, body, age)))
    end
    assert.equal(200, send("a", 0))
    local before = hourly()
    serve.write(clock, "+5h") -- missed hours are made up for once
    eventually(function() return hourly() == before + 1 end, "the timer runs")
    assert.equal(401, send("b", 0))
    assert.equal(200, send("b", -5 * 3600))
    serve.write(clock, "-1h")
    assert.equal(401, send("c", 0))
    assert.equal(200, send("c", 3600))
    serve.write(clock, "+0")
    assert.equal(200, send("d", 0))
    one:until_metric('lbhost_events{state="pending"}', 0)
    assert.equal(before + 1, hourly())
    one:stop()
    local handled = counts_of(record)
    assert.same({ a = 1, b = 1, c = 1, d = 1 }, handled)
    os.execute("rm -rf " .. directory)
  end)

  it("a hundred thousand events with the memory of the first ten thousand", function()
    local record = os.tmpname()
    local one = serve.start { files = { ["record.lua"] = RECORD }, env = { RECORD = record }, arguments = { "--log-level", "info" } }
    local function load(count)
      local _, err, status = process.run({ "send", "commentCreated", "--repeat", tostring(count), "--concurrency", "32",
        "--to", ("http://127.0.0.1:%d/"):format(one.port) }, { env = { LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET }, timeout = 1200 })
      assert.equal(0, status, err)
      one:until_metric('lbhost_events{state="pending"}', 0)
    end
    load(10000)
    local first = one:metric "process_resident_memory_bytes"
    load(90000)
    local last = one:metric "process_resident_memory_bytes"
    one:stop()
    assert.equal(100000, select(2, files.content(record):gsub("\n", "")))
    assert.is_true(last < first * 1.15, ("%d became %d bytes"):format(first, last))
    os.remove(record)
  end)
end)
