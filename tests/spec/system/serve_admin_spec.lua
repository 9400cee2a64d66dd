local eventually = require "tests.support.eventually"
local directory = require "tests.support.directory"
local json = require "cjson"
local local_server = require "tests.support.local_server"
local page_client = require "tests.support.page_client"
local postgres = require "tests.support.postgres"
local process = require "tests.support.process"
local serve = require "tests.support.serve"
local socket = require "socket"


-- A handler that fails as the event says, and timers.
local HANDLER = [[
  local task = require "liveblocks.task"
  return { api = 1, name = "test", about = "About <tests>",
    events = { ["*"] = function(event)
      if event.data.fails then error(event.data.fails) end
      if event.data.slow then task.sleep(event.data.slow) end
    end },
    timers = { ["1s"] = function() error "no luck <today>" end, ["6h"] = function() end } }
]]

local EVIL <const> = "<script>alert(1)</script>'\"&<img src=x onerror=alert(2)>"

local function escape(text)
  return (text:gsub("[^%w._~-]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function has(text, ...)
  for _, part in ipairs { ... } do assert.matches(part, text, 1, true) end
end

-- Starts one with the page; settings: store, arguments (more of the command line).
local function start(settings)
  settings = settings or {}
  local one = serve.start { files = { ["test.lua"] = HANDLER }, store = settings.store, arguments = { "--admin", "127.0.0.1:0",
    "--attempts", "1", table.unpack(settings.arguments or {}) } }
  one.url = one:wait_for "operator's page is at (http://[%d.]+:%d+)/"

  function one.page(path, options)
    local status, body, headers = page_client(one.url, path, options)
    return body, status, headers
  end

  -- Sends a form with the token of the pages; returns the page to which it leads.
  function one.send(path, fields)
    local words = { "token=" .. one.token }
    for name, value in pairs(fields) do words[#words + 1] = name .. "=" .. escape(tostring(value)) end
    local body, status, headers = one.page(path, { body = table.concat(words, "&") })
    if status == 303 then body = one.page(headers.location) end
    return body, status
  end

  function one.has_page(path, ...)
    local parts = { ... }
    return eventually(function()
      local text = one.page(path)
      for _, part in ipairs(parts) do
        if not text:find(part, 1, true) then return nil end
      end
      return text
    end, function() return table.concat(parts, ", ") .. " in " .. one.page(path) end)
  end
  return one
end

describe("the page of lbhost serve", function()
  it("is off unless it is asked for, and is not served where webhooks come in", function()
    local one = serve.start { files = { ["test.lua"] = HANDLER } }
    for _, path in ipairs { "/queue", "/style.css", "/live" } do assert.equal(404, (one:get(path))) end
    assert.is_nil(one:log():find("operator's page", 1, true))
    one:stop()
  end)

  it("refuses an address that is not one, and says why it cannot listen", function()
    for _, case in ipairs { { "x", "'x' is not an address such as 127.0.0.1:8788" }, { "127.0.0.1", "is not an address" },
      { "127.0.0.1:99999", "is not an address" } } do
      local _, err, status = process.run { "serve", "--admin", case[1], "x.lua" }
      assert.equal(2, status)
      assert.matches(case[2], err, 1, true)
    end
    local held = assert(socket.bind("127.0.0.1", 0))
    local _, port = held:getsockname()
    local dir = directory.new()
    local _, err, status = process.run({ "serve", "--port", "0", "--store", dir.path .. "/events.db", "--admin", "127.0.0.1:" .. port,
      dir:write("test.lua", HANDLER) }, { env = { LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET } })
    dir:remove()
    held:close()
    assert.is_true(status ~= 0)
    assert.matches("Address already in use", err, 1, true)
  end)

  it("is switched on by the configuration file, too", function()
    local dir = directory.new()
    local config = dir:write("lbhost.lua", ('return { plugins = { serve = { admin = "127.0.0.1:0", admin_journal = { %q, %q } } } }')
      :format(dir.path .. "/a.journal", dir.path .. "/b.journal"))
    local one <close> = process.start({ "--config", config, "serve", "--port", "0", "--store", dir.path .. "/events.db",
      dir:write("test.lua", HANDLER) }, { env = { LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET } })
    local url = one:wait_for("operator's page is at (http://[%d.]+:%d+)/", true)
    local _, text = page_client(url, "/migrations")
    has(text, "a.journal", "b.journal", 'id="journal-2"')
    dir:remove()
  end)

  it("warns when others than this machine can reach it", function()
    local one = serve.start { files = { ["test.lua"] = HANDLER }, arguments = { "--admin", "0.0.0.0:0" } }
    one:wait_for "others than this machine can reach the operator's page"
    one:stop()
  end)

  describe("shows", function()
    local one
    setup(function() one = start() end)
    teardown(function() one:stop() end)

    it("what happens now and in the last hour, and the handlers", function()
      for i = 1, 3 do assert.equal(200, (one:event("msg_ok" .. i, "commentCreated"))) end
      one:event("msg_ok1", "commentCreated")
      one:post("{}", {})
      one.has_page("/", "3 new, 1 again, 1 refused, 0 not stored", "3 done, 0 to be tried again", "95 of 100 within; mean",
        "About &lt;tests&gt;",
        "<strong>Received</strong>", "<svg", "Being handled")
      assert.is_true(one:metric "lbhost_response_seconds_count" >= 4)
    end)

    it("dead letters with their errors, and an event with its body, without secrets and as text", function()
      one:event("msg_bad", "commentCreated", { fails = EVIL .. " with sk_prod_abcdefgh12", roomId = EVIL, note = "whsec_abcdefghijkl" })
      local text = one.has_page("/queue", "msg_bad", "&lt;script&gt;alert(1)", "Try again", "Drop it")
      assert.is_nil(text:find "<script>" or text:find "<img" or text:find("abcdefgh12", 1, true))
      local seq = text:match 'href="/queue/(%d+)">msg_bad'
      text = one.page("/queue/" .. seq)
      has(text, "dead letter", "&quot;roomId&quot;", "stack traceback", "msg_bad", "***")
      assert.is_nil(text:find "<script>" or text:find "<img" or text:find("abcdefgh", 1, true))
      local _, status, headers = one.page "/queue?id=msg_bad"
      assert.same({ 303, "/queue/" .. seq }, { status, headers.location })
      has(one.page("/queue?room=" .. escape(EVIL)), "msg_bad", 'value="&lt;script')
      assert.is_nil(one.page("/queue?room=other"):find("msg_bad", 1, true))
      assert.is_nil(one.page("/queue?type=other"):find("msg_bad", 1, true))
      has(one.page "/queue?state=done", "msg_ok1")
      for _, path in ipairs { "/queue/999999", "/queue/x", "/queue?id=none" } do assert.equal(404, select(2, one.page(path))) end
      one.has_page("/", 'class="tile bad"')
    end)

    it("timers with their next time, and how the last run went", function()
      local text = one.has_page("/timers", "failed", "no luck &lt;today&gt;", "6h")
      assert.matches('T[012][0268]:00:00Z"[^>]*>[^<]*</time> <span class="soft">in %d', text)
    end)

    it("hosts and lanes", function()
      has(one.page "/hosts", "this is the only host")
      one:event("msg_slow", "commentCreated", { roomId = "slow<room>", slow = 1.5 })
      one.has_page("/hosts", "slow&lt;room&gt;", "being handled")
      one:wait_for "event handled event=msg_slow"
    end)

    it("no page to a foreign Host or Origin", function()
      for _, headers in ipairs { { host = "evil.example" }, { origin = "https://evil.example" } } do
        local text, status = one.page("/queue", { headers = headers })
        assert.equal(403, status)
        assert.is_nil(text:find("msg_bad", 1, true))
      end
    end)
  end)

  describe("changes", function()
    local one
    setup(function()
      one = start()
      for i = 1, 60 do one:event(("msg_%02d"):format(i), i <= 55 and "commentCreated" or "roomCreated", { fails = "no luck" }) end
      one:until_metric('lbhost_events{state="parked"}', 60)
      one.token = one.page("/queue"):match 'name="token" value="([^"]+)"'
    end)
    teardown(function() one:stop() end)

    it("nothing without the token, from another origin, or by GET", function()
      for _, options in ipairs { { body = "id=msg_01" }, { body = "id=msg_01&token=x" },
        { body = "id=msg_01&token=" .. one.token, headers = { origin = "http://127.0.0.1:1" } },
        { body = "id=msg_01&token=" .. one.token, headers = { ["sec-fetch-site"] = "cross-site" } } } do
        assert.equal(403, select(2, one.page("/queue/drop", options)))
      end
      assert.equal(404, select(2, one.page("/queue/drop?id=msg_01&token=" .. one.token)))
      assert.equal(400, select(2, one.send("/queue/drop", {})))
      assert.equal(60, one:metric 'lbhost_events{state="parked"}')
    end)

    it("an event: tries it again, drops it, and says what has become of it", function()
      has((one.send("/queue/drop", { id = "msg_01" })), "1 event was dropped.")
      assert.equal(59, one:metric 'lbhost_events{state="parked"}')
      has((one.send("/queue/drop", { id = "msg_01" })), "Nothing was changed")
      local handled = one:metric 'lbhost_events_handled_total{outcome="parked"}'
      has((one.send("/queue/retry", { id = "msg_02", back = "/queue?type=commentCreated" })), "1 event is handled again.",
        'value="commentCreated"')
      one:until_metric('lbhost_events_handled_total{outcome="parked"}', handled + 1) -- it was handled, and failed again
      one:wait_for "events retried on the admin page count=1 event=msg_02"
      has((one.send("/queue/retry", { id = "msg_03", back = "https://evil.example/" })), "1 event is handled again.")
    end)

    it("all that a list names, over its pages", function()
      one:until_metric('lbhost_events{state="parked"}', 59)
      local text = one.page "/queue"
      local later = text:match '<a href="([^"]+)">Later ones':gsub("&amp;", "&")
      assert.equal(50, select(2, text:gsub('<tr id="event%-', "")))
      assert.equal(9, select(2, one.page(later):gsub('<tr id="event%-', "")))
      has((one.send("/queue/drop", { all = "yes", state = "parked", type = "roomCreated" })), "5 events were dropped.")
      has((one.send("/queue/retry", { all = "yes", state = "parked" })), "54 events are handled again.")
      one:until_metric('lbhost_events{state="parked"}', 54)
    end)
  end)

  describe("watches migrations:", function()
    local server, dir, one
    setup(function()
      server = local_server.start()
      local client = server:client()
      for i = 1, 40 do client:create_room { id = ("room-%02d"):format(i), defaultAccesses = {} } end
      dir = directory.new()
      dir:write("m.lua", [[return { api = 1, name = "add-due", rooms = {}, concurrency = 1, each = function(room, ctx)
        require("liveblocks").task.sleep(0.1)
        if room.id == "room-03" then error("cannot edit <i> with sk_prod_abcdefgh12") end
        ctx.client:get_room(room.id)
      end }]])
      one = start { arguments = { "--admin-journal", dir.path .. "/m.journal" } }
      one:event("msg_bad", "commentCreated", { fails = "no luck" }) -- its forms have the token
      one.token = one.has_page("/queue", "Try again"):match 'name="token" value="([^"]+)"'
    end)
    teardown(function()
      one:stop()
      server:stop()
      dir:remove()
    end)

    it("one that has not been started, progress and failures, and the orders that it obeys", function()
      has(one.page "/migrations", "There is no such journal yet.")
      has((one.send("/migrations/order", { journal = 1, what = "pause" })), "no run is using the journal")
      local run <close> = server:spawn({ "migrate", "m.lua", "--journal", "m.journal" }, { cwd = dir.path })
      local text = one.has_page("/migrations", "add-due", "running", " of 40", "a second", "cannot edit &lt;i&gt;", "room-03", "Pause")
      assert.is_nil(text:find("abcdefgh12", 1, true))
      has((one.send("/migrations/order", { journal = 1, what = "pause" })), "m.journal: paused by ")
      run:wait_for("lbhost: paused by [^\n]*admin page", true)
      one.has_page("/migrations", "Go on", "paused", "<h3>Orders</h3>")
      has((one.send("/migrations/order", { journal = 1, what = "set", concurrency = "x" })), "notice bad", "1 to 1000 items at a time")
      has((one.send("/migrations/order", { journal = 1, what = "set", rate = " 50 ", concurrency = "4" })),
        "is set to rate=50,concurrency=4 by ")
      run:wait_for("is set to rate=50,concurrency=4", true)
      one.send("/migrations/order", { journal = 1, what = "unpause" })
      run:wait_for("goes on by ", true)
      one.send("/migrations/order", { journal = 1, what = "stop" })
      run:wait_for("is stopping by ", true)
      run:wait()
      one.has_page("/migrations", "no run is using it")
    end)

    it("no order that is not one, and no other journal", function()
      for _, fields in ipairs { { journal = 2, what = "pause" }, { journal = 1, what = "delete" }, { what = "pause" } } do
        assert.equal(400, select(2, one.send("/migrations/order", fields)))
      end
    end)
  end)

  describe("with an event store in PostgreSQL that two hosts share", function()
    local server, hosts
    local function signal(name) os.execute(("kill -%s %d %s"):format(name, server.pid, server:children())) end
    setup(function()
      server, hosts = postgres.start(), {}
      for i = 1, 2 do
        hosts[i] = start { store = server.url .. "&lease=2", arguments = { "--plugin", postgres.plugin } }
      end
    end)
    teardown(function()
      signal "CONT"
      for _, one in ipairs(hosts) do one:__close() end
      server:stop()
    end)

    it("shows both, with what each is at", function()
      for _, one in ipairs(hosts) do
        one.has_page("/hosts", "<strong>this one</strong>", 'Hosts <span class="number">2</span>')
      end
    end)

    it("retries and drops events from any of them", function()
      for i = 1, 3 do assert.equal(200, (hosts[1]:event("msg_" .. i, "commentCreated", { fails = "no luck" }))) end
      local other = hosts[2]
      other.token = other.has_page("/queue", "msg_1", "msg_2", "msg_3", "Dead letters 3"):match 'name="token" value="([^"]+)"'
      has((other.send("/queue/drop", { id = "msg_1" })), "1 event was dropped.")
      has((other.send("/queue/retry", { all = "yes", state = "parked" })), "2 events are handled again.")
      hosts[1].has_page("/queue", "msg_2", "msg_3", "Dead letters 2") -- they have failed again
      assert.equal(3 + 2, hosts[1]:metric 'lbhost_events_handled_total{outcome="parked"}'
        + other:metric 'lbhost_events_handled_total{outcome="parked"}')
    end)

    it("is there while PostgreSQL is not, and says so", function()
      local one = start { store = server.url .. "&timeout=0.5", arguments = { "--plugin", postgres.plugin } }
      hosts[3] = one
      one.has_page("/timers", "6h")
      signal "STOP"
      one.has_page("/", "The event store:", "notice bad")
      for _, path in ipairs { "/", "/timers", "/hosts", "/queue", "/migrations" } do
        assert.equal(200, select(2, one.page(path)), path)
      end
      has(one.page "/queue", "The event store cannot be read")
    end)
  end)

  it("says that the event store is gone, and is there all the same", function()
    local one = start()
    one:event("msg_1", "commentCreated")
    os.remove(one.store)
    one.has_page("/", "was deleted while it is in use", "notice bad")
    assert.equal(200, select(2, one.page "/timers"))
    one:stop()
  end)

  it("ends with the service, also while many listen to it", function()
    local one = start()
    local listeners = {}
    for i = 1, 20 do
      listeners[i] = assert(socket.connect("127.0.0.1", tonumber(one.url:match "(%d+)$")))
      listeners[i]:settimeout(eventually.seconds)
      listeners[i]:send "GET /live?page=/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    end
    local line
    repeat line = assert(listeners[1]:receive "*l") until line:find "^data: %["
    assert.equal("nav", json.decode(line:match "^data: (.*)")[1].id)
    local log, status = one:stop()
    assert.equal(0, status, log)
    for _, listener in ipairs(listeners) do
      local _, why = listener:receive "*a"
      assert.is_true(why == nil or why == "closed", why)
      listener:close()
    end
  end)

  it("watches migrations that hosts share in a database, and gives them orders", function()
    local database <close> = postgres.start()
    local server, dir = local_server.start(), directory.new()
    finally(function()
      server:stop()
      dir:remove()
    end)
    local client = server:client()
    for i = 1, 40 do client:create_room { id = ("room-%02d"):format(i), defaultAccesses = {} } end
    dir:write("m.lua", [[return { api = 1, name = "add-due", rooms = {}, concurrency = 1, each = function(room, ctx)
      while not io.open "go" do require("liveblocks").task.sleep(0.01) end
      ctx.client:get_room(room.id)
    end }]])
    local one <close> = start { arguments = { "--plugin", postgres.plugin, "--admin-journal",
      (database.url:gsub("lbhost@", "lbhost:secret123@")) } }
    has(one.page "/migrations", "There is no journal in postgres://lbhost:***@")
    local runs = {}
    for i = 1, 2 do
      runs[i] = server:spawn({ "--plugin", postgres.plugin, "migrate", "m.lua", "--journal", database.url }, { cwd = dir.path })
    end
    local text = one.has_page("/migrations", "add-due", "running", " of 40", "Hosts", "Items ended", "Pause")
    assert.is_nil(text:find("secret123", 1, true))
    one.token = text:match 'name="token" value="([^"]+)"'
    has((one.send("/migrations/order", { journal = 1, what = "pause" })), "add-due: paused by ")
    for _, run in ipairs(runs) do run:wait_for("lbhost: paused by [^\n]*admin page", true) end
    one.has_page("/migrations", "paused", "Go on")
    has((one.send("/migrations/order", { journal = 1, what = "set", rate = "500", concurrency = "4" })), "is set to rate=500,concurrency=4")
    has((one.send("/migrations/order", { journal = 1, what = "unpause" })), "goes on by ")
    dir:write("go", "")
    for _, run in ipairs(runs) do assert.equal(0, select(3, run:wait())) end
    one.has_page("/migrations", "complete, since ")
  end)
end)
