-- The test servers themselves, seen through raw sockets: what the other tests lean on must hold.

local cjson = require "cjson"
local eventually = require "tests.support.eventually"
local quote = require "tests.support.quote"
local socket = require "socket"

local server = require "tests.support.server"

local USUAL = '{"data":[],"nextCursor":null}'

local function execute(command)
  local pipe = io.popen(command .. " 2>&1", "r")
  local output = pipe:read("a")
  return output, select(3, pipe:close())
end

local function request_text(method, target, body, headers)
  return ("%s %s HTTP/1.1\r\nHost: test\r\n%s%s\r\n%s"):format(method, target, headers or "",
    body and ("Content-Length: %d\r\n"):format(#body) or "", body or "")
end

describe("the test server", function()
  local s

  setup(function() s = server.start() end)
  teardown(function() s:stop() end)
  before_each(function() s:reset() end)

  --- One request on a connection of its own.
  local function ask(target, method, body, headers)
    headers = (headers or "") .. "Connection: close\r\n"
    return server.exchange(s.port, request_text(method or "GET", target, body, headers))
  end

  local function connect()
    local sock = assert(socket.connect("127.0.0.1", s.port))
    sock:settimeout(eventually.seconds)
    return sock
  end

  --- Reads one response with Content-Length from a connection that stays.
  local function read_answer(sock)
    local status = assert(sock:receive("*l"))
    local length = 0
    repeat
      local line = assert(sock:receive("*l"))
      length = tonumber(line:match("^Content%-Length: (%d+)")) or length
    until line == ""
    return tonumber(status:match(" (%d+) ")), length > 0 and assert(sock:receive(length)) or ""
  end

  describe("records", function()
    it("every byte of a request as it came", function()
      local sent = "POST /do/ok/R1/v2//a%2Fb?x=%20+&y HTTP/1.1\r\n"
        .. "hOST:  test \r\nX-Twice: 1\r\nx-twice: 2\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"
      server.exchange(s.port, sent .. "\0\255\r\n!")
      local rows = s:log("R1")
      assert.equal(1, #rows)
      local row = rows[1]
      assert.equal("POST", row.method)
      assert.equal("/do/ok/R1/v2//a%2Fb?x=%20+&y", row.target)
      assert.equal("/v2//a%2Fb", row.path)
      assert.equal("x=%20+&y", row.query)
      assert.same({ { "hOST", "test" }, { "X-Twice", "1" }, { "x-twice", "2" }, { "Content-Length", "5" },
        { "Connection", "close" } }, row.headers)
      assert.equal(sent, row.head)
      assert.equal("\0\255\r\n!", row.body)
      assert.equal(5, row.body_size)
      assert.is_true(row.complete)
      assert.equal("answered", row.outcome)
      assert.is_true(math.abs(row.time - socket.gettime()) < 60)
    end)

    it("a body in chunks as the bytes it carries", function()
      local head = "PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
      server.exchange(s.port, head .. "3;ext=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n")
      local row = s:log()[1]
      assert.equal("abc0123456789", row.body)
      assert.is_true(row.complete)
    end)

    it("a body that the client broke off as incomplete", function()
      local sock = connect()
      sock:send("POST /do/ok/cut/x HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
      sock:close()
      local row = s:wait_log("cut", 1)[1]
      assert.is_false(row.complete)
      assert.equal("half", row.body)
      assert.equal("client-gone", row.outcome)
    end)

    it("the number of the connection, so that reuse shows", function()
      local first, second = connect(), connect()
      for _, sock in ipairs { first, first, second } do
        sock:send(request_text("GET", "/do/ok/reuse/x"))
        assert.equal(200, (read_answer(sock)))
      end
      local rows = s:log("reuse")
      assert.equal(rows[1].connection, rows[2].connection)
      assert.not_equal(rows[1].connection, rows[3].connection)
      first:close()
      second:close()
    end)

    it("requests that are sent without waiting for responses", function()
      local sock = connect()
      sock:send(request_text("GET", "/do/ok/pipe/1") .. request_text("POST", "/do/ok/pipe/2", "b"))
      assert.same({ 200, USUAL }, { read_answer(sock) })
      assert.same({ 200, "{}" }, { read_answer(sock) })
      assert.equal("/2", s:log("pipe")[2].path)
      sock:close()
    end)

    it("one ID apart from the others, and forgets what it has returned", function()
      ask "/do/ok/A/1"
      ask "/do/ok/B/2"
      ask "/plain"
      assert.equal("/2", s:log("B")[1].path)
      assert.equal(0, #s:log("B"))
      assert.equal(2, #s:log(nil, { keep = true }))
      local rows = s:log(nil, { bytes = false })
      assert.equal(2, #rows)
      assert.is_nil(rows[1].head)
      assert.equal(0, #s:log())
    end)

    it("64 MB of body", function()
      local body = ("0123456789abcdef"):rep(4 * 1024 * 1024)
      ask("/do/ok/large/x", "POST", body)
      local row = s:log("large")[1]
      assert.equal(#body, row.body_size)
      assert.is_true(row.body == body)
    end)

    it("a target in absolute form by its path", function()
      ask "http://proxy.example/v2/rooms?limit=1"
      assert.equal("/v2/rooms", s:log()[1].path)
    end)
  end)

  describe("refuses", function()
    local BAD = {
      ["an absurd Content-Length"] =
        { "POST /x HTTP/1.1\r\nContent-Length: 999999999999999999999\r\n\r\n", 413 },
      ["more body than 128 MB in one chunk"] =
        { "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFF\r\n", 413 },
      ["a Content-Length that is not a number"] = { "POST /x HTTP/1.1\r\nContent-Length: 5x\r\n\r\n", 400 },
      ["a chunk size that is not a number"] =
        { "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400 },
      ["what is not HTTP"] = { "hello\r\n\r\n", 400 },
    }
    for what, case in pairs(BAD) do
      it(what, function()
        local answer, why = server.exchange(s.port, case[1])
        assert.equal(case[2], tonumber(answer:match("^HTTP/1.1 (%d+)")))
        assert.equal("closed", why)
        assert.equal(case[2], s:log()[1].bad)
      end)
    end

    it("headers without end", function()
      local answer = server.exchange(s.port, "GET /x HTTP/1.1\r\nX: " .. ("y"):rep(1100000))
      assert.truthy(answer:find("^HTTP/1.1 431"))
    end)
  end)

  it("asks for the body when the client expects 100-continue", function()
    local sock = connect()
    sock:send("POST /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert.equal("HTTP/1.1 100 Continue", (sock:receive("*l")))
    assert.equal("", (sock:receive("*l")))
    sock:send("ab")
    assert.equal(200, (read_answer(sock)))
    assert.equal("ab", s:log()[1].body)
    sock:close()
  end)

  it("leaves the body out of a response to HEAD", function()
    local answer = ask("/x", "HEAD")
    assert.truthy(answer:find("Content%-Length: 2\r\n"))
    assert.truthy(answer:find("\r\n\r\n$"))
  end)

  it("keeps 250 connections at once, and counts them", function()
    local all = {}
    for i = 1, 250 do all[i] = connect() end
    for _ = 1, 2 do
      for _, sock in ipairs(all) do sock:send(request_text("GET", "/do/ok/many/x")) end
      for _, sock in ipairs(all) do assert.equal(200, (read_answer(sock))) end
    end
    local count = s:count()
    assert.equal(250, count.open)
    assert.equal(250, count.peak_open)
    assert.equal(500, #s:log("many"))
    for _, sock in ipairs(all) do sock:close() end
    eventually(function() return s:count().open == 0 end)
  end)

  describe("gives a canned answer", function()
    it("for an exact path, with status, headers and bytes", function()
      s:answer { path = "/v2/x", status = 404, headers = { ["Content-Type"] = "text/plain", ["X-N"] = 7 },
        body = "\0\255" }
      local answer = ask "/v2/x?any=query"
      assert.truthy(answer:find("^HTTP/1.1 404 Not Found\r\n"))
      assert.truthy(answer:find("\r\nContent-Type: text/plain\r\n", 1, true))
      assert.truthy(answer:find("\r\nX-N: 7\r\n", 1, true))
      assert.truthy(answer:find("\r\n\r\n\0\255", 1, true))
      assert.truthy(ask("/v2/x/y"):find(USUAL, 1, true))
    end)

    it("for a pattern, one method, or a number of times", function()
      s:answer { path = "^/v2/rooms/[^/]+$", pattern = true, json = { kind = "pattern" } }
      s:answer { path = "/v2/rooms/r", method = "POST", json = { kind = "method" }, times = 1 }
      assert.truthy(ask("/do/ok/x/v2/rooms/r"):find('{"kind":"pattern"}', 1, true))
      assert.truthy(ask("/v2/rooms/r", "POST"):find('{"kind":"method"}', 1, true))
      assert.truthy(ask("/v2/rooms/r", "POST"):find('{"kind":"pattern"}', 1, true))
    end)

    it("but explains what is wrong with a bad one", function()
      assert.has_error(function() s:answer { body = "x" } end)
      assert.has_error(function() s:answer { path = "%", pattern = true } end)
    end)
  end)

  describe("misbehaves in a scenario", function()
    local EXPECT = require "tests.support.scenarios"
    local help = execute(("lua5.4 %s/http.lua --help"):format(server.directory))

    for name in help:gmatch("\n  ([%l%d-]+)%f[%s[][^\n]*") do
      it(name .. ": does what the help says", function()
        assert.is_function(EXPECT[name], "a scenario without a test")
        EXPECT[name] { server = s, ask = ask, connect = connect, read_answer = read_answer,
          request_text = request_text, usual = USUAL }
      end)
    end

    it("for the first requests of an ID, then no more", function()
      for _, code in ipairs { 503, 503, 200 } do
        assert.truthy(ask("/do/status=503,times=2/a/x"):find("^HTTP/1.1 " .. code))
      end
      assert.truthy(ask("/do/status=503,times=2/b/x"):find("^HTTP/1.1 503"))
      local rows = s:log("a")
      assert.same({ 1, 2, 3 }, { rows[1].hit, rows[2].hit, rows[3].hit })
      assert.same({ "/x", "/x" }, { rows[1].path, rows[3].path })
    end)

    it("after the first requests of an ID", function()
      for _, code in ipairs { 200, 200, 500, 200 } do
        assert.truthy(ask("/do/status=500,skip=2,times=1/c/x"):find("^HTTP/1.1 " .. code))
      end
    end)

    it("that it knows, and explains what it does not", function()
      for _, scenario in ipairs { "nonsense", "status,nonsense=1", "status=many", "ok=1" } do
        local answer = ask("/do/" .. scenario .. "/d/x")
        assert.truthy(answer:find("^HTTP/1.1 400"))
        assert.truthy(answer:find("BAD_SCENARIO", 1, true))
      end
    end)
  end)

  describe("ends", function()
    local function run(arguments, before, after)
      return execute(("%s timeout 90 lua5.4 %s %s %s"):format(before or "", quote(server.directory .. "/http.lua"), arguments,
        after or ""))
    end

    it("when its standard input ends", function()
      local output, status = run("--watch-stdin", "true |")
      assert.truthy(output:find("^listening %d+\n$"))
      assert.equal(0, status)
    end)

    it("after its idle time", function()
      local _, status = run("--idle 0.2", "", "</dev/null")
      assert.equal(0, status)
    end)

    it("when asked to", function()
      local other = server.start()
      local port = other.port
      other:stop()
      assert.is_nil((socket.connect("127.0.0.1", port)))
      other:stop()
    end)

    it("with a message when its port is taken or an argument unknown", function()
      local output, status = run("--port " .. s.port)
      assert.truthy(output:find("cannot listen on 127.0.0.1:" .. s.port, 1, true))
      assert.equal(1, status)
      output, status = run("--prot 1")
      assert.truthy(output:find("'--prot'", 1, true))
      assert.equal(2, status)
    end)

    it("with the process that started it, even when that is killed", function()
      local script = ([[
        package.path = '?.lua;' .. package.path
        local s = require('tests.support.server').start()
        print(s.port) io.stdout:flush()
        os.execute('kill -KILL $PPID')]]):gsub("%s+", " ")
      local port = tonumber(execute(('lua5.4 -e "%s"'):format(script:gsub("%$", "\\$"))):match("%d+"))
      eventually(function() return not socket.connect("127.0.0.1", port) end)
    end)
  end)
end)

describe("the ports for failing to connect", function()
  it("refuse at once", function()
    local sock, err = socket.connect("127.0.0.1", server.port_refused())
    assert.is_nil(sock)
    assert.equal("connection refused", err)
  end)

  it("or hang", function()
    local sock = socket.tcp4()
    sock:settimeout(0.3)
    local ok, err = sock:connect("127.0.0.1", server.port_hanging())
    assert.is_nil(ok)
    assert.equal("timeout", err)
    sock:close()
  end)
end)

describe("nginx in front of the test server", function()
  local s, nginx

  setup(function()
    s = server.start()
    nginx = server.nginx { upstream = s.port }
  end)
  teardown(function()
    nginx:stop()
    s:stop()
  end)

  local function s_client(kind, options, input)
    return (execute(("printf '%%b' '%s' | timeout 90 openssl s_client -connect 127.0.0.1:%d -CAfile %s %s")
      :format(input or "", nginx.ports[kind], nginx.ca, options)))
  end

  it("hands requests on as they came", function()
    server.exchange(nginx.ports.plain,
      request_text("POST", "/do/ok/N/a%2Fb//c?x=%20+", "body", "X_Odd: 1\r\nConnection: close\r\n"))
    local row = s:log("N")[1]
    assert.equal("/a%2Fb//c", row.path)
    assert.equal("x=%20+", row.query)
    assert.equal("body", row.body)
    assert.equal("1", row.header["x_odd"])
    assert.equal("test", row.header.host)
  end)

  it("does not try a failed request again", function()
    local answer = server.exchange(nginx.ports.plain,
      request_text("GET", "/do/reset-before/once/x", nil, "Connection: close\r\n"))
    assert.truthy(answer:find("^HTTP/1.1 502"))
    assert.equal(1, #s:log("once"))
  end)

  it("answers the fixed room itself, and logs which requests shared a connection", function()
    local before = #nginx:log()
    local fixed = request_text("GET", "/v2/rooms/fixed")
    local last = request_text("GET", "/v2/rooms/fixed", nil, "Connection: close\r\n")
    local answer = server.exchange(nginx.ports.plain, fixed .. fixed .. last)
    assert.equal("fixed", cjson.decode(answer:match("\r\n\r\n([^\r]*)$")).id)
    server.exchange(nginx.ports.plain, last)
    local rows = nginx:log(before + 4)
    local by_connection = {}
    for i = before + 1, #rows do
      by_connection[rows[i].connection] = (by_connection[rows[i].connection] or 0) + 1
      assert.equal(200, rows[i].status)
      assert.equal(nginx.ports.plain, rows[i].port)
    end
    local counts = {}
    for _, count in pairs(by_connection) do counts[#counts + 1] = count end
    table.sort(counts)
    assert.same({ 1, 3 }, counts)
  end)

  it("speaks HTTP/2 with a good certificate, and HTTP/1.1 where asked to", function()
    local output = s_client("good", "-alpn h2,http/1.1 -verify_hostname localhost -verify_return_error")
    assert.truthy(output:find("Verify return code: 0 (ok)", 1, true))
    assert.truthy(output:find("ALPN protocol: h2", 1, true))
    output = s_client("good-http1", "-alpn h2,http/1.1")
    assert.falsy(output:find("ALPN protocol: h2", 1, true))
  end)

  it("answers through TLS", function()
    local output = s_client("good", "-quiet -ign_eof -verify_quiet",
      "GET /do/ok/S/x HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
    assert.truthy(output:find(USUAL, 1, true))
    assert.equal("localhost", s:log("S")[1].header.host)
  end)

  local REFUSED = {
    ["expired"] = "certificate has expired", ["self-signed"] = "self-signed certificate",
    ["other-host"] = "hostname mismatch",
  }
  for kind, why in pairs(REFUSED) do
    it("has a certificate to be refused: " .. kind, function()
      local output = s_client(kind, "-verify_hostname localhost -verify_return_error")
      assert.truthy(output:lower():gsub("self signed", "self-signed"):find(why, 1, true), output)
    end)
  end

  it("says so when it cannot start", function()
    local output, status = execute(("timeout 90 lua5.4 %s --upstream 1 --certs /nonexistent")
      :format(quote(server.directory .. "/nginx.lua")))
    assert.equal(1, status)
    assert.truthy(output:find("/nonexistent/good.pem", 1, true))
  end)

  it("is gone after stop, with its files", function()
    local other = server.nginx { upstream = s.port, certs = nginx.ca:match("^(.*)/") }
    local port = other.ports.good
    assert.truthy(socket.connect("127.0.0.1", port))
    other:stop()
    assert.is_nil((socket.connect("127.0.0.1", port)))
    assert.is_nil(io.open(other.log_file))
    other:stop()
  end)
end)
