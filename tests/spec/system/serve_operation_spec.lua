-- What an operator of `lbhost serve` relies on: its log, its store, proxies, the service manager.
local eventually = require "tests.support.eventually"
local json = require "cjson"
local process = require "tests.support.process"
local raw = require "tests.support.server"
local serve = require "tests.support.serve"
local socket = require "socket"

local HANDLER = [[return { api = 1, name = "h", events = { ["*"] = function(event, ctx)
  if event.data.fails then
    local function inner() error("no\27[31m luck") end
    inner()
  end
end }, routes = { ["GET /who"] = function(request) return request.remote .. " " .. tostring(request.proxy) end,
  ["GET /head"] = function() return "some text" end, ["POST /post"] = function() return "posted" end } }]]

local function start(arguments, options)
  options = options or {}
  return serve.start { files = { ["h.lua"] = options.handler or HANDLER }, arguments = arguments, env = options.env, store = options.store }
end

local function request(one, method, path, headers)
  local answer = raw.exchange(one.port, ("%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n"):format(method, path, headers or ""))
  return tonumber(answer:match "^HTTP/1%.1 (%d+)"), answer:match "\r\n\r\n(.*)$", answer
end

describe("lbhost serve", function()
  it("responds to HEAD where it responds to GET", function()
    local one <close> = start()
    for _, path in ipairs { "/healthz", "/metrics", "/head" } do
      local status, body, answer = request(one, "HEAD", path)
      assert.same({ 200, "" }, { status, body }, path)
      assert.is_true(tonumber(answer:match "\r\nContent%-Length: (%d+)") > 0)
    end
    assert.equal(404, (request(one, "HEAD", "/nothing")))
    for path, allow in pairs { ["/healthz"] = "GET, HEAD", ["/head"] = "GET, HEAD", ["/post"] = "POST", ["/"] = "POST" } do
      local status, _, answer = request(one, "PUT", path, "Content-Length: 0\r\n")
      assert.equal(405, status, path)
      assert.equal(allow, answer:match "\r\n[Aa]llow: ([^\r]*)")
    end
  end)

  it("goes on without its log when the reader of that ends", function()
    local directory, store = serve.directory()
    serve.write(directory .. "/h.lua", HANDLER)
    assert(os.execute("mkfifo " .. directory .. "/log"))
    local one <close> = process.start(("serve --port 0 --store %s %s/h.lua 2>%s/log"):format(store, directory, directory),
      { env = { LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET } })
    local log = assert(io.open(directory .. "/log"))
    local port = tonumber(log:read "l":match "listening on http://[%d.]+:(%d+)")
    log:close()
    for n = 1, 5 do
      local body = serve.body "roomCreated"
      local lines = table.concat(serve.headers("m" .. n, body), "\r\n")
      local sent = ("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\nContent-Length: %d\r\n\r\n%s"):format(lines, #body, body)
      assert.matches("^HTTP/1.1 200", (raw.exchange(port, sent)))
    end
    one:signal "TERM"
    assert.equal(0, select(3, one:wait()))
    os.execute("rm -rf " .. directory)
  end)

  it("shows a handler's error on lines of its own, with the author's lines alone and nothing that a terminal obeys", function()
    local one <close> = start { "--attempts", "1" }
    one:event("e1", "room\u{9b}Created", { fails = true, roomId = "\27]0;t\7\n2026 error forged" })
    one:wait_for "event is a dead letter"
    local log = one:log()
    assert.matches("warn  handler failed attempt=1 event=e1 plugin=h type=room\\u{9b}Created\n    ", log, 1, true)
    assert.matches("\n    [^\n]*h%.lua:3: no\\x1b%[31m luck\n", log)
    assert.matches("\n%s+[^\n]*h%.lua:3: in [^\n]*inner'\n%s+[^\n]*h%.lua:4: in ", log)
    assert.is_nil(log:find "lua/lbhost/" or log:find "%[C%]")
    assert.is_nil(log:gsub("\n", ""):find "%c" or log:find "\xC2\x9B")
    assert.is_nil(log:find "\n2026 error")
    local out = process.run { "queue", "list", "--store", one.store }
    assert.matches("room\\u{9b}Created", out, 1, true)
    assert.is_nil(out:gsub("\n", ""):find "%c" or out:find "\xC2\x9B")
    out = process.run { "queue", "show", "e1", "--store", one.store }
    assert.equal("room\u{9b}Created", json.decode(out).type)
    assert.is_nil(out:find "\xC2\x9B")
  end)

  it("writes one line of JSON for the same", function()
    local one <close> = start { "--attempts", "1", "--log", "json" }
    one:event("e1", "roomCreated", { fails = true })
    one:wait_for "event is a dead letter"
    for line in one:log():gmatch "[^\n]+" do
      local row = json.decode(line)
      if row.message == "handler failed" then assert.matches("^[^\n]*no\27%[31m luck\n.*h%.lua:4", row.reason) end
    end
  end)

  it("writes a line for each event that it has handled, unless an option says not to", function()
    local one <close> = start()
    one:event("e1", "roomCreated")
    one:wait_for "info  event handled event=e1 handlers=1"
    local quiet <close> = start { "--log-handled", "off" }
    quiet:event("e1", "roomCreated")
    quiet:until_metric('lbhost_events_handled_total{outcome="done"}', 1)
    assert.is_nil(quiet:log():find "event handled")
  end)

  it("says that the old version stays when a file is broken at SIGHUP", function()
    local one <close> = start()
    serve.write(one:file "h.lua", "return {")
    one.process:signal "HUP"
    one:wait_for "handlers reloaded; this file is refused, the previous version stays in use: [^\n]*h%.lua plugins=1 refused=1"
  end)

  it("refuses a compressed body, and says that it is", function()
    local one <close> = start()
    local body = "\x1f\x8b\8\0"
    local headers = serve.headers("m", body)
    table.insert(headers, "Content-Encoding: gzip")
    local status, answer = one:post(body, headers)
    assert.equal(415, status)
    assert.matches("Content-Encoding 'gzip'", answer, 1, true)
    assert.equal(200, (one:event("m", "roomCreated")))
    body = serve.body "roomCreated"
    headers = serve.headers("m2", body)
    table.insert(headers, "Content-Encoding: identity")
    assert.equal(200, (one:post(body, headers)))
  end)

  it("knows the client's address behind proxies that it trusts, and of others believes nothing", function()
    local forged = "X-Forwarded-For: 6.6.6.6\r\n"
    local alone <close> = start()
    assert.equal("127.0.0.1 nil", select(2, request(alone, "GET", "/who", forged)))
    local behind <close> = start { "--trust-proxy", "127.0.0.0/8,10.0.0.0/8,fd00::/8" }
    for value, client in pairs { ["1.2.3.4"] = "1.2.3.4", ["6.6.6.6, 1.2.3.4, 10.1.1.1"] = "1.2.3.4", ["fd00::1"] = "fd00::1",
      ["nonsense, 10.1.1.1"] = "10.1.1.1", ["2001:db8::5"] = "2001:db8::5", [""] = "127.0.0.1", ["1.2.3.4:55"] = "1.2.3.4" } do
      assert.equal(client .. " 127.0.0.1", select(2, request(behind, "GET", "/who", ("X-Forwarded-For: %s\r\n"):format(value))))
    end
    assert.equal("127.0.0.1 127.0.0.1", select(2, request(behind, "GET", "/who", "Forwarded: for=1.2.3.4\r\n")))
    request(behind, "POST", "/", "X-Forwarded-For: 1.2.3.4\r\nContent-Length: 0\r\n")
    behind:wait_for "webhook refused [^\n]*remote=1%.2%.3%.4"
    local other <close> = start { "--trust-proxy", "127.0.0.1", "--proxy-header", "forwarded" }
    assert.equal("2001:db8::1 127.0.0.1", select(2, request(other, "GET", "/who",
      forged .. 'Forwarded: for=9.9.9.9, for="[2001:db8::1]:4711";proto=https\r\n')))
    local _, err, status = process.run({ "serve", "h.lua", "--trust-proxy", "10.0.0.0/33" })
    assert.equal(2, status)
    assert.matches("'10.0.0.0/33' is not an address or a network", err, 1, true)
  end)

  it("bounds the connections of an address, unless proxies are trusted", function()
    local one <close> = start { "--address-connections", "2" }
    local open = {}
    for i = 1, 5 do open[i] = assert(socket.connect("127.0.0.1", one.port)) end
    assert.is_true(one:metric "lbhost_http_connections_refused_total" >= 3)
    for _, each in ipairs(open) do each:close() end
  end)

  it("reports to the service manager that it is ready, reloads, stops, and is alive", function()
    local directory = serve.directory()
    local listener = assert(require "socket.unix".dgram())
    assert(listener:bind(directory .. "/notify"))
    listener:settimeout(eventually.seconds)
    local one = start({}, { env = { NOTIFY_SOCKET = directory .. "/notify", WATCHDOG_USEC = "100000" } })
    assert.matches("^READY=1\nSTATUS=Listening on http://", (assert(listener:receive())))
    for _ = 1, 3 do assert.equal("WATCHDOG=1", (assert(listener:receive()))) end
    one.process:signal "HUP"
    local got = {}
    repeat
      got[#got + 1] = assert(listener:receive())
    until got[#got] == "READY=1"
    assert.matches("\nRELOADING=1\nMONOTONIC_USEC=%d+\n", "\n" .. table.concat(got, "\n"))
    one.process:signal "TERM"
    repeat
      got = assert(listener:receive())
    until got ~= "WATCHDOG=1"
    assert.equal("STOPPING=1", got)
    assert.equal(0, (select(3, one.process:wait())))
    listener:close()
    os.execute(("rm -rf %s %s"):format(directory, one.directory))
  end)
end)

describe("the event store", function()
  it("is used by one service, by whatever name", function()
    local one <close> = start()
    local env = { LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET }
    local function refused(store, text)
      local _, err, status = process.run({ "serve", one:file "h.lua", "--port", "0", "--store", store }, { env = env, timeout = 20 })
      assert.equal(2, status, err)
      assert.matches(text, err, 1, true)
    end
    os.execute(("ln -s %s %s"):format(one.store, one:file "link.db"))
    refused(one:file "link.db", "is in use by another lbhost serve")
    os.execute(("ln %s %s"):format(one.store, one:file "second.db"))
    refused(one:file "second.db", "is in use by another lbhost serve")
    one:event("m1", "roomCreated")
    one.process:signal "TERM"
    one.process:wait()
    refused(one:file "second.db", "has 2 names (hard links), and SQLite keeps a log beside each")
  end)

  it("that was deleted or replaced is noticed: nothing is acknowledged that would be lost", function()
    for what, command in pairs { ["was deleted"] = "rm %s", ["was replaced by another file"] = "cp %s %s.new; mv %s.new %s" } do
      local one <close> = start()
      assert.equal(200, (one:event("m1", "roomCreated")))
      os.execute((command:gsub("%%s", one.store)))
      assert.equal(503, (one:event("m2", "roomCreated")), what)
      one:wait_for("the event store cannot be written [^\n]*" .. what)
      local status, body = one:get "/healthz"
      assert.equal(503, status)
      assert.matches(what, body, 1, true)
    end
  end)

  it("that is not there yet: queue says who makes it", function()
    local directory, store = serve.directory()
    for _, arguments in ipairs { { "list" }, { "show", "x" }, { "retry", "--all" }, { "drop", "--all" } } do
      table.insert(arguments, 1, "queue")
      arguments[#arguments + 1], arguments[#arguments + 2] = "--store", store
      local _, err, status = process.run(arguments)
      assert.equal(2, status)
      assert.matches(("the event store '%s' does not exist yet: lbhost serve makes it"):format(store), err, 1, true)
    end
    assert.is_nil(io.open(store))
    os.execute("rm -rf " .. directory)
  end)

  it("in a URL: its password is in no error, no log and no page", function()
    local directory = serve.directory()
    local file = serve.write(directory .. "/keep.lua", [[return { api = 1, name = "keep",
      events = { ["*"] = function() error("cannot reach keep://me:hunter2secret@host/?password=otherone99") end },
      setup = function(host) host.log("info", "set up") end, stop = function() io.stderr:write("stopped keep\n") end,
      stores = { keep = function(url) if url:find "refuse" then error("no such host: " .. url) end
        return setmetatable({}, { __index = function(_, name)
          if name == "count" then return function() return {} end end
          if name == "lanes" or name == "list" then return function() return function() end end end
          if name == "commit" then return function(_, batch)
            for i, event in ipairs(batch.add or {}) do event.seq = i end
            for _, parked in ipairs(batch.parked or {}) do io.stderr:write("stored: ", parked.error, "\n") end
          end end
          return function() return 0 end
        end }) end } }]])
    local url = "keep://me:hunter2secret@host/?password=otherone99"
    local one = process.start({ "serve", "--plugin", file, "--port", "0", "--store", url, "--attempts", "1" },
      { env = { LIVEBLOCKS_WEBHOOK_SECRET = serve.SECRET } })
    local port = tonumber(one:wait_for("listening on http://[%d.]+:(%d+)", true))
    local body = serve.body "roomCreated"
    raw.exchange(port, ("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\nContent-Length: %d\r\n\r\n%s")
      :format(table.concat(serve.headers("m", body), "\r\n"), #body, body))
    one:wait_for("stored: [^\n]*\n", true)
    one:signal "TERM"
    local _, err, status = one:wait()
    assert.equal(0, status, err)
    assert.is_nil(err:find "hunter2" or err:find "otherone99", err)
    assert.matches("store=\"?keep://me:%*%*%*@host/%?password=%*%*%*", err)
    -- It gives the store and handles events: it is set up once and stopped once.
    assert.equal(1, select(2, err:gsub("info  set up", "")))
    assert.equal(1, select(2, err:gsub("stopped keep", "")))
    _, err = process.run { "queue", "list", "--plugin", file, "--store", url:gsub("host", "refuse") .. "" }
    assert.is_nil(err:find "hunter2" or err:find "otherone99", err)
    _, err = process.run { "queue", "list", "--store", "nothing://me:hunter2secret@host" }
    assert.is_nil(err:find "hunter2", err)
    os.execute("rm -rf " .. directory)
  end)
end)
