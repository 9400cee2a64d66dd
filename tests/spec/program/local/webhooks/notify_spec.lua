require "tests.support.client"
local json = require "liveblocks.json"
local support = require "tests.support.local_app"

local MINUTE <const> = 60 * 1000

describe("notification events", function()
  local app, events
  local function call(...) return support.call(app, ...) end

  before_each(function()
    app = support.new()
    events = {}
    app:on("event", function(event)
      if event.type == "notification" then events[#events + 1] = event.data end
    end)
    call("POST", "/v2/rooms", { id = "r", defaultAccesses = { "room:write" } })
  end)

  local function pass(ms)
    app.time = app.time + ms
    app:tick()
  end

  local function mention(user)
    local body = { version = 1, content = { { type = "paragraph", children = {
      { type = "mention", kind = "user", id = user }, { text = " look" } } } } }
    local _, thread = call("POST", "/v2/rooms/r/threads", { comment = { userId = "ann", body = body } })
    return thread
  end

  local function reply(thread, user)
    local body = { version = 1, content = { { type = "paragraph", children = { { text = "yes" } } } } }
    call("POST", ("/v2/rooms/r/threads/%s/comments"):format(thread.id), { userId = user, body = body })
  end

  local function inbox_of(user)
    return select(2, call("GET", "/v2/users/" .. user .. "/inbox-notifications")).data
  end

  it("come 30 minutes after a mention that is not read", function()
    local thread = mention "bob"
    pass(30 * MINUTE - 1)
    assert.same({}, events)
    pass(1)
    assert.same({ { projectId = "localdev", roomId = "r", channel = "email", kind = "thread", userId = "bob",
      threadId = thread.id, inboxNotificationId = inbox_of("bob")[1].id, createdAt = "2026-05-28T20:56:40.000Z",
      triggeredAt = "2026-05-28T20:26:40.000Z" } }, events)
    pass(24 * 60 * MINUTE)
    assert.equal(1, #events)
  end)

  it("come once for what happened in the meantime, and again for what happens later", function()
    local thread = mention "bob"
    pass(10 * MINUTE)
    reply(thread, "ann")
    pass(20 * MINUTE)
    assert.equal(1, #events)
    reply(thread, "ann")
    pass(30 * MINUTE)
    assert.equal(2, #events)
    assert.equal("2026-05-28T20:56:40.000Z", events[2].triggeredAt)
  end)

  it("do not come for what was read or deleted, and their time begins again after that", function()
    local thread = mention "bob"
    local id = inbox_of("bob")[1].id
    pass(10 * MINUTE)
    call("POST", "/v2/inbox-notifications/" .. id .. "/read")
    pass(10 * MINUTE)
    reply(thread, "ann")
    pass(20 * MINUTE)
    assert.same({}, events)
    pass(10 * MINUTE)
    assert.equal("2026-05-28T20:46:40.000Z", events[1].triggeredAt)
    reply(thread, "ann")
    call("DELETE", "/v2/users/bob/inbox-notifications/" .. id)
    pass(60 * MINUTE)
    assert.equal(1, #events)
    assert.is_nil(next(app.state.notifying))
  end)

  it("come on the channels that the user's settings allow", function()
    call("POST", "/v2/users/bob/notification-settings", { email = { thread = false }, slack = { thread = true },
      webPush = { ["$build"] = true } })
    mention "bob"
    call("POST", "/v2/inbox-notifications/trigger", { userId = "bob", kind = "$build", subjectId = "b1", activityData = {} })
    pass(30 * MINUTE)
    local seen = {}
    for _, event in ipairs(events) do seen[#seen + 1] = event.channel .. " " .. event.kind end
    table.sort(seen)
    assert.same({ "email $build", "slack thread", "webPush $build" }, seen)
  end)

  it("of custom kinds have a subject, and a room or null", function()
    call("POST", "/v2/inbox-notifications/trigger", { userId = "bob", kind = "$build", subjectId = "b1", activityData = { n = 1 } })
    pass(30 * MINUTE)
    assert.equal("b1", events[1].subjectId)
    assert.equal("$build", events[1].kind)
    assert.equal(json.null, events[1].roomId)
  end)

  it("come sooner with a time scale or another delay", function()
    app = support.new { time_scale = 60, notification_delay = 120 }
    call("POST", "/v2/inbox-notifications/trigger", { userId = "bob", kind = "$build", subjectId = "b1", activityData = {} })
    pass(1999)
    assert.equal(0, #app.events)
    pass(1)
    assert.equal("notification", app.events[1].type)
  end)

  it("still come after a restart", function()
    mention "bob"
    local saved, time = app.state, app.time
    app = support.new()
    app.time = time + 30 * MINUTE
    app:load(saved)
    app:tick()
    assert.equal("notification", app.events[1].type)
  end)
end)
