local eventually = require "tests.support.eventually"
local json = require "cjson"
local process = require "tests.support.process"
local raw = require "tests.support.server"
local socket = require "socket"

-- Starts tests/support/echo_server.lua; returns its process and its port.
local function start(options)
  local one = process.start({ "run", "tests/support/echo_server.lua", options or "{}" }, { timeout = eventually.seconds })
  return one, tonumber(one:wait_for("(%d+)\n"))
end

local function get(port, path, more)
  return raw.exchange(port, ("GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n"):format(path, more or ""))
end

local function status_of(answer)
  return tonumber(answer:match("^HTTP/1%.1 (%d+)"))
end

local function body_of(answer)
  return answer:match("\r\n\r\n(.*)$")
end

describe("lbhost.http_server", function()
  local server, port
  setup(function() server, port = start() end)
  teardown(function() server:stop() end)

  it("gives the handler the request as it came", function()
    local answer = raw.exchange(port, "PUT /echo/a%2Fb%20c?x=%31&y HTTP/1.1\r\nHost: x\r\nX-One: 1\r\nx-one: 2\r\n" ..
      "Connection: close\r\nContent-Length: 5\r\n\r\n\0\1\2ab")
    assert.equal(201, status_of(answer))
    assert.matches("x%-two: a\r\n.*x%-two: b\r\n", answer)
    local seen = json.decode(body_of(answer))
    assert.same({ "PUT", "/echo/a%2Fb%20c", "x=%31&y", "\0\1\2ab", "127.0.0.1" },
      { seen.method, seen.path, seen.query, seen.body, seen.remote })
    assert.equal("1, 2", seen.headers["x-one"])
    assert.same({ { "Host", "x" }, { "X-One", "1" }, { "x-one", "2" } }, { seen.list[1], seen.list[2], seen.list[3] })
  end)

  it("takes chunked bodies and keeps connections", function()
    local answer = raw.exchange(port, "POST /len HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" ..
      "5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\nGET /len HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    local bodies = {}
    for body in answer:gmatch("\r\n\r\n(%d)") do bodies[#bodies + 1] = body end
    assert.same({ "8", "0" }, bodies)
  end)

  it("writes headers that a finalizer changes meanwhile as they were, or not at all", function()
    for _ = 1, 100 do
      local status = status_of(get(port, "/changing"))
      assert.is_true(status == 200 or status == 500, status)
    end
  end)

  it("handles requests side by side", function()
    local connections = {}
    for i = 1, 20 do
      connections[i] = assert(socket.connect("127.0.0.1", port))
      connections[i]:send "GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    end
    for _, one in ipairs(connections) do
      one:settimeout(eventually.seconds)
      assert.matches("slow$", (assert(one:receive "*a")))
      one:close()
    end
    assert.is_true(tonumber(body_of(get(port, "/max"))) > 1)
  end)

  it("responds with 500 when the handler fails or returns nonsense, and says so on standard error", function()
    for path, expected in pairs { ["/fail"] = "no luck today", ["/wrong"] = "must return a table", ["/header"] = "not a valid header" } do
      local answer = get(port, path)
      assert.equal(500, status_of(answer), path)
      assert.is_nil(answer:find("luck", 1, true))
      server:wait_for(expected, true)
    end
  end)

  it("closes or resets a connection when the handler says so", function()
    local received, why = get(port, "/drop")
    assert.same({ "", "closed" }, { received, why })
    received, why = get(port, "/reset")
    assert.same({ "", "reset" }, { received, why })
  end)

  it("sends large responses whole", function()
    assert.equal(1 << 22, #body_of(get(port, "/big")))
  end)

  it("refuses what is not HTTP", function()
    for _, bytes in ipairs { "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "POST /len HTTP/1.1\r\nHost: x\r\nContent-Length: -4\r\n\r\n",
      ("GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"):format(("a"):rep(40000)) } do
      local answer, why = raw.exchange(port, bytes)
      assert.is_true(why ~= "timeout")
      assert.is_true(answer == "" or status_of(answer) >= 400, bytes:sub(1, 40) .. " -> " .. answer:sub(1, 60))
    end
    assert.equal(200, status_of(get(port, "/len")))
  end)

  -- What two readers may take for different requests. The whole list is in tests/c/http_message_test.c.
  it("refuses what is ambiguous, says why, and closes", function()
    local head = "POST /len HTTP/1.1\r\nHost: x\r\n"
    for bytes, reason in pairs {
      [head .. "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"] = "more than one Content-Length",
      [head .. "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"] = "both Content-Length and Transfer-Encoding",
      [head .. "Content-Length : 3\r\n\r\nabc"] = "a colon right after it", [head .. "X: a\rY: b\r\n\r\n"] = "a CR without LF",
      [head .. "X: a\n\r\n"] = "an LF without CR", ["GET /len HTTP/1.1\r\n\r\n"] = "Host is missing",
      ["GET /len HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"] = "more than one Host", ["\22\3\1\2\0"] = "this looks like TLS",
      [head .. "Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n"] = "the chunked body is malformed",
    } do
      -- What comes after it is not read as a request.
      local answer, why = raw.exchange(port, bytes .. "GET /len HTTP/1.1\r\nHost: x\r\n\r\n")
      assert.equal(400, status_of(answer), bytes)
      assert.equal("closed", why)
      assert.matches(reason, json.decode(body_of(answer)).message, 1, true)
      assert.matches("\r\nConnection: close\r\n", answer, 1, true)
      assert.equal(1, select(2, answer:gsub("HTTP/1%.1 %d", "")))
    end
    assert.equal(501, status_of(raw.exchange(port, head .. "Transfer-Encoding: gzip, chunked\r\n\r\n")))
  end)

  it("gives the same response however the bytes come", function()
    local bytes = "\r\nPOST /len HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" ..
      "PUT /echo?a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
    local function undated(answer) return (answer:gsub("Date: [^\r]*", "")) end
    local expected = undated(raw.exchange(port, bytes))
    assert.matches("\r\n\r\n5HTTP/1.1 201", expected, 1, true)
    for cut = 1, #bytes - 1, 3 do
      local one = assert(socket.connect("127.0.0.1", port))
      one:setoption("tcp-nodelay", true)
      one:send(bytes:sub(1, cut))
      socket.sleep(0.002)
      one:send(bytes:sub(cut + 1))
      one:settimeout(eventually.seconds)
      assert.equal(expected, undated(assert(one:receive "*a")))
      one:close()
    end
  end)

  it("answers HEAD as GET, without the body", function()
    local answer = raw.exchange(port, "HEAD /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert.matches("\r\nContent-Length: 4194304\r\n", answer, 1, true)
    assert.equal("", body_of(answer))
  end)

  it("asks for a body whose sender waits to be asked", function()
    local one = assert(socket.connect("127.0.0.1", port))
    one:settimeout(eventually.seconds)
    one:send "POST /len HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"
    assert.equal("HTTP/1.1 100 Continue", one:receive "*l")
    one:send "abc"
    assert.matches("\r\n\r\n3$", (assert(one:receive "*a")))
    one:close()
  end)

  it("answers a client that has closed its side for sending", function()
    local one = assert(socket.connect("127.0.0.1", port))
    one:settimeout(eventually.seconds)
    one:send "GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /len HTTP/1.1\r\nHost: x\r\n\r\n"
    one:shutdown "send"
    local answer = assert(one:receive "*a")
    assert.equal(2, select(2, answer:gsub("HTTP/1%.1 200", "")))
  end)

  it("closes the longest silent connection of an address for its next one", function()
    local small <close>, its_port = start '{"max_of_address":4}'
    local silent = {}
    for i = 1, 10 do silent[i] = assert(socket.connect("127.0.0.1", its_port)) end
    assert.equal(200, status_of(get(its_port, "/len")))
    silent[1]:settimeout(eventually.seconds)
    assert.equal("closed", select(2, silent[1]:receive(1)))
    -- Those with a request in progress stay; then there is no room.
    local busy = {}
    for i = 1, 4 do
      busy[i] = assert(socket.connect("127.0.0.1", its_port))
      busy[i]:send "GET /forever HTTP/1.1\r\nHost: x\r\n\r\n"
      local running = ("running\n"):rep(i)
      small:wait_for(running)
    end
    assert.equal("", (get(its_port, "/len")))
    busy[1]:close()
    for _, one in ipairs(silent) do one:close() end
  end)

  it("leaves others their half of the connections where there are few descriptors", function()
    local few <close> = process.start({ "--nofile=64:64", process.program, "run", "tests/support/echo_server.lua",
      '{"host":"::","max_of_address":256}' }, { program = "prlimit", timeout = eventually.seconds })
    local its_port = tonumber(few:wait_for "(%d+)\n")
    local silent = {}
    for i = 1, 100 do silent[i] = assert(socket.connect("127.0.0.1", its_port)) end
    local other = assert(socket.tcp6())
    other:settimeout(eventually.seconds)
    assert(other:connect("::1", its_port))
    other:send "GET /counts HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    local counts = json.decode(body_of(assert(other:receive "*a")))
    assert.is_true(counts.connections <= 17, counts.connections) -- 32, of which the silent ones have 16
    assert.is_true(counts.refused >= 84)
    for _, one in ipairs(silent) do one:close() end
  end)

  it("survives any bytes", function()
    math.randomseed(tonumber(os.getenv "LBHOST_SEED" or 1))
    local pieces = { "GET ", "POST ", "/len", "/echo", " HTTP/1.1\r\n", "Host: x\r\n", "\r\n", "\r", "\n", "Content-Length: 5\r\n", "hello",
      "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n", "0\r\n\r\n", "Connection: close\r\n", "Expect: 100-continue\r\n", "\0", "\xff",
      ("a"):rep(5000), ":", " ", "GET /len HTTP/1.1\r\nHost: x\r\n\r\n" }
    for _ = 1, 400 do
      local parts = {}
      for i = 1, math.random(12) do parts[i] = pieces[math.random(#pieces)] end
      local one = assert(socket.connect("127.0.0.1", port))
      one:settimeout(eventually.seconds)
      one:send(table.concat(parts))
      one:shutdown "send"
      local answer, why, part = one:receive "*a"
      assert.is_true(why ~= "timeout", table.concat(parts))
      for status in (answer or part or ""):gmatch "HTTP/1%.1 (%d+)" do assert.is_nil(status:find "^500") end
      one:close()
    end
    assert.equal(200, status_of(get(port, "/len")))
  end)

  it("bounds bodies, declared and chunked", function()
    local small <close>, its_port = start '{"max_body":100}'
    assert.equal(413, status_of(raw.exchange(its_port, "POST /len HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n" ..
      ("x"):rep(101))))
    assert.equal(413, status_of(raw.exchange(its_port, "POST /len HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" ..
      "c8\r\n" .. ("x"):rep(200) .. "\r\n0\r\n\r\n")))
    assert.equal("100", body_of(raw.exchange(its_port, "POST /len HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" ..
      "Content-Length: 100\r\n\r\n" .. ("x"):rep(100))))
    assert.is_number(small.pid)
  end)

  it("cuts off who sends slowly, also a byte at a time, and lets others through", function()
    local quick <close>, its_port = start '{"timeout":0.6}'
    local slow = {}
    for i, begin in ipairs { "G", "GET /len HTT", "GET /len HTTP/1.1\r\nHost: x\r\nX-",
      "POST /len HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" } do
      slow[i] = assert(socket.connect("127.0.0.1", its_port))
      slow[i]:send(begin)
      slow[i]:settimeout(0)
    end
    eventually(function()
      local open = 0
      for _, one in ipairs(slow) do
        one:send "a"
        local _, why = one:receive(1)
        if why ~= "closed" then open = open + 1 end
      end
      return open == 0
    end)
    assert.equal(200, status_of(get(its_port, "/len")))
    assert.is_number(quick.pid)
  end)

  it("forgets a client that goes away in the middle", function()
    for _ = 1, 20 do
      local one = assert(socket.connect("127.0.0.1", port))
      one:send "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
      one:close()
    end
    eventually(function()
      return json.decode(body_of(get(port, "/counts"))).requests == 1 -- the one that asks
    end)
  end)

  it("lets what runs end when it stops, and takes nothing new", function()
    local one <close>, its_port = start()
    local connection = assert(socket.connect("127.0.0.1", its_port))
    connection:send "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
    one:wait_for "running"
    one:signal "TERM"
    connection:settimeout(eventually.seconds)
    local answer = assert(connection:receive "*a")
    assert.matches("[Cc]onnection: [Cc]lose", answer)
    assert.matches("slow$", answer)
    assert.is_nil((socket.connect("127.0.0.1", its_port)))
    local out, err, status = one:wait()
    assert.equal("stopped, cut 0", out:match("stopped[^\n]*"), err)
    assert.equal(0, status)
  end)

  it("cuts what does not end in time", function()
    local one <close>, its_port = start '{"grace":0.2}'
    local connection = assert(socket.connect("127.0.0.1", its_port))
    connection:send "GET /forever HTTP/1.1\r\nHost: x\r\n\r\n"
    one:wait_for "running"
    one:signal "TERM"
    one:wait_for "stopped, cut 1"
  end)

  describe("streams a response", function()
    local function connect(its_port, path, version)
      local one = assert(socket.connect("127.0.0.1", its_port))
      one:settimeout(eventually.seconds)
      one:send(("GET %s HTTP/%s\r\nHost: x\r\n\r\n"):format(path, version or "1.1"))
      return one
    end

    local function head_of(one)
      local lines = {}
      for line in function() return assert(one:receive "*l") end do
        if line == "" then break end
        lines[#lines + 1] = line
      end
      return table.concat(lines, "\n")
    end

    local function counts(its_port)
      return json.decode(body_of(get(its_port, "/counts")))
    end

    local function say(its_port, text)
      return tonumber(body_of(raw.exchange(its_port, ("POST /say HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s")
        :format(#text, text))))
    end

    it("each as a chunk, and to clients of HTTP/1.0 until the connection ends", function()
      local answer = get(port, "/parts")
      assert.matches("\r\nTransfer-Encoding: chunked\r\n", answer, 1, true)
      assert.is_nil(answer:find "Content%-Length")
      assert.equal("7\r\npart 1\n\r\n7\r\npart 2\n\r\n7\r\npart 3\n\r\n0\r\n\r\n", body_of(answer))
      answer = raw.exchange(port, "GET /parts HTTP/1.0\r\n\r\n")
      assert.is_nil(answer:find "chunked")
      assert.equal("part 1\npart 2\npart 3\n", body_of(answer))
      answer = raw.exchange(port, "HEAD /parts HTTP/1.1\r\nHost: x\r\n\r\n")
      assert.equal(200, status_of(answer))
      assert.equal("", body_of(answer))
    end)

    it("as fast as it is read, and holds no more of it than it may", function()
      local one <close>, its_port = start '{"max_unsent":100000,"timeout":60}'
      local reader = connect(its_port, "/flood")
      head_of(reader)
      eventually(function() return counts(its_port).bytes > 60000 end, "something waits for the reader")
      assert.is_true(counts(its_port).bytes <= 200000)
      local size = 0
      while true do
        local line = assert(reader:receive "*l")
        local length = tonumber(line, 16)
        if length == 0 then break end
        local chunk = assert(reader:receive(length))
        assert.equal(string.char(size >> 16):rep(length), chunk)
        size = size + length
        assert.equal("", reader:receive "*l")
      end
      assert.equal(1 << 24, size)
      one:wait_for "written whole"
    end)

    it("until the reader goes, or does not read for longer than it may", function()
      local quick <close>, its_port = start '{"max_unsent":100000,"timeout":0.6}'
      local gone = connect(its_port, "/open")
      head_of(gone)
      eventually(function() return counts(its_port).streams == 1 end)
      gone:close()
      eventually(function() return counts(its_port).streams == 0 end)
      assert.equal(0, say(its_port, "nobody"))
      local silent = connect(its_port, "/flood")
      quick:wait_for "reader has gone"
      assert.equal(0, counts(its_port).streams)
      local patient = connect(its_port, "/open") -- nothing waits for it: it stays
      head_of(patient)
      socket.sleep(1)
      assert.equal(1, say(its_port, "still there"))
      assert.equal("b", patient:receive "*l")
      assert.equal("still there", patient:receive "*l")
      silent:close()
      patient:close()
    end)

    it("to so many readers as there may be, and 503 to the next", function()
      local small <close>, its_port = start '{"max_streams":2}'
      local readers = { connect(its_port, "/open"), connect(its_port, "/open") }
      for _, one in ipairs(readers) do assert.matches("^HTTP/1.1 200", head_of(one)) end
      local answer = get(its_port, "/open")
      assert.equal(503, status_of(answer))
      assert.matches("\r\nretry%-after: 10\r\n", answer:lower())
      assert.equal(2, say(its_port, "x"))
      readers[1]:close()
      eventually(function() return counts(its_port).streams == 1 end)
      local next_one = connect(its_port, "/open")
      assert.matches("^HTTP/1.1 200", head_of(next_one))
      next_one:close()
      readers[2]:close()
      assert.is_number(small.pid)
    end)

    it("that is not whole when its function fails", function()
      local answer = get(port, "/broken")
      assert.equal(200, status_of(answer))
      assert.equal("5\r\nbegun\r\n", body_of(answer))
      server:wait_for("no luck later", true)
    end)

    it("and ends it when the server stops", function()
      local one <close>, its_port = start()
      local reader = connect(its_port, "/open")
      head_of(reader)
      assert.equal(1, say(its_port, "last words"))
      one:signal "TERM"
      assert.equal("a\r\nlast words\r\n0\r\n\r\n", (assert(reader:receive "*a")))
      one:wait_for "stopped, cut 0"
    end)
  end)

  it("names the options that are out of range", function()
    for options, expected in pairs {
      ['{"max_body":1e12}'] = "'max_body' must be an integer from 1 to 1073741824",
      ['{"max_connections":0.5}'] = "'max_connections' must be an integer from 1 to 1048576",
      ['{"max_of_address":0}'] = "'max_of_address' must be an integer from 1 to 1048576",
      ['{"max_memory":-1}'] = "'max_memory' must be an integer from 1 to 1099511627776",
      ['{"timeout":0}'] = "'timeout' must be more than 0 and at most 86400 seconds",
      ['{"idle_timeout":1e6}'] = "'idle_timeout' must be more than 0 and at most 86400 seconds",
      ['{"port":70000}'] = "'port' must be an integer from 0 to 65535",
      ['{"port":80.5}'] = "'port' must be an integer from 0 to 65535",
    } do
      local _, err, status = process.run { "run", "tests/support/echo_server.lua", options }
      assert.equal(1, status)
      assert.matches("http_server: " .. expected, err, 1, true)
    end
  end)

  it("says why it cannot listen", function()
    local _, err, status = process.run { "run", "tests/support/echo_server.lua", ('{"port":%d}'):format(port) }
    assert.equal(1, status)
    assert.matches(("cannot listen on 127.0.0.1 port %d: Address already in use; choose another port"):format(port), err, 1, true)
    _, err = process.run { "run", "tests/support/echo_server.lua", '{"host":"no.such.host.invalid"}' }
    assert.matches("cannot listen on 'no.such.host.invalid'", err, 1, true)
    _, err = process.run { "run", "tests/support/echo_server.lua", '{"prot":1}' }
    assert.matches("unknown option 'prot'; did you mean 'port'", err, 1, true)
  end)
end)
