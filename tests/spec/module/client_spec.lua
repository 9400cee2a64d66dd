local helper = require "tests.support.client"
local liveblocks = require "liveblocks"
local server = require "tests.support.server"

describe("a client", function()
  local srv
  setup(function() srv = helper.server() end)
  teardown(function() srv:stop() end)

  local function fails(scenario, options, name, ...)
    local client, id = helper.client(srv, scenario, options)
    local value, err = client.try[name or "get_room"](client.try, ...)
    assert.is_nil(value)
    return err, id
  end
  local function get(scenario, options) return fails(scenario, options, "get_room", "r") end
  local function post(scenario, options)
    return fails(scenario, options, "create_comment", "r", "t", { userId = "u", body = { version = 1, content = {} } })
  end
  local function tries(id) return #srv:log(id) end

  it("reports a refused connection as network, after its attempts", function()
    local client = liveblocks.new { secret = "sk_x", base_url = "http://127.0.0.1:" .. server.port_refused(), backoff = 0.01 }
    local _, err = client.try:get_room("r")
    assert.equal("network", err.kind)
    assert.matches("check that a server listens there", tostring(err), 1, true)
    assert.equal(4, err.attempts)
  end)

  it("retries an unsafe call where no connection came about", function()
    local client = liveblocks.new { secret = "sk_x", base_url = "http://127.0.0.1:" .. server.port_refused(), backoff = 0.01 }
    local _, err = client.try:create_comment("r", "t", { userId = "u", body = { version = 1, content = {} } })
    assert.equal(4, err.attempts)
  end)

  describe("that is warmed", function()
    it("has a connection, which the first call uses, and has not sent its key", function()
      local client, id = helper.client(srv, "ok")
      assert.is_true(client:warm())
      client:get_room "r"
      local log = srv:log(id)
      assert.equal("HEAD", log[1].method)
      assert.is_nil(log[1].headers.authorization)
      assert.equal("GET", log[2].method)
      assert.equal(log[1].connection, log[2].connection)
    end)

    it("takes any status for an answer, and asks once", function()
      for _, scenario in ipairs { "status,code=404", "status,code=503", "redirect" } do
        local client, id = helper.client(srv, scenario)
        assert.is_true(client:warm())
        assert.equal(1, #srv:log(id))
      end
    end)

    it("waits in a task without blocking others", function()
      local client, ticks = helper.client(srv, "slow=100"), 0
      liveblocks.task.run(function()
        local ticking = liveblocks.task.spawn(function() while true do liveblocks.task.sleep(0) ticks = ticks + 1 end end)
        client:warm()
        ticking:cancel()
      end)
      assert.is_true(ticks > 0)
    end)

    it("says that there is no connection", function()
      local client = liveblocks.new { secret = "sk_x", base_url = "http://127.0.0.1:" .. server.port_refused() }
      local ok, err = pcall(client.warm, client)
      assert.is_false(ok)
      assert.equal("network", err.kind)
      assert.equal("network", select(2, client.try:warm()).kind)
      assert.matches("call it with a colon: client:warm", tostring(select(2, pcall(client.warm))), 1, true)
    end)
  end)

  describe("whose pace is changed", function()
    it("sends no more than that at the same time", function()
      local client, id = helper.client(srv, "slow=15", { max_in_flight = 1 })
      client:set_pace { max_in_flight = 4 }
      liveblocks.task.map(12, function() client:get_room "r" end, { concurrency = 12 })
      assert.equal(12, #srv:log(id))
      client:set_pace { rate = 1000 }
      client:set_pace { max_in_flight = 2 } -- the rate stays
      assert.equal(1000, client.pace.rate)
      client:set_pace { rate = false }
      assert.is_false(client.pace.rate)
      client:get_room "r"
    end)

    it("shares it with those that `with` makes", function()
      srv:reset()
      local client, id = helper.client(srv, "slow=15", { max_in_flight = 2 })
      local clients = { client, client:with { timeout = 20 }, client:with({ retries = 1 }):with { backoff = 0.1 } }
      liveblocks.task.map(12, function(i) clients[i % 3 + 1]:get_room "r" end, { concurrency = 12 })
      assert.same({ 12, 2 }, { #srv:log(id), srv:count().peak_busy })
      clients[2]:set_pace { rate = 7 }
      client:set_pace { max_in_flight = 4 } -- the rate stays
      assert.same({ 7, 7 }, { client.pace.rate, clients[3].pace.rate })
      clients[3]:pause(60)
      for i = 1, 2 do assert.is_true(clients[i]:paused() > 0) end
    end)

    it("allows those that have limits of their own no more than itself", function()
      srv:reset()
      local client, id = helper.client(srv, "slow=15", { max_in_flight = 3 })
      local one, many = client:with { max_in_flight = 1, rate = 1000 }, client:with { max_in_flight = 50, rate = 1000 }
      liveblocks.task.map(6, function() one:get_room "r" end, { concurrency = 6 })
      assert.same({ 6, 1 }, { #srv:log(id), srv:count().peak_busy })
      liveblocks.task.map(12, function() many:get_room "r" end, { concurrency = 12 })
      assert.same({ 12, 3 }, { #srv:log(id), srv:count().peak_busy })
    end)

    it("keeps it for those that are there when it is closed", function()
      srv:reset()
      local client, id = helper.client(srv, "slow=15", { max_in_flight = 1 })
      local first, second = client:with { timeout = 20 }, client:with { rate = 1000 }
      client:close()
      liveblocks.task.map(6, function(i) (i % 2 == 0 and first or second):get_room "r" end, { concurrency = 6 })
      assert.same({ 6, 1 }, { #srv:log(id), srv:count().peak_busy })
    end)

    it("waits as after a 429", function()
      local client = helper.client(srv, "ok")
      assert.equal(0, client:paused())
      client:pause(0.05)
      client:get_room "r"
      assert.equal(0, client:paused())
      client:pause(60)
      local left = client:paused()
      assert.is_true(left > 0 and left <= 60)
    end)

    it("refuses what is not one", function()
      local client = helper.client(srv, "ok")
      for _, pace in ipairs { { rate = 0 }, { rate = math.huge }, { rate = "1" }, { max_in_flight = 0 }, { max_in_flight = 1.5 } } do
        assert.matches("set_pace: option '[%w_]+' must be", select(2, pcall(client.set_pace, client, pace)).message)
      end
      assert.matches("set_pace: a table expected, got nil", select(2, pcall(client.set_pace, client)).message)
      for _, seconds in ipairs { -1, math.huge, 0 / 0, "1" } do
        assert.matches("pause: a number of seconds expected", select(2, pcall(client.pause, client, seconds)).message)
      end
    end)
  end)

  for _, scenario in ipairs { "reset-before", "reset-headers", "reset-body", "close-before", "half-body", "garbage", "bad-chunk" } do
    it("repeats a safe call that meets " .. scenario, function()
      local err, id = get(scenario)
      assert.equal("network", err.kind)
      assert.equal(4, err.attempts)
      assert.is_true(tries(id) >= 4)
    end)
    it("never repeats an unsafe call that meets " .. scenario, function()
      local err, id = post(scenario)
      assert.equal("network", err.kind)
      assert.equal(1, err.attempts)
      assert.equal(1, tries(id))
    end)
  end

  it("does not let libcurl repeat an unsafe call over a kept connection", function()
    local client, id = helper.client(srv, "close-before,skip=1")
    client:get_room("warm")
    local _, err = client.try:create_comment("r", "t", { userId = "u", body = { version = 1, content = {} } })
    assert.equal("network", err.kind)
    assert.equal(2, tries(id))
  end)

  for _, code in ipairs { 408, 429, 500, 502, 503, 504 } do
    it(("repeats a safe call after %d until it works"):format(code), function()
      local client, id = helper.client(srv, ("status,code=%d,times=2"):format(code))
      local _, meta = client:get_room("r")
      assert.equal(3, meta.attempts)
      assert.equal(3, tries(id))
    end)
  end

  for _, code in ipairs { 500, 502, 503, 504, 408 } do
    it(("does not repeat an unsafe call after %d"):format(code), function()
      local err, id = post(("status,code=%d"):format(code))
      assert.equal(code, err.status)
      assert.equal(1, tries(id))
    end)
  end

  it("repeats an unsafe call after 429", function()
    local client, id = helper.client(srv, "status,code=429,times=1")
    client:create_comment("r", "t", { userId = "u", body = { version = 1, content = {} } })
    assert.equal(2, tries(id))
  end)

  for _, code in ipairs { 400, 401, 403, 404, 409, 422, 501 } do
    it(("never repeats after %d"):format(code), function()
      local err, id = get(("status,code=%d"):format(code))
      assert.equal("http", err.kind)
      assert.equal(code, err.status)
      assert.equal(1, tries(id))
    end)
  end

  it("waits as long as Retry-After says, in seconds", function()
    local client, id = helper.client(srv, "status,code=429,times=1,retry-after=1")
    client:get_room("r")
    local log = srv:log(id)
    assert.is_true(log[2].time - log[1].time >= 0.99)
  end)

  it("reads Retry-After as a date", function()
    local client, id = helper.client(srv, "status,code=503,times=1,retry-after=date,date=2")
    client:get_room("r")
    local log = srv:log(id)
    assert.equal(2, #log)
    assert.is_true(log[2].time >= math.floor(log[1].time) + 2)
  end)

  it("fails at once when Retry-After lies after the deadline", function()
    local err = get("status,code=429,retry-after=30", { timeout = 2 })
    assert.equal(429, err.status)
    assert.equal(30, err.retry_after)
    assert.equal(1, err.attempts)
  end)

  for scenario, missed in pairs { silent = "no response", ["drip,interval=100,size=1000"] = "the response did not end",
    ["drip-headers,interval=100"] = "no response" } do
    it("keeps its deadline against " .. scenario, function()
      local err = get(scenario, { timeout = 0.4 })
      assert.equal("timeout", err.kind)
      assert.equal(missed .. " within 0.4 s", err.message)
    end)
  end

  it("keeps its deadline inside retries and backoff", function()
    local err = get("status,code=503", { timeout = 1.5, retries = 1000, backoff = 0.01, max_backoff = 0.1 })
    -- the last attempt may begin so late that its response does not come in time
    assert.is_true(err.status == 503 or err.kind == "timeout", tostring(err))
    assert.is_true(err.attempts > 1 and err.attempts < 1000)
  end)

  it("bounds an endless body", function()
    local err = get("endless", { max_response = 100000, retries = 0 })
    assert.equal("network", err.kind)
    assert.matches("max_response", err.message)
  end)

  it("asks once for a response that is too large", function()
    local err, id = get("endless", { max_response = 100000, backoff = 0.01 })
    assert.equal(1, err.attempts)
    assert.equal(1, tries(id))
    assert.matches("raise the option max_response", tostring(err), 1, true)
  end)

  it("takes whole numbers that are floats for its options", function()
    local client, id = helper.client(srv, "status,code=503,times=2",
      { max_response = 200 * 2^20, retries = 1.0, max_in_flight = 8.0, timeout = 30 })
    local _, err = client.try:get_room("r")
    assert.equal(2, err.attempts)
    assert.equal(2, tries(id))
    assert.has_error(function() liveblocks.new { secret = "sk_x", max_response = 1.5 } end)
  end)

  it("takes max_reply, the earlier name of max_response, unless both are given", function()
    local given = { max_reply = 1000, retries = 0 }
    local err = get("big=2000", given)
    assert.matches("max_response", err.message)
    assert.same({ max_reply = 1000, retries = 0 }, given)
    assert.is_table((helper.client(srv, "big=2000", { max_reply = 1000, max_response = 3000 }):get_room("r")))
  end)

  it("knows schemes of URLs in capitals", function()
    local client = liveblocks.new { secret = "sk_x", base_url = srv.url:gsub("^http", "HTTP") .. "" }
    assert.is_table((client:get_room("r")))
    assert.equal(200, (liveblocks.http.request { url = srv.url:gsub("^http", "HtTP") .. "/v2/rooms" }).status)
  end)

  it("bounds endless headers", function()
    assert.equal("network", get("endless-headers", { retries = 0, timeout = 5 }).kind)
  end)

  for _, scenario in ipairs { "gzip", "chunked", "trailing", "wrong-type", "http10", "status-lines" } do
    it("reads a response that is " .. scenario, function()
      assert.is_table((helper.client(srv, scenario):get_room("r")))
    end)
  end

  it("returns true for an empty response and for 204", function()
    assert.is_true((helper.client(srv, "nocontent"):delete_room("r")))
    assert.is_true((helper.client(srv, "empty"):get_room("r")))
  end)

  it("does not follow redirects, and says so", function()
    local err, id = get("redirect")
    assert.equal(302, err.status)
    assert.matches("not followed", err.message)
    assert.equal(1, tries(id))
  end)

  local forms = {
    { '{"error":"ROOM_NOT_FOUND","message":"no room","suggestion":"make it","docs":"https://d"}',
      { code = "ROOM_NOT_FOUND", message = "no room", suggestion = "make it", docs = "https://d" } },
    { [[{"error":"Unprocessable Entity","reason":"Missing key: 'id'"}]],
      { code = "Unprocessable Entity", reason = "Missing key: 'id'", message = "Missing key: 'id'" } },
    { '{"error":"Not Found"}', { code = "Not Found", message = "Not Found" } },
    { '{"error":"Not implemented","message":"not here"}', { code = "Not implemented", message = "not here" } },
    { "<html>Bad Gateway</html>", { message = "<html>Bad Gateway</html>" } },
  }
  for i, form in ipairs(forms) do
    it(("reads error form %d"):format(i), function()
      local encoded = form[1]:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end)
      local err = get("status,code=422,body=" .. encoded)
      for name, value in pairs(form[2]) do assert.equal(value, err[name]) end
      assert.equal(form[1], err.body)
      assert.equal("GET", err.method)
      assert.is_nil(tostring(err):find("\n"))
    end)
  end

  it("says where a response is not JSON", function()
    local err = get("json=%7B%22a%22%3A%5B1%2C%5D%7D")
    assert.equal("json", err.kind)
    assert.matches("$.a[1]", err.message, 1, true)
    assert.equal("GET", err.method)
    assert.matches("^GET /v2/rooms/r: 200: the response is not valid JSON: ", (tostring(err):gsub("/do/[^/]*/[^/]*", "")))
  end)

  it("keeps the prefix of the base URL, with and without a trailing slash", function()
    for _, tail in ipairs { "/pre/fix", "/pre/fix/" } do
      local client = liveblocks.new { secret = "sk_test", base_url = srv.url .. tail }
      srv:log()
      client:get_rooms()
      assert.equal("/pre/fix/v2/rooms", srv:log()[1].target)
    end
  end)

  it("takes sk_, lbs_ and other tokens as they are", function()
    for _, secret in ipairs { "sk_abc-1", "lbs_x.y", "other" } do
      srv:log()
      liveblocks.new { secret = secret, base_url = srv.url }:get_room("r")
      local found
      for _, header in ipairs(srv:log()[1].headers) do
        if header[1] == "Authorization" then found = header[2] end
      end
      assert.equal("Bearer " .. secret, found)
    end
  end)

  it("refuses unknown options before anything is sent", function()
    for _, case in ipairs {
      { { secret = "sk_\nX: y" }, "line break" }, { { base_url = "ftp://x" }, "http://" }, { { base_url = "http://" }, "no host" },
      { { base_url = "http://u:p@h" }, "user name" }, { { timeuot = 1 }, "did you mean 'timeout'" },
      { { max_in_flight = 1099511627776 }, "at most" }, { { retries = -1 }, "0 or more" },
      { { timeout = -1 }, "greater than 0" }, { { timeout = "1" }, "must be a number" }, { { secret = "" }, "empty" },
    } do
      local ok, err = pcall(liveblocks.new, case[1])
      assert.is_false(ok)
      assert.matches(case[2], tostring(err), 1, true)
    end
  end)

  it("is not made of what is not a table of options", function()
    for _, options in ipairs { "sk_x", 5, true, print } do
      local ok, err = pcall(liveblocks.new, options)
      assert.is_false(ok)
      assert.matches("a table of options expected", err.message)
    end
  end)

  it("calls its log for each call, also of one that failed", function()
    local seen = {}
    local function log(row, meta)
      seen[#seen + 1] = { row.method, row.path, meta.status or meta.error.kind, meta.attempts }
      assert.equal("float", math.type(meta.seconds))
    end
    local client = helper.client(srv, "status,code=503,times=1", { log = log })
    client:get_room("r")
    client:request("GET", "/v2/x")
    helper.client(srv, "status,code=404", { log = log }).try:get_rooms()
    helper.client(srv, "reset-before", { log = log, retries = 1 }).try:get_room("r")
    assert.same({ { "GET", "/v2/rooms/{roomId}", 200, 2 }, { "GET", "/v2/x", 200, 1 }, { "GET", "/v2/rooms", 404, 1 },
      { "GET", "/v2/rooms/{roomId}", "network", 2 } }, seen)
  end)

  it("never shows its secret", function()
    local secret = "sk_verysecret"
    local client = liveblocks.new { secret = secret, base_url = srv.url .. "/do/status,code=403/s1" }
    local _, err = client.try:get_room("r")
    assert.is_nil((tostring(client) .. tostring(err) .. require("liveblocks.json").encode(setmetatable(err, nil))):find(secret, 1, true))
  end)

  it("refuses bad arguments with the nearest name", function()
    local client = helper.client(srv)
    local function message(...)
      local ok, err = pcall(...)
      assert.is_false(ok)
      assert.equal("usage", err.kind)
      return err.message
    end
    srv:log()
    assert.matches("did you mean 'get_rooms'", message(function() client:get_roms() end))
    assert.matches("did you mean 'defaultAccesses'", message(client.create_room, client, { id = "r", default_accesses = {} }))
    assert.matches("'defaultAccesses' is required", message(client.create_room, client, { id = "r" }))
    assert.matches("must not be empty", message(client.get_room, client, ""))
    for _, id in ipairs { ".", ".." } do
      assert.matches("must not be '" .. id .. "'", message(client.get_room, client, id), 1, true)
      assert.matches("'comment_id'", message(client.delete_comment, client, "r", "t", id))
    end
    assert.matches("allowed is 1 to 100", message(client.get_rooms, client, { limit = 101 }))
    assert.matches("must be a string", message(client.get_room, client, {}))
    assert.matches("must be one of", message(client.get_storage_document, client, "r", { format = "xml" }))
    assert.matches("holes", message(client.broadcast_event, client, "r", { 1, nil, 3 }))
    assert.matches("cannot read the file", message(client.send_yjs_binary_update, client, "r", { file = "/nonexistent" }))
    assert.matches("colon", message(client.get_rooms, {}))
    assert.matches("too many arguments", message(client.get_room, client, "r", {}, "x"))
    assert.matches("too many arguments", message(client.create_room, client, { id = "r" }, { defaultAccesses = {} }))
    assert.matches("too many arguments", message(client.broadcast_event, client, "r", 1, {}, 2))
    assert.matches("'contentType' must be a string", message(client.send_yjs_binary_update, client, "r", "x", { contentType = {} }))
    assert.matches("did you mean 'contentType'", message(client.send_yjs_binary_update, client, "r", "x", { contenttype = "a" }))
    assert.matches("'offset' does not fit", message(client.send_yjs_binary_update, client, "r", { file = "x", offset = "1" }))
    assert.matches("'metadata' must be a table of strings", message(client.get_rooms, client, { metadata = { n = 1 } }))
    assert.matches("contains a comma", message(client.get_rooms, client, { groupIds = { "a,b" } }))
    assert.matches("groupIds[2] must be a string", message(client.get_rooms, client, { groupIds = { "a", 1 } }), 1, true)
    assert.matches("a table of fields expected", message(client.iter_rooms, client, "x"))
    assert.matches("NUL", message(client.request, client, "GET", "/v2/a\0b"))
    assert.matches("a table of options", message(client.with, client))
    assert.matches("retries", message(liveblocks.http.request, { url = srv.url, retries = "x" }))
    assert.matches("retries", message(client.request, client, "GET", "/v2/x", { retries = -1 }))
    assert.equal(0, #srv:log())
  end)

  it("sends an empty table as the type of its field", function()
    local client = helper.client(srv)
    srv:log()
    client:create_room { id = "r", defaultAccesses = {}, usersAccesses = {}, metadata = { tags = {} } }
    local body = srv:log()[1].body
    assert.matches('"defaultAccesses":[]', body, 1, true)
    assert.matches('"usersAccesses":{}', body, 1, true)
    assert.matches('"tags":[]', body, 1, true)
  end)

  it("walks all pages", function()
    local client = helper.client(srv, "pages,n=95,size=20")
    local n = 0
    for room in client:iter_rooms { limit = 20 } do
      assert.is_string(room.id)
      n = n + 1
    end
    assert.equal(95, n)
  end)

  it("keeps to its rate and its limit in flight", function()
    local client = helper.client(srv, "slow=50", { max_in_flight = 3 })
    srv:log()
    liveblocks.task.run(function()
      liveblocks.task.map(12, function(i) return client:get_room("r" .. i) end, { concurrency = 12 })
    end)
    local paced = helper.client(srv, nil, { rate = 50 })
    local start = require("liveblocks.core").now()
    for i = 1, 11 do paced:get_room("r" .. i) end
    assert.is_true(require("liveblocks.core").now() - start >= 0.18)
  end)
end)

describe("TLS", function()
  local srv, nginx
  setup(function()
    srv = helper.server()
    nginx = server.nginx { upstream = srv.port }
  end)
  teardown(function()
    nginx:stop()
    srv:stop()
  end)

  local function client(kind, options)
    local all = { secret = "sk_test", base_url = nginx:url(kind), ca_file = nginx.ca, retries = 0 }
    for name, value in pairs(options or {}) do all[name] = value end
    return liveblocks.new(all)
  end

  it("shares one HTTP/2 connection among 64 calls", function()
    local before = #nginx:log()
    local c = client("good")
    liveblocks.task.run(function()
      liveblocks.task.map(64, function(i) return c:get_room("r" .. i) end, { concurrency = 64 })
    end)
    local connections, n = {}, 0
    for i, row in ipairs(nginx:log(before + 64)) do
      connections[row.connection] = true
      n = n + (i > before and 1 or 0)
    end
    assert.equal(64, n)
    assert.is_nil(next(connections, (next(connections))))
  end)

  it("accepts a good certificate and refuses the others", function()
    assert.is_table((client("good"):get_room("r")))
    for _, kind in ipairs { "expired", "self-signed", "other-host" } do
      local _, err = client(kind).try:get_room("r")
      assert.equal("tls", err.kind, kind)
    end
  end)

  --- Runs code in a Lua of its own, where the environment has `variables`, and returns what it prints.
  local function child(variables, code)
    local file = os.tmpname()
    local script = assert(io.open(file, "w"))
    script:write(code)
    script:close()
    local pipe = assert(io.popen(("env -u CURL_CA_BUNDLE -u SSL_CERT_FILE -u SSL_CERT_DIR %s lua5.4 %s 2>&1")
      :format(variables, file)))
    local text = pipe:read("*a")
    pipe:close()
    os.remove(file)
    return text
  end

  local GET = 'local c = require("liveblocks").new { secret = "sk_x", base_url = "%s", retries = 0, ca_file = %s }\n'
    .. 'local value, err = c.try:get_room("r") print(value and "good" or err.kind .. ": " .. err.message)'

  --- A directory with the root certificate under the name by which OpenSSL looks for it.
  local function certificates()
    local dir = os.tmpname()
    os.remove(dir)
    assert(os.execute(("mkdir %s && cp %s %s/root.pem && openssl rehash %s"):format(dir, nginx.ca, dir, dir)))
    return dir
  end

  it("takes root certificates that the environment names, as curl does", function()
    local dir, get = certificates(), GET:format(nginx:url "good", "nil")
    assert.matches("^tls", child("", get))
    assert.equal("good\n", child("SSL_CERT_FILE=" .. nginx.ca, get))
    assert.equal("good\n", child("SSL_CERT_DIR=" .. dir, get))
    assert.equal("good\n", child("CURL_CA_BUNDLE=" .. nginx.ca, get))
    assert.equal("good\n", child(("CURL_CA_BUNDLE=%s SSL_CERT_FILE=/dev/null"):format(nginx.ca), get))
    assert.equal("good\n", child(("CURL_CA_BUNDLE= SSL_CERT_FILE=%s"):format(nginx.ca), get))
    assert.matches("^tls", child(("CURL_CA_BUNDLE=/dev/null SSL_CERT_FILE=%s"):format(nginx.ca), get))
    os.execute("rm -r " .. dir)
  end)

  it("reads root certificates once for many connections", function()
    for _, by_option in ipairs { false, true } do
      local copy = os.tmpname()
      assert(os.execute(("cp %s %s"):format(nginx.ca, copy)))
      local ca_file = by_option and ("%q"):format(copy) or "nil"
      local text = child(by_option and "" or "SSL_CERT_FILE=" .. copy, GET:format(nginx:url "good-http1", ca_file) .. ([[
        os.remove(%q)
        for _ = 1, 8 do
          local room, problem = c.try:request("GET", "/v2/rooms/fixed", { headers = { Connection = "close" } })
          print(room and "good" or tostring(problem))
        end]]):format(copy))
      assert.equal(("good\n"):rep(9), text)
    end
  end)

  it("takes the certificates of ca_file instead of all others", function()
    local dir = certificates()
    local other = server.nginx { upstream = srv.port }
    local get = GET:format(nginx:url "good", ("%q"):format(other.ca))
    assert.matches("^tls", child(("SSL_CERT_DIR=%s SSL_CERT_FILE=%s"):format(dir, nginx.ca), get))
    assert.equal("good\n", child("SSL_CERT_FILE=" .. other.ca, GET:format(nginx:url "good", ("%q"):format(nginx.ca))))
    other:stop()
    os.execute("rm -r " .. dir)
  end)

  it("names the scheme of a proxy that is not supported, not its password, and asks once", function()
    local text = child("http_proxy=foo://user:pass@127.0.0.1:9",
      'local c = require("liveblocks").new { secret = "sk_x", base_url = "http://127.0.0.1:9" }\n'
      .. 'local _, err = c.try:get_room("r") print(err.attempts, tostring(err))')
    assert.matches("^1\t", text)
    assert.matches("proxies of the scheme 'foo' are not supported", text, 1, true)
    assert.not_matches("pass@", text, 1, true)
  end)

  for _, kind in ipairs { "good", "good-http1" } do
    it("never carries a call with http:// over a connection for https://, port " .. kind, function()
      local other = server.nginx { upstream = srv.port }
      local safe = liveblocks.new { secret = "sk_x", base_url = other:url(kind), ca_file = other.ca }
      local plain = liveblocks.new { secret = "sk_x", base_url = other:url(kind):gsub("^https", "http") .. "", retries = 0 }
      for _, method in ipairs { "GET", "POST" } do
        safe:request("GET", "/v2/rooms/fixed")
        local value, err = plain.try:request(method, "/v2/rooms/fixed", { json = method == "POST" and { n = 1 } or nil })
        assert.is_nil(value)
        assert.equal("the port speaks https, not http", err.message)
        assert.equal(1, err.attempts)
      end
      safe:request("GET", "/v2/rooms/fixed")
      local rows = other:log(5)
      other:stop()
      assert.equal(5, #rows)
      for i, status in ipairs { 200, 400, 200, 400, 200 } do assert.equal(status, rows[i].status) end
      if kind == "good" then assert.equal(rows[1].connection, rows[5].connection) end
    end)
  end

  it("says which of http and https a port speaks", function()
    local plain = liveblocks.new { secret = "sk_x", base_url = nginx:url("good"):gsub("^https", "http") .. "", retries = 0 }
    local _, err = plain.try:get_room("r")
    assert.equal(400, err.status)
    assert.equal("the port speaks https, not http", err.message)
    assert.matches("https:// instead of http://", err.suggestion, 1, true)
    local tls = liveblocks.new { secret = "sk_x", base_url = nginx:url("plain"):gsub("^http", "https") .. "", backoff = 0.01 }
    _, err = tls.try:get_room("r")
    assert.equal("tls", err.kind)
    assert.equal(1, err.attempts)
    assert.matches("it looks like plain http", err.message, 1, true)
    assert.matches("http:// instead of https://", err.suggestion, 1, true)
  end)
end)
