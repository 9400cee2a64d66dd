--- Lexical's editor state, { root = { children = ... } }, as @lexical/yjs keeps it: an XML text for an element, with the node's
--- own fields as attributes, and in it for each text a map before its characters, for a line break a map, for any other node an
--- XML element.
local canonical = require "liveblocks.editor.canonical"
local contents = require "liveblocks.editor.content"
local embedded = require "liveblocks.editor.embedded"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local merge = require "liveblocks.editor.merge"
local runs = require "liveblocks.editor.runs"
local lexical_nodes = require "liveblocks.editor.lexical_nodes"
local xml = require "liveblocks.editor.xml"
local yjs = require "liveblocks.yjs"

local lexical = { field = "root", lists = { "children" } }

function lexical.root(doc, field) return doc:get_xml_text(field) end

-- ---- Reading -------------------------------------------------------------------------------------

local function entries(map)
  local head = {}
  for key, value in map:entries() do
    if xml.is_plain(value) then head[key] = value end
  end
  return head
end

local read

-- Types that elements cannot have: such an element stands for itself.
local reserved = { text = true, linebreak = true, [xml.OPAQUE] = true }

local function read_embed(shared, depth)
  local kind = type(shared) == "table" and rawget(shared, "_yjs") and shared:kind()
  if kind and kind ~= "map" and shared.get_attribute then
    local name = shared:get_attribute "__type"
    if type(name) ~= "string" or reserved[name] then return { kind = "opaque", id = shared._yjs } end
  end
  if kind == "xml text" or kind == "text" then
    local attributes = embedded.attributes(shared)
    return { kind = "element", name = "element " .. tostring(attributes.__type), attributes = attributes, shared = shared,
      children = read(shared, depth + 1) }
  elseif kind == "xml element" then
    local attributes = embedded.attributes(shared)
    return { kind = "element", name = "decorator " .. tostring(attributes.__type), attributes = attributes, shared = shared,
      children = {}, tag = shared:node_name() }
  elseif kind == "map" then
    local head = entries(shared)
    return { kind = "text", name = head.__type == "linebreak" and "linebreak" or "text", head = head, shared = shared, segments = {} }
  end
  return { kind = "opaque", id = kind and shared._yjs or "value " .. canonical(shared) }
end

function read(text, depth)
  xml.check_depth(depth)
  local items = {}
  for _, segment in ipairs(runs.of_delta(text:to_delta())) do
    local last = items[#items]
    if not segment.text then
      items[#items + 1] = read_embed(segment.embed, depth)
    elseif last and last.kind == "text" and last.name == "text" then
      last.segments[#last.segments + 1] = { text = segment.text }
      last.segments = runs.tidy(last.segments)
    else
      -- Text without a map, which Lexical does not show either; it is left alone.
      items[#items + 1] = { kind = "opaque", id = ("text %d %s"):format(#items, segment.text), units = runs.units(segment.text) }
    end
  end
  return items
end

-- Items get the attributes that their JSON has, which are those that are compared.
-- `level` is how deep in lists the items are, which is how Lexical shows the indentation of an item.
local function to_nodes(items, state, level)
  local list = json.array {}
  for _, item in ipairs(items) do
    local node
    if item.kind == "opaque" then
      state.opaque[tostring(item.id)] = item
      node = { type = xml.OPAQUE, id = tostring(item.id) }
    elseif item.kind == "text" then
      local parts = {}
      for i, segment in ipairs(item.segments) do parts[i] = segment.text end
      node = lexical_nodes.to_json(item.head, table.concat(parts))
      item.head = lexical_nodes.of_json(node)
    else
      node = lexical_nodes.to_json(item.attributes, nil, not item.tag)
      node.children = not item.tag and item.children or nil
      item.attributes = lexical_nodes.of_json(node)
      if node.type == "listitem" then node.indent = level or 0 end
      if item.tag then
        state.tags[item.attributes.__type] = item.tag
      else
        local inner = node.type == "listitem" and (level or 0) + 1 or node.type == "list" and level or nil
        node.children = to_nodes(item.children, state, inner)
      end
    end
    list[#list + 1] = node
  end
  return list
end

function lexical.read(root)
  local state = { items = read(root, 0), opaque = {}, tags = {}, root = embedded.attributes(root) }
  local attributes = { __type = "root" }
  for name, value in pairs(state.root) do attributes[name] = value end
  local node = lexical_nodes.to_json(attributes)
  node.children = to_nodes(state.items, state)
  return { root = node }, state
end

-- ---- Writing -------------------------------------------------------------------------------------

local function to_items(list, state, path, depth)
  xml.check_depth(depth)
  local items = {}
  if not contents.is_list(list) then errors.usage("set_content: %s: a list of nodes expected, got %s", path, contents.name_of(list)) end
  for i, node in ipairs(list) do
    local here = ("%s[%d]"):format(path, i)
    if not contents.is_object(node) or type(node.type) ~= "string" then
      errors.usage("set_content: %s: a node with a type expected", here)
    end
    local attributes = node.type ~= xml.OPAQUE and lexical_nodes.of_json(node)
    if not attributes then
      local item = state.opaque[node.id] or xml.no_opaque(here)
      items[i] = { kind = "opaque", id = item.id }
    elseif node.type == "text" or type(node.text) == "string" then
      if type(node.text) ~= "string" then errors.usage("set_content: %s.text: a string expected", here) end
      items[i] = { kind = "text", name = "text", head = attributes, segments = runs.tidy { { text = node.text } } }
    elseif node.type == "linebreak" then
      items[i] = { kind = "text", name = "linebreak", head = attributes, segments = {} }
    elseif node.children then
      items[i] = { kind = "element", name = "element " .. node.type, attributes = attributes,
        children = to_items(node.children, state, here .. ".children", depth + 1) }
    else
      items[i] = { kind = "element", name = "decorator " .. node.type, attributes = attributes, children = {},
        tag = state.tags[node.type] or "UNDEFINED" }
    end
  end
  return items
end

local how = {}

function how.length(item)
  if item.kind == "text" then return 1 + runs.length(item.segments) end
  return item.units or 1
end

local function plain(segments) return segments[1] and segments[1].text or "" end

function how.insert(text, at, item, fill)
  if item.kind == "text" then
    text:insert_embed(at, yjs.map(item.head), {})
    if item.segments[1] then text:insert(at + 1, plain(item.segments)) end
  elseif item.kind == "opaque" then
    errors.usage("set_content: a node of type '%s' cannot be inserted or moved", xml.OPAQUE)
  elseif item.tag then
    fill(text:insert_embed(at, yjs.xml_element(item.tag), {}))
  else
    for name, value in pairs(lexical_nodes.hidden) do
      if item.attributes[name] == nil then item.attributes[name] = value end
    end
    fill(text:insert_embed(at, yjs.xml_text(), {}))
  end
end

function how.change(text, position, old, new)
  for _, name in ipairs(xml.sorted(new.head)) do
    if not merge.equal(old.head[name], new.head[name]) then old.shared:set(name, new.head[name]) end
  end
  for _, name in ipairs(xml.sorted(old.head)) do
    if new.head[name] == nil then old.shared:delete(name) end
  end
  embedded.change_run(text, position + 1, old.segments, new.segments)
  return how.length(new)
end

function lexical.write(root, state, content)
  local state_of = content.root == nil and contents.is_object(content.editorState) and content.editorState or content
  local node = state_of.root
  if not contents.is_object(node) or not contents.is_list(node.children) then
    errors.usage("set_content: an editor state expected: { root = { children = { ... } } }, or Markdown")
  end
  embedded.write(root, state.items, to_items(node.children, state, "$.root.children", 0), how)
end

function lexical.inner(content) return content.root.children end

function lexical.outer(content, list)
  content.root.children = list
  return content
end

-- ---- Text ----------------------------------------------------------------------------------------

lexical.get_text = lexical_nodes.get_text
lexical.to_tiptap, lexical.of_tiptap = lexical_nodes.to_tiptap, lexical_nodes.of_tiptap
function lexical.to_markdown(content, options) return require "liveblocks.editor.lexical_markdown"(content, options) end

return lexical
