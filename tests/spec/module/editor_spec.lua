local liveblocks = require "liveblocks"
local canonical = require "liveblocks.editor.canonical"
local editor = require "liveblocks.editor"
local core = require "liveblocks.core"
local json = liveblocks.json
local yjs = liveblocks.yjs

local function open(kind, content)
  local doc = yjs.open(nil, { client_id = 1 })
  local note = editor.open(doc, { kind = kind })
  if content then note:set_content(content) end
  doc:update()
  return note, doc
end

local function paragraph(...)
  return { type = "paragraph", content = { ... } }
end

local function text(value, ...)
  return { type = "text", text = value, marks = select("#", ...) > 0 and { ... } or nil }
end

local function document(...) return { type = "doc", content = json.array { ... } } end

-- ---- What the editors' own packages say ----------------------------------------------------------

for _, kind in ipairs { "tiptap", "blocknote", "lexical", "slate", "quill" } do
  describe("a document of " .. kind, function()
    local cases = {}
    for line in io.lines("tests/data/editors/" .. kind .. ".jsonl") do
      local case = json.decode(line)
      case.bytes = core.base64_decode(case.update)
      cases[#cases + 1] = case
    end

    it("is read as the editor's own package reads it", function()
      for _, case in ipairs(cases) do
        local note = editor.open(yjs.open(case.bytes), { kind = kind })
        assert.equal(canonical(case.json), canonical(note:to_json()))
        if case.text then assert.equal(case.text, note:get_text()) end
        if case.markdown then assert.equal(case.markdown, note:to_markdown()) end
      end
    end)

    it("is changed into another, and a second time nothing changes", function()
      for _, case in ipairs(cases) do
        local doc = yjs.open(case.bytes, { client_id = 7 })
        local note = editor.open(doc, { kind = kind })
        note:set_content(note:to_json())
        assert.is_nil(doc:update())
        note:set_content(case.target)
        local change = doc:update()
        local wanted = canonical(note:to_json())
        note:set_content(case.target)
        assert.is_nil(doc:update())
        -- One who gets only the change has the same.
        local other = yjs.open { case.bytes, change }
        assert.equal(wanted, canonical(editor.open(other, { kind = kind }):to_json()))
      end
    end)

    it("is written as Markdown and read again", function()
      local note, doc = open(kind, "# Title\n\nSome **bold** and [linked](https://example.com) text\n\n- one\n- two\n")
      local markdown = note:to_markdown()
      assert.truthy(markdown:find("Some **bold** and [linked](https://example.com) text", 1, true))
      note:set_content(markdown)
      assert.is_nil(doc:update())
      assert.truthy(note:get_text():find("Some bold and linked text", 1, true))
      assert.truthy(note:to_html():find("<h1>Title</h1>", 1, true))
    end)
  end)
end

describe("a table", function()
  it("is written as GitHub's, and read again, in every editor that has tables", function()
    local markdown = "| a | b \\| c |\n| --- | --- |\n| **1** | x<br>y |\n"
    for _, kind in ipairs { "tiptap", "prosemirror", "blocknote", "lexical", "slate" } do
      local note, doc = open(kind, "before\n\n" .. markdown .. "\nafter\n")
      local written = note:to_markdown()
      assert.matches("| a | b \\| c |\n| --- | --- |\n| **1** | x", written, 1, true)
      doc:update()
      note:set_content(written)
      assert.is_nil(doc:update(), kind)
    end
    local note = open("lexical", { root = { children = { { type = "table", children = {
      { type = "tablerow", children = { { type = "tablecell", headerState = 1, children = {} } } },
      { type = "tablerow", children = { { type = "tablecell", children = {} }, { type = "tablecell", children = {} } } },
    } } } } })
    assert.equal("|  |  |\n| --- | --- |\n|  |  |", note:to_markdown())
  end)
end)

-- ---- Small changes -------------------------------------------------------------------------------

describe("a change of a document", function()
  it("leaves the cursors of others where they are", function()
    local note, doc = open("tiptap", document(paragraph(text "Acme makes boats, and Acme sells them"), paragraph(text "the end")))
    local words = doc:get_xml_fragment("default"):get(0):get(0)
    local boats, last = doc:relative_position(words, 11), doc:relative_position(words, 27)
    note:update(function(node)
      if node.text then node.text = node.text:gsub("Acme", "Example") end
    end)
    assert.equal("Example makes boats, and Example sells them\n\nthe end", note:get_text())
    assert.equal(14, select(2, doc:absolute_position(boats)))
    assert.equal(33, select(2, doc:absolute_position(last)))
  end)

  it("keeps what others type meanwhile", function()
    local note, doc = open("tiptap", document(paragraph(text "one"), paragraph(text "two"), paragraph(text "three")))
    local other = yjs.open(doc:update "\0", { client_id = 2 })
    other:get_xml_fragment("default"):get(1):get(0):insert(3, "!")
    note:set_content(document(paragraph(text "zero"), paragraph(text "one"), paragraph(text "two"), paragraph(text "3")))
    doc:apply(other:update())
    assert.equal("zero\n\none\n\ntwo!\n\n3", note:get_text())
  end)

  it("sends formats alone when only formats change", function()
    local note, doc = open("tiptap", document(paragraph(text(("word "):rep(200)))))
    note:set_content(document(paragraph(text(("word "):rep(100)), text("word ", { type = "bold" }), text(("word "):rep(99)))))
    assert.is_true(#doc:update() < 60)
    assert.equal(3, #note:to_json().content[1].content)
  end)

  it("replaces a sentence as one where nothing of it stays", function()
    local note, doc = open("tiptap", document(paragraph(text "a b c d e f g h i j")))
    note:set_content(document(paragraph(text "k l m n o p q r s t")))
    assert.is_true(#doc:update() < 45)
    assert.equal("k l m n o p q r s t", note:get_text())
  end)

  it("divides no character", function()
    local note, doc = open("tiptap", document(paragraph(text "é 😀 x")))
    note:set_content(document(paragraph(text "è 😁 x")))
    assert.equal("è 😁 x", editor.open(yjs.open(doc:update "\0"), { kind = "tiptap" }):get_text())
  end)

  it("counts in UTF-16 units", function()
    for _, kind in ipairs { "tiptap", "lexical", "slate", "quill" } do
      local note, doc = open(kind, "😀😀 a b c 😀 d\n")
      note:set_content "😀😀 a B c 😀 D\n"
      local again = editor.open(yjs.open(doc:update "\0"), { kind = kind })
      assert.equal("😀😀 a B c 😀 D", (again:get_text():gsub("\n", "")))
    end
  end)
end)

describe("update", function()
  it("removes nodes, and puts several in the place of one", function()
    local note = open("tiptap", document(paragraph(text "one"), { type = "horizontalRule" }, paragraph(text "two")))
    note:update(function(node)
      if node.type == "horizontalRule" then return false end
      if node.text == "two" then return { text "2", { type = "hardBreak" }, text "3" } end
    end)
    assert.equal(2, #note:to_json().content)
    assert.equal("hardBreak", note:to_json().content[2].content[2].type)
  end)

  local function edited(kind, content, fn)
    local note, doc = open(kind, content)
    note:update(fn)
    assert.not_nil(doc:update(), kind)
    return editor.open(yjs.open(doc:update "\0"), { kind = kind }):to_json()
  end

  it("takes the edits of what is within a node", function()
    local data = { list = { 1 } }
    local function edit(node)
      local inner = node.attrs and node.attrs.data or node.data
      if inner then inner.list[1] = 2 end
    end
    local doc = edited("tiptap", document { type = "widget", attrs = { data = data } }, edit)
    assert.equal(2, doc.content[1].attrs.data.list[1])
    local marked = document(paragraph(text("one", { type = "marker", attrs = { data = data } })))
    doc = edited("tiptap", marked, function(node)
      if node.marks then node.marks[1].attrs.data.list[1] = 2 end
    end)
    assert.equal(2, doc.content[1].content[1].marks[1].attrs.data.list[1])
    local blocks = edited("slate", json.array { { type = "p", data = data, children = { { text = "one", data = data } } } }, edit)
    assert.same({ 2, 2 }, { blocks[1].data.list[1], blocks[1].children[1].data.list[1] })
    local state = edited("lexical", { root = { type = "root", children = { { type = "paragraph",
      children = { { type = "text", text = "one", data = data } } } } } }, edit)
    assert.equal(2, state.root.children[1].children[1].data.list[1])
  end)

  it("takes the edits of the formats and the embedded values of a delta", function()
    local delta = edited("quill", json.array { { insert = "one", attributes = { bold = true } }, { insert = { image = "a.png" } },
      { insert = "\n" } }, function(part)
      if part.attributes then part.attributes.strong, part.attributes.bold = true, nil end
      if part.insert.image then part.insert.image = "b.png" end
    end)
    assert.same({ strong = true }, delta[1].attributes)
    assert.equal("b.png", delta[2].insert.image)
  end)

  it("puts nodes after one that stays, and before it", function()
    local note = open("lexical", "one\n\ntwo\n")
    note:update(function(node)
      if node.text == "one" then return { node, { type = "lb-mention", id = "in_1", kind = "user", userId = "ann" } } end
      if node.text == "two" then return { { type = "linebreak" }, node } end
    end)
    local blocks = note:to_json().root.children
    assert.same({ "text", "lb-mention" }, { blocks[1].children[1].type, blocks[1].children[2].type })
    assert.same({ "linebreak", "text" }, { blocks[2].children[1].type, blocks[2].children[2].type })
    note = open("tiptap", "one\n")
    note:update(function(node)
      if node.type == "paragraph" then return { node, { type = "horizontalRule" } } end
    end)
    assert.equal("horizontalRule", note:to_json().content[2].type)
  end)

  it("visits the blocks of BlockNote, their texts and their children", function()
    local note = open("blocknote", "- one\n  - two\n")
    local seen = {}
    note:update(function(node) seen[#seen + 1] = node.type end)
    assert.equal("bulletListItem text bulletListItem text", table.concat(seen, " "))
  end)

  it("raises an error for what is not a node", function()
    local note = open("tiptap", document(paragraph(text "one")))
    local ok, err = pcall(note.update, note, function() return "x" end)
    assert.is_false(ok)
    assert.equal("usage", err.kind)
  end)
end)

describe("replace", function()
  it("replaces a term, also over parts with other formats", function()
    local note, doc = open("tiptap", "Ac**me** and Acme, not Acmes, *Ac*m`e`\n\n- Acme\n")
    assert.equal(4, note:replace("Acme", "Example", { words = true }))
    assert.equal("Example and Example, not Acmes, *Example*\n\n* Example", note:to_markdown())
    assert.equal(0, note:replace("Acme", "x", { words = true }))
    doc:update()
    assert.equal(1, note:replace("Acmes", "", {}))
    assert.equal(1, note:replace("not ", ""))
    assert.is_true(#doc:update() < 60)
  end)

  it("knows the texts of every editor", function()
    for _, kind in ipairs(editor.kinds) do
      local note = open(kind, "one **two** three two\n\n| two | b |\n|---|---|\n| 1 | two two |\n")
      assert.equal(5, note:replace("two", "2"), kind)
      assert.is_nil(note:get_text():find("two", 1, true))
      assert.equal(1, note:replace("ee 2", "ee 3"), kind)
    end
  end)

  it("refuses an empty term", function()
    assert.is_false((pcall((open "tiptap").replace, (open "tiptap"), "", "x")))
  end)
end)

-- ---- What editors and Liveblocks have of their own -----------------------------------------------

describe("comments in a document", function()
  local function commented(id) return { type = "liveblocksCommentMark", attrs = { threadId = id, orphan = false } } end

  it("are kept, and named with what they are about", function()
    local note, doc = open("tiptap", document(paragraph(text "a ", commented "th_1"), text "b"))
    note:set_content(document(paragraph(text("one ", commented "th_1"), text("two ", commented "th_1", commented "th_2"), text "three")))
    note:update(function(node)
      if node.text then node.text = node.text:gsub("two", "2") end
    end)
    local again = editor.open(yjs.open(doc:update "\0"), { kind = "tiptap" })
    assert.same({ { threadId = "th_1", text = "one 2 " }, { threadId = "th_2", text = "2 " } }, again:threads())
  end)

  it("stay under the name that the editor gave them", function()
    local doc = yjs.open(nil, { client_id = 1 })
    local mark = { ["liveblocksCommentMark--abcdefgh"] = { threadId = "th_9", orphan = false } }
    local words = yjs.xml_text { { insert = "text", attributes = mark } }
    doc:get_xml_fragment("default"):push { yjs.xml_element("paragraph", {}, { words }) }
    local note = editor.open(doc, { kind = "tiptap" })
    note:update(function(node)
      if node.text then node.text = "longer text" end
    end)
    local delta = doc:get_xml_fragment("default"):get(0):get(0):to_delta()
    assert.equal("longer text", delta[1].insert)
    assert.is_table(delta[1].attributes["liveblocksCommentMark--abcdefgh"])
  end)

  it("of Lexical and BlockNote are found, too", function()
    local mark = { type = "lb-thread-mark", ids = { "th_1" }, children = { { type = "text", text = "said" } } }
    local note = open("lexical", { root = { children = { { type = "paragraph", children = { mark } } } } })
    assert.same({ { threadId = "th_1", text = "said" } }, note:threads())
    note = open("blocknote", { { type = "paragraph", content = { { type = "text", text = "said",
      styles = { liveblocksCommentMark = { threadId = "th_2", orphan = true } } } } } })
    assert.same({ { threadId = "th_2", text = "said", orphan = true } }, note:threads())
  end)
end)

describe("mentions in a document", function()
  it("are listed, and written with names", function()
    local note = open("tiptap", document(paragraph(text "Hi ",
      { type = "liveblocksMention", attrs = { id = "alice", notificationId = "in_1" } },
      { type = "liveblocksGroupMention", attrs = { id = "team", notificationId = "in_2" } })))
    assert.same({ { kind = "user", id = "alice", notificationId = "in_1" }, { kind = "group", id = "team", notificationId = "in_2" } },
      note:mentions())
    local names = {
      users = function(ids)
        assert.same({ "alice" }, ids)
        return { { name = "Alice <A>" } }
      end,
      groups = function() return { false } end,
    }
    assert.equal("Hi @Alice <A>@team", note:get_text(names))
    assert.equal("Hi @Alice <A>@team", note:to_markdown(names))
    assert.equal("<p>Hi <span data-mention>@Alice &lt;A&gt;</span><span data-mention>@team</span></p>", note:to_html(names))
  end)
end)

describe("what an editor does not know", function()
  it("is kept as it is: nodes, marks and values that JSON has not", function()
    local doc = yjs.open(nil, { client_id = 1 })
    local own = yjs.xml_element("ownNode", { deep = { 1, { two = true } }, bytes = yjs.binary "\0\1" },
      { yjs.xml_text { { insert = "words", attributes = { ownMark = { strength = 3 } } }, { insert = { image = "x" } } } })
    doc:get_xml_fragment("default"):push { yjs.xml_element("paragraph", {}, { yjs.xml_text "one" }), own, yjs.map { a = 1 } }
    doc:update()
    for _, kind in ipairs { "tiptap", "prosemirror", "blocknote" } do
      local note = editor.open(doc, { kind = kind })
      note:set_content(note:to_json())
      assert.is_nil(doc:update(), kind)
    end
    local note = editor.open(doc, { kind = "tiptap" })
    note:update(function(node)
      if node.text then node.text = node.text:gsub("o", "0") end
    end)
    assert.equal("0ne\n\nw0rds\n\n", note:get_text())
    local kept = doc:get_xml_fragment("default"):get(1)
    assert.equal("\0\1", kept:get_attribute("bytes").bytes)
    assert.same({ ownMark = { strength = 3 } }, kept:get(0):to_delta()[1].attributes)
    assert.same({ image = "x" }, kept:get(0):to_delta()[2].insert)
    assert.equal("map", doc:get_xml_fragment("default"):get(2):kind())
  end)

  it("cannot be inserted from elsewhere", function()
    local note = open "tiptap"
    local ok, err = pcall(note.set_content, note, document { type = "yjs", attrs = { id = "9" } })
    assert.is_false(ok)
    assert.truthy(tostring(err):find("$.content[1]", 1, true))
  end)

  it("leaves empty texts and texts side by side alone", function()
    local doc = yjs.open(nil, { client_id = 1 })
    local first = yjs.xml_element("paragraph", {}, { yjs.xml_text "", yjs.xml_text "one", yjs.xml_text " two" })
    doc:get_xml_fragment("default"):push { first, yjs.xml_element("paragraph", {}, { yjs.xml_text "" }) }
    doc:update()
    local note = editor.open(doc, { kind = "tiptap" })
    assert.equal("one two\n\n", note:get_text())
    note:set_content(note:to_json())
    assert.is_nil(doc:update())
    note:set_content(document(paragraph(text "one 2"), paragraph(text "three")))
    assert.equal("one 2\n\nthree", editor.open(yjs.open(doc:update "\0"), { kind = "tiptap" }):get_text())
    assert.equal(1, doc:get_xml_fragment("default"):get(1):length())
  end)
end)

describe("the blocks of BlockNote", function()
  it("keep their ids when the content is set as Markdown", function()
    local note = open("blocknote", "one\n\ntwo\n\nthree\n")
    local before = note:to_json()
    note:set_content "zero\n\none\n\ntwo and more\n\nthree\n"
    local after = note:to_json()
    assert.equal(before[1].id, after[2].id)
    assert.equal(before[2].id, after[3].id)
    assert.equal(before[3].id, after[4].id)
    assert.is_string(after[1].id)
  end)
end)

-- ---- Errors and hostile documents ----------------------------------------------------------------

describe("open", function()
  it("names the kinds, and what comes near", function()
    local doc = yjs.open()
    for _, options in ipairs { { kind = "tiptop" }, {}, { kind = "tiptap", feld = "x" }, { kind = "tiptap", field = 3 } } do
      local ok, err = pcall(editor.open, doc, options)
      assert.is_false(ok)
      assert.equal("usage", err.kind)
    end
    assert.truthy(tostring(select(2, pcall(editor.open, doc, { kind = "tiptop" }))):find("did you mean 'tiptap'", 1, true))
    assert.is_false((pcall(editor.open, "x", { kind = "tiptap" })))
  end)
end)

describe("set_content", function()
  it("names the place of what is not a node", function()
    local note = open "tiptap"
    for _, bad in ipairs { document { type = "paragraph", content = { { text = "x" } } },
      document { type = "paragraph", content = { text(3) } },
      document { type = "paragraph", content = "x" }, document { type = "paragraph", attrs = "x" },
      document { type = "paragraph", content = { text("x", 3) } } } do
      local ok, err = pcall(note.set_content, note, bad)
      assert.is_false(ok)
      assert.truthy(tostring(err):find("$.content[1]", 1, true), tostring(err))
    end
    for _, kind in ipairs(editor.kinds) do
      note = open(kind)
      assert.is_false((pcall(note.set_content, note, 3)))
      assert.is_false((pcall(note.set_content, note, { wrong = true })))
      assert.is_false((pcall(note.set_content, note, "\255")))
    end
  end)

  it("empties a document", function()
    for _, kind in ipairs(editor.kinds) do
      local note = open(kind, "some text\n")
      note:set_content(nil)
      assert.equal("", (note:get_text():gsub("\n", "")))
    end
  end)
end)

describe("a document that is nested too deep", function()
  it("raises an error, and up to 500 levels are read and written", function()
    for _, depth in ipairs { 500, 1500, 50000 } do
      local doc = yjs.open(nil, { client_id = 1 })
      local parent = doc:get_xml_fragment "default"
      doc:transact(function()
        for _ = 1, depth do
          parent:insert(0, { yjs.xml_element "blockquote" })
          parent = parent:get(0)
        end
        parent:insert(0, { yjs.xml_text "deep" })
      end)
      doc:update()
      local note = editor.open(doc, { kind = "tiptap" })
      local ok, err = pcall(note.get_text, note)
      assert.equal(depth < 1000, ok)
      if ok then
        note:update(function(node)
          if node.text then node.text = "deeper" end
        end)
        assert.truthy(doc:update())
        local copy = open "tiptap"
        copy:set_content(note:to_json())
        assert.equal(note:get_text(), copy:get_text())
        assert.truthy(note:to_markdown() and note:to_html())
      else
        assert.equal("yjs", err.kind)
      end
    end
  end)

  it("of Lexical or Slate raises an error, too", function()
    for kind, name in pairs { lexical = "root", slate = "content" } do
      local doc = yjs.open(nil, { client_id = 1 })
      local parent = doc:get_xml_text(name)
      doc:transact(function()
        for _ = 1, 2000 do
          parent = parent:insert_embed(0, yjs.xml_text())
          parent:set_attribute("__type", "quote")
        end
      end)
      local note = editor.open(doc, { kind = kind })
      local ok, err = pcall(note.to_json, note)
      assert.is_false(ok)
      assert.equal("yjs", err.kind)
    end
  end)
end)

describe("a node whose attributes are of strange types", function()
  it("is written without an error", function()
    local doc = yjs.open(nil, { client_id = 1 })
    local odd = { level = "x", start = {}, href = 3, src = false, alt = {}, language = { "x" }, id = 5 }
    local children = {}
    local marks = { link = odd, bold = 3, liveblocksCommentMark = "x" }
    for _, name in ipairs { "heading", "orderedList", "codeBlock", "image", "liveblocksMention", "table", "tableRow", "taskItem",
      "blockGroup", "blockContainer", "columnList" } do
      children[#children + 1] = yjs.xml_element(name, odd, { yjs.xml_text { { insert = "x", attributes = marks } } })
    end
    doc:get_xml_fragment("default"):push(children)
    doc:update()
    for _, kind in ipairs { "tiptap", "prosemirror", "blocknote" } do
      local note = editor.open(doc, { kind = kind })
      for _, method in ipairs { "get_text", "to_markdown", "to_html", "mentions", "threads" } do
        assert.is_true(pcall(note[method], note), kind .. " " .. method)
      end
      note:set_content(note:to_json())
      assert.is_nil(doc:update(), kind)
    end
  end)
end)
