-- What docs/yjs.md shows, run against the local Liveblocks.
local documentation = require "tests.support.documentation"
local local_server = require "tests.support.local_server"

local page = documentation.page "docs/yjs.md"

-- An update of client 1: "hi" in the text "t".
local HI = "\1\1\1\0\4\1\1t\2hi\0"

describe("docs/yjs.md shows", function()
  it("how documents are read and merged", function()
    local server = local_server.start()
    local client = server:client()
    client:create_room { id = "my-room", defaultAccesses = {} }
    client:send_yjs_binary_update("my-room", HI)
    local printed
    documentation.load(page:block "Reading and merging", { client = client, saved = HI, print = function(text) printed = text end })()
    server:stop()
    assert.equal('{"t":"hi"}', printed)
  end)

  it("how a text is edited", function()
    local server = local_server.start()
    local client = server:client()
    client:create_room { id = "my-room", defaultAccesses = {} }
    client:send_yjs_binary_update("my-room", HI)
    local printed
    documentation.load(page:block "Text documents", { client = client, print = function(text) printed = text end })()
    assert.same({ t = "hi there" }, client:get_yjs_document("my-room"))
    documentation.load(page:block("Text documents", 2), { client = client })()
    assert.same({ t = "Hello hi there" }, client:get_yjs_document("my-room"))
    local function edit(doc) doc:get_text("t"):delete(0, 6) end
    assert.equal('- t: "Hello hi there"\n+ t: "hi there"', client:mutate_yjs("my-room", edit, { dry_run = true }))
    assert.same({ t = "Hello hi there" }, client:get_yjs_document("my-room"))
    assert.is_nil(client:mutate_yjs("my-room", function() end))
    server:stop()
    assert.equal("hi there", printed)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
