-- What docs/yjs.md shows, run against the local Liveblocks.
local documentation = require "tests.support.documentation"
local directory = require "tests.support.directory"
local liveblocks = require "liveblocks"
local local_server = require "tests.support.local_server"

local json = liveblocks.json

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
    documentation.load(page:block "Editing rooms", { client = client })()
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

  -- Runs a block of a section; returns the lines that it prints.
  local function printed_by(section, client, index)
    local lines = {}
    documentation.load(page:block(section, index), { client = client, yjs = liveblocks.yjs, json = json, print = function(...)
      local parts = table.pack(...)
      for i = 1, parts.n do parts[i] = tostring(parts[i]) end
      lines[#lines + 1] = table.concat(parts, " ")
    end })()
    return lines
  end

  it("what each kind of type does", function()
    local parts = printed_by "Texts"
    for i, part in ipairs(parts) do parts[i] = json.decode(part) end
    assert.same({ { insert = "Hello", attributes = { bold = true } }, { insert = { image = "wave.png" } }, { insert = " 👋" } }, parts)
    assert.same({ "a Buy milk 2" }, printed_by "Maps and arrays")
    assert.same({ "heading Plan", "paragraph <bold>first</bold>" }, printed_by "XML")
    local shown = printed_by "Snapshots and positions"
    assert.same({ { insert = "old", attributes = { ychange = { type = "removed" } } },
      { insert = "many new", attributes = { ychange = { type = "added" } } }, { insert = " words" } }, json.decode(shown[1]))
    assert.equal("9 old words", shown[2])
  end)

  describe("recipes that", function()
    local server, client
    before_each(function()
      server = local_server.start()
      client = server:client()
      client:create_room { id = "my-room", defaultAccesses = {} }
      client:mutate_yjs("my-room", function(doc) doc:get_text("t"):insert(0, "my colour") end)
    end)
    after_each(function() server:stop() end)

    it("keep a document in a document", function()
      assert.same({ "intro-1 true Welcome" }, printed_by("Subdocuments", client))
    end)

    it("replace a word in all documents", function()
      local dir = directory.new()
      finally(function() dir:remove() end)
      dir:write("replace.lua", page:block("Replace a word in all documents", 1))
      local env = { LIVEBLOCKS_BASE_URL = server.url, LIVEBLOCKS_SECRET_KEY = "sk_localdev" }
      for _, one in ipairs(documentation.commands(page:block("Replace a word in all documents", 2))) do
        local output, status = documentation.run(one.command, { cwd = dir.path, env = env })
        assert.same({ one.output, 0 }, { (output:gsub("in %d+ s", "in 0 s")), status })
      end
      client:mutate_yjs("my-room", function(doc)
        local text = doc:get_text "t"
        text:insert(0, "a😀 colours, ", { bold = true })
        text:insert_embed(3, { image = "x" })
        doc:get_xml_fragment("default"):push { liveblocks.yjs.xml_element("p", nil, { liveblocks.yjs.xml_text "colour, colour" }) }
      end)
      local output, status = documentation.run("lbhost migrate replace.lua from=colour to=c --restart --accept-change",
        { cwd = dir.path, env = env })
      assert.equal(0, status, output)
      local doc = liveblocks.yjs.open(client:get_yjs_document_as_binary_update "my-room")
      assert.same({ { insert = "a😀", attributes = { bold = true } }, { insert = { image = "x" } },
        { insert = " cs, ", attributes = { bold = true } }, { insert = "my color" } }, doc:get_text("t"):to_delta())
      assert.equal("<p>c, c</p>", doc:get_xml_fragment("default"):to_string())
    end)

    it("bring back a version, copy a document and find a word", function()
      client:create_yjs_version "my-room"
      client:mutate_yjs("my-room", function(doc) doc:get_text("t"):delete(0, 3) end)
      assert.same({}, printed_by("Bring a document back to a saved version", client))
      assert.same({ t = "my colour" }, client:get_yjs_document "my-room")
      client:create_room { id = "copy", defaultAccesses = {} }
      printed_by("Copy a document to another room", client)
      assert.same({ t = "my colour" }, client:get_yjs_document "copy")
      client:mutate_yjs("copy", function(doc) doc:get_text("t"):insert(0, "color ") end)
      assert.same({ "copy" }, printed_by("Find the rooms that mention a word", client))
    end)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
