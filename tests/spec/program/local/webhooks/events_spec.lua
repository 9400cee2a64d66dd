require "tests.support.client"
local samples = require "lbhost.util.sample_events"
local support = require "tests.support.local_app"
local types = require "liveblocks.types"

-- A Yjs update: the text "hi" in the shared type "t".
local UPDATE <const> = "\1\1\1\0\4\1\1t\2hi\0"

-- type -> the fields that its data have besides projectId and roomId
local fields = {
  storageUpdated = "updatedAt", ydocUpdated = "updatedAt",
  userEntered = "connectionId enteredAt numActiveUsers userId userInfo",
  userLeft = "connectionId leftAt numActiveUsers userId userInfo",
  roomCreated = "createdAt", roomDeleted = "deletedAt",
  commentCreated = "commentId createdAt createdBy threadId", commentEdited = "commentId editedAt threadId",
  commentDeleted = "commentId deletedAt threadId",
  commentReactionAdded = "addedAt addedBy commentId emoji threadId",
  commentReactionRemoved = "commentId emoji removedAt removedBy threadId",
  commentMetadataUpdated = "commentId threadId updatedAt updatedBy",
  threadCreated = "createdAt createdBy threadId", threadDeleted = "deletedAt threadId",
  threadMetadataUpdated = "threadId updatedAt updatedBy", threadMarkedAsResolved = "threadId updatedAt updatedBy",
  threadMarkedAsUnresolved = "threadId updatedAt updatedBy",
  notification = "channel createdAt inboxNotificationId kind threadId triggeredAt userId",
}

local function names_of(data)
  local list = {}
  for name in pairs(data) do
    if name ~= "projectId" and name ~= "roomId" then list[#list + 1] = name end
  end
  table.sort(list)
  return table.concat(list, " ")
end

local function words(text, mentioned)
  return { version = 1, content = { { type = "paragraph", children = { { text = text },
    mentioned and { type = "mention", kind = "user", id = mentioned } } } } }
end

describe("webhook events", function()
  local app, seen
  before_each(function()
    app, seen = support.new(), {}
    app:on("event", function(event) seen[#seen + 1] = event end)
  end)

  local function call(method, path, body)
    local status, value = support.call(app, method, path, body)
    assert.is_true(status < 300, path)
    return value
  end

  -- The types of the events since the last time.
  local function arisen()
    local list = {}
    for i, event in ipairs(seen) do list[i] = event.type end
    seen = {}
    return list
  end

  it("of all types arise from what causes them, with the documented data", function()
    local all, types_sent = {}, {}
    app:on("event", function(event)
      all[event.type] = event
      types_sent[#types_sent + 1] = event.type
    end)
    local room = "/v2/rooms/r"
    call("POST", "/v2/rooms", { id = "r", defaultAccesses = { "room:write" } })
    call("POST", room .. "/storage", { liveblocksType = "LiveObject", data = { a = 1 } })
    call("PUT", room .. "/ydoc", UPDATE)
    call("POST", room .. "/presence", { userId = "ann", data = {}, userInfo = { name = "Ann" }, ttl = 2 })
    local thread = call("POST", room .. "/threads", { comment = { userId = "ann", body = words("hi ", "bob") } })
    local at = room .. "/threads/" .. thread.id
    local comment = call("POST", at .. "/comments", { userId = "ann", body = words "more" })
    local of = at .. "/comments/" .. comment.id
    call("POST", of, { body = words "other" })
    call("POST", of .. "/add-reaction", { userId = "ann", emoji = "👍" })
    call("POST", of .. "/remove-reaction", { userId = "ann", emoji = "👍" })
    call("POST", of .. "/metadata", { userId = "ann", metadata = { a = 1 } })
    call("POST", at .. "/metadata", { userId = "ann", metadata = { a = 1 } })
    call("POST", at .. "/mark-as-resolved", { userId = "ann" })
    call("POST", at .. "/mark-as-unresolved", { userId = "ann" })
    app.time = app.time + 30 * 60 * 1000
    app:tick()
    call("DELETE", of)
    call("DELETE", at)
    call("DELETE", room)
    for _, kind in ipairs(types.events) do
      assert.is_table(all[kind], kind)
      assert.equal(fields[kind], names_of(all[kind].data), kind)
      assert.equal("localdev", all[kind].data.projectId)
      assert.equal("r", all[kind].data.roomId)
    end
    assert.equal("roomCreated", types_sent[1])
    assert.equal("roomDeleted", types_sent[#types_sent])
  end)

  it("do not arise from what changes nothing", function()
    call("POST", "/v2/rooms", { id = "r", defaultAccesses = { "room:write" } })
    local thread = call("POST", "/v2/rooms/r/threads", { comment = { userId = "ann", body = words "hi" } })
    arisen()
    call("POST", "/v2/rooms?idempotent", { id = "r", defaultAccesses = { "room:write" } })
    call("GET", "/v2/rooms/r/storage")
    call("POST", "/v2/rooms/r", { metadata = { a = "1" } })
    call("DELETE", "/v2/rooms/none")
    support.call(app, "POST", "/v2/rooms/r/threads/" .. thread.id .. "/comments", { userId = "ann" })
    support.call(app, "PATCH", "/v2/rooms/r/storage/json-patch", { { op = "remove", path = "/none" } })
    assert.same({}, arisen())
  end)

  it("of a thread come with its last comment", function()
    call("POST", "/v2/rooms", { id = "r", defaultAccesses = { "room:write" } })
    local thread = call("POST", "/v2/rooms/r/threads", { comment = { userId = "ann", body = words "hi" } })
    assert.same({ "roomCreated", "threadCreated", "commentCreated" }, arisen())
    call("DELETE", ("/v2/rooms/r/threads/%s/comments/%s"):format(thread.id, thread.comments[1].id))
    assert.same({ "commentDeleted", "threadDeleted" }, arisen())
  end)

  it("have samples with the same data", function()
    for _, kind in ipairs(types.events) do
      local event = samples.make(kind, { now = app:date(app.time), project_id = "localdev", room_id = "r" })
      assert.equal(kind, event.type)
      assert.equal(fields[kind], names_of(event.data), kind)
    end
  end)
end)
