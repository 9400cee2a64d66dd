-- HTTP/2 connections that end while calls are under way: what the server has not processed is sent again, whatever it
-- does; what it may have processed never is.
local helper = require "tests.support.client"
local liveblocks = require "liveblocks"
local server = require "tests.support.server"
local task = require "liveblocks.task"

describe("a connection that nginx ends", function()
  local srv
  setup(function() srv = helper.server() end)
  teardown(function() srv:stop() end)

  --- Makes `count` calls that must not be repeated, `width` at once; returns what failed and how often nginx has
  --- processed each of them.
  local function run(options)
    local nginx <close> = server.nginx { upstream = srv.port, keepalive_requests = options.keepalive_requests }
    local client = liveblocks.new { secret = "sk_x", base_url = nginx:url "good", ca_file = nginx.ca,
      max_in_flight = options.width }
    local failed = {}
    task.run(function()
      task.map(options.count, function(i)
        if options.reload_after and i % options.reload_after == 0 then nginx:reload() end
        local method = options.mixed and i % 2 == 0 and "GET" or "POST"
        local value, err = client.try:request(method, "/read?n=" .. i, { json = method == "POST" and { n = i } or nil })
        if not value then failed[#failed + 1] = ("%d: %s"):format(i, tostring(err)) end
      end, { concurrency = options.width })
    end)
    local times = {}
    for _, row in ipairs(nginx:log(2 * options.count)) do -- /read makes a second request of each
      local n = tonumber(row.target:match("^/read%?n=(%d+)"))
      if n then times[n] = (times[n] or 0) + 1 end
    end
    return failed, times
  end

  local function each_once(options)
    local failed, times = run(options)
    assert.equal(0, #failed, failed[1])
    for i = 1, options.count do
      -- one that may be repeated may have been processed without its response coming through
      if not (options.mixed and i % 2 == 0) then assert.equal(1, times[i], "call " .. i) end
    end
  end

  for _, width in ipairs { 1, 2, 8, 50, 100 } do
    it(("after a number of requests loses and repeats no call, %d at once"):format(width), function()
      each_once { count = 3000, width = width, keepalive_requests = 100 }
    end)
  end

  it("after fewer requests than are made at once loses and repeats no call", function()
    each_once { count = 2000, width = 100, keepalive_requests = 60 }
  end)

  it("with calls of both kinds loses and repeats no call", function()
    each_once { count = 3000, width = 50, keepalive_requests = 100, mixed = true }
  end)

  for _, width in ipairs { 8, 50, 100 } do
    it(("because it is reloaded loses and repeats no call, %d at once"):format(width), function()
      each_once { count = 3000, width = width, reload_after = 700 }
    end)
  end
end)

describe("a response before the request has been read", function()
  local SIZES = { 10, 1000, 60000, 70000, 1000000 }

  it("is the response, and the connection is kept", function()
    local h2 <close> = server.h2(("early,"):rep(#SIZES) .. "ok")
    local client = liveblocks.new { secret = "sk_x", base_url = h2.url, ca_file = h2.ca }
    for _, size in ipairs(SIZES) do
      local value, err = client.try:request("POST", "/", { json = { text = ("x"):rep(size) } })
      assert.is_nil(value)
      assert.equal(401, err.status, tostring(err))
      assert.equal("who is", err.message)
      assert.equal(1, err.attempts)
    end
    client:request("GET", "/")
    assert.equal(#SIZES + 1, #h2:log(#SIZES + 1))
  end)

  it("that libcurl before 8.3 has lost is explained", function()
    local h2 <close> = server.h2 "early-once,early-once"
    local client = liveblocks.new { secret = "sk_x", base_url = h2.url, ca_file = h2.ca }
    local _, err = client.try:request("POST", "/", { json = { text = ("x"):rep(1000000) } })
    assert.equal(1, err.attempts)
    if err.status then return assert.equal(401, err.status) end
    assert.equal("network", err.kind)
    assert.equal("the server responded before it had read the request, and libcurl has lost the response", err.message)
    assert.equal("libcurl 8.3 and newer keep it", err.suggestion)
  end)

  it("is not one when the half of it is missing", function()
    local h2 <close> = server.h2 "early-cut"
    local client = liveblocks.new { secret = "sk_x", base_url = h2.url, ca_file = h2.ca }
    local _, err = client.try:request("POST", "/", { json = { text = ("x"):rep(1000000) } })
    assert.equal("network", err.kind)
    assert.equal(1, err.attempts)
  end)

  for _, kind in ipairs { "good", "good-http1" } do
    it("comes from nginx, too, port " .. kind, function()
      local srv = helper.server()
      local nginx <close> = server.nginx { upstream = srv.port }
      local client = liveblocks.new { secret = "sk_x", base_url = nginx:url(kind), ca_file = nginx.ca }
      for _, size in ipairs(SIZES) do
        assert.equal("fixed", client:request("POST", "/v2/rooms/fixed", { json = { text = ("x"):rep(size) } }).id)
      end
      assert.equal(#SIZES, #nginx:log(#SIZES))
      srv:stop()
    end)
  end
end)

describe("a request over HTTP/2 that must not be repeated", function()
  --- Makes a first call, then one that must not be repeated, and returns what came of it and what the server did.
  local function post(actions, count, warm)
    local h2 <close> = server.h2((warm and "ok," or "") .. actions)
    local client = liveblocks.new { secret = "sk_x", base_url = h2.url, ca_file = h2.ca, backoff = 0.01,
      timeout = 10 }
    if warm then client:request("GET", "/warm") end
    local value, err = client.try:request("POST", "/", { json = { n = 1 } })
    local done = h2:log(count + (warm and 1 or 0))
    if warm then table.remove(done, 1) end
    return value, err, table.concat(done, " ")
  end

  for _, warm in ipairs { false, true } do
    local where = warm and " over a kept connection" or " over a new connection"
    for _, action in ipairs { "refuse", "goaway" } do
      it(("is sent again after %s%s"):format(action, where), function()
        local value, err, done = post(action, 2, warm)
        assert.is_table(value, tostring(err))
        assert.equal(action .. " ok", done)
      end)
    end
    it("is sent again, but not for ever, after many refusals" .. where, function()
      local value, err, done = post(("refuse,"):rep(40):sub(1, -2), 17, warm)
      assert.is_nil(value)
      assert.equal("network", err.kind)
      assert.equal(("refuse "):rep(20):sub(1, -2), done)
    end)
    for _, action in ipairs { "cancel", "goaway-late", "garbage", "close" } do
      it(("is sent once when it may have been processed: %s%s"):format(action, where), function()
        local value, err, done = post(action, 1, warm)
        assert.is_nil(value)
        -- libcurl 8.14 ends a session after a frame that is not allowed, and then waits for its response
        assert.is_true(err.kind == "network" or action == "garbage" and err.kind == "timeout", tostring(err))
        assert.equal(1, err.attempts)
        assert.equal(action, done)
      end)
    end
  end
end)

describe("large responses over HTTP/2", function()
  local srv
  setup(function() srv = helper.server() end)
  teardown(function() srv:stop() end)

  it("all come to their end, also the last one, when nothing else is under way", function()
    local nginx <close> = server.nginx { upstream = srv.port }
    local client = liveblocks.new { secret = "sk_x", base_url = nginx:url "good", ca_file = nginx.ca, retries = 0,
      timeout = 300 }
    for _ = 1, 2 do
      task.run(task.map, 100, function()
        local list = client:request("GET", "/large")
        assert(#list == 45466)
      end, { concurrency = 100 })
    end
  end)
end)
