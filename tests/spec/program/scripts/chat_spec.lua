local handlers = require "tests.support.handlers"
local liveblocks = require "liveblocks"

local from_markdown = liveblocks.comment.from_markdown

describe("scripts/webhooks/chat.lua", function()
  local chat, people, handler

  before_each(function()
    chat = handlers.receiver()
    people = handlers.directory { alice = { name = "Al <ice>" }, eng = { name = "Engineers" } }
    handler = handlers.start("scripts/webhooks/chat.lua", { url = chat.url .. "/hook", users_url = people.url .. "/users",
      groups_url = people.url .. "/groups", room_url = "https://app.example/rooms/{roomId}", ignore = { "bot" } })
    handler.client:create_room { id = "plan/1", defaultAccesses = { "room:write" } }
  end)

  after_each(function()
    handler:stop()
    chat:stop()
    people:stop()
  end)

  local function write(body, user, visibility)
    local thread = handler.client:create_thread("plan/1", { visibility = visibility,
      comment = { userId = user or "alice", body = body } })
    handler:settle()
    return thread
  end

  it("posts a new comment with its author, room and text", function()
    write(from_markdown "**Hi** @bob, _see_ [the|plan](https://x.co/a?b=1&c=2) <now>\n\n- `a` ~~b~~")
    assert.equal(1, #chat.requests)
    assert.equal("application/json", chat.requests[1].headers["content-type"])
    assert.equal("*Al &lt;ice&gt;* in <https://app.example/rooms/plan%2F1|plan/1>\n"
      .. "> *Hi* *@bob*, _see_ <https://x.co/a?b=1&amp;c=2|the¦plan> &lt;now&gt;\n> - `a` ~b~", chat.requests[1].json.text)
  end)

  it("shows the names of groups, and what only looks like a link as text", function()
    write { version = 1, content = { { type = "paragraph", children = {
      { type = "mention", kind = "group", id = "eng" }, { text = " " }, { type = "link", url = "javascript:1", text = "x" },
      { text = " " }, { type = "link", url = "/rel" }, { text = " bold ", bold = true } } } } }
    assert.matches("> %*@Engineers%* x /rel %*bold%* $", chat.requests[1].json.text)
  end)

  it("asks about a user once", function()
    write(from_markdown "one")
    write(from_markdown "two")
    assert.equal(2, #chat.requests)
    assert.equal(1, #people.requests)
    assert.equal("userIds=alice", people.requests[1].query)
  end)

  it("posts nothing of those who are ignored", function()
    write(from_markdown "beep", "bot")
    assert.equal(0, #chat.requests)
    assert.equal(0, #handler.errors)
  end)

  it("keeps private threads private", function()
    write(from_markdown "between us", "alice", "private")
    assert.equal(0, #chat.requests)
    assert.same({}, handler.errors)
  end)

  it("posts nothing of a comment that was deleted meanwhile", function()
    local thread = write(from_markdown "first")
    local second = handler.client:create_comment("plan/1", thread.id, { userId = "alice", body = from_markdown "second" })
    handler:settle()
    handler.client:delete_comment("plan/1", thread.id, second.id)
    local count = #chat.requests
    assert.is_true(handler:handle({ type = "commentCreated", data = { roomId = "plan/1", threadId = thread.id,
      commentId = second.id, createdBy = "alice" } }, "msg_other"))
    assert.equal(count, #chat.requests)
    assert.equal("the comment is gone", handler:last_log())
  end)

  it("takes it as normal that a comment is gone", function()
    write(from_markdown "gone")
    local created
    for _, one in ipairs(handler.events) do
      if one.event.type == "commentCreated" then created = one.event end
    end
    handler.client:delete_room("plan/1")
    assert.is_true(handler:handle(created, "msg_other"))
    assert.equal("the comment is gone", handler:last_log())
    assert.equal(1, #chat.requests)
  end)

  it("fails when the chat does, so that the event is tried again, and then posts once", function()
    chat.response = { status = 500 }
    write(from_markdown "hello")
    handler:settle()
    assert.equal(500, handler.errors[1].status)
    chat.response = nil
    local count = #chat.requests
    for _, one in ipairs(handler.events) do
      assert.is_true(handler:handle(one.event, one.id))
      assert.is_true(handler:handle(one.event, one.id))
    end
    assert.equal(count + 1, #chat.requests)
  end)

  it("is refused without the address of the chat", function()
    local _, refusal = require("lbhost.plugin.registry").load_file("scripts/webhooks/chat.lua", {})
    assert.matches("options.url is required: set it in the configuration or as CHAT_WEBHOOK_URL", tostring(refusal))
  end)
end)
