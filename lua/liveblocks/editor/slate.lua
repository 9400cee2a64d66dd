--- Slate's nodes, { type =, children = { { text = } } }, as slate-yjs keeps them: an XML text for an element with the element's
--- fields as attributes, the text of its children with their fields as formats.
local canonical = require "liveblocks.editor.canonical"
local contents = require "liveblocks.editor.content"
local embedded = require "liveblocks.editor.embedded"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local runs = require "liveblocks.editor.runs"
local slate_nodes = require "liveblocks.editor.slate_nodes"
local xml = require "liveblocks.editor.xml"
local yjs = require "liveblocks.yjs"

local slate = { field = "content", lists = { "children" } }

function slate.root(doc, field) return doc:get_xml_text(field) end

-- ---- Reading -------------------------------------------------------------------------------------

-- Fields of these names would be something else in JSON: they are left alone.
local taken = { text = true, children = true }

local function without_taken(attributes)
  for name, value in pairs(attributes or {}) do
    if taken[name] or not xml.is_plain(value) then attributes[name] = nil end
  end
  return attributes and next(attributes) ~= nil and attributes or nil
end

local function read(text, depth)
  xml.check_depth(depth)
  local items = {}
  for _, segment in ipairs(runs.of_delta(text:to_delta())) do
    local shared, last = segment.embed, items[#items]
    local kind = type(shared) == "table" and rawget(shared, "_yjs") and shared:kind()
    if kind == "xml text" or kind == "text" then
      local attributes = without_taken(embedded.attributes(shared)) or {}
      if attributes.type == xml.OPAQUE then
        items[#items + 1] = { kind = "opaque", id = shared._yjs }
      else
        items[#items + 1] = { kind = "element", name = "element", attributes = attributes, shared = shared,
          children = read(shared, depth + 1) }
      end
    elseif not segment.text then
      items[#items + 1] = { kind = "opaque", id = kind and shared._yjs or "value " .. canonical(shared) }
    elseif last and last.kind == "text" then
      last.segments[#last.segments + 1] = { text = segment.text, attributes = without_taken(segment.attributes) }
    else
      items[#items + 1] = { kind = "text", segments = { { text = segment.text, attributes = without_taken(segment.attributes) } } }
    end
  end
  return items
end

local function to_nodes(items, state)
  local list = json.array {}
  for _, item in ipairs(items) do
    if item.kind == "opaque" then
      state.opaque[tostring(item.id)] = item
      list[#list + 1] = { type = xml.OPAQUE, id = tostring(item.id), children = json.array { { text = "" } } }
    elseif item.kind == "element" then
      local node = { children = to_nodes(item.children, state) }
      if not node.children[1] then node.children[1] = { text = "" } end
      for name, value in pairs(item.attributes) do node[name] = value end
      list[#list + 1] = node
    else
      for _, segment in ipairs(item.segments) do
        local node = { text = segment.text }
        for name, value in pairs(segment.attributes or {}) do
          if value ~= json.null then node[name] = value end
        end
        list[#list + 1] = node
      end
    end
  end
  return list
end

function slate.read(root)
  local state = { items = read(root, 0), opaque = {} }
  return to_nodes(state.items, state), state
end

-- ---- Writing -------------------------------------------------------------------------------------

local function fields_of(node, without)
  local fields = {}
  for name, value in pairs(node) do
    if name ~= without then fields[name] = value end
  end
  return fields
end

local function to_items(list, state, path, depth)
  xml.check_depth(depth)
  local items = {}
  if not contents.is_list(list) then errors.usage("set_content: %s: a list of nodes expected, got %s", path, contents.name_of(list)) end
  for i, node in ipairs(list) do
    local here, last = ("%s[%d]"):format(path, i), items[#items]
    if not contents.is_object(node) then errors.usage("set_content: %s: a node expected, got %s", here, contents.name_of(node)) end
    if node.type == xml.OPAQUE then
      local item = state.opaque[node.id] or xml.no_opaque(here)
      items[#items + 1] = { kind = "opaque", id = item.id }
    elseif type(node.text) == "string" then
      local attributes = fields_of(node, "text")
      local segment = { text = node.text, attributes = next(attributes) ~= nil and attributes or nil }
      if last and last.kind == "text" then
        last.segments[#last.segments + 1] = segment
      elseif segment.text ~= "" then -- an empty text is what Slate has between elements
        items[#items + 1] = { kind = "text", segments = { segment } }
      end
    elseif type(node.children) == "table" then
      items[#items + 1] = { kind = "element", name = "element", attributes = fields_of(node, "children"),
        children = to_items(node.children, state, here .. ".children", depth + 1) }
    else
      errors.usage("set_content: %s: a node must have text or children", here)
    end
  end
  for _, item in ipairs(items) do
    if item.kind == "text" then item.segments = runs.tidy(item.segments) end
  end
  return items
end

local how = {}

function how.length(item)
  return item.kind == "text" and runs.length(item.segments) or 1
end

function how.insert(text, at, item, fill)
  if item.kind == "element" then
    fill(text:insert_embed(at, yjs.xml_text(), {}))
  elseif item.kind == "opaque" then
    errors.usage("set_content: a node of type '%s' cannot be inserted or moved", xml.OPAQUE)
  else
    for _, segment in ipairs(item.segments) do
      text:insert(at, segment.text, segment.attributes or {})
      at = at + runs.units(segment.text)
    end
  end
end

function how.change(text, position, old, new)
  embedded.change_run(text, position, old.segments, new.segments)
  return how.length(new)
end

function slate.write(root, state, content)
  if content.children ~= nil and content.type == nil then content = content.children end
  if not contents.is_list(content) then
    errors.usage("set_content: a list of nodes expected: { { type = \"paragraph\", children = { { text = \"\" } } } }, or Markdown")
  end
  embedded.write(root, state.items, to_items(content, state, "$", 0), how)
end

function slate.inner(content) return content end
function slate.outer(_, list) return list end

slate.get_text, slate.to_tiptap, slate.of_tiptap = slate_nodes.get_text, slate_nodes.to_tiptap, slate_nodes.of_tiptap

return slate
