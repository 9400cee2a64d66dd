require "tests.support.client"
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

  it("are there for those who take part, and those who ask", function()
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
