require "tests.support.client"
local json = require "liveblocks.json"
local comments = require "tests.support.local_comments"

describe("comments of the local Liveblocks", function()
  local it_is, thread, path
  before_each(function()
    it_is = comments.new()
    thread = it_is.thread("ann")
    path = it_is.path(thread)
    it_is.events()
  end)

  it("are added in the order of their dates", function()
    it_is.wait(1000)
    local reply = it_is.reply(thread, "bob")
    local early = it_is.reply(thread, "cat", nil, { createdAt = "2026-05-28T20:26:40.500Z" })
    local order = {}
    local read = it_is.call("GET", path)
    for i, comment in ipairs(read.comments) do order[i] = comment.id end
    assert.same({ thread.comments[1].id, early.id, reply.id }, order)
    assert.equal("2026-05-28T20:26:41.000Z", read.updatedAt)
    assert.same({ "commentCreated", "commentCreated" }, it_is.events())
    assert.same(reply, it_is.call("GET", path .. "/comments/" .. reply.id))
  end)

  it("are edited: body, date, metadata", function()
    local comment = it_is.reply(thread, "bob", nil, { metadata = { a = 1, b = 2 } })
    it_is.events()
    local edited = it_is.call("POST", path .. "/comments/" .. comment.id, { body = comments.body "better",
      editedAt = "2026-06-01T10:00:00.5Z", metadata = { b = 3 } })
    assert.equal("better", edited.body.content[1].children[1].text)
    assert.equal("2026-06-01T10:00:00.500Z", edited.editedAt)
    assert.equal(comment.createdAt, edited.createdAt)
    assert.same({ a = 1, b = 3 }, edited.metadata)
    assert.same(edited, it_is.call("GET", path .. "/comments/" .. comment.id))
    assert.same({ "commentEdited" }, it_is.events())
    assert.equal("2026-06-01T10:00:00.500Z", it_is.last_event().data.editedAt)
  end)

  it("lose their body when they are deleted, and take the thread with the last one", function()
    local comment = it_is.reply(thread, "bob")
    it_is.events()
    it_is.call("DELETE", path .. "/comments/" .. thread.comments[1].id)
    local deleted = it_is.call("GET", path).comments[1]
    assert.is_nil(deleted.body)
    assert.equal("2026-05-28T20:26:40.000Z", deleted.deletedAt)
    assert.same({ "commentDeleted" }, it_is.events())
    assert.equal(404, (it_is.try("DELETE", path .. "/comments/" .. deleted.id)))
    assert.equal(404, (it_is.try("POST", path .. "/comments/" .. deleted.id, { body = comments.body "x" })))
    it_is.call("DELETE", path .. "/comments/" .. comment.id)
    assert.same({ "commentDeleted", "threadDeleted" }, it_is.events())
    assert.equal(404, (it_is.try("GET", path)))
  end)

  it("merge metadata", function()
    local at = path .. "/comments/" .. thread.comments[1].id .. "/metadata"
    assert.same({ a = "x", b = true }, it_is.call("POST", at, { userId = "ann", metadata = { a = "x", b = true } }))
    assert.same({ b = true }, it_is.call("POST", at, { userId = "bob", metadata = { a = json.null } }))
    assert.same({ "commentMetadataUpdated", "commentMetadataUpdated" }, it_is.events())
    assert.equal("bob", it_is.last_event().data.updatedBy)
    assert.same({}, it_is.call("POST", at, { userId = "bob", metadata = { b = json.null } }))
  end)

  it("take every kind of text, mention and link", function()
    local body = { version = 1, content = { { type = "paragraph", children = {
      { text = "a", bold = true, italic = false, strikethrough = true, code = true },
      { type = "mention", kind = "user", id = "bob" }, { type = "mention", kind = "group", id = "eng", userIds = { "bob" } },
      { type = "mention", id = "old" }, { type = "link", url = "https://example.com", text = "x" },
      { type = "link", url = "/y" } } }, { type = "paragraph", children = {} } } }
    assert.same(body, it_is.reply(thread, "ann", body).body)
    for _, content in ipairs { "[]", '[{"type":"paragraph","children":[]}]' } do
      local sent = ('{"userId":"ann","body":{"version":1,"content":%s}}'):format(content)
      local added = it_is.call("POST", path .. "/comments", json.decode(sent))
      assert.same(json.decode(content), added.body.content)
      local _, _, response = it_is.try("GET", path .. "/comments/" .. added.id)
      assert.is_nil(response.body:find('"children":{}', 1, true))
    end
  end)

  it("refuse other bodies, and name the place", function()
    local function paragraph(child) return { version = 1, content = { { type = "paragraph", children = { child } } } } end
    for message, body in pairs {
      ["body.body.version"] = { version = 2, content = {} },
      ["body.body.content%[0%].type"] = { version = 1, content = { { type = "heading", children = {} } } },
      ["body.body.content%[0%].children must"] = { version = 1, content = { { type = "paragraph" } } },
      ["children%[0%].type"] = paragraph { type = "image" },
      ["children%[0%].text must be a string, got nothing"] = paragraph { bold = true },
      ["children%[0%].bold"] = paragraph { text = "x", bold = "yes" },
      ["children%[0%].id must be a string"] = paragraph { type = "mention", kind = "user" },
      ["children%[0%].id must not be empty"] = paragraph { type = "mention", kind = "user", id = "" },
      ["children%[0%].kind"] = paragraph { type = "mention", kind = "team", id = "x" },
      ["children%[0%].userIds"] = paragraph { type = "mention", kind = "group", id = "x", userIds = { 1 } },
      ["children%[0%].url"] = paragraph { type = "link", text = "x" },
      ["children%[0%] must be a table"] = paragraph(json.array { "x" }),
      ["children%[0%].text must be a string, got null"] = paragraph { text = json.null },
    } do
      local status, failure = it_is.try("POST", path .. "/comments", { userId = "ann", body = body })
      assert.equal(422, status, message)
      assert.matches(message, failure.message)
    end
    assert.equal(1, #it_is.call("GET", path).comments)
  end)

  it("name the room, thread or comment that is missing", function()
    local body = { userId = "ann", body = comments.body "x" }
    local _, failure = it_is.try("POST", "/v2/rooms/none/threads/th_x/comments", body)
    assert.equal("ROOM_NOT_FOUND", failure.error)
    _, failure = it_is.try("POST", "/v2/rooms/r/threads/th_x/comments", body)
    assert.matches("Thread 'th_x' not found", failure.message)
    _, failure = it_is.try("GET", path .. "/comments/cm_x")
    assert.matches("Comment 'cm_x' not found", failure.message)
  end)
end)
