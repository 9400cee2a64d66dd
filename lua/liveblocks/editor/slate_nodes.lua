--- Slate's nodes in Tiptap's JSON. Slate leaves the names of nodes to the application; known are those of Slate's examples and
--- of Plate ("paragraph", "p"; "heading-one", "h1"; "block-quote", "blockquote"; "bulleted-list", "ul" ...).
local inline = require "liveblocks.editor.inline"
local json = require "liveblocks.json"

local nodes = {}

local blocks_of = {
  p = "paragraph", paragraph = "paragraph", blockquote = "blockquote", ["block-quote"] = "blockquote", block_quote = "blockquote",
  ul = "bulletList", ["bulleted-list"] = "bulletList", ul_list = "bulletList", ol = "orderedList", ["numbered-list"] = "orderedList",
  li = "listItem", ["list-item"] = "listItem", lic = "paragraph", code = "codeBlock", ["code-block"] = "codeBlock",
  code_block = "codeBlock", hr = "horizontalRule", ["thematic-break"] = "horizontalRule", image = "image", img = "image",
  table = "table", ["table-row"] = "tableRow", tr = "tableRow", ["table-cell"] = "tableCell", td = "tableCell", th = "tableHeader",
}

local headings = { "one", "two", "three", "four", "five", "six" }
local level_of = {}
for level, word in ipairs(headings) do level_of["heading-" .. word], level_of["h" .. level] = level, level end

local marks = { bold = "bold", italic = "italic", underline = "underline", underlined = "underline", code = "code",
  strikethrough = "strike", strike = "strike" }
local mark_order = { "bold", "code", "italic", "strike", "underline" }

local is_link = { link = true, a = true }

local function is_line(list)
  for _, node in ipairs(list or {}) do
    if type(node.text) == "string" and node.text ~= "" then return true end
    if is_link[node.type] or node.type == "mention" then return true end
  end
  return false
end

local function has_blocks(list)
  for _, node in ipairs(list or {}) do
    if type(node.children) == "table" and not is_link[node.type] and node.type ~= "mention" then return true end
  end
  return false
end

local function line(list, link, out)
  for _, node in ipairs(list or {}) do
    if type(node.text) == "string" then
      local set, found = {}, json.array {}
      for name, mark in pairs(marks) do
        if node[name] == true then set[mark] = true end
      end
      if link then found[1] = link end
      for _, mark in ipairs(mark_order) do
        if set[mark] then found[#found + 1] = { type = mark } end
      end
      local at = 1
      while node.text ~= "" do
        local stop = node.text:find("\n", at, true)
        local part = node.text:sub(at, stop and stop - 1 or -1)
        if part ~= "" then out[#out + 1] = { type = "text", text = part, marks = found[1] and found or nil } end
        if not stop then break end
        out[#out + 1] = { type = "hardBreak" }
        at = stop + 1
      end
    elseif is_link[node.type] then
      line(node.children, { type = "link", attrs = { href = node.url or node.href } }, out)
    elseif node.type == "mention" then
      local label = node.value or node.character
      out[#out + 1] = { type = "mention", attrs = { id = node.id or node.userId or label, label = label } }
    else
      line(node.children, link, out)
    end
  end
  return out
end

local function plain(list, parts)
  for i, node in ipairs(list or {}) do
    if type(node.text) == "string" then parts[#parts + 1] = node.text end
    plain(node.children, parts)
    if node.children and i < #list then parts[#parts + 1] = "\n" end
  end
  return parts
end

local function element(kind, content, attrs)
  return { type = kind, attrs = attrs, content = content[1] and content or nil }
end

local blocks

local function block(node)
  local level = level_of[node.type]
  if level then return element("heading", line(node.children, nil, json.array {}), { level = level }) end
  local kind = blocks_of[node.type] or has_blocks(node.children) and node.type or "paragraph"
  if kind == "paragraph" then return element(kind, line(node.children, nil, json.array {})) end
  if kind == "codeBlock" then
    local text = table.concat(plain(node.children, {}))
    return element(kind, text ~= "" and json.array { { type = "text", text = text } } or {}, { language = node.language or node.lang })
  end
  if kind == "horizontalRule" then return { type = kind } end
  if kind == "image" then
    return { type = kind, attrs = { src = node.url or node.src, alt = node.alt } }
  end
  local content = is_line(node.children) and not has_blocks(node.children)
    and json.array { element("paragraph", line(node.children, nil, json.array {})) } or blocks(node.children)
  return element(kind, content)
end

function blocks(list)
  local out, waiting = json.array {}, {}
  local function put()
    if is_line(waiting) then out[#out + 1] = element("paragraph", line(waiting, nil, json.array {})) end
    waiting = {}
  end
  for _, node in ipairs(list or {}) do
    if type(node.text) == "string" or is_link[node.type] or node.type == "mention" then
      waiting[#waiting + 1] = node
    else
      put()
      out[#out + 1] = block(node)
    end
  end
  put()
  return out
end

--- Tiptap's JSON from Slate's nodes.
---@param list table[]
---@return table
function nodes.to_tiptap(list) return { type = "doc", content = blocks(list) } end

local function text_of(node, parts)
  if type(node.text) == "string" then parts[#parts + 1] = node.text end
  for _, child in ipairs(node.children or {}) do text_of(child, parts) end
end

--- The text: as Node.string of each of Slate's blocks, a line each.
---@param list table[]
---@param options liveblocks.EditorTextOptions
---@return string
function nodes.get_text(list, options)
  inline.resolve("get_text", { content = {} }, options)
  local lines = {}
  for i, node in ipairs(list) do
    local parts = {}
    text_of(node, parts)
    lines[i] = table.concat(parts)
  end
  return table.concat(lines, options.separator or "\n")
end

-- ---- From Tiptap ---------------------------------------------------------------------------------

local names = { paragraph = "paragraph", blockquote = "block-quote", bulletList = "bulleted-list", orderedList = "numbered-list",
  taskList = "bulleted-list", listItem = "list-item", taskItem = "list-item", codeBlock = "code", horizontalRule = "thematic-break",
  table = "table", tableRow = "table-row", tableCell = "table-cell", tableHeader = "table-cell" }

local function leaf(node)
  local text = { text = node.type == "hardBreak" and "\n" or node.text or "" }
  local link
  for _, mark in ipairs(node.marks or {}) do
    if mark.type == "link" then link = mark.attrs.href end
    local name = mark.type == "strike" and "strikethrough" or mark.type
    if marks[name] then text[name] = true end
  end
  return text, link
end

local function leaves(list)
  local out = json.array {}
  for _, node in ipairs(list or {}) do
    local text, link = leaf(node)
    local last = out[#out]
    if not link then
      out[#out + 1] = text
    elseif last and last.type == "link" and last.url == link then
      last.children[#last.children + 1] = text
    else
      if not last then out[1] = { text = "" } end
      out[#out + 1] = { type = "link", url = link, children = json.array { text } }
    end
  end
  if not out[1] or out[#out].children then out[#out + 1] = { text = "" } end
  return out
end

local function of_nodes(list)
  local out = json.array {}
  for i, node in ipairs(list or {}) do
    local one = { type = names[node.type] or node.type }
    if node.type == "heading" then one.type = "heading-" .. headings[inline.integer(node, "level", 1, 1, 6)] end
    if node.type == "image" then one.url, one.alt = inline.string(node, "src"), inline.string(node, "alt") end
    if node.type == "codeBlock" then one.language = inline.string(node, "language") end
    if node.type == "taskItem" then one.checked = node.attrs.checked == true end
    local content = node.content
    one.children = (not content or inline.is_line(content)) and leaves(content) or of_nodes(content)
    out[i] = one
  end
  return out
end

--- Slate's nodes from Tiptap's JSON.
---@param doc table
---@return table[]
function nodes.of_tiptap(doc)
  local list = of_nodes(doc.content)
  if not list[1] then list[1] = { type = "paragraph", children = json.array { { text = "" } } } end
  return list
end

return nodes
