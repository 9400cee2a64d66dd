local files = require "tests.support.files"
local process = require "tests.support.process"
local raw = require "tests.support.server"
local serve = require "tests.support.serve"

-- A handler that writes a line for each event into a file, and fails as the event says.
local RECORD = [[
  local path
  return { api = 1, name = "record", options = { path = { type = "string", env = "RECORD" } },
    setup = function(_, options) path = options.path end,
    events = { ["*"] = function(event, ctx)
      local file <close> = assert(io.open(path, "a"))
      file:write(ctx.event_id, " ", event.type, " ", ctx.attempt, "\n")
      local fails = event.data.fails
      if fails and ctx.attempt <= fails then error("as asked") end
    end } }
]]

local function lines_of(text)
  local list = {}
  for line in text:gmatch("[^\n]+") do list[#list + 1] = line end
  return list
end

local function start_recording(options)
  options = options or {}
  local directory = serve.directory()
  options.record = directory .. "/record"
  options.files = options.files or { ["record.lua"] = RECORD }
  options.env = options.env or {}
  options.env.RECORD = options.record
  local one = serve.start(options)
  one.record = options.record
  return one
end

describe("lbhost serve", function()
  describe("receives", function()
    local one
    setup(function() one = start_recording() end)
    teardown(function() one:stop() end)

    it("an event once, and acknowledges a repeated one without handling it", function()
      local status, body = one:event("msg_1", "commentCreated")
      assert.same({ 200, '{"received":true}' }, { status, body })
      one:wait_for "event handled event=msg_1"
      status, body = one:event("msg_1", "commentCreated")
      assert.equal(200, status)
      assert.matches("duplicate", body)
      assert.equal("msg_1 commentCreated 1\n", files.content(one.record))
    end)

    it("types that nobody knows, and events without a room", function()
      assert.equal(200, (one:event("msg_new", "somethingNew")))
      one:wait_for "event handled event=msg_new"
      assert.matches("msg_new somethingNew 1", files.content(one.record))
    end)

    it("nothing that is not signed, and never shows the right signature", function()
      local body = serve.body("commentCreated")
      local right = serve.headers("m", body)
      local signature = right[3]:match("v1,(%S+)")
      local other = "whsec_" .. ("A"):rep(32)
      local old, future = serve.headers("m", body, 400), serve.headers("m", body, -400)
      for name, case in pairs {
        ["no headers"] = { 400, {} }, ["no id"] = { 400, { right[2], right[3] } },
        ["no signature"] = { 400, { right[1], right[2] } }, ["no timestamp"] = { 400, { right[1], right[3] } },
        ["doubled id"] = { 400, { right[1], right[1], right[2], right[3] } },
        ["doubled timestamp"] = { 400, { right[1], right[2], right[2], right[3] } },
        ["doubled signature"] = { 400, { right[1], right[2], right[3], right[3] } },
        ["an empty signature"] = { 400, { right[1], right[2], "webhook-signature: " } },
        ["an invalid timestamp"] = { 400, { right[1], "webhook-timestamp: 12x", right[3] } },
        ["another secret"] = { 401, serve.headers("m", body, 0, other) },
        ["an invalid signature"] = { 401, { right[1], right[2], "webhook-signature: v1,%%%" } },
        ["a signature without version"] = { 401, { right[1], right[2], "webhook-signature: " .. signature } },
        ["another id"] = { 401, { "webhook-id: n", right[2], right[3] } }, stale = { 401, old }, future = { 401, future },
      } do
        local status, answer = one:post(body, case[2])
        assert.equal(case[1], status, name)
        assert.is_nil(answer:find(signature, 1, true), name)
      end
      assert.equal(401, (one:post(body .. " ", right)))
      assert.is_nil(one:log():find(signature, 1, true))
      assert.is_nil(one:log():find(serve.SECRET, 1, true))
    end)

    it("no body that is not an event, whatever its bytes", function()
      for name, body in pairs { empty = "", ["half"] = '{"type":', ["bad UTF-8"] = '{"type":"\xff"}', array = "[]", text = '"x"',
        ["no type"] = "{}", ["type of the wrong type"] = '{"type":1}', deep = ("["):rep(5000), NUL = "\0" } do
        assert.equal(400, (one:post(body, serve.headers("bad", body))), name)
      end
      assert.equal(413, (one:post(("x"):rep(2 << 20), {})))
      assert.equal(405, (one:get("/")))
      assert.equal(404, (one:get("/nothing")))
      local answer = raw.exchange(one.port, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") -- no length
      assert.matches("^HTTP/1.1 400", answer)
      assert.equal(200, (one:event("msg_2", "roomCreated")))
    end)

    it("health and metrics", function()
      local status, body = one:get "/healthz"
      assert.equal(200, status)
      assert.matches('"status":"ok"', body)
      assert.is_true(one:metric 'lbhost_events_received_total{outcome="new"}' >= 1)
      assert.is_true(one:metric "process_resident_memory_bytes" > 1e6)
    end)
  end)

  it("handles the events of a room in order, and rooms side by side", function()
    local handler = [[
      local task = require "liveblocks.task"
      local begun = {}
      return { api = 1, name = "slow", events = { commentCreated = function(event, ctx)
        ctx.log("info", "begin " .. event.data.roomId .. event.data.n)
        begun[event.data.roomId] = true
        repeat task.sleep(0.01) until begun.a and begun.b
        ctx.log("info", "end " .. event.data.roomId .. event.data.n)
      end } }]]
    local one <close> = serve.start { files = { ["slow.lua"] = handler } }
    for n = 1, 3 do
      for _, room in ipairs { "a", "b" } do one:event(room .. n, "commentCreated", { roomId = room, n = n }) end
    end
    one:wait_for "event handled event=b3"
    local order, both = { a = "", b = "" }, false
    local running = {}
    for what, room, n in one:log():gmatch "info  (%a+) (%a)(%d)" do
      order[room] = order[room] .. what:sub(1, 1) .. n
      running[room] = what == "begin" or nil
      both = both or (running.a and running.b)
    end
    assert.same({ a = "b1e1b2e2b3e3", b = "b1e1b2e2b3e3" }, order)
    assert.is_true(both)
  end)

  -- It computes until a route has been asked for, which is answered in the middle of it or never.
  it("answers others while a handler computes for long, and takes events meanwhile", function()
    local one <close> = serve.start { files = { ["busy.lua"] = [[
      local asked = false
      return { api = 1, name = "busy", routes = { ["GET /asked"] = function() asked = true return "yes" end },
        events = { commentCreated = function(_, ctx)
          ctx.log("info", "computes")
          local x = 0
          while not asked do x = x + 1 end
          ctx.log("info", "ends")
        end, roomCreated = function(_, ctx) ctx.log("info", "another") end } }]] } }
    one:event("long", "commentCreated", { roomId = "a" })
    one:wait_for "info  computes"
    assert.equal(200, (one:get "/healthz"))
    one:event("short", "roomCreated", { roomId = "b" })
    one:wait_for "event handled event=short"
    assert.is_nil(one:log():find("info  ends", 1, true))
    assert.equal(200, (one:get "/asked"))
    one:wait_for "event handled event=long"
  end)

  it("keeps to its concurrency", function()
    local handler = [[
      local task = require "liveblocks.task"
      local running, max = 0, 0
      return { api = 1, name = "count", events = { ["*"] = function(event, ctx)
        running = running + 1
        max = math.max(max, running)
        repeat task.sleep(0.02) until max >= 3
        running = running - 1
        ctx.log("info", "max", { n = max })
      end } }]]
    local one <close> = serve.start { files = { ["count.lua"] = handler }, arguments = { "--concurrency", "3" } }
    for n = 1, 12 do one:event("m" .. n, "roomCreated", { roomId = "r" .. n }) end
    one:wait_for "event handled event=m12"
    assert.matches("n=3", one:log(), 1, true)
    assert.is_nil(one:log():find("n=4", 1, true))
  end)

  it("tries a failing event again, then parks it, and the queue gives it back", function()
    local one = start_recording { arguments = { "--backoff", "0.05", "--attempts", "3" } }
    one:event("twice", "commentCreated", { fails = 2, roomId = "x" })
    one:event("ever", "commentCreated", { fails = 4, roomId = "y" })
    one:event("behind", "commentCreated", { roomId = "y" })
    one:wait_for "event is a dead letter"
    one:wait_for "event handled event=behind"
    one:until_metric('lbhost_events{state="parked"}', 1)
    assert.same({ "ever commentCreated 1", "ever commentCreated 2", "ever commentCreated 3", "behind commentCreated 1" },
      (function()
        local found = {}
        for _, line in ipairs(lines_of(files.content(one.record))) do
          if not line:find "twice" then found[#found + 1] = line end
        end
        return found
      end)())
    local out = process.run { "queue", "list", "--state", "parked", "--store", one.store }
    assert.matches("ever", out)
    assert.matches("as asked", out)
    out = process.run { "queue", "show", "ever", "--store", one.store }
    assert.matches('"fails": 4', out, 1, true)
    out = process.run { "queue", "retry", "ever", "--store", one.store }
    assert.equal("1 event will be handled again\n", out)
    one:wait_for("attempt=3 event=ever.*attempt=1 event=ever.*attempt=3 event=ever")
    out = process.run { "queue", "drop", "--state", "parked", "--store", one.store }
    assert.matches("event", out)
    assert.equal(0, select(2, one:stop()))
  end)

  it("runs the handlers of an event that have not succeeded, and only those, again", function()
    local one <close> = start_recording { arguments = { "--backoff", "0.05" }, files = { ["record.lua"] = RECORD, ["other.lua"] = [[
      return { api = 1, name = "other", events = { commentCreated = function(_, ctx)
        ctx.log("info", "other " .. ctx.attempt)
        if ctx.attempt < 3 then error("not yet") end
      end } }]] } }
    one:event("m", "commentCreated")
    one:wait_for "event handled event=m"
    assert.equal("m commentCreated 1\n", files.content(one.record))
    assert.matches("other 3", one:log())
  end)

  it("does something once across attempts, with the result of the first time", function()
    local one <close> = serve.start { arguments = { "--backoff", "0.05" }, files = { ["once.lua"] = [[
      local count = 0
      return { api = 1, name = "once", events = { commentCreated = function(_, ctx)
        local value = ctx.once("post", function() count = count + 1 return { count = count } end)
        ctx.log("info", ("attempt %d value %d count %d"):format(ctx.attempt, value.count, count))
        if ctx.attempt < 3 then error("not yet") end
      end } }]] } }
    one:event("m", "commentCreated")
    one:wait_for "attempt 3 value 1 count 1"
  end)

  it("stops handlers that run away and goes on", function()
    local one <close> = serve.start { arguments = { "--attempts", "1", "--handler-seconds", "3", "--handler-memory", "4" },
      files = { ["away.lua"] = [[
      local task = require "liveblocks.task"
      local ways = {
        loop = function() while true do end end, caught = function() while true do pcall(error) end end,
        allocate = function() local t = {} while true do t[#t + 1] = { #t } end end,
        yield = function() while true do coroutine.yield() end end, sleep = function() task.sleep(1000) end,
        throw = function() error({}) end, nothing = function() error() end,
        tasks = function() task.map({ 1, 2 }, function() while true do end end) end,
        deep = function() local function f() return 1 + f() end f() end,
      }
      return { api = 1, name = "away", events = { roomCreated = function(event) ways[event.data.way]() end,
        roomDeleted = function() end } }]] } }
    local count = 0
    for _, way in ipairs { "loop", "caught", "allocate", "yield", "sleep", "throw", "nothing", "tasks", "deep" } do
      assert.equal(200, (one:event(way, "roomCreated", { way = way, roomId = way })))
      count = count + 1
    end
    assert.equal(200, (one:event("fine", "roomDeleted", { roomId = "fine" })))
    one:wait_for "event handled event=fine"
    for _, way in ipairs { "loop", "caught", "allocate", "yield", "sleep", "throw", "nothing", "tasks", "deep" } do
      one:wait_for("event is a dead letter[^\n]*event=" .. way)
    end
    assert.matches("event=loop[^\n]*stopped after 3 seconds", one:log())
    assert.matches("event=allocate[^\n]*more than 4 MiB", one:log())
    assert.matches("event=sleep[^\n]*stopped after 3 seconds", one:log())
    one:until_metric('lbhost_events{state="parked"}', count)
  end)

  it("takes a 404 for what an event names as a normal outcome", function()
    local srv = raw.start {}
    local one <close> = serve.start { env = { LIVEBLOCKS_BASE_URL = srv:base("status,code=404", "gone") },
      files = { ["gone.lua"] = [[
        return { api = 1, name = "gone", events = { commentCreated = function(event, ctx)
          ctx.client:get_thread(event.data.roomId, "th_1")
        end } }]] } }
    one:event("m", "commentCreated")
    one:wait_for "what the event names is gone"
    one:wait_for "event handled event=m"
    srv:stop()
  end)

  it("goes on when a handler file cannot be loaded, and reports it", function()
    local one <close> = start_recording { files = { ["record.lua"] = RECORD, ["broken.lua"] = "return {",
      ["wrong.lua"] = "return { api = 1, evnts = {} }" } }
    assert.equal(200, (one:event("m", "roomCreated")))
    one:wait_for "event handled event=m"
    assert.matches("broken.lua", one:log())
    assert.matches("did you mean 'events'", one:log())
    local _, body = one:get "/healthz"
    assert.matches('"status":"degraded"', body)
    assert.matches("wrong.lua", body)
  end)

  it("loads handlers again on SIGHUP, and keeps the old version of one that is broken now", function()
    local function version(n)
      return ('return { api = 1, name = "v", events = { roomCreated = function(_, ctx) ctx.log("info", "version %d") end } }')
        :format(n)
    end
    local one <close> = serve.start { files = { ["v.lua"] = version(1) } }
    one:event("m1", "roomCreated")
    one:wait_for "version 1"
    serve.write(one:file "v.lua", version(2))
    one.process:signal "HUP"
    one:wait_for "handlers reloaded"
    one:event("m2", "roomCreated")
    one:wait_for "version 2"
    serve.write(one:file "v.lua", "return {")
    one.process:signal "HUP"
    one:wait_for "handlers reloaded.*handlers reloaded"
    one:event("m3", "roomCreated")
    one:wait_for "event handled event=m3"
    assert.matches("version 2.*version 2", one:log())
  end)

  it("serves the routes of plugins", function()
    local one <close> = serve.start { files = { ["routes.lua"] = [[
      return { api = 1, name = "routes", routes = {
        ["GET /json"] = function(request) return { query = request.query } end,
        ["POST /text"] = function(request) return request.body:upper() end,
        ["GET /full"] = function() return { status = 418, headers = { ["x-a"] = "b" }, body = "tea" } end,
        ["GET /none"] = function() end, ["GET /fail"] = function() error("oh") end } }]] } }
    assert.same({ 200, '{"query":"a=1"}' }, { one:get "/json?a=1" })
    assert.same({ 418, "tea" }, { one:get "/full" })
    assert.equal(204, (one:get "/none"))
    assert.equal(500, (one:get "/fail"))
    assert.same({ 200, "ABC" }, { one:post("abc", {}, "/text") })
    assert.equal(405, (one:get "/text"))
  end)

  it("runs timers, and with --once one of them now", function()
    local timed = [[return { api = 1, name = "timed", timers = { ["1s"] = function(ctx) ctx.log("info", "tick") end,
      ["30d"] = function(ctx) ctx.log("info", "monthly") end } }]]
    local one = serve.start { files = { ["timed.lua"] = timed } }
    one:wait_for "tick.*tick"
    assert.is_nil(one:log():find("monthly", 1, true))
    one:stop()
    local directory, store = serve.directory()
    local path = serve.write(directory .. "/timed.lua", timed)
    local _, err, status = process.run { "serve", path, "--store", store, "--once", "30d" }
    assert.equal(0, status, err)
    assert.matches("monthly", err)
    _, err, status = process.run { "serve", path, "--store", store, "--once", "nope" }
    assert.equal(2, status)
    assert.matches("there is no timer 'nope'; there are: ", err, 1, true)
  end)

  it("lets a handler end on SIGTERM, and gives up after its grace", function()
    local handler = [[
      local task = require "liveblocks.task"
      return { api = 1, name = "slow", events = { roomCreated = function(event, ctx)
        ctx.log("info", "begun")
        task.sleep(event.data.seconds)
      end } }]]
    local one = serve.start { files = { ["slow.lua"] = handler }, arguments = { "--grace", "60" } }
    one:event("m", "roomCreated", { seconds = 0.3 })
    one:wait_for "begun"
    local log, status = one:stop()
    assert.matches("event handled event=m", log)
    assert.equal(0, status)
    one = serve.start { files = { ["slow.lua"] = handler }, arguments = { "--grace", "0.3" } }
    one:event("m", "roomCreated", { seconds = 100 })
    one:wait_for "begun"
    log, status = one:stop()
    assert.matches("stopped running=1", log)
    assert.equal(1, status)
  end)

  it("lets a handler and a timer end on SIGTERM, though somebody sends slowly", function()
    local handler = [[
      local task = require "liveblocks.task"
      return { api = 1, name = "slow", events = { roomCreated = function(_, ctx) ctx.log("info", "begun") task.sleep(0.6) end },
        timers = { ["1s"] = function(ctx) ctx.log("info", "timer begun") task.sleep(0.6) ctx.log("info", "timer ended") end } }]]
    local one = serve.start { files = { ["slow.lua"] = handler }, arguments = { "--grace", "60" } }
    local slow = assert(require("socket").connect("127.0.0.1", one.port))
    slow:send "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n"
    one:wait_for "timer begun"
    one:event("m", "roomCreated")
    one:wait_for "info  begun"
    local log, status = one:stop()
    slow:close()
    assert.matches("event handled event=m", log)
    assert.matches("timer ended[^\n]*\n.*stopped running=0", log)
    assert.equal(0, status)
  end)

  it("runs a timer with --once while the service runs, and refuses an invalid path", function()
    local timed = [[return { api = 1, name = "timed", timers = { ["30d"] = function(ctx) ctx.log("info", "monthly") end } }]]
    local one <close> = serve.start { files = { ["timed.lua"] = timed } }
    local _, err, status = process.run { "serve", one:file "timed.lua", "--store", one.store, "--once", "30d" }
    assert.equal(0, status, err)
    assert.matches("monthly", err)
    _, err, status = process.run { "serve", one:file "timed.lua", "--store", one.store, "--path", "hook" }
    assert.equal(2, status)
    assert.matches("'hook' is not a valid path; a path begins with /", err, 1, true)
  end)

  it("handles after a restart what was not handled before", function()
    local directory, store = serve.directory()
    local never = [[return { api = 1, name = "record", events = { ["*"] = function() require("liveblocks.task").sleep(100) end } }]]
    local one = serve.start { files = { ["record.lua"] = never }, store = store }
    for n = 1, 40 do assert.equal(200, (one:event("m" .. n, "roomCreated", { roomId = "r" .. n % 7 }))) end
    one.process:stop() -- kill -9
    one = start_recording { store = store }
    one:wait_for("event handled event=m40")
    one:until_metric('lbhost_events{state="pending"}', 0)
    local log = one:stop()
    assert.matches("stopped running=0", log)
    local seen = {}
    for _, line in ipairs(lines_of(files.content(one.record))) do seen[line:match "^(%S+)"] = (seen[line:match "^(%S+)"] or 0) + 1 end
    for n = 1, 40 do assert.equal(1, seen["m" .. n], "m" .. n) end
    os.execute("rm -rf " .. directory)
  end)

  it("refuses a store that is damaged, foreign or in use, and leaves it as it is", function()
    local directory, store = serve.directory()
    local handler = serve.write(directory .. "/h.lua", RECORD)
    local env = { LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET, RECORD = directory .. "/record" }
    local function refused(text)
      local before = files.content(store)
      local _, err, status = process.run({ "serve", handler, "--store", store, "--port", "0" }, { env = env })
      assert.equal(2, status, text)
      assert.matches(text, err, 1, true)
      assert.equal(before, files.content(store))
    end
    serve.write(store, ("garbage "):rep(2000))
    refused "is damaged or not a database, and is left as it is"
    os.remove(store)
    assert.equal(0, (select(3, process.run({ "-e",
      ("require('lbhost.sqlite').open(%q, { create = true }):exec 'CREATE TABLE notes (x)'"):format(store) }, {}))))
    refused "is a database of something else"
    os.remove(store)
    local one = serve.start { files = { [handler] = "" }, store = store, env = { RECORD = directory .. "/record" } }
    for n = 1, 300 do one:event("m" .. n, "roomCreated", { text = ("x"):rep(300) }) end
    refused "is in use by another lbhost serve"
    one:stop()
    -- a page in the middle is overwritten
    local whole = files.content(store)
    serve.write(store, whole:sub(1, 8192) .. ("\xAA"):rep(8192) .. whole:sub(16385))
    refused "is damaged, and is left as it is"
    os.execute("rm -rf " .. directory)
  end)

  it("explains what it needs", function()
    local directory, store = serve.directory()
    local handler = serve.write(directory .. "/h.lua", RECORD)
    for text, case in pairs {
      ["LIVEBLOCKS_WEBHOOK_SECRET"] = { { handler }, {} },
      ["begins with whsec_"] = { { handler }, { LIVEBLOCKS_WEBHOOK_SECRET = "sk_x" } },
      ["give a handler file"] = { {}, { LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET } },
      ["cannot read the handler file: /nonexistent.lua: No such file"] = { { "/nonexistent.lua" }, {} }, -- before the secret
      ["no handler could be loaded"] = { { serve.write(directory .. "/broken.lua", "x =") }, { LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET } },
      ["not a whole number"] = { { handler, "--port", "x" }, { LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET } },
    } do
      local arguments = { "serve", "--store", store }
      table.move(case[1], 1, #case[1], 4, arguments)
      case[2].LIVEBLOCKS_WEBHOOK_SECRET = case[2].LIVEBLOCKS_WEBHOOK_SECRET or false
      local _, err, status = process.run(arguments, { env = case[2] })
      assert.equal(2, status, text .. err)
      assert.matches(text, err, 1, true)
    end
    os.execute("rm -rf " .. directory)
  end)

  it("takes its options from the configuration, unless the command line says otherwise", function()
    local directory, store = serve.directory()
    local config = serve.write(directory .. "/lbhost.lua", 'return { plugins = { serve = { log = "json", attempts = 1 } } }')
    local handler = serve.write(directory .. "/fail.lua",
      'return { api = 1, name = "fail", events = { roomCreated = function() error("no") end } }')
    local one <close> = serve.start { files = { [handler] = "" }, store = store, arguments = { "--config", config } }
    one:event("m", "roomCreated")
    one:wait_for '"message":"event is a dead letter'
    os.execute("rm -rf " .. directory)
  end)

  it("writes logs as JSON, an object a line", function()
    local one <close> = start_recording { arguments = { "--log", "json" } }
    one:event("m", "roomCreated")
    one:wait_for '"event":"m"'
    local cjson = require "cjson"
    for line in one:log():gmatch("([^\n]+)\n") do
      local ok, row = pcall(cjson.decode, line)
      assert.is_true(ok and type(row.message) == "string", line)
    end
  end)
end)
