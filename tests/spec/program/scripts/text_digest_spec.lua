local directory = require "tests.support.directory"
local handlers = require "tests.support.handlers"
local liveblocks = require "liveblocks"

describe("scripts/webhooks/text_digest.lua", function()
  local chat, dir, handler

  before_each(function()
    chat = handlers.receiver()
    dir = directory.new()
    handler = handlers.start("scripts/webhooks/text_digest.lua", { url = chat.url, path = dir.path .. "/digest.db", quotes = 2 })
  end)

  after_each(function()
    handler:stop()
    chat:stop()
    dir:remove()
  end)

  local function write(room, markdown)
    pcall(handler.client.create_room, handler.client, { id = room, defaultAccesses = { "room:write" } })
    handler.client:mutate_yjs(room, function(doc) liveblocks.editor.open(doc, { kind = "tiptap" }):set_content(markdown) end)
    assert.is_true(handler:handle({ type = "ydocUpdated", data = { roomId = room } }, "msg"))
  end

  it("quotes what is new in documents, and counts what is gone", function()
    write("a", "one\n\ntwo\n\nthree <&>\n")
    write("b", "only")
    handler:timer "7d"
    assert.equal("What changed in documents since the last digest:\n\n*a*\n> one\n> two\n… and 1 more\n\n*b*\n> only",
      chat.requests[1].json.text)
    write("a", "one\n\n2\n\nthree <&>\n\n<four>\n")
    handler:timer "7d"
    assert.equal("What changed in documents since the last digest:\n\n*a*\n> 2\n> &lt;four&gt;\n1 line removed or changed",
      chat.requests[2].json.text)
  end)

  it("posts nothing when nothing has changed, and again what could not be posted", function()
    handler:timer "7d"
    assert.equal("nothing has changed", handler:last_log())
    write("a", "one")
    chat.response = { status = 400 }
    assert.is_false(pcall(handler.timer, handler, "7d"))
    chat.response = nil
    handler:timer "7d"
    assert.equal("What changed in documents since the last digest:\n\n*a*\n> one", chat.requests[#chat.requests].json.text)
    local count = #chat.requests
    write("a", "one")
    handler:timer "7d"
    assert.equal(count, #chat.requests)
  end)

  it("leaves rooms that are gone", function()
    write("a", "one")
    handler.client:delete_room "a"
    handler:timer "7d"
    assert.equal(0, #chat.requests)
  end)
end)
