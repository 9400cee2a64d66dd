require "tests.support.client"
local json = require "liveblocks.json"
local comments = require "tests.support.local_comments"

describe("notifications of mentions in text editors", function()
  local it_is
  before_each(function() it_is = comments.new() end)

  local function mention(user)
    return it_is.call("POST", "/local/rooms/r/text-mentions", { userId = user, createdBy = "ann", mentionId = "m1" })
  end

  it("come one by one, unless the setting of the room says otherwise", function()
    assert.same({ mentionId = "m1" }, mention "bob")
    mention "bob"
    mention "ann"
    it_is.call("POST", "/v2/rooms/r/users/cat/subscription-settings", { textMentions = "none" })
    mention "cat"
    assert.same({ "bob" }, it_is.notified("ann", "bob", "cat"))
    local list = it_is.inbox("bob").data
    assert.equal(2, #list)
    assert.same({ kind = "textMention", id = list[1].id, roomId = "r", organizationId = "default", mentionId = "m1",
      createdBy = "ann", mention = { kind = "user", id = "bob" }, notifiedAt = "2026-05-28T20:26:40.000Z",
      readAt = json.null }, list[1])
    assert.same({ "bob textMention", "bob textMention" }, it_is.changed)
  end)

  it("become events that name the mention, and go where their room goes", function()
    it_is = comments.new { notification_delay = 60 }
    mention "bob"
    it_is.wait(60 * 1000)
    it_is.app:tick()
    local event = it_is.last_event()
    assert.same({ "notification", "textMention", "m1", "bob" }, { event.type, event.data.kind, event.data.mentionId,
      event.data.userId })
    it_is.call("POST", "/v2/rooms/r/update-room-id", { newRoomId = "s" })
    assert.equal("s", it_is.inbox("bob").data[1].roomId)
    it_is.call("DELETE", "/v2/rooms/s")
    assert.same({}, it_is.notified("bob"))
  end)

  it("say which editor the room has", function()
    assert.is_nil(it_is.call("GET", "/v2/rooms/r").experimental_textEditor)
    it_is.call("POST", "/local/rooms/r/text-mentions", { userId = "bob", createdBy = "ann", editor = "lexical" })
    mention "bob"
    assert.same({ type = "lexical", rootKey = { "root" } }, it_is.call("GET", "/v2/rooms/r").experimental_textEditor)
    it_is.call("POST", "/local/rooms/r/text-mentions", { userId = "bob", createdBy = "ann", editor = "tiptap", rootKey = "title" })
    assert.same({ type = "tiptap", rootKey = { "title" } }, it_is.call("GET", "/v2/rooms/r").experimental_textEditor)
    assert.equal(422, (it_is.try("POST", "/local/rooms/r/text-mentions", { userId = "bob", createdBy = "ann", editor = "word" })))
  end)

  it("need a room and both users", function()
    assert.equal(404, (it_is.try("POST", "/local/rooms/none/text-mentions", { userId = "bob", createdBy = "ann" })))
    assert.equal(422, (it_is.try("POST", "/local/rooms/r/text-mentions", { userId = "bob" })))
    assert.equal(400, (it_is.try("POST", "/local/rooms/r/text-mentions", "{")))
  end)
end)
