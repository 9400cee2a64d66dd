-- What docs/editors.md shows, run against the local Liveblocks.
local documentation = require "tests.support.documentation"
local liveblocks = require "liveblocks"
local local_server = require "tests.support.local_server"

local page = documentation.page "docs/editors.md"

describe("docs/editors.md shows", function()
  local server, client, printed

  before_each(function()
    server = local_server.start()
    client = server:client()
    client:create_room { id = "my-room", defaultAccesses = {} }
    printed = {}
  end)
  after_each(function() server:stop() end)

  local function write(content, kind)
    client:mutate_yjs("my-room", function(doc) liveblocks.editor.open(doc, { kind = kind or "tiptap" }):set_content(content) end)
  end

  local function read(kind)
    return liveblocks.editor.open(liveblocks.yjs.open((client:get_yjs_document_as_binary_update("my-room"))), { kind = kind or "tiptap" })
  end

  local function run(title)
    documentation.load(page:block(title), { client = client, liveblocks = liveblocks, ipairs = ipairs, math = math, print = function(...)
      printed[#printed + 1] = table.concat({ ... }, " ")
    end })()
  end

  it("how a document is opened", function()
    write "# Plan\n"
    run "Opening a document"
    assert.same({ "# Plan" }, printed)
  end)

  it("how one is changed", function()
    write "# Acme\n\n---\n\nby Acme\n"
    run "Changing a document"
    assert.equal("## Example\n\nby Example", read():to_markdown())
  end)

  it("how one is set from Markdown", function()
    run "Markdown"
    assert.same({ "heading", "checkListItem", "checkListItem" }, { read("blocknote"):to_json()[1].type, read("blocknote"):to_json()[2].type,
      read("blocknote"):to_json()[3].type })
  end)

  it("which threads are about what", function()
    local thread = client:create_thread("my-room", { comment = { userId = "a", body = liveblocks.comment.from_markdown "right?" } })
    write { type = "doc", content = { { type = "paragraph", content = { { type = "text", text = "boat",
      marks = { { type = "liveblocksCommentMark", attrs = { threadId = thread.id } } } } } } } }
    run "Comments on text"
    assert.same({ "boat right?" }, printed)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
