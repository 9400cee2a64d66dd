-- What tests/spec/support/servers_spec.lua expects of each scenario of tests/servers/http.lua.
-- Each function gets { server, ask(target, method, body, headers), connect(), read_answer(sock),
-- request_text(...), usual } and asserts.

local assert = require "luassert"
local cjson = require "cjson"
local socket = require "socket"

local server = require "tests.support.server"

local expect = {}

--- The request to a scenario, with its whole response and how the connection ended.
local function try(t, scenario, method, body)
  return t.ask(("/do/%s/id/v2/rooms"):format(scenario), method, body)
end

local function contains(text, part)
  assert.truthy(text:find(part, 1, true), ("no '%s' in '%s'"):format(part, text:sub(1, 400)))
end

local function status_of(answer)
  return tonumber(answer:match("^HTTP/1%.[01] (%d+) "))
end

local function body_of(answer)
  return answer:match("\r\n\r\n(.*)$")
end

--- What gzip makes of the body: its output and its exit status.
local function unpack_body(answer)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(body_of(answer))
  file:close()
  local pipe = io.popen(("gzip -dc <%s 2>/dev/null"):format(path))
  local data = pipe:read("a")
  local _, _, status = pipe:close()
  os.remove(path)
  return data, status
end

--- Seconds that a request took.
local function timed(t, scenario)
  local start = socket.gettime()
  local answer, why = try(t, scenario)
  return socket.gettime() - start, answer, why
end

function expect.ok(t)
  local answer = try(t, "ok")
  assert.equal(200, status_of(answer))
  assert.equal(t.usual, body_of(answer))
  contains(answer, "\r\nContent-Type: application/json\r\n")
  assert.equal("{}", body_of(try(t, "ok", "POST", "x")))
end

function expect.status(t)
  local answer = try(t, "status")
  assert.equal(429, status_of(answer))
  assert.equal("TOO_MANY_REQUESTS", cjson.decode(body_of(answer)).error)
  answer = try(t, "status=418,retry-after=7,body=a%2Cb,type=text%2Fx,header=X-A:%20b")
  assert.equal(418, status_of(answer))
  contains(answer, "\r\nRetry-After: 7\r\n")
  contains(answer, "\r\nContent-Type: text/x\r\n")
  contains(answer, "\r\nX-A: b\r\n")
  assert.equal("a,b", body_of(answer))
  local date = try(t, "status=503,date=60"):match("\r\nRetry%-After: (%a%a%a, [^\r]+ GMT)\r\n")
  local now, later = os.time(), os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 61)
  assert.truthy(date == later or date == os.date("!%a, %d %b %Y %H:%M:%S GMT", now + 60), date)
end

function expect.sequence(t)
  for _, code in ipairs { 500, 502, 200, 200 } do assert.equal(code, status_of(try(t, "sequence"))) end
end

function expect.pages(t)
  local seen, target = {}, "/do/pages,n=5,size=2/id/v2/rooms"
  local cursor
  repeat
    local query = cursor and "?startingAfter=" .. cursor:gsub("%W", function(c)
      return ("%%%02X"):format(c:byte())
    end) or ""
    local page = cjson.decode(body_of(t.ask(target .. query)))
    for _, room in ipairs(page.data) do seen[#seen + 1] = room.id end
    cursor = page.nextCursor ~= cjson.null and page.nextCursor or nil
  until not cursor or #seen > 5 or #page.data == 0
  assert.is_nil(cursor)
  assert.same({ "room-00001", "room-00002", "room-00003", "room-00004", "room-00005" }, seen)
  assert.equal(4, #cjson.decode(body_of(t.ask(target .. "?limit=4"))).data)
  local page = cjson.decode(body_of(t.ask(target .. "?cursor=after%2B4%2F%3D")))
  assert.equal("room-00005", page.data[1].id)
  assert.equal(400, status_of(t.ask(target .. "?cursor=after+4/=")))
  page = cjson.decode(body_of(t.ask("/do/pages,stuck=1/id/x?cursor=after%2B4%2F%3D")))
  assert.equal("after+4/=", page.nextCursor)
  for _, code in ipairs { 200, 500, 200 } do
    assert.equal(code, status_of(t.ask("/do/pages,fail=2,code=500/other/x")))
  end
end

function expect.echo(t)
  local row = cjson.decode(body_of(t.ask("/do/echo/id/a?b=c", "POST", "hello")))
  assert.equal("/a", row.path)
  assert.equal("b=c", row.query)
  assert.equal("aGVsbG8=", row.body_base64)
end

function expect.json(t)
  assert.equal('{"a":[1,2]}', body_of(try(t, "json=%7B%22a%22:[1%2C2]%7D")))
  assert.equal("\255\0", body_of(try(t, "json=%FF%00")))
end

function expect.empty(t)
  local answer = try(t, "empty")
  assert.equal(200, status_of(answer))
  contains(answer, "\r\nContent-Length: 0\r\n")
  assert.equal("", body_of(answer))
end

function expect.nocontent(t)
  local answer = try(t, "nocontent")
  assert.equal(204, status_of(answer))
  assert.equal("", body_of(answer))
  assert.falsy(answer:find("Content%-Length"))
end

function expect.html(t)
  local answer = try(t, "html")
  assert.equal(502, status_of(answer))
  contains(answer, "\r\nContent-Type: text/html\r\n")
  contains(answer, "<h1>Bad Gateway</h1>")
end

expect["wrong-type"] = function(t)
  local answer = try(t, "wrong-type")
  contains(answer, "\r\nContent-Type: text/html\r\n")
  assert.equal(t.usual, body_of(answer))
end

function expect.redirect(t)
  local answer = try(t, "redirect")
  assert.equal(302, status_of(answer))
  contains(answer, "\r\nLocation: /do/ok/id/redirected\r\n")
  contains(try(t, "redirect=308,to=https%3A%2F%2Fa.example"), "\r\nLocation: https://a.example\r\n")
end

expect["status-lines"] = function(t)
  contains(try(t, "status-lines=100.103"),
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
    .. "HTTP/1.1 200 OK\r\n")
end

function expect.http10(t)
  local answer, why = server.exchange(t.server.port, t.request_text("GET", "/do/http10/id/x"))
  contains(answer, "HTTP/1.0 200 OK\r\n")
  assert.falsy(answer:find("Content%-Length"))
  assert.equal(t.usual, body_of(answer))
  assert.equal("closed", why)
end

function expect.close(t)
  local answer, why = server.exchange(t.server.port, t.request_text("GET", "/do/close/id/x"))
  contains(answer, "\r\nConnection: close\r\n")
  assert.equal("closed", why)
end

function expect.stale(t)
  local sock = t.connect()
  sock:send(t.request_text("GET", "/do/stale,after=200,times=2/id/1"))
  assert.equal(200, (t.read_answer(sock)))
  sock:send(t.request_text("GET", "/do/stale,after=50,times=2/id/2"))
  assert.equal(200, (t.read_answer(sock)))
  assert.is_nil((sock:receive(1)))
  sock:close()
  sock = t.connect()
  sock:send(t.request_text("GET", "/do/stale,on-next=1/next/1"))
  assert.equal(200, (t.read_answer(sock)))
  sock:send(t.request_text("GET", "/do/stale,on-next=1/next/2"))
  assert.is_nil((sock:receive(1)))
  sock:close()
  assert.equal(1, #t.server:log("next"))
end

function expect.gzip(t)
  local answer = try(t, "gzip")
  contains(answer, "\r\nContent-Encoding: gzip\r\n")
  assert.same({ t.usual, 0 }, { unpack_body(answer) })
  assert.same({ "a", 0 }, { unpack_body(try(t, "gzip,body=a")) })
end

expect["gzip-broken"] = function(t)
  for _, kind in ipairs { "data", "cut", "crc" } do
    local _, status = unpack_body(try(t, "gzip-broken=" .. kind))
    assert.equal(1, status, kind)
  end
end

expect["gzip-bomb"] = function(t)
  local answer = try(t, "gzip-bomb=10000000")
  assert.is_true(#answer < 100000)
  local data, status = unpack_body(answer)
  assert.equal(0, status)
  assert.is_true(#data >= 10000000)
  assert.truthy(data:find('^{"data":"x+"}$'))
end

function expect.encoding(t)
  local answer = try(t, "encoding=compress")
  contains(answer, "\r\nContent-Encoding: compress\r\n")
  assert.equal(t.usual, body_of(answer))
end

function expect.chunked(t)
  local answer = try(t, "chunked=20")
  contains(answer, "\r\nTransfer-Encoding: chunked\r\n")
  assert.equal('14\r\n{"data":[],"nextCurs\r\n9\r\nor":null}\r\n0\r\n\r\n', body_of(answer))
end

function expect.trailing(t)
  local answer = try(t, "trailing")
  contains(answer, "\r\nTrailer: X-Checksum\r\n")
  contains(answer, "\r\n0\r\nX-Checksum: 12345\r\n\r\n")
end

function expect.bignum(t)
  contains(body_of(try(t, "bignum")), '"int64":9223372036854775807,"past_int64":9223372036854775808,')
end

function expect.deep(t)
  assert.equal("[[[]]]", body_of(try(t, "deep=3")))
end

function expect.big(t)
  local body = body_of(try(t, "big=123456"))
  assert.equal(123456, #body)
  assert.equal(123456 - 11, #cjson.decode(body).data)
end

expect["huge-header"] = function(t)
  local answer = try(t, "huge-header=300000")
  assert.equal(300000, #answer:match("\r\nX%-Huge: (h+)\r\n"))
end

function expect.slow(t)
  local seconds, answer = timed(t, "slow=150")
  assert.is_true(seconds >= 0.14)
  assert.equal(t.usual, body_of(answer))
end

function expect.silent(t)
  local answer, why = server.exchange(t.server.port, t.request_text("GET", "/do/silent/id/x"), 0.2)
  assert.same({ "", "timeout" }, { answer, why })
  socket.sleep(0.05)
  assert.equal("client-gone", t.server:log("id")[1].outcome)
end

function expect.drip(t)
  local seconds, answer = timed(t, "drip,interval=5,size=30")
  assert.is_true(seconds >= 0.14)
  assert.equal(30, #body_of(answer))
  contains(answer, "\r\nContent-Length: 30\r\n")
end

expect["drip-headers"] = function(t)
  local seconds, answer = timed(t, "drip-headers,interval=1,size=150")
  assert.is_true(seconds >= 0.14)
  assert.equal(150 + 2, #answer)
  assert.equal("{}", body_of(answer))
end

--- Takes `bytes` from a scenario that does not end, then leaves.
local function take_some(t, scenario, bytes)
  local sock = t.connect()
  sock:send(t.request_text("GET", ("/do/%s/id/x"):format(scenario)))
  local data = assert(sock:receive(bytes))
  sock:close()
  assert.equal("{}", body_of(t.ask("/do/ok/after/x", "POST")))
  return data
end

function expect.endless(t)
  local data = take_some(t, "endless", 20000000)
  contains(data, '\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"data":"\r\n10000\r\nxxx')
  data = take_some(t, "endless,chunked=0", 1000000)
  assert.falsy(data:find("Transfer-Encoding", 1, true))
  contains(data, '\r\n\r\n{"data":"xxx')
  local _, why = try(t, "endless,max=1")
  assert.equal("reset", why)
end

expect["endless-headers"] = function(t)
  local data = take_some(t, "endless-headers", 5000000)
  assert.falsy(data:find("\r\n\r\n", 1, true))
end

expect["slow-read"] = function(t)
  local start = socket.gettime()
  local answer = t.ask("/do/slow-read=1000/id/x", "POST", ("b"):rep(200 * 1024))
  assert.is_true(socket.gettime() - start >= 0.19)
  assert.equal(200, status_of(answer))
  assert.equal(200 * 1024, t.server:log("id")[1].body_size)
end

expect["reset-before"] = function(t)
  assert.same({ "", "reset" }, { try(t, "reset-before") })
  assert.equal("misbehaved", t.server:log("id")[1].outcome)
end

expect["reset-headers"] = function(t)
  local answer, why = try(t, "reset-headers")
  assert.equal("HTTP/1.1 200 OK\r\nContent-Type: applic", answer)
  assert.equal("reset", why)
end

expect["reset-body"] = function(t)
  local answer, why = try(t, "reset-body,size=100")
  assert.equal('{"data":"' .. ("x"):rep(50), body_of(answer))
  assert.equal("reset", why)
  answer, why = try(t, "reset-body,size=100,chunked=1")
  assert.equal('78\r\n{"data":"' .. ("x"):rep(50), body_of(answer))
  assert.equal("reset", why)
end

expect["reset-upload"] = function(t)
  local sock = t.connect()
  sock:send("POST /do/reset-upload=10/id/x HTTP/1.1\r\nContent-Length: 100\r\n\r\n" .. ("u"):rep(20))
  assert.is_nil((sock:receive(1)))
  sock:close()
  local row = t.server:log("id")[1]
  assert.equal(("u"):rep(10), row.body)
  assert.is_false(row.complete)
end

expect["close-before"] = function(t)
  assert.same({ "", "closed" }, { try(t, "close-before") })
end

expect["half-body"] = function(t)
  local answer, why = try(t, "half-body,size=40")
  contains(answer, "\r\nContent-Length: 40\r\n")
  assert.equal(20, #body_of(answer))
  assert.equal("closed", why)
end

function expect.early(t)
  local sock = t.connect()
  sock:send("POST /do/early/id/x HTTP/1.1\r\nContent-Length: 1000000\r\n\r\nstart")
  local status, body = t.read_answer(sock)
  assert.equal(413, status)
  contains(body, "CONTENT_TOO_LARGE")
  assert.is_nil((sock:receive(1)))
  sock:close()
  assert.is_false(t.server:log("id")[1].complete)
end

function expect.garbage(t)
  local answer, why = try(t, "garbage")
  assert.equal("SSH-2.0-", answer:sub(1, 8))
  assert.equal("closed", why)
  assert.equal("no HTTP", (try(t, "garbage=no%20HTTP")))
end

expect["bad-chunk"] = function(t)
  local answer, why = try(t, "bad-chunk")
  contains(answer, "\r\nzz\r\n")
  assert.equal("closed", why)
end

expect["bad-length"] = function(t)
  for kind, length in pairs { text = "2 bytes", negative = "-2", huge = "99999999999999999999999" } do
    contains(try(t, "bad-length=" .. kind), "\r\nContent-Length: " .. length .. "\r\n\r\n{}")
  end
  contains(try(t, "bad-length=two"), "\r\nContent-Length: 2\r\nContent-Length: 3\r\n")
end

return expect
