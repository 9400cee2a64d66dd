-- How fast, how many and how long: pace, what is in flight, pauses, deadlines, sizes and connections of a client.
local helper = require "tests.support.client"
local liveblocks = require "liveblocks"
local core = require "liveblocks.core"
local server = require "tests.support.server"

local task = liveblocks.task

describe("a client", function()
  local srv
  setup(function() srv = helper.server() end)
  teardown(function() srv:stop() end)
  before_each(function() srv:reset() end)

  local function gaps(log)
    local list = {}
    for i = 2, #log do list[i - 1] = log[i].time - log[i - 1].time end
    return list
  end

  it("has at most max_in_flight calls on the wire", function()
    local client = helper.client(srv, "slow=30", { max_in_flight = 3 })
    task.map(12, function(i) return client:get_room("r" .. i) end, { concurrency = 12 })
    assert.equal(3, srv:count().peak_busy)
  end)

  it("starts no more calls a second than its rate", function()
    local client = helper.client(srv, nil, { rate = 50 })
    local start = core.now()
    task.map(11, function(i) return client:get_room("r" .. i) end, { concurrency = 11 })
    assert.is_true(core.now() - start >= 0.18)
    assert.equal(11, #srv:log())
  end)

  it("sends nothing more while a 429 says to wait", function()
    local client, id = helper.client(srv, "status,code=429,times=1,retry-after=1")
    local first = task.spawn(function() return select(2, client:get_room("first")).attempts end)
    while #srv:log(id, { keep = true, bytes = false }) == 0 do core.step(nil, 0.005) end
    while client:paused() == 0 do core.step(nil, 0.005) end
    client:get_room("other")
    assert.equal(2, first:wait())
    local log = srv:log(id)
    assert.equal(3, #log)
    for i = 2, 3 do assert.is_true(log[i].time - log[1].time >= 0.99) end
  end)

  it("waits longer before each repeat", function() -- tests/c/pace_test.c has how long, and that it is not each time the same
    local client, id = helper.client(srv, "status,code=503", { backoff = 0.1, retries = 3 })
    client.try:get_room("r")
    local found = gaps(srv:log(id))
    for i, least in ipairs { 0.05, 0.1, 0.2 } do assert.is_true(found[i] >= least * 0.98, found[i]) end
  end)

  it("waits no longer than max_backoff, whatever Retry-After says", function()
    local client, id = helper.client(srv, "status,code=503,times=1,retry-after=100000", { max_backoff = 0.2 })
    client:get_room("r") -- an hour is far after its deadline
    assert.is_true(gaps(srv:log(id))[1] >= 0.19)
  end)

  it("takes a Retry-After in the past, or an invalid one, as if there was none", function()
    for _, value in ipairs { "date,date=-60", "0", "soon", "-5", "1e3", "99999999999999999999999" } do
      local client, id = helper.client(srv, "status,code=503,times=1,retry-after=" .. value, { max_backoff = 0.1 })
      client:get_room("r")
      assert.equal(2, #srv:log(id), value)
    end
  end)

  it("gives up on a connection that does not come about", function()
    local client = liveblocks.new { secret = "sk_x", base_url = "http://127.0.0.1:" .. server.port_hanging(),
      connect_timeout = 0.2, retries = 2, backoff = 0.01 }
    local comment = { userId = "u", body = { version = 1, content = {} } }
    local _, err = client.try:create_comment("r", "t", comment)
    assert.equal("network", err.kind)
    assert.equal("no connection within 0.2 s", err.message)
    assert.equal(3, err.attempts) -- nothing was sent, so also an unsafe call is tried again
    _, err = client:with({ connect_timeout = 10, timeout = 0.2 }).try:create_comment("r", "t", comment)
    assert.equal("timeout", err.kind)
    assert.equal("no connection within 0.2 s", err.message)
    assert.equal(1, err.attempts)
  end)

  it("may allow a connection more time than the call has", function()
    local _, err = liveblocks.new({ secret = "sk_x", base_url = "http://127.0.0.1:" .. server.port_hanging(),
      connect_timeout = 1000, timeout = 0.2 }).try:get_room("r")
    assert.equal("timeout", err.kind)
  end)

  it("gives up on a call that is still in the queue when its deadline comes", function()
    local client, id = helper.client(srv, "silent", { max_in_flight = 1, timeout = 0.2 })
    local first = task.spawn(function() client:request("GET", "/v2/first", { timeout = 60 }) end)
    task.map(2, function(i)
      local _, err = client.try:get_room("r" .. i)
      assert.equal("timeout", err.kind)
      assert.matches("before the request could be sent", err.message)
    end)
    assert.equal(1, #srv:wait_log(id, 1))
    first:cancel()
    pcall(first.wait, first)
  end)

  it("keeps one connection for calls in turn, and shares it with a client made by with()", function()
    local client = helper.client(srv)
    client:get_room("warm")
    local before = srv:count().total
    local brief = client:with { timeout = 5, retries = 0 }
    for i = 1, 20 do (i % 2 == 0 and client or brief):get_room("r" .. i) end
    assert.equal(before, srv:count().total)
  end)

  it("gives a client made by with() the options that are not given again", function()
    local client, id = helper.client(srv, "status,code=503", { retries = 2, user_agent = "mine/1" })
    client:with({ timeout = 5 }).try:get_room("r")
    local log = srv:log(id)
    assert.equal(3, #log)
    assert.equal("mine/1", log[1].header["user-agent"])
    client:with({ retries = 0 }).try:get_room("r")
    assert.equal(1, #srv:log(id))
    client.try:get_room("r")
    assert.equal(3, #srv:log(id))
  end)

  it("asks for compression, and bounds what comes out of it", function()
    local client = helper.client(srv)
    client:get_room("r")
    assert.matches("gzip", srv:log()[1].header["accept-encoding"])
    local _, err = helper.client(srv, "gzip-bomb=50000000", { max_response = 1000000, retries = 0 }).try:get_room("r")
    assert.equal("network", err.kind)
    assert.matches("max_response", err.message)
  end)

  for scenario, kind in pairs { ["gzip-broken=data"] = "network", ["gzip-broken=cut"] = "json",
    ["gzip-broken=crc"] = "network", ["encoding=compress"] = "network", ["bad-length=negative"] = "network",
    ["bad-length=two"] = "network", ["huge-header=400000"] = "network" } do
    it("calls a response broken that is " .. scenario, function()
      local _, err = helper.client(srv, scenario, { retries = 0, timeout = 5 }).try:get_room("r")
      assert.is_table(err)
      assert.equal(kind, err.kind)
      assert.is_true(#err.message > 5)
    end)
  end

  it("reads a large response up to max_response, and not a byte more", function()
    local exact = helper.client(srv, "big=100000", { max_response = 100000, retries = 0 })
    assert.equal(100000 - 11, #exact:get_room("r").data)
    local _, err = helper.client(srv, "big=100001", { max_response = 100000, retries = 0 }).try:get_room("r")
    assert.matches("max_response", err.message)
  end)

  it("takes a response that comes before the whole request has been sent", function()
    local client = helper.client(srv, "early", { retries = 0 })
    local _, err = client.try:send_yjs_binary_update("r", ("u"):rep(4000000))
    assert.is_true(err.status == 413 or err.kind == "network", err.kind)
    local reset, id = helper.client(srv, "reset-upload=1000", { retries = 1 })
    _, err = reset.try:send_yjs_binary_update("r", ("u"):rep(4000000))
    assert.equal("network", err.kind)
    assert.equal(2, #srv:log(id))
  end)
end)
