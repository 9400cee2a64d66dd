require "tests.support.client"
local json = require "liveblocks.json"
local comments = require "tests.support.local_comments"

describe("threads of the local Liveblocks", function()
  local it_is
  before_each(function() it_is = comments.new() end)

  local function ids(query)
    local found = {}
    for i, thread in ipairs(it_is.call("GET", "/v2/rooms/r/threads" .. (query or "")).data) do found[i] = thread.id end
    return found
  end

  it("are made with their first comment, and read as they were written", function()
    local body = comments.body("see ", "@bob")
    local thread = it_is.thread("ann", body, { metadata = { color = "blue", n = 3, done = true }, visibility = "private",
      commentMetadata = { tag = "x" } })
    assert.matches("^th_[%w_-]+$", thread.id)
    local comment = thread.comments[1]
    assert.matches("^cm_[%w_-]+$", comment.id)
    assert.same({
      type = "thread", id = thread.id, roomId = "r", createdAt = "2026-05-28T20:26:40.000Z", resolved = false,
      updatedAt = "2026-05-28T20:26:40.000Z", visibility = "private", metadata = { color = "blue", n = 3, done = true },
      comments = { { type = "comment", id = comment.id, threadId = thread.id, roomId = "r", userId = "ann", body = body,
        createdAt = "2026-05-28T20:26:40.000Z", metadata = { tag = "x" }, reactions = {}, attachments = {} } },
    }, thread)
    assert.same(thread, it_is.call("GET", it_is.path(thread)))
    assert.same({ "threadCreated", "commentCreated" }, it_is.events())
    assert.same({ projectId = "localdev", roomId = "r", threadId = thread.id, commentId = comment.id, createdBy = "ann",
      createdAt = "2026-05-28T20:26:40.000Z" }, it_is.last_event().data)
  end)

  it("keep the date of their first comment", function()
    local thread = it_is.thread("ann", nil, { createdAt = "2020-01-02T03:04:05.678+02:00" })
    assert.equal("2020-01-02T01:04:05.678Z", thread.createdAt)
    assert.equal("2020-01-02T01:04:05.678Z", thread.updatedAt)
    assert.equal("2020-01-02T01:04:05.678Z", thread.comments[1].createdAt)
  end)

  it("are listed newest first, also those of one millisecond", function()
    local first, second = it_is.thread("ann").id, it_is.thread("ann").id
    local old = it_is.thread("ann", nil, { createdAt = "2020-01-01T00:00:00Z" }).id
    it_is.wait(1)
    local last = it_is.thread("ann").id
    assert.same({ last, second, first, old }, ids())
  end)

  it("are filtered by the query language", function()
    local blue = it_is.thread("ann", nil, { metadata = { color = "blue", n = 3 } })
    local hidden = it_is.thread("ann", nil, { metadata = { color = "red" }, visibility = "private" }).id
    it_is.call("POST", it_is.path(blue) .. "/mark-as-resolved", { userId = "ann" })
    for query, expected in pairs {
      ["metadata['color']:'blue'"] = { blue.id }, ["metadata['n']>2"] = { blue.id }, ["metadata['n']:null"] = { hidden },
      ["resolved:false"] = { hidden }, ["visibility:'private'"] = { hidden }, ["visibility:'public' resolved:true"] = { blue.id },
      ["metadata['color']^'b' AND resolved:false"] = {},
    } do
      local encoded = query:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end)
      assert.same(expected, ids("?query=" .. encoded), query)
    end
    local status, refusal = it_is.try("GET", "/v2/rooms/r/threads?query=roomId:1")
    assert.equal(422, status)
    assert.equal("INVALID_QUERY", refusal.error)
  end)

  it("merge metadata, and null deletes a key", function()
    local thread = it_is.thread("ann", nil, { metadata = { color = "blue", n = 3 } })
    it_is.events()
    local metadata = it_is.call("POST", it_is.path(thread) .. "/metadata", { userId = "bob", updatedAt = "2026-06-01T00:00:00Z",
      metadata = { color = json.null, n = 4.5, new = "" } })
    assert.same({ n = 4.5, new = "" }, metadata)
    assert.same({ "threadMetadataUpdated" }, it_is.events())
    assert.equal("bob", it_is.last_event().data.updatedBy)
    assert.equal("2026-06-01T00:00:00.000Z", it_is.last_event().data.updatedAt)
    local read = it_is.call("GET", it_is.path(thread))
    assert.same(metadata, read.metadata)
    assert.equal("2026-06-01T00:00:00.000Z", read.updatedAt)
  end)

  it("refuse metadata over the limits, and change nothing then", function()
    local thread = it_is.thread("ann", nil, { metadata = { n = 1 } })
    local many = {}
    for i = 1, 50 do many["k" .. i] = i end
    for what, metadata in pairs { entries = many, key = { [("k"):rep(41)] = 1 }, value = { k = ("v"):rep(4001) },
      list = { k = { "x" } }, empty = { [""] = 1 } } do
      assert.equal(422, (it_is.try("POST", it_is.path(thread) .. "/metadata", { userId = "ann", metadata = metadata })), what)
    end
    assert.same({ n = 1 }, it_is.call("GET", it_is.path(thread)).metadata)
    it_is.call("POST", it_is.path(thread) .. "/metadata", { userId = "ann", metadata = { k = ("é"):rep(4000) } })
    assert.equal(422, (it_is.try("POST", "/v2/rooms/r/threads", { metadata = { k = json.null },
      comment = { userId = "ann", body = comments.body "x" } })))
  end)

  it("are resolved and unresolved; the event comes when that changes something", function()
    local thread = it_is.thread("ann")
    it_is.events()
    it_is.wait(5)
    assert.is_true(it_is.call("POST", it_is.path(thread) .. "/mark-as-resolved", { userId = "bob" }).resolved)
    assert.is_true(it_is.call("POST", it_is.path(thread) .. "/mark-as-resolved", { userId = "bob" }).resolved)
    assert.is_false(it_is.call("POST", it_is.path(thread) .. "/mark-as-unresolved", { userId = "bob" }).resolved)
    assert.same({ "threadMarkedAsResolved", "threadMarkedAsUnresolved" }, it_is.events())
    assert.equal("2026-05-28T20:26:40.005Z", it_is.call("GET", it_is.path(thread)).updatedAt)
  end)

  it("are deleted", function()
    local thread = it_is.thread("ann")
    it_is.events()
    it_is.call("DELETE", it_is.path(thread))
    assert.same({ "threadDeleted" }, it_is.events())
    assert.same({}, ids())
    local status, failure = it_is.try("GET", it_is.path(thread))
    assert.equal(404, status)
    assert.equal("RESOURCE_NOT_FOUND", failure.error)
    assert.equal(404, (it_is.try("DELETE", it_is.path(thread))))
  end)

  it("go where their room goes", function()
    local thread = it_is.thread("ann")
    it_is.call("POST", "/v2/rooms/r/update-room-id", { newRoomId = "s" })
    local moved = it_is.call("GET", "/v2/rooms/s/threads/" .. thread.id)
    assert.equal("s", moved.roomId)
    assert.equal("s", moved.comments[1].roomId)
    it_is.call("DELETE", "/v2/rooms/s")
    it_is.call("POST", "/v2/rooms", { id = "s", defaultAccesses = {} })
    assert.same({ data = {} }, it_is.call("GET", "/v2/rooms/s/threads"))
  end)

  it("are as they were after a restart", function()
    local thread = it_is.thread("ann", comments.body "@bob", { metadata = { ["$odd"] = 1.0 }, visibility = "private" })
    it_is.call("POST", it_is.path(thread) .. "/unsubscribe", { userId = "ann" })
    it_is.reply(thread, "cat", { version = 1, content = json.array {} })
    local before = it_is.call("GET", it_is.path(thread))
    local subscriptions = it_is.call("GET", it_is.path(thread) .. "/subscriptions")
    it_is.reload()
    assert.same(before, it_is.call("GET", it_is.path(thread)))
    assert.same(subscriptions, it_is.call("GET", it_is.path(thread) .. "/subscriptions"))
  end)

  it("are found by hasThreads of the rooms' query language", function()
    it_is.call("POST", "/v2/rooms", { id = "empty", defaultAccesses = {} })
    local thread = it_is.thread("ann")
    assert.equal("r", it_is.call("GET", "/v2/rooms?query=hasThreads:true").data[1].id)
    assert.equal("empty", it_is.call("GET", "/v2/rooms?query=hasThreads:false").data[1].id)
    it_is.call("DELETE", it_is.path(thread))
    assert.same({}, it_is.call("GET", "/v2/rooms?query=hasThreads:true").data)
  end)

  it("say what is missing", function()
    local status, failure = it_is.try("GET", "/v2/rooms/none/threads")
    assert.equal(404, status)
    assert.equal("ROOM_NOT_FOUND", failure.error)
    for _, body in ipairs { {}, { comment = {} }, { comment = { userId = "ann" } },
      { comment = { userId = "", body = comments.body "x" } }, { comment = { userId = "ann", body = "x" } },
      { comment = { userId = "ann", body = comments.body "x" }, visibility = "secret" },
      { comment = { userId = "ann", body = comments.body "x", createdAt = "yesterday" } },
      { comment = { userId = "ann", body = comments.body "x", createdAt = "2026-13-01T00:00:00Z" } } } do
      status, failure = it_is.try("POST", "/v2/rooms/r/threads", body)
      assert.equal(422, status, json.encode(body))
      assert.matches("comment", failure.message .. (body.visibility and "comment" or ""))
    end
    assert.same({}, ids())
  end)
end)
