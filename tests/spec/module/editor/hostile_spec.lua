-- Documents that no editor makes: names, types and values in places where they are not expected.
local liveblocks = require "liveblocks"
local editor = require "liveblocks.editor"
local seed = require "tests.support.seed"
local yjs = liveblocks.yjs

local names = { "paragraph", "heading", "bulletList", "orderedList", "listItem", "taskList", "taskItem", "codeBlock", "blockquote", "table",
  "tableRow", "tableCell", "tableHeader", "image", "hardBreak", "horizontalRule", "liveblocksMention", "liveblocksGroupMention", "mention",
  "blockGroup", "blockContainer", "columnList", "column", "bulletListItem", "numberedListItem", "checkListItem", "quote", "divider", "file",
  "odd", "yjs", "yjsNode", "yjsEmbed", "text", "doc", "link" }
local types = { "text", "linebreak", "paragraph", "heading", "list", "listitem", "link", "code", "quote", "lb-mention", "lb-thread-mark",
  "root", "table", "tablerow", "tablecell", "odd" }
local keys = { "id", "level", "start", "href", "src", "alt", "language", "checked", "textAlignment", "url", "name", "caption", "colspan",
  "colwidth", "notificationId", "userIds", "__format", "__text", "__id", "__userId", "__listType", "__tag", "__ids", "type", "text",
  "children" }
local marks = { "bold", "italic", "link", "code", "liveblocksCommentMark--abcdefgh", "comment", "textColor", "highlight", "strike", "list",
  "header", "text" }
local texts = { "abc", "\n", "é😀", "* x", "a\nb" }
local values = { 1, "x", true, false, liveblocks.null, { 1 }, { a = 1 }, -5, 1e300, 0.5, "", "h2", "in_1" }

local function pick(list) return list[math.random(#list)] end

local function attributes()
  local all = {}
  for _ = 1, math.random(0, 4) do all[pick(keys)] = pick(values) end
  if math.random(3) > 1 then all.__type = pick(types) end
  return all
end

local function delta()
  local parts = {}
  for i = 1, math.random(0, 3) do
    local formats = {}
    for _ = 1, math.random(0, 2) do formats[pick(marks)] = pick(values) end
    parts[i] = { insert = math.random(4) > 1 and pick(texts) or { mention = pick(values) }, attributes = formats }
  end
  return parts
end

local function element(depth)
  local kind = math.random(6)
  if kind == 1 then return yjs.xml_text(delta()) end
  if kind == 2 and math.random(4) == 1 then return yjs.map(attributes()) end
  local children = {}
  for i = 1, depth > 0 and math.random(0, 3) or 0 do children[i] = element(depth - 1) end
  return yjs.xml_element(pick(names), attributes(), children)
end

local function embed(text, depth)
  for _ = 1, math.random(0, 4) do
    local kind, at = math.random(6), text:length()
    if kind == 1 then
      text:insert_embed(at, yjs.map(attributes()), {})
    elseif kind == 2 then
      text:insert_embed(at, yjs.xml_element("x", attributes()), {})
    elseif kind == 3 and depth > 0 then
      local inner = text:insert_embed(at, yjs.xml_text(), {})
      for name, value in pairs(attributes()) do inner:set_attribute(name, value) end
      embed(inner, depth - 1)
    elseif kind == 4 then
      text:insert_embed(at, pick(values), {})
    else
      text:insert(at, pick(texts), {})
    end
  end
end

local function random_document()
  local doc, children = yjs.open(nil, { client_id = 1 }), {}
  for i = 1, math.random(0, 4) do children[i] = element(3) end
  doc:get_xml_fragment("default"):push(children)
  embed(doc:get_xml_text "root", 3)
  embed(doc:get_xml_text "content", 3)
  doc:get_text("quill"):apply_delta(delta())
  doc:update()
  return doc
end

describe("a document that no editor makes", function()
  it("is read and written without an error, and what is set as it was is not changed", function()
    local used = seed.start()
    for number = 1, 150 do
      local doc = random_document()
      for _, kind in ipairs(editor.kinds) do
        local note = editor.open(doc, { kind = kind })
        for _, method in ipairs { "get_text", "to_markdown", "to_html", "mentions", "threads", "to_tiptap" } do
          local ok, err = pcall(note[method], note)
          assert.is_true(ok, ("seed %d, document %d, %s of %s: %s"):format(used, number, method, kind, tostring(err)))
        end
        note:set_content(note:to_json())
        assert.is_nil(doc:update(), ("seed %d, document %d of %s was changed"):format(used, number, kind))
      end
    end
  end)
end)
