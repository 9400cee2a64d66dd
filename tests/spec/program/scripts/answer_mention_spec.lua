local handlers = require "tests.support.handlers"
local liveblocks = require "liveblocks"

local from_markdown = liveblocks.comment.from_markdown

describe("scripts/webhooks/answer_mention.lua", function()
  local bot, handler

  before_each(function()
    bot = handlers.receiver(function() return handlers.json_response { markdown = "It is **blue**." } end)
    handler = handlers.start("scripts/webhooks/answer_mention.lua", { url = bot.url .. "/bot", token = "secret" })
    handler.client:create_room { id = "plan", defaultAccesses = { "room:write" } }
  end)

  after_each(function()
    handler:stop()
    bot:stop()
  end)

  local function write(text)
    local thread = handler.client:create_thread("plan", { comment = { userId = "alice", body = from_markdown(text) } })
    handler:settle()
    return thread
  end

  local function comments(thread) return handler.client:get_thread("plan", thread.id).comments end

  it("answers a comment that mentions it, and knows what it is about", function()
    local thread = write "hello"
    handler.client:mutate_yjs("plan", function(doc)
      liveblocks.editor.open(doc, { kind = "tiptap" }):set_content { type = "doc", content = { { type = "paragraph", content = {
        { type = "text", text = "The " }, { type = "text", text = "boat", marks = { { type = "liveblocksCommentMark",
          attrs = { threadId = thread.id } } } } } } } }
    end)
    handler.client:create_comment("plan", thread.id, { userId = "alice", body = from_markdown "@bot what colour?" })
    handler:settle()
    assert.same({}, handler.errors)
    local list = comments(thread)
    assert.equal(3, #list)
    assert.equal("bot", list[3].userId)
    assert.equal("It is **blue**.", liveblocks.comment.to_markdown(list[3].body))
    local asked = bot.requests[1]
    assert.equal("Bearer secret", asked.headers.authorization)
    assert.equal("@bot what colour?", asked.json.question)
    assert.equal("boat", asked.json.about)
    assert.equal("The boat", asked.json.document)
    assert.same({ userId = "alice", text = "hello" }, asked.json.comments[1])
  end)

  it("answers once, however often the event comes", function()
    local thread = write "@bot?"
    local one
    for _, event in ipairs(handler.events) do
      if event.event.type == "commentCreated" and event.event.data.createdBy == "alice" then one = event.event end
    end
    assert.is_true(handler:handle(one, "another id"))
    assert.equal(2, #comments(thread))
    assert.equal(1, #bot.requests)
  end)

  it("leaves comments that do not mention it, and those of its own", function()
    bot.response = function() return handlers.json_response { markdown = "I, @bot, say so" } end
    assert.equal(1, #comments(write "@bottom and bot"))
    assert.equal(2, #comments(write "@bot"))
  end)

  it("writes nothing without a response, and fails when the address does, so that the event is handled again", function()
    bot.response = function() return handlers.json_response(liveblocks.null) end
    assert.equal(1, #comments(write "@bot"))
    assert.equal("the bot stays silent", handler:last_log())
    bot.response = function() return { status = 400, body = "no" } end
    write "@bot"
    assert.is_true(#handler.errors > 0)
  end)
end)
