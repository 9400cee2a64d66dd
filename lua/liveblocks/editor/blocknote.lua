--- BlockNote's blocks, { id =, type =, props =, content =, children = }, which it keeps as ProseMirror nodes: a blockGroup of
--- blockContainers, each with the node of the block and, for its children, another blockGroup.
local canonical = require "liveblocks.editor.canonical"
local contents = require "liveblocks.editor.content"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local nodes = require "liveblocks.editor.nodes"
local pm = require "liveblocks.editor.prosemirror"
local schemas = require "liveblocks.editor.schemas"
local text = require "liveblocks.editor.text"
local tiptap_blocks = require "liveblocks.editor.blocks"
local xml = require "liveblocks.editor.xml"

local NODE = "yjsNode" -- a block for a node that BlockNote has not, kept as it is

local blocknote = { field = "default", lists = { "content", "children" } }

local function copy(attrs, without)
  local all = json.object {}
  for name, value in pairs(attrs or {}) do
    if name ~= without then all[name] = value end
  end
  return all
end

-- ---- Text to JSON --------------------------------------------------------------------------------

local function style_of(mark)
  local attrs = mark.attrs
  if type(attrs) ~= "table" or next(attrs) == nil then return true end
  if attrs.stringValue ~= nil and next(attrs, next(attrs)) == nil then return attrs.stringValue end
  return attrs
end

-- The styles of a text and the link that it is in.
local function styles_of(node)
  local styles, link = json.object {}, nil
  for _, mark in ipairs(node.marks or {}) do
    local style = style_of(mark)
    if mark.type == "link" and type(style) == "table" and type(style.href) == "string" then
      link = style
    elseif styles[mark.type] == nil then
      styles[mark.type] = style
    else
      -- Comments overlap: a list of them.
      if not json.is_array(styles[mark.type]) then styles[mark.type] = json.array { styles[mark.type] } end
      table.insert(styles[mark.type], style)
    end
  end
  return styles, link
end

local function add_text(list, value, styles)
  local last = list[#list]
  if last and last.type == "text" and canonical(last.styles) == canonical(styles) then
    last.text = last.text .. value
  else
    list[#list + 1] = { type = "text", text = value, styles = styles }
  end
end

local function add_break(list)
  local last = list[#list]
  if last and last.type == "link" then return add_break(last.content) end
  if last and last.type == "text" then last.text = last.text .. "\n" else add_text(list, "\n", json.object {}) end
end

local function inline_of(line)
  local list = json.array {}
  for _, node in ipairs(line or {}) do
    if node.type == "text" then
      local styles, link = styles_of(node)
      local last = list[#list]
      if not link then
        add_text(list, node.text, styles)
      elseif last and last.type == "link" and last.href == link.href then
        add_text(last.content, node.text, styles)
      else
        local attrs = copy(link, "href")
        list[#list + 1] = { type = "link", href = link.href, content = json.array { { type = "text", text = node.text, styles = styles } },
          attrs = next(attrs) ~= nil and attrs or nil }
      end
    elseif node.type == "hardBreak" then
      add_break(list)
    else
      list[#list + 1] = { type = node.type, props = copy(node.attrs), content = node.content and inline_of(node.content) }
    end
  end
  return list
end

-- ---- Blocks to JSON ------------------------------------------------------------------------------

-- The content of a cell: its paragraphs, one after the other, with a line break where text follows text.
local function cell_content(cell)
  local content = json.array {}
  for _, paragraph in ipairs(cell.content or {}) do
    for k, one in ipairs(inline_of(paragraph.content)) do
      local last = content[#content]
      if k == 1 and last and last.type == "text" and one.type == "text" and canonical(last.styles) == canonical(one.styles) then
        last.text = last.text .. "\n" .. one.text
      else
        content[#content + 1] = one
      end
    end
  end
  return content
end

-- The widths of the columns that a cell of the first row spans; null where it has none.
local function add_widths(widths, attrs)
  local span = type(attrs.colspan) == "number" and math.min(attrs.colspan, 1000) or 1
  for k = 1, span do widths[#widths + 1] = type(attrs.colwidth) == "table" and attrs.colwidth[k] or json.null end
end

local function table_of(node)
  local content = { type = "tableContent", columnWidths = json.array {}, rows = json.array {} }
  local header_rows, column_is_header = 0, {}
  for i, row in ipairs(node.content or {}) do
    local cells, row_is_header = json.array {}, row.content ~= nil
    for j, cell in ipairs(row.content or {}) do
      local is_header = cell.type == "tableHeader"
      cells[j] = { type = "tableCell", content = cell_content(cell), props = copy(cell.attrs or {}, "colwidth") }
      row_is_header = row_is_header and is_header
      column_is_header[j] = column_is_header[j] ~= false and is_header
      if i == 1 then add_widths(content.columnWidths, cell.attrs or {}) end
    end
    if row_is_header then header_rows = header_rows + 1 end
    content.rows[i] = { cells = cells }
  end
  if header_rows > 0 then content.headerRows = header_rows end
  local columns, first = 0, node.content and node.content[1]
  for j = 1, first and #(first.content or {}) or 0 do columns = columns + (column_is_header[j] and 1 or 0) end
  if columns > 0 then content.headerCols = columns end
  return content
end

-- Blocks whose content is not text.
local without_text = { image = true, video = true, audio = true, file = true, divider = true, pageBreak = true }

local blocks_of

-- What a block says without its id and its children, to know whether it was changed.
local function essence(block)
  local own = {}
  for field, value in pairs(block) do
    if field ~= "children" and field ~= "id" then own[field] = value end
  end
  own.props = copy(schemas.blocknote.nodes[block.type])
  for name, value in pairs(type(block.props) == "table" and block.props or {}) do own.props[name] = value end
  return canonical(own)
end

local function block_of(node, state)
  local content, group = (node.content or {})[1], (node.content or {})[2]
  local is_plain = node.type == "blockContainer" and content and content.type ~= "blockGroup" and #node.content <= 2
    and (not group or group.type == "blockGroup")
  if node.type == "columnList" or node.type == "column" then
    return { id = node.attrs and node.attrs.id, type = node.type, props = copy(node.attrs, "id"), children = blocks_of(node, state) }
  elseif not is_plain then
    return { id = node.attrs and node.attrs.id, type = NODE, props = json.object {}, node = node, children = json.array {} }
  end
  local block = { id = node.attrs and node.attrs.id, type = content.type, props = copy(content.attrs) }
  if content.type == "table" then
    block.content = table_of(content)
  elseif not without_text[content.type] then
    block.content = inline_of(content.content)
  end
  if type(block.id) == "string" then
    local key = essence(block)
    state.blocks[block.id] = { essence = key, node = content }
    local ids = state.ids[key] or { at = 1 }
    ids[#ids + 1] = block.id
    state.ids[key] = ids
  end
  block.children = group and blocks_of(group, state) or json.array {}
  return block
end

function blocks_of(group, state)
  local list = json.array {}
  for _, node in ipairs(group.content or {}) do list[#list + 1] = block_of(node, state) end
  return list
end

function blocknote.root(doc, field) return doc:get_xml_fragment(field) end

function blocknote.read(root)
  local content, state = pm.read(root, schemas.blocknote)
  state.blocks, state.ids = {}, {}
  local list = json.array {}
  for _, group in ipairs(content.content) do
    if group.type == "blockGroup" then
      for _, block in ipairs(blocks_of(group, state)) do list[#list + 1] = block end
    else
      local block = block_of(group, state)
      block.loose = true
      list[#list + 1] = block
    end
  end
  state.before = canonical(list)
  return list, state
end

-- ---- From JSON -----------------------------------------------------------------------------------

local function fail(message, ...) errors.usage("set_content: " .. message, ...) end

-- A list that a field holds, or an empty one.
local function list_in(value, what)
  if value == nil or value == json.null then return {} end
  if not contents.is_list(value) then fail("%s must be a list, got %s", what, contents.name_of(value)) end
  return value
end

-- The fields that a field holds, or nil.
local function fields_in(value, what)
  if value == nil or value == json.null then return nil end
  if not contents.is_object(value) then fail("%s must be an object, got %s", what, contents.name_of(value)) end
  return value
end

local function count_in(value, what)
  if value == nil or value == json.null then return 0 end
  if type(value) ~= "number" then fail("%s must be a number, got %s", what, contents.name_of(value)) end
  return value
end

local function marks_of(styles)
  local marks = json.array {}
  for name, style in pairs(type(styles) == "table" and styles or {}) do
    local several = type(style) == "table" and (json.is_array(style) or style[1] ~= nil) and style or { style }
    for _, one in ipairs(several) do
      if one == true then
        marks[#marks + 1] = { type = name }
      elseif one ~= false and one ~= json.null then
        marks[#marks + 1] = { type = name, attrs = type(one) == "table" and one or { stringValue = one } }
      end
    end
  end
  return marks
end

local function add_nodes(out, value, marks, is_code)
  if type(value) ~= "string" then fail("a block must hold strings of text, got %s", errors.a(type(value))) end
  tiptap_blocks.add_text(out, value, marks, is_code)
end

local function nodes_of(content, is_code)
  local out = json.array {}
  if type(content) == "string" then
    add_nodes(out, content, nil, is_code)
    return out
  end
  for _, one in ipairs(list_in(content, "the content of a block")) do
    if type(one) == "string" then
      add_nodes(out, one, nil, is_code)
    elseif not contents.is_object(one) or type(one.type) ~= "string" then
      fail("inline content of a block must have a type: { type = \"text\", text = ... }")
    elseif one.type == "text" then
      add_nodes(out, one.text, marks_of(one.styles), is_code)
    elseif one.type == "link" then
      local attrs = copy(fields_in(one.attrs, "the attrs of a link"))
      attrs.href = one.href
      local inner = type(one.content) == "string" and { { text = one.content } } or list_in(one.content, "the content of a link")
      for _, part in ipairs(inner) do
        if not contents.is_object(part) then fail("a link must hold nodes of text, got %s", contents.name_of(part)) end
        local marks = marks_of(part.styles)
        marks[#marks + 1] = { type = "link", attrs = attrs }
        add_nodes(out, part.text, marks, is_code)
      end
    else
      out[#out + 1] = { type = one.type, attrs = fields_in(one.props, "the props of inline content"),
        content = one.content and nodes_of(one.content) }
    end
  end
  return out
end

local function table_nodes(content)
  local rows, widths = json.array {}, list_in(content.columnWidths, "columnWidths")
  local header_rows, header_columns = count_in(content.headerRows, "headerRows"), count_in(content.headerCols, "headerCols")
  for i, row in ipairs(list_in(content.rows, "the rows of a table")) do
    local cells, column = json.array {}, 1
    if not contents.is_object(row) then fail("a row of a table must have cells, got %s", contents.name_of(row)) end
    for j, cell in ipairs(list_in(row.cells, "the cells of a row")) do
      local is_cell = type(cell) == "table" and cell.type == "tableCell"
      local attrs = copy(is_cell and fields_in(cell.props, "the props of a cell") or nil)
      local width = widths[column]
      attrs.colwidth = type(width) == "number" and json.array { width } or nil
      column = column + (type(attrs.colspan) == "number" and attrs.colspan or 1)
      local header = i <= header_rows or j <= header_columns
      local inner
      if is_cell then inner = nodes_of(cell.content) else inner = nodes_of(cell) end
      cells[j] = { type = header and "tableHeader" or "tableCell", attrs = attrs,
        content = json.array { { type = "tableParagraph", content = inner } } }
    end
    rows[i] = { type = "tableRow", content = cells }
  end
  return rows
end

local group_of

-- The id of a block; one that has none gets that of a block that says the same, one after the other. Any other keeps that of
-- the block that it takes the place of, or gets a new one when it is written.
local function id_of(block, state)
  if type(block.id) == "string" then return block.id end
  local ids = state.ids[essence(block)]
  local id = ids and ids[ids.at]
  if ids then ids.at = ids.at + 1 end
  return id
end

local function container_of(block, state)
  if not contents.is_object(block) or type(block.type) ~= "string" then
    fail("a block must have a type: { type = \"paragraph\", ... }")
  end
  fields_in(block.props, "the props of a block")
  local children = list_in(block.children, "the children of a block")
  if block.type == NODE then return block.node end
  local id = id_of(block, state)
  if block.type == "columnList" or block.type == "column" then
    local attrs = copy(block.props)
    attrs.id = id
    return { type = block.type, attrs = attrs, content = group_of(children, state) }
  end
  local known, content = id and state.blocks[id]
  if known and known.essence == essence(block) then
    content = known.node
  elseif type(block.content) == "table" and block.content.type == "tableContent" then
    content = { type = block.type, attrs = block.props, content = table_nodes(block.content) }
  else
    content = { type = block.type, attrs = block.props, content = nodes_of(block.content, block.type == "codeBlock") }
  end
  local inner = json.array { content }
  if children[1] then inner[2] = { type = "blockGroup", content = group_of(children, state) } end
  return { type = "blockContainer", attrs = { id = id }, content = inner }
end

function group_of(blocks, state)
  local list = json.array {}
  for i, block in ipairs(blocks) do list[i] = container_of(block, state) end
  return list
end

-- The nodes of the document: one group, but for what stood beside it.
local function top_of(blocks, state)
  local top, group = json.array {}, {}
  local function put()
    if group[1] then top[#top + 1] = { type = "blockGroup", content = group_of(group, state) } end
    group = {}
  end
  for _, block in ipairs(blocks) do
    if type(block) == "table" and block.loose and block.type == NODE then
      put()
      top[#top + 1] = block.node
    else
      group[#group + 1] = block
    end
  end
  if not top[1] and not group[1] then top[1] = { type = "blockGroup" } end
  put()
  return top
end

local function name_all(items)
  for _, item in ipairs(items) do
    if item.name == "blockContainer" or item.name == "column" or item.name == "columnList" then item.named = "id" end
    if item.children then name_all(item.children) end
  end
end

function blocknote.write(root, state, blocks)
  if not contents.is_list(blocks) then fail("a list of blocks expected, or Markdown") end
  if canonical(blocks) == state.before then return end
  local items = nodes.to_items(top_of(blocks, state), state.how)
  name_all(items)
  xml.write(root, state.items, items)
end

function blocknote.inner(blocks) return blocks end
function blocknote.outer(_, blocks) return blocks end

--- The text of the blocks.
function blocknote.get_text(content, options) return text(tiptap_blocks.to_tiptap(content), options, true) end

blocknote.to_tiptap, blocknote.of_tiptap = tiptap_blocks.to_tiptap, tiptap_blocks.of_tiptap

return blocknote
