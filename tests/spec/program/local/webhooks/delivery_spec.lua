local helper = require "tests.support.client"
local eventually = require "tests.support.eventually"
local delivery = require "lbhost.local.webhooks.delivery"
local json = require "liveblocks.json"
local state = require "lbhost.local.state"
local support = require "tests.support.local_app"
local types = require "liveblocks.types"
local webhook = require "liveblocks.webhook"

local MINUTE <const> = 60 * 1000
local SECRET = "whsec_bG9jYWwgZGV2ZWxvcG1lbnQ="

describe("delivery of webhook events", function()
  local srv, app, count = nil, nil, 0
  setup(function() srv = helper.server() end)
  teardown(function() srv:stop() end)
  before_each(function() app = support.new() end)
  after_each(function() app.delivery:stop() end)

  -- A webhook whose endpoint meets a scenario of the test server; returns it and the id of its log.
  local function add(scenario, events, fields)
    count = count + 1
    local id = "hook" .. count
    local made = app:add_webhook(srv:base(scenario, id) .. "/in", events or types.events, SECRET)
    for name, value in pairs(fields or {}) do made[name] = value end
    return made, id
  end

  local function settle(ms)
    if ms then app.time = app.time + ms end
    app:tick()
    app.delivery:idle()
  end

  local function create_room(id)
    assert.equal(200, (support.call(app, "POST", "/v2/rooms", { id = id, defaultAccesses = {} })))
  end

  it("posts an event that verifies, with the headers of the webhook", function()
    local _, id = add("nocontent", { "roomCreated" }, { additionalHeaders = { ["X-Tenant"] = "a" } })
    create_room("r")
    settle()
    local requests = srv:log(id)
    assert.equal(1, #requests)
    local one = requests[1]
    assert.equal("POST", one.method)
    assert.equal("application/json", one.header["content-type"])
    assert.equal("a", one.header["x-tenant"])
    assert.matches("^msg_", one.header["webhook-id"])
    local event = assert(webhook.verify { secret = SECRET, headers = one.header, body = one.body, now = app.time // 1000 })
    assert.same({ type = "roomCreated", data = { projectId = "localdev", roomId = "r",
      createdAt = "2026-05-28T20:26:40.000Z" } }, event)
  end)

  it("sends only what a webhook has subscribed to, and nothing to one that is disabled", function()
    local _, deleted = add("nocontent", { "roomDeleted" })
    local _, off = add("nocontent", nil, { disabled = true })
    create_room("r")
    support.call(app, "DELETE", "/v2/rooms/r")
    settle()
    assert.same({ "roomDeleted" }, { json.decode(srv:log(deleted)[1].body).type })
    assert.equal(0, #srv:log(off))
  end)

  it("keeps the order of events", function()
    local _, id = add("nocontent", { "roomCreated" })
    for i = 1, 30 do create_room("r" .. i) end
    settle()
    for i, one in ipairs(srv:log(id)) do assert.equal("r" .. i, json.decode(one.body).data.roomId) end
  end)

  it("tries again on the documented schedule, always with the same id", function()
    local _, id = add("status=500", { "roomCreated" })
    create_room("r")
    settle()
    assert.equal(1, #srv:log(id, { keep = true }))
    for i = 2, #delivery.SCHEDULE do
      settle(delivery.SCHEDULE[i] * 1000 - 1)
      assert.equal(i - 1, #srv:log(id, { keep = true }))
      settle(1)
      assert.equal(i, #srv:log(id, { keep = true }))
    end
    settle(100 * 3600 * 1000)
    local requests = srv:log(id)
    assert.equal(8, #requests)
    for _, one in ipairs(requests) do assert.equal(requests[1].header["webhook-id"], one.header["webhook-id"]) end
    local message = app.state.messages[requests[1].header["webhook-id"]]
    assert.equal("failed", message.status)
    assert.equal(500, message.attempts[8].status)
  end)

  it("goes faster with a time scale", function()
    app = support.new { time_scale = 100 }
    local _, id = add("sequence=500.200", { "roomCreated" })
    create_room("r")
    settle()
    settle(50)
    assert.equal(2, #srv:log(id))
  end)

  it("does not let a failing message hold up those after it", function()
    local _, id = add("sequence=500.200", { "roomCreated" })
    create_room("a")
    create_room("b")
    settle()
    settle(5000)
    local order = {}
    for _, one in ipairs(srv:log(id)) do order[#order + 1] = json.decode(one.body).data.roomId end
    assert.same({ "a", "b", "a" }, order)
  end)

  it("notes what went wrong where nobody answers", function()
    app:add_webhook("http://127.0.0.1:1/", { "roomCreated" }, SECRET)
    create_room("r")
    settle()
    local _, message = next(app.state.messages)
    assert.equal("pending", message.status)
    assert.matches("connect", message.attempts[1].error)
  end)

  it("does not wait for a response for ever, and follows no redirect", function()
    local before = delivery.TIMEOUT
    delivery.TIMEOUT = 1
    add("silent", { "roomCreated" })
    add("redirect", { "roomCreated" })
    create_room("r")
    settle()
    delivery.TIMEOUT = before
    local seen = {}
    for _, message in pairs(app.state.messages) do
      assert.equal("pending", message.status)
      seen[#seen + 1] = message.attempts[1].status or message.attempts[1].error:match("no response within") or message.attempts[1].error
    end
    table.sort(seen, function(a, b) return tostring(a) < tostring(b) end)
    assert.same({ 302, "no response within" }, seen)
  end)

  it("sends no more a second than the webhook's rate limit", function()
    local _, id = add("nocontent", { "roomCreated" }, { rateLimit = 50 })
    for i = 1, 4 do create_room("r" .. i) end
    settle()
    local requests = srv:log(id)
    assert.is_true(requests[4].time - requests[1].time >= 3 / 50 - 0.005)
  end)

  it("signs with the old secret, too, for 24 hours after a new one", function()
    local made, id = add("nocontent", { "roomCreated" })
    local management = { authorization = "Bearer lbs_localdev" }
    local path = "/v2/management/projects/localdev/webhooks/" .. made.id .. "/secret/roll"
    local _, rolled = support.call(app, "POST", path, nil, management)
    create_room("r")
    settle()
    local one = srv:log(id)[1]
    assert.matches("^v1,%S+ v1,%S+$", one.header["webhook-signature"])
    for _, secret in ipairs { SECRET, rolled.secret.value } do
      assert.is_table(webhook.verify { secret = secret, headers = one.header, body = one.body, now = app.time // 1000 })
    end
    app.time = app.time + 24 * 3600 * 1000
    create_room("s")
    settle()
    assert.matches("^v1,%S+$", srv:log(id)[1].header["webhook-signature"])
  end)

  it("sends writes at the beginning, then once in a period with the time of the last", function()
    local _, id = add("nocontent", { "storageUpdated" })
    for i = 0, 9 do
      app.time = app.time + i
      app:event("storageUpdated", { roomId = "r", updatedAt = app:date(app.time) })
    end
    local last = app:date(app.time)
    app:event("storageUpdated", { roomId = "other", updatedAt = last })
    settle()
    assert.equal(2, #srv:log(id))
    settle(MINUTE)
    local held = srv:log(id)
    assert.equal(1, #held)
    assert.same({ roomId = "r", updatedAt = last, projectId = "localdev" }, json.decode(held[1].body).data)
    settle(MINUTE)
    assert.equal(0, #srv:log(id))
    assert.is_nil(next(app.state.throttled))
  end)

  it("has periods of the webhook's own, or none", function()
    local _, five = add("nocontent", { "ydocUpdated" }, { yDocUpdatedThrottleSeconds = 5 })
    local _, all = add("nocontent", { "ydocUpdated" }, { yDocUpdatedThrottleSeconds = 0 })
    for _ = 1, 3 do app:event("ydocUpdated", { roomId = "r", updatedAt = app:date(app.time) }) end
    settle()
    settle(5000)
    assert.equal(2, #srv:log(five))
    assert.equal(3, #srv:log(all))
  end)

  it("sends failed messages again when asked", function()
    local made, id = add("sequence=500.500.200", { "roomCreated" })
    create_room("a")
    app.time = app.time + 1000
    create_room("b")
    settle()
    local path = "/v2/management/projects/localdev/webhooks/" .. made.id .. "/recover-failed-messages"
    local body = { since = app:date(app.time) }
    assert.equal(200, (support.call(app, "POST", path, body, { authorization = "Bearer lbs_localdev" })))
    settle()
    local order = {}
    for _, one in ipairs(srv:log(id)) do order[#order + 1] = json.decode(one.body).data.roomId end
    assert.same({ "a", "b", "b" }, order)
    assert.equal(422, (support.call(app, "POST", path, { since = "yesterday" }, { authorization = "Bearer lbs_localdev" })))
  end)

  it("sends a test event of each type", function()
    local made, id = add("nocontent", types.events)
    for _, kind in ipairs(types.events) do
      local status, sent = support.call(app, "POST", "/v2/management/projects/localdev/webhooks/" .. made.id .. "/test",
        { subscribedEvent = kind }, { authorization = "Bearer lbs_localdev" })
      assert.equal(200, status)
      local one = srv:log(id)[1]
      assert.equal(sent.message.id, one.header["webhook-id"])
      assert.equal(kind, json.decode(one.body).type)
    end
  end)

  it("sends no test event that the webhook has not subscribed to", function()
    local made, id = add("nocontent", { "roomCreated" })
    local status, problem = support.call(app, "POST", "/v2/management/projects/localdev/webhooks/" .. made.id .. "/test",
      { subscribedEvent = "userLeft" }, { authorization = "Bearer lbs_localdev" })
    assert.equal(422, status)
    assert.matches("is not subscribed to the event 'userLeft'", problem.message)
    assert.same({}, srv:log(id))
  end)

  it("disables a webhook after five days of nothing but failures", function()
    local made = add("status=500", { "roomCreated" })
    create_room("a")
    settle()
    app.time = app.time + 5 * 24 * 3600 * 1000
    create_room("b")
    settle()
    assert.is_true(made.disabled)
  end)

  it("goes on after a restart with what was not accepted", function()
    local made, id = add("sequence=500.200", { "roomCreated" })
    create_room("r")
    settle()
    local saved = assert(state.decode(state.encode(app.state)))
    local time = app.time
    app.delivery:stop()
    app = support.new()
    app.time = time + 5000
    app:add_webhook(made.url, { "roomCreated" }, SECRET)
    app:load(saved)
    settle()
    local requests = srv:log(id)
    assert.equal(2, #requests)
    assert.equal(requests[1].header["webhook-id"], requests[2].header["webhook-id"])
  end)

  it("leaves a message that was being sent when it stopped", function()
    local _, id = add("silent", { "roomCreated" })
    create_room("r")
    srv:wait_log(id, 1)
    app.delivery:stop()
    app.delivery:idle()
    local _, message = next(app.state.messages)
    assert.equal("pending", message.status)
    assert.same({}, message.attempts)
  end)

  it("forgets what is being sent when all data are replaced, but not the webhooks of the command line", function()
    local _, id = add("silent", { "roomCreated" })
    local _, other = add("nocontent", { "roomCreated" })
    create_room("a")
    create_room("b")
    eventually(function() return #srv:log(id, { keep = true }) == 1 and #srv:log(other, { keep = true }) == 2 end)
    app:load()
    settle(60 * MINUTE)
    assert.is_nil(next(app.state.messages))
    assert.equal(1, #srv:log(id))
    srv:log(other)
    create_room("c")
    assert.equal("c", json.decode(srv:wait_log(other, 1)[1].body).data.roomId)
  end)

  it("reads webhooks of the command line", function()
    local function parse(text) return delivery.parse(text, types.events) end
    assert.same({ "http://h/x", types.events }, { parse "http://h/x" })
    assert.same({ "http://h/x", { "roomCreated", "threadCreated" } }, { parse "http://h/x=roomCreated,threadCreated" })
    assert.same({ "http://h/x?a=b", types.events }, { parse "http://h/x?a=b" })
    assert.same({ "http://h/x?a=b", { "userLeft" } }, { parse "http://h/x?a=b=userLeft" })
    for text, expected in pairs { ["http://h/x=roomCrated"] = "did you mean 'roomCreated'", ["h/x"] = "a URL such as" } do
      local ok, err = pcall(parse, text)
      assert.is_false(ok)
      assert.matches(expected, tostring(err), 1, true)
    end
  end)
end)
