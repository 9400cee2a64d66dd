require "tests.support.client"
local json = require "liveblocks.json"
local comments = require "tests.support.local_comments"

describe("subscriptions to threads", function()
  local it_is, thread, path
  before_each(function()
    it_is = comments.new()
    thread = it_is.thread("ann", comments.body "@bob")
    path = it_is.path(thread)
  end)

  local function subscribers()
    local users = {}
    for i, entry in ipairs(it_is.call("GET", path .. "/subscriptions").data) do users[i] = entry.userId end
    return users
  end

  it("are there for who takes part, and for who asks", function()
    assert.same({ "ann", "bob" }, subscribers())
    it_is.wait(1000)
    local subscription = it_is.call("POST", path .. "/subscribe", { userId = "cat" })
    assert.same({ kind = "thread", subjectId = thread.id, createdAt = "2026-05-28T20:26:41.000Z" }, subscription)
    it_is.wait(1000)
    assert.same(subscription, it_is.call("POST", path .. "/subscribe", { userId = "cat" }))
    assert.same({ "ann", "bob", "cat" }, subscribers())
    assert.same({ kind = "thread", subjectId = thread.id, createdAt = "2026-05-28T20:26:40.000Z", userId = "ann" },
      it_is.call("GET", path .. "/subscriptions").data[1])
  end)

  it("end when a user says so", function()
    it_is.call("POST", path .. "/unsubscribe", { userId = "ann" })
    it_is.call("POST", path .. "/unsubscribe", { userId = "nobody" })
    assert.same({ "bob" }, subscribers())
  end)

  it("are overridden by a later setting of the room", function()
    it_is.call("POST", path .. "/subscribe", { userId = "cat" })
    it_is.call("POST", "/v2/rooms/r/users/cat/subscription-settings", { threads = "none" })
    assert.same({ "ann", "bob" }, subscribers())
    it_is.call("POST", path .. "/unsubscribe", { userId = "ann" })
    it_is.call("POST", "/v2/rooms/r/users/ann/subscription-settings", { threads = "all" })
    it_is.call("POST", "/v2/rooms/r/users/dan/subscription-settings", { threads = "all" })
    assert.same({ "ann", "bob", "dan" }, subscribers())
    it_is.call("POST", "/v2/rooms/r/users/dan/subscription-settings", { textMentions = "none" })
    it_is.call("DELETE", "/v2/rooms/r/users/dan/subscription-settings")
    assert.same({ "ann", "bob" }, subscribers())
  end)

  it("differ from the participants: authors and the mentioned of comments that are there", function()
    it_is.call("POST", path .. "/subscribe", { userId = "cat" })
    local reply = it_is.reply(thread, "dan", comments.body("@eve", "@ann"))
    assert.same({ participantIds = { "ann", "bob", "dan", "eve" } }, it_is.call("GET", path .. "/participants"))
    it_is.call("DELETE", path .. "/comments/" .. reply.id)
    assert.same({ participantIds = { "ann", "bob" } }, it_is.call("GET", path .. "/participants"))
  end)
end)

describe("settings of rooms", function()
  local it_is
  before_each(function() it_is = comments.new() end)

  it("have defaults, are changed in part, and are reset", function()
    local path = "/v2/rooms/r/users/ann/subscription-settings"
    local defaults = { threads = "replies_and_mentions", textMentions = "mine" }
    assert.same(defaults, it_is.call("GET", path))
    assert.same({ threads = "all", textMentions = "mine" }, it_is.call("POST", path, { threads = "all" }))
    assert.same({ threads = "all", textMentions = "none" }, it_is.call("POST", path, { textMentions = "none" }))
    assert.same({ threads = "all", textMentions = "none" }, it_is.call("GET", path))
    it_is.call("DELETE", path)
    it_is.call("DELETE", path)
    assert.same(defaults, it_is.call("GET", path))
  end)

  it("are reached by their old name, too", function()
    local old, new = "/v2/rooms/r/users/ann/notification-settings", "/v2/rooms/r/users/ann/subscription-settings"
    assert.same({ threads = "none", textMentions = "mine" }, it_is.call("POST", old, { threads = "none" }))
    assert.same(it_is.call("GET", new), it_is.call("GET", old))
    it_is.call("DELETE", old)
    assert.equal("replies_and_mentions", it_is.call("GET", new).threads)
  end)

  it("are listed by user, page by page, and follow their rooms", function()
    for i = 1, 5 do
      it_is.call("POST", "/v2/rooms", { id = "s" .. i, defaultAccesses = {}, organizationId = i == 5 and "acme" or nil })
      it_is.call("POST", ("/v2/rooms/s%d/users/ann/subscription-settings"):format(i), { threads = "all" })
    end
    it_is.call("POST", "/v2/rooms/s2/update-room-id", { newRoomId = "renamed" })
    it_is.call("DELETE", "/v2/rooms/s3")
    local function list(query) return it_is.call("GET", "/v2/users/ann/room-subscription-settings" .. query) end
    local page = list "?limit=2"
    assert.same({ roomId = "s5", threads = "all", textMentions = "mine" }, page.data[1])
    page = list("?limit=2&startingAfter=" .. page.nextCursor)
    assert.equal("renamed", page.data[1].roomId)
    assert.equal("s1", page.data[2].roomId)
    assert.equal(json.null, page.nextCursor)
    assert.equal("s5", list("?organizationId=acme").data[1].roomId)
    assert.same({}, it_is.call("GET", "/v2/users/nobody/room-subscription-settings").data)
    it_is.reload()
    assert.equal(4, #list("").data)
  end)

  it("refuse other values, and unknown rooms", function()
    for _, body in ipairs { { threads = "some" }, { textMentions = "all" }, { threads = 1 }, { threads = json.null } } do
      assert.equal(422, (it_is.try("POST", "/v2/rooms/r/users/ann/subscription-settings", body)))
    end
    assert.equal(404, (it_is.try("GET", "/v2/rooms/none/users/ann/subscription-settings")))
  end)
end)

describe("notification settings of users", function()
  local it_is
  before_each(function() it_is = comments.new() end)

  it("have defaults: e-mail is on, the rest is off", function()
    local on, off = { thread = true, textMention = true }, { thread = false, textMention = false }
    assert.same({ email = on, slack = off, teams = off, webPush = off }, it_is.call("GET", "/v2/users/ann/notification-settings"))
    assert.same({ "email" }, it_is.app.notification_settings.channels("ann", "thread"))
    assert.same({ "email" }, it_is.app.notification_settings.channels("ann", "$alert"))
  end)

  it("are changed in part, for own kinds too, and are reset", function()
    local path = "/v2/users/ann/notification-settings"
    local settings = it_is.call("POST", path, { email = { thread = false }, slack = { ["$alert"] = true } })
    assert.same({ thread = false, textMention = true, ["$alert"] = true }, settings.email)
    assert.same({ thread = false, textMention = false, ["$alert"] = true }, settings.slack)
    assert.same(settings, it_is.call("GET", path))
    assert.same({ "email", "slack" }, it_is.app.notification_settings.channels("ann", "$alert"))
    assert.same({}, it_is.app.notification_settings.channels("ann", "thread"))
    it_is.call("DELETE", path)
    assert.is_true(it_is.call("GET", path).email.thread)
  end)

  it("list the kinds that were triggered", function()
    it_is.call("POST", "/v2/inbox-notifications/trigger", { userId = "bob", kind = "$alert", subjectId = "s", activityData = {} })
    assert.is_true(it_is.call("GET", "/v2/users/ann/notification-settings").email["$alert"])
  end)

  it("refuse kinds and values that are none", function()
    for _, body in ipairs { { email = { threads = true } }, { email = { ["$a1"] = true } }, { email = { thread = "yes" } },
      { email = true }, { email = { thread = json.null } } } do
      assert.equal(422, (it_is.try("POST", "/v2/users/ann/notification-settings", body)), json.encode(body))
    end
    assert.is_nil(it_is.call("GET", "/v2/users/ann/notification-settings").email["$a1"])
  end)
end)
