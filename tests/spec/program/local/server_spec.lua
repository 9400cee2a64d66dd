local helper = require "tests.support.client"
local eventually = require "tests.support.eventually"
local liveblocks = require "liveblocks"
local task = require "liveblocks.task"
local server = require "lbhost.local.server"
local local_ports = require "tests.support.local_ports"

describe("a local Liveblocks on a port", function()
  local ports, start, file
  before_each(function()
    ports = local_ports.new()
    start, file = ports.start, ports.file
  end)
  after_each(function() ports.stop() end)

  it("answers calls", function()
    local one, client = start()
    assert.matches("^http://127%.0%.0%.1:%d+$", one.url)
    client:create_room { id = "a/b", defaultAccesses = { "room:write" } }
    assert.equal("a/b", client:get_room("a/b").id)
    local _, err = client.try:get_room("none")
    assert.equal("ROOM_NOT_FOUND", err.code)
  end)

  it("injects faults that the client gets over", function()
    local one, client = start { faults = "429=20%,500=20%,drop=10%,reset=10%,latency=1ms~1ms,retry-after=0,seed=3" }
    local patient = client:with { retries = 20 }
    for i = 1, 20 do patient:create_room { id = "r" .. i, defaultAccesses = {}, idempotent = true } end
    local n = 0
    for _ in patient:iter_rooms {} do n = n + 1 end
    assert.equal(20, n)
    assert.is_true(one.front.plan.count > 0)
  end)

  it("keeps its data over restarts, and forgets them when asked to", function()
    local data = file ".json"
    local one, client = start { data = data }
    client:create_room { id = "kept", defaultAccesses = {} }
    assert.is_true(one:stop())
    one, client = start { data = data }
    assert.equal("kept", client:get_room("kept").id)
    one:stop()
    one, client = start { data = data, reset = true }
    assert.same({}, client:get_rooms().data)
    one:stop()
  end)

  it("has the webhooks of its own command line only, and goes on with what they still have to get", function()
    local data, count = file ".json", 0
    local function webhooks(options)
      local one, client = start(options)
      count = count + 1
      client:create_room { id = "r" .. count, defaultAccesses = {} }
      one.app.delivery:idle()
      one:stop()
      local urls = {}
      for _, webhook in pairs(one.app.state.webhooks) do urls[#urls + 1] = webhook.url end
      return urls, one.app.state.messages
    end
    assert.same({ "http://127.0.0.1:1/a" }, (webhooks { data = data, webhooks = { "http://127.0.0.1:1/a" } }))
    local urls, messages = webhooks { data = data, webhooks = { "http://127.0.0.1:1/a" } }
    assert.same({ "http://127.0.0.1:1/a" }, urls)
    for _, message in pairs(messages) do assert.equal("pending", message.status) end
    assert.same({ "http://127.0.0.1:1/b" }, (webhooks { data = data, webhooks = { "http://127.0.0.1:1/b" } }))
    assert.same({}, (webhooks { data = data }))
  end)

  it("takes the secret key that is given, also with data of another", function()
    local data = file ".json"
    local one, client = start { data = data }
    client:create_room { id = "kept", defaultAccesses = {} }
    one:stop()
    one, client = start { data = data, secret = "sk_other" }
    assert.equal("sk_other", one.app.options.secret)
    assert.equal("kept", client:get_room("kept").id)
    assert.equal(403, select(2, client:with({ secret = "sk_localdev" }).try:get_room("kept")).status)
  end)

  it("does not start with a data file that is broken", function()
    local data = file(".json", "{ broken")
    local ok, err = pcall(start, { data = data })
    assert.is_false(ok)
    assert.matches("cannot be used", err.message)
    assert.equal("{ broken", io.open(data):read("a"))
  end)

  it("sends webhooks as time goes by", function()
    local srv = helper.server()
    local one, client = start { time_scale = 1000, webhooks = { srv:base("sequence=500.200", "srv1") .. "/=roomCreated" } }
    client:create_room { id = "r", defaultAccesses = {} }
    local requests = srv:wait_log("srv1", 2)
    srv:stop()
    assert.equal(requests[1].header["webhook-id"], requests[2].header["webhook-id"])
    assert.is_table(liveblocks.webhook.verify { secret = server.WEBHOOK_SECRET, headers = requests[2].header,
      body = requests[2].body, now = os.time() })
    one:stop()
  end)

  it("refuses options that cannot be", function()
    for _, options in ipairs { { time_scale = 0 }, { notification_delay = -1 }, { webhook_secret = "x" }, { webhooks = { "x" } },
      { faults = "x" },
      { seed = "/nonexistent.lua" } } do
      local ok, err = pcall(start, options)
      assert.is_false(ok)
      assert.equal("usage", err.kind)
    end
  end)

  it("waits for nobody when it is stopped", function()
    local one = start()
    local idle = assert(require("socket").connect("127.0.0.1", one.port))
    task.timeout(eventually.seconds, one.stop, one, 3600) -- an hour is what a call that runs would have
    idle:close()
  end)
end)
