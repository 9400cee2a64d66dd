--- Documents of ProseMirror and Tiptap, as y-prosemirror keeps them: { type = "doc", content = { ... } }.
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local names = require "liveblocks.editor.names"
local nodes = require "liveblocks.editor.nodes"
local schemas = require "liveblocks.editor.schemas"
local xml = require "liveblocks.editor.xml"

local function read(root, schema)
  local how = nodes.context(schema)
  local items = xml.read(root)
  return { type = "doc", content = nodes.of_items(items, how) }, { items = items, how = how }
end

local function write(root, state, content)
  local is_document = content.type == "doc" or content.type == nil and content.content ~= nil
  if not is_document then
    errors.usage("set_content: a document expected: { type = \"doc\", content = { ... } }, or Markdown")
  end
  xml.write(root, state.items, nodes.to_items(content.content, state.how))
end

local tiptap = {
  field = "default",
  lists = { "content" },
  root = function(doc, field) return doc:get_xml_fragment(field) end,
  read = function(root) return read(root, schemas.tiptap) end,
  write = write,
  to_tiptap = function(content) return content end,
  of_tiptap = function(content) return content end,
  inner = function(content) return content.content or json.array {} end,
}

local prosemirror = {
  field = "default",
  lists = { "content" },
  root = tiptap.root,
  read = function(root) return read(root, schemas.prosemirror) end,
  write = write,
  to_tiptap = function(content) return names.change(content, names.tiptap) end,
  of_tiptap = function(content) return names.change(content, names.prosemirror) end,
  inner = tiptap.inner,
}

return { tiptap = tiptap, prosemirror = prosemirror, read = read }
