local handlers = require "tests.support.handlers"
local liveblocks = require "liveblocks"

local from_markdown = liveblocks.comment.from_markdown

describe("scripts/webhooks/digest.lua", function()
  local path, chat, handler

  before_each(function()
    path, chat = os.tmpname(), handlers.receiver()
    handler = handlers.start("scripts/webhooks/digest.lua", { url = chat.url, path = path, rooms = 2 })
    for _, id in ipairs { "a", "b<", "c" } do
      handler.client:create_room { id = id, defaultAccesses = { "room:write" } }
    end
  end)

  after_each(function()
    handler:stop()
    chat:stop()
    for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(path .. suffix) end
  end)

  local function write(room, user, thread)
    local body = from_markdown "hello"
    if thread then return handler.client:create_comment(room, thread.id, { userId = user, body = body }) end
    return handler.client:create_thread(room, { comment = { userId = user, body = body } })
  end

  local function work()
    local thread = write("a", "alice")
    write("a", "bob", thread)
    handler.client:mark_thread_as_resolved("a", thread.id, { userId = "bob" })
    write("b<", "alice")
    write("c", "carol")
    handler:settle()
  end

  it("posts what has happened in the busiest rooms, and then forgets it", function()
    work()
    handler:timer "07:00"
    assert.equal("Since the last digest:\n"
      .. "• *a*: 1 new thread, 2 comments, 1 thread resolved by 2 people\n"
      .. "• *b&lt;*: 1 new thread, 1 comment by 1 person\n… and 1 more room", chat.requests[1].json.text)
    handler:timer "07:00"
    assert.equal(1, #chat.requests)
    assert.equal("nothing has happened", handler:last_log())
  end)

  it("counts an event that comes twice once", function()
    work()
    for _, one in ipairs(handler.events) do assert.is_true(handler:handle(one.event, one.id)) end
    handler:timer "07:00"
    assert.matches("%*a%*: 1 new thread, 2 comments", chat.requests[1].json.text)
  end)

  it("posts the next day what it could not post", function()
    work()
    chat.response = { status = 400 }
    assert.is_false(pcall(handler.timer, handler, "07:00"))
    chat.response = nil
    handler:timer "07:00"
    assert.matches("%*a%*: 1 new thread", chat.requests[2].json.text)
  end)
end)
