require "tests.support.client"
local json = require "liveblocks.json"
local comments = require "tests.support.local_comments"

describe("notifications of threads", function()
  local it_is
  before_each(function() it_is = comments.new() end)

  it("reach who is mentioned, and not who writes", function()
    local thread = it_is.thread("ann", comments.body("@bob", "@ann"))
    assert.same({ "bob" }, it_is.notified("ann", "bob", "cat"))
    local n = it_is.inbox("bob").data[1]
    assert.matches("^in_", n.id)
    assert.same({ kind = "thread", id = n.id, roomId = "r", threadId = thread.id, organizationId = "default",
      notifiedAt = "2026-05-28T20:26:40.000Z", readAt = json.null }, n)
    assert.same(n, it_is.call("GET", "/v2/users/bob/inbox-notifications/" .. n.id))
    assert.same({ "bob thread" }, it_is.changed)
  end)

  it("reach the members of a group that is mentioned", function()
    it_is.call("POST", "/v2/groups", { id = "eng", memberIds = { "ann", "bob", "cat" } })
    it_is.thread("ann", comments.body "@@eng")
    assert.same({ "bob", "cat" }, it_is.notified("ann", "bob", "cat"))
    it_is.thread("ann", { version = 1, content = { { type = "paragraph", children = {
      { type = "mention", kind = "group", id = "elsewhere", userIds = { "dan" } } } } } })
    assert.same({ "dan" }, it_is.notified("dan"))
    it_is.thread("ann", comments.body "@@unknown")
  end)

  it("reach authors and the mentioned when there are replies, in one notification per thread", function()
    local thread = it_is.thread("ann", comments.body "@bob")
    it_is.wait(1000)
    it_is.reply(thread, "cat")
    assert.same({ "ann", "bob" }, it_is.notified("ann", "bob", "cat"))
    local n = it_is.inbox("bob").data
    assert.equal(1, #n)
    assert.equal("2026-05-28T20:26:41.000Z", n[1].notifiedAt)
    it_is.wait(1000)
    it_is.reply(thread, "ann")
    assert.same({ "ann", "bob", "cat" }, it_is.notified("ann", "bob", "cat"))
  end)

  it("become unread and go to the top when more happens", function()
    local first = it_is.thread("ann", comments.body "@bob")
    it_is.wait(1)
    local second = it_is.thread("ann", comments.body "@bob")
    assert.equal(second.id, it_is.inbox("bob").data[1].threadId)
    local id = it_is.inbox("bob").data[2].id
    it_is.call("POST", ("/v2/inbox-notifications/%s/read"):format(id))
    assert.equal("2026-05-28T20:26:40.001Z", it_is.inbox("bob").data[2].readAt)
    it_is.wait(1)
    it_is.reply(first, "ann")
    local top = it_is.inbox("bob").data[1]
    assert.equal(id, top.id)
    assert.equal(json.null, top.readAt)
    assert.equal("2026-05-28T20:26:40.002Z", top.notifiedAt)
  end)

  it("follow the setting of the room: all, replies_and_mentions, none", function()
    it_is.choose("all", "all")
    it_is.choose("none", "none")
    local thread = it_is.thread("ann", comments.body("@none", "@some"))
    assert.same({ "all", "some" }, it_is.notified("all", "none", "some", "other"))
    it_is.choose("ann", "none")
    it_is.reply(thread, "other")
    assert.same({}, it_is.notified("ann", "none", "other"))
  end)

  it("follow what was said of the thread, until the room's setting is chosen again", function()
    local thread = it_is.thread("ann")
    local path = it_is.path(thread)
    it_is.call("POST", path .. "/subscribe", { userId = "bob" })
    it_is.call("POST", path .. "/unsubscribe", { userId = "ann" })
    it_is.reply(thread, "cat")
    assert.same({ "bob" }, it_is.notified("ann", "bob", "cat"))
    it_is.choose("bob", "none")
    it_is.call("DELETE", "/v2/users/bob/inbox-notifications")
    it_is.reply(thread, "cat")
    assert.same({}, it_is.notified("bob"))
    it_is.call("POST", path .. "/subscribe", { userId = "bob" })
    it_is.reply(thread, "cat")
    assert.same({ "bob" }, it_is.notified("bob"))
  end)

  it("reach, for a mention, also who has unsubscribed from the thread", function()
    local thread = it_is.thread("ann")
    it_is.call("POST", it_is.path(thread) .. "/unsubscribe", { userId = "bob" })
    it_is.reply(thread, "ann", comments.body "@bob")
    assert.same({ "bob" }, it_is.notified("bob"))
  end)

  it("reach those whom an edit mentions for the first time", function()
    local thread = it_is.thread("ann", comments.body "@bob")
    it_is.changed = {}
    it_is.call("POST", it_is.path(thread) .. "/comments/" .. thread.comments[1].id, { body = comments.body("@bob", "@cat") })
    assert.same({ "cat thread" }, it_is.changed)
  end)

  it("of private threads do not reach whom the room keeps out of them", function()
    it_is.call("POST", "/v2/groups", { id = "staff", memberIds = { "cat" } })
    it_is.call("POST", "/v2/rooms/r", { defaultAccesses = { "*:write", "comments:private:none" },
      groupsAccesses = { staff = { "*:write" } }, usersAccesses = { dan = { "*:read", "comments:none", "comments:private:read" },
        eve = { "*:write", "comments:none" } } })
    local everyone = comments.body("@bob", "@cat", "@dan", "@eve")
    it_is.thread("ann", everyone, { visibility = "private" })
    assert.same({ "cat", "dan" }, it_is.notified("bob", "cat", "dan", "eve"))
    it_is.thread("ann", everyone)
    assert.same({ "bob", "cat", "dan", "eve" }, it_is.notified("bob", "cat", "dan", "eve"))
  end)

  it("are listed by thread, with their users", function()
    local thread = it_is.thread("ann", comments.body("@bob", "@cat"))
    local list = it_is.call("GET", it_is.path(thread) .. "/inbox-notifications").data
    local users = { list[1].userId, list[2].userId }
    table.sort(users)
    assert.same({ "bob", "cat" }, users)
    assert.equal(thread.id, list[1].threadId)
  end)

  it("go with their thread, and with their room where it goes", function()
    local thread = it_is.thread("ann", comments.body "@bob")
    it_is.call("DELETE", it_is.path(thread))
    assert.same({}, it_is.notified("bob"))
    thread = it_is.thread("ann", comments.body "@bob")
    it_is.trigger { roomId = "s", userId = "cat" }
    it_is.call("POST", "/v2/rooms/r/update-organization-id", { fromOrganizationId = "default", toOrganizationId = "acme" })
    assert.equal("acme", it_is.inbox("bob", "?organizationId=acme").data[1].organizationId)
    it_is.call("POST", "/v2/rooms/r/update-room-id", { newRoomId = "s" })
    assert.equal("s", it_is.inbox("bob").data[1].roomId)
    it_is.reply({ roomId = "s", id = thread.id }, "ann")
    assert.equal(1, #it_is.inbox("bob").data)
    it_is.call("DELETE", "/v2/rooms/s")
    assert.same({}, it_is.notified("bob", "cat"))
  end)
end)
