--- Lexical's nodes: their JSON from the fields that @lexical/yjs keeps, their text, and the same in Tiptap's JSON.
local inline = require "liveblocks.editor.inline"
local json = require "liveblocks.json"

local nodes = {}

-- ---- Fields --------------------------------------------------------------------------------------

local alignments = { [0] = "", "left", "center", "right", "justify", "start", "end" }
local modes = { [0] = "normal", "token", "segmented" }

local function numbers(names)
  local map = {}
  for number, name in pairs(names) do map[name] = number end
  return map
end

local alignment_numbers, mode_numbers = numbers(alignments), numbers(modes)

-- The fields of Lexical's own nodes in JSON; of others all that are there.
local fields = {
  root = {}, quote = {}, heading = { "tag" }, paragraph = { "textFormat", "textStyle" }, list = { "listType", "start", "tag" },
  listitem = { "value", "checked" }, link = { "rel", "target", "title", "url" }, code = { "language" },
  autolink = { "rel", "target", "title", "url", "isUnlinked" }, ["lb-thread-mark"] = { "ids" }, linebreak = {}, tab = {},
}

-- What elements have besides, which their JSON does not show: with the values of a new node.
nodes.hidden = { __style = "", __textFormat = 0, __textStyle = "" }

local base = { __type = true, __format = true, __indent = true, __dir = true, __mode = true, __style = true, __detail = true }

-- Names that mean something else in JSON: such fields are left alone.
local taken = { type = true, version = true, children = true, text = true }

local function add_fields(node, attributes, is_text)
  local known = fields[node.type]
  for _, name in ipairs(known or {}) do
    if node[name] == nil then node[name] = attributes["__" .. name] end
  end
  for name, value in pairs(not known and attributes or {}) do
    local plain = name:match("^__(.+)$")
    local is_shown = plain and not (taken[plain] or base[name] or not is_text and nodes.hidden[name] ~= nil)
    if is_shown and node[plain] == nil then node[plain] = value end
  end
end

local function integer(value, default) return type(value) == "number" and math.floor(value) or default end

--- The JSON of a node: with `text` of a text; elements get their children from the caller.
---@param attributes table<string, any> the fields by their names in Yjs, as __type
---@param text string?
---@param is_element boolean? it has children
---@return table
function nodes.to_json(attributes, text, is_element)
  local kind = type(attributes.__type) == "string" and attributes.__type or "text"
  local node = { type = kind, version = 1 }
  if kind == "linebreak" then return node end
  if text then
    node.text, node.style = text, attributes.__style or ""
    node.format, node.detail = integer(attributes.__format, 0), integer(attributes.__detail, 0)
    node.mode = modes[attributes.__mode] or "normal"
  elseif is_element or attributes.__indent ~= nil or fields[kind] then
    node.direction = attributes.__dir ~= nil and attributes.__dir or json.null
    node.format = alignments[attributes.__format] or ""
    node.indent = integer(attributes.__indent, 0)
  end
  add_fields(node, attributes, text ~= nil)
  return node
end

local not_fields = { type = true, version = true, children = true, text = true, format = true, indent = true, direction = true,
  mode = true, style = true, detail = true }

--- The fields of a node by their names in Yjs, from its JSON.
---@param node table
---@return table<string, any>
function nodes.of_json(node)
  local attributes = { __type = node.type }
  if node.type == "linebreak" then return attributes end
  if node.text then
    attributes.__format, attributes.__detail = integer(node.format, 0), integer(node.detail, 0)
    attributes.__mode, attributes.__style = mode_numbers[node.mode] or 0, node.style or ""
  elseif node.children or node.indent ~= nil or fields[node.type] then
    attributes.__format = alignment_numbers[node.format] or 0
    attributes.__indent = node.type == "listitem" and 0 or integer(node.indent, 0)
    attributes.__dir = node.direction ~= nil and node.direction or json.null
  end
  for name, value in pairs(node) do
    if not not_fields[name] and not attributes["__" .. name] then attributes["__" .. name] = value end
  end
  return attributes
end

-- ---- Text ----------------------------------------------------------------------------------------

nodes.inline = { link = true, autolink = true, ["lb-thread-mark"] = true, mark = true, overflow = true }

local mention_fields = { ["lb-mention"] = { "user", "userId" }, ["lb-group-mention"] = { "group", "groupId" } }

--- The text of a node that has no children.
function nodes.text_of(node, name)
  if type(node.text) == "string" then return node.text end
  if node.type == "linebreak" then return "\n" end
  if mention_fields[node.type] then return name and name(node) or type(node.id) == "string" and node.id or "" end
  return ""
end

local function add_text(parts, node, separator, name)
  local list = node.children
  if not list then
    parts[#parts + 1] = nodes.text_of(node, name)
    return
  end
  for i, child in ipairs(list) do
    add_text(parts, child, separator, name)
    if child.children and i < #list and not nodes.inline[child.type] then parts[#parts + 1] = separator end
  end
end

--- How mentions are written: as the ids that Lexical's getTextContent gives, or by name where names are asked for.
function nodes.naming(what, content, options)
  local known = inline.resolve(what, nodes.to_tiptap(content), options)
  if not options.users and not options.groups then return nil end
  return function(node)
    local field = mention_fields[node.type]
    return "@" .. inline.name({ type = field[1] == "user" and "liveblocksMention" or "liveblocksGroupMention",
      attrs = { id = node[field[2]] } }, known)
  end
end

--- The text, as getTextContent of the root.
---@param content table an editor state
---@param options liveblocks.EditorTextOptions
---@return string
function nodes.get_text(content, options)
  local parts, name = {}, nodes.naming("get_text", content, options)
  add_text(parts, content.root, options.separator or "\n\n", name)
  return table.concat(parts)
end

-- ---- To Tiptap -----------------------------------------------------------------------------------

-- Lexical's formats as bits, with the marks of the same meaning.
local bits = { { 1, "bold" }, { 2, "italic" }, { 4, "strike" }, { 8, "underline" }, { 16, "code" }, { 32, "subscript" },
  { 64, "superscript" }, { 128, "highlight" } }

--- Has a format this bit?
function nodes.has(format, bit)
  return type(format) == "number" and format % (2 * bit) >= bit
end

local function marks_of(node, outer)
  local marks = json.array {}
  for i, mark in ipairs(outer) do marks[i] = mark end
  for _, bit in ipairs(bits) do
    if nodes.has(node.format, bit[1]) then marks[#marks + 1] = { type = bit[2] } end
  end
  return marks[1] and marks or nil
end

local function with(marks, mark)
  local list = {}
  for i, one in ipairs(marks) do list[i] = one end
  list[#list + 1] = mark
  return list
end

local function line(list, out, marks)
  for _, node in ipairs(list or {}) do
    local field = mention_fields[node.type]
    if type(node.text) == "string" then
      if node.text ~= "" then out[#out + 1] = { type = "text", text = node.text, marks = marks_of(node, marks) } end
    elseif node.type == "linebreak" then
      out[#out + 1] = { type = "hardBreak" }
    elseif field then
      out[#out + 1] = { type = field[1] == "user" and "liveblocksMention" or "liveblocksGroupMention",
        attrs = { id = node[field[2]], notificationId = node.id, userIds = node.userIds } }
    elseif node.type == "link" or node.type == "autolink" then
      line(node.children, out, with(marks, { type = "link", attrs = { href = node.url, title = node.title } }))
    elseif node.type == "lb-thread-mark" then
      local inner = marks
      for _, id in ipairs(type(node.ids) == "table" and node.ids or {}) do
        inner = with(inner, { type = "liveblocksCommentMark", attrs = { threadId = id } })
      end
      line(node.children, out, inner)
    elseif node.children then
      line(node.children, out, marks)
    else
      out[#out + 1] = { type = node.type }
    end
  end
  return out
end

local function block(kind, list, attrs)
  return { type = kind, content = list[1] and list or nil, attrs = attrs }
end

local blocks

local function is_text(list)
  for _, node in ipairs(list or {}) do
    if type(node.text) == "string" or node.type == "linebreak" or nodes.inline[node.type] or mention_fields[node.type] then return true end
  end
  return false
end

local function list_of(node)
  local is_tasks, items = node.listType == "check", json.array {}
  for _, item in ipairs(node.children or {}) do
    local children = item.children or {}
    local first = children[1]
    if first and first.type == "list" and #children == 1 and items[1] then
      -- A list in a list is an item of its own in Lexical.
      local content = items[#items].content
      content[#content + 1] = list_of(first)
    else
      local content = json.array {}
      if is_text(children) or not first then
        content[1] = block("paragraph", line(children, json.array {}, {}))
      else
        blocks(children, content)
      end
      items[#items + 1] = block(is_tasks and "taskItem" or "listItem", content, is_tasks and { checked = item.checked == true } or nil)
    end
  end
  local start = node.listType == "number" and type(node.start) == "number" and node.start ~= 1 and { start = node.start } or nil
  return block(is_tasks and "taskList" or node.listType == "number" and "orderedList" or "bulletList", items, start)
end

local function row_of(row)
  local cells = json.array {}
  for i, cell in ipairs(row.children or {}) do
    local is_header = type(cell.headerState) == "number" and cell.headerState > 0
    cells[i] = block(is_header and "tableHeader" or "tableCell", blocks(cell.children, json.array {}))
  end
  return block("tableRow", cells)
end

local makers = {
  paragraph = function(node) return block("paragraph", line(node.children, json.array {}, {})) end,
  heading = function(node)
    return block("heading", line(node.children, json.array {}, {}), { level = tonumber(tostring(node.tag):match("%d")) or 1 })
  end,
  quote = function(node)
    return block("blockquote", json.array { block("paragraph", line(node.children, json.array {}, {})) })
  end,
  code = function(node)
    local parts = {}
    add_text(parts, node, "\n\n")
    local text = table.concat(parts)
    return block("codeBlock", text ~= "" and json.array { { type = "text", text = text } } or {}, { language = node.language })
  end,
  list = list_of,
  horizontalrule = function() return { type = "horizontalRule" } end,
  table = function(node)
    local rows = json.array {}
    for i, row in ipairs(node.children or {}) do rows[i] = row_of(row) end
    return block("table", rows)
  end,
}

function blocks(list, out)
  for _, node in ipairs(list or {}) do
    local make = makers[node.type]
    if make then
      out[#out + 1] = make(node)
    elseif node.children and is_text(node.children) then
      out[#out + 1] = block("paragraph", line(node.children, json.array {}, {}))
    elseif node.children then
      blocks(node.children, out)
    else
      out[#out + 1] = is_text { node } and block("paragraph", line({ node }, json.array {}, {})) or { type = node.type }
    end
  end
  return out
end

--- Tiptap's JSON from an editor state.
---@param content table
---@return table
function nodes.to_tiptap(content)
  return { type = "doc", content = blocks(content.root.children, json.array {}) }
end

-- ---- From Tiptap ---------------------------------------------------------------------------------

local function element(kind, children, more)
  local node = { type = kind, version = 1, children = json.array(children), direction = json.null, format = "", indent = 0 }
  for name, value in pairs(more or {}) do node[name] = value end
  return node
end

local function text_node(text, format)
  return { type = "text", version = 1, text = text, format = format, detail = 0, mode = "normal", style = "" }
end

local bit_of = {}
for _, bit in ipairs(bits) do bit_of[bit[2]] = bit[1] end

local function lines(list)
  local out = {}
  for _, node in ipairs(list or {}) do
    local format, link = 0, nil
    for _, mark in ipairs(node.marks or {}) do
      local bit = bit_of[mark.type]
      if bit and not nodes.has(format, bit) then format = format + bit end
      if mark.type == "link" then link = mark.attrs end
    end
    local one
    if node.type == "text" then
      one = text_node(node.text, format)
    elseif node.type == "hardBreak" then
      one = { type = "linebreak", version = 1 }
    else
      one = text_node(inline.string(node, "alt") or inline.string(node, "src") or "", 0)
    end
    local last = out[#out]
    if not link then
      out[#out + 1] = one
    elseif last and last.type == "link" and last.url == link.href then
      last.children[#last.children + 1] = one
    else
      out[#out + 1] = element("link", { one }, { url = link.href, rel = json.null, target = json.null, title = json.null })
    end
  end
  return out
end

local from

local function items_of(list, kind)
  local items, value = {}, list.attrs and list.attrs.start or 1
  local function add(children, more)
    more.value = value
    items[#items + 1] = element("listitem", children, more)
    value = value + 1
  end
  for _, item in ipairs(list.content or {}) do
    local content, nested = {}, {}
    for _, one in ipairs(item.content or {}) do
      if one.type == "paragraph" then
        if content[1] then content[#content + 1] = { type = "linebreak", version = 1 } end
        for _, part in ipairs(lines(one.content)) do content[#content + 1] = part end
      else
        from(nested, { one })
      end
    end
    local checked
    if kind == "check" then checked = item.attrs ~= nil and item.attrs.checked == true end
    add(content, { checked = checked })
    for _, one in ipairs(nested) do add({ one }, {}) end
  end
  return element("list", items, { listType = kind, start = list.attrs and list.attrs.start or 1, tag = kind == "number" and "ol" or "ul" })
end

local function paragraph(list) return element("paragraph", lines(list), { textFormat = 0, textStyle = "" }) end

local writers = {
  paragraph = function(node) return paragraph(node.content) end,
  heading = function(node) return element("heading", lines(node.content), { tag = "h" .. inline.integer(node, "level", 1, 1, 6) }) end,
  bulletList = function(node) return items_of(node, "bullet") end,
  orderedList = function(node) return items_of(node, "number") end,
  taskList = function(node) return items_of(node, "check") end,
  codeBlock = function(node)
    local parts = {}
    for _, one in ipairs(node.content or {}) do parts[#parts + 1] = one.text end
    return element("code", parts[1] and { text_node(table.concat(parts), 0) } or {},
      { language = inline.string(node, "language") or json.null })
  end,
  horizontalRule = function() return { type = "horizontalrule", version = 1 } end,
  image = function(node) return paragraph { node } end,
}

local function quote(out, node)
  for _, one in ipairs(node.content or {}) do
    if one.type == "paragraph" then out[#out + 1] = element("quote", lines(one.content)) else from(out, { one }) end
  end
end

local function table_rows(out, node)
  local rows = {}
  for i, row in ipairs(node.content or {}) do
    local cells = {}
    for j, cell in ipairs(row.content or {}) do
      local content = {}
      from(content, cell.content)
      cells[j] = element("tablecell", content, { headerState = cell.type == "tableHeader" and 1 or 0, colSpan = 1, rowSpan = 1,
        backgroundColor = json.null })
    end
    rows[i] = element("tablerow", cells)
  end
  out[#out + 1] = element("table", rows)
end

function from(out, list)
  for _, node in ipairs(list or {}) do
    local make = writers[node.type]
    if make then
      out[#out + 1] = make(node)
    elseif node.type == "blockquote" then
      quote(out, node)
    elseif node.type == "table" then
      table_rows(out, node)
    end
  end
end

--- An editor state from Tiptap's JSON.
---@param doc table
---@return table
function nodes.of_tiptap(doc)
  local children = {}
  from(children, doc.content)
  return { root = element("root", children) }
end

return nodes
