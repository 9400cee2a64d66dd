-- What docs/yjs.md shows, run against the local Liveblocks.
local documentation = require "tests.support.documentation"
local json = require("liveblocks").json
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
    assert.is_nil((client:mutate_yjs("my-room", function() end)))
    local sent
    local update, info = client:mutate_yjs("my-room", function(_, text) return text:length() end, { key = "t" })
    assert.same({ nil, 14, false, {} }, { update, info.result, info.sent, info.changed })
    update, info = client:mutate_yjs("my-room", function(_, text) text:format(0, 5, { bold = true }) end,
      { key = "t", before_send = function(bytes) sent = bytes end })
    assert.equal(sent, update)
    assert.same({ "t" }, info.changed)
    local text = client:mutate_yjs("my-room", function(_, t) t:format(0, 5, { bold = json.null }) end, { key = "t", dry_run = true })
    assert.equal('- t: [{"key":"bold","value":true},"Hello",{"key":"bold","value":null}," hi",{"key":"bold","value":true},"'
      .. ' there",{"key":"bold","value":null}]\n+ t: ["Hello hi",{"key":"bold","value":true}," there",{"key":"bold","value":null}]',
      text)
    server:stop()
    assert.equal("hi there", printed)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
