--- Tiptap's JSON as HTML. All that comes from the document is escaped, and addresses are those that a browser may open.
local comment = require "liveblocks.comment"
local inline = require "liveblocks.editor.inline"
local json = require "liveblocks.json"
local url = require "liveblocks.comment.url"
local wtf8 = require "liveblocks.wtf8"

local escape = comment.escape_html

local function attribute(name, value)
  if type(value) ~= "string" and type(value) ~= "number" then return "" end
  return " " .. name .. '="' .. escape(value) .. '"'
end

-- ---- Marks, from the outside in ------------------------------------------------------------------

local marks = {
  link = function(attrs)
    local href = type(attrs.href) == "string" and url.sanitize(attrs.href)
    if not href then return nil end
    return '<a target="_blank" rel="noopener noreferrer nofollow"' .. attribute("href", href) .. ">", "</a>"
  end,
  liveblocksCommentMark = function(attrs)
    if type(attrs.threadId) ~= "string" then return nil end
    local orphan = attrs.orphan == true and ' data-orphan="true"' or ""
    return "<span" .. orphan .. attribute("data-lb-thread-id", attrs.threadId) .. ">", "</span>"
  end,
}
for name, tag in pairs { bold = "strong", italic = "em", strike = "s", underline = "u", code = "code", subscript = "sub",
  superscript = "sup", highlight = "mark" } do
  marks[name] = function() return "<" .. tag .. ">", "</" .. tag .. ">" end
end

local function marked(node, text)
  local list = type(node.marks) == "table" and node.marks or {}
  local before, after = {}, {}
  for i = #list, 1, -1 do
    local make = marks[list[i].type]
    local opening, closing
    if make then opening, closing = make(type(list[i].attrs) == "table" and list[i].attrs or {}) end
    if opening then
      before[#before + 1] = opening
      after[#after + 1] = closing
    end
  end
  local parts = {}
  for i = #before, 1, -1 do parts[#parts + 1] = before[i] end
  parts[#parts + 1] = text
  for i = 1, #after do parts[#parts + 1] = after[i] end
  return table.concat(parts)
end

-- ---- Nodes ---------------------------------------------------------------------------------------

local nodes

local function add(out, list, known)
  for _, node in ipairs(list ~= json.null and list or {}) do
    if node.type == "text" then
      out[#out + 1] = marked(node, escape(node.text))
    elseif inline.mentions[node.type] then
      out[#out + 1] = marked(node, "<span data-mention>@" .. escape(inline.name(node, known)) .. "</span>")
    else
      local before, after = "", ""
      if nodes[node.type] then before, after = nodes[node.type](node) end
      out[#out + 1] = before
      add(out, node.content, known)
      out[#out + 1] = after
    end
  end
end

local function element(tag)
  local opening, closing = "<" .. tag .. ">", "</" .. tag .. ">"
  return function() return opening, closing end
end

local function cell(tag)
  return function(node)
    local attrs = ""
    for _, name in ipairs { "colspan", "rowspan" } do
      local count = inline.integer(node, name, 1, 1, 1000)
      if count > 1 then attrs = attrs .. attribute(name, count) end
    end
    return "<" .. tag .. attrs .. ">", "</" .. tag .. ">"
  end
end

nodes = {
  paragraph = element "p", blockquote = element "blockquote", bulletList = element "ul", listItem = element "li",
  tableRow = element "tr", tableCell = cell "td", tableHeader = cell "th", taskList = element "ul",
  table = function() return "<table><tbody>", "</tbody></table>" end,
  heading = function(node)
    local level = inline.integer(node, "level", 1, 1, 6)
    return "<h" .. level .. ">", "</h" .. level .. ">"
  end,
  orderedList = function(node)
    local start = inline.integer(node, "start", 1, 0, 999999999)
    return start == 1 and "<ol>" or "<ol" .. attribute("start", start) .. ">", "</ol>"
  end,
  taskItem = function(node)
    local checked = node.attrs and node.attrs.checked == true and " checked" or ""
    return '<li><input type="checkbox" disabled' .. checked .. ">", "</li>"
  end,
  codeBlock = function(node)
    local language = inline.string(node, "language")
    return "<pre><code" .. (language and language ~= "" and attribute("class", "language-" .. language) or "") .. ">", "</code></pre>"
  end,
  horizontalRule = function() return "<hr>", "" end,
  hardBreak = function() return "<br>", "" end,
  image = function(node)
    local source = inline.string(node, "src")
    local address = source and url.sanitize(source)
    if not address then return escape(inline.string(node, "alt") or ""), "" end
    return "<img" .. attribute("src", address) .. attribute("alt", inline.string(node, "alt"))
      .. attribute("title", inline.string(node, "title")) .. ">", ""
  end,
}

---@param doc table Tiptap's JSON
---@param options liveblocks.EditorTextOptions
---@return string
return function(doc, options)
  local out = {}
  add(out, doc.content, inline.resolve("to_html", doc, options))
  return wtf8.to_utf8(table.concat(out))
end
