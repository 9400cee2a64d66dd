--- Markdown (GitHub's) as Tiptap's JSON, with the parser that comments use.
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local read_blocks = require "liveblocks.comment.markdown.blocks"
local trim = require "liveblocks.trim"
local url = require "liveblocks.comment.url"

-- ---- Lines of text -------------------------------------------------------------------------------

local formats = { strong = "bold", em = "italic", del = "strike" }

local function with(marks, mark)
  local list = {}
  for i, one in ipairs(marks) do
    if one.type == mark.type then return marks end
    list[i] = one
  end
  list[#list + 1] = mark
  return list
end

local function text(out, value, marks)
  if value == "" then return end
  local last = out[#out]
  if last and last.type == "text" and last.marks_list == marks then
    last.text = last.text .. value
  else
    out[#out + 1] = { type = "text", text = value, marks_list = marks, marks = marks[1] and json.array { table.unpack(marks) } or nil }
  end
end

local add

local function image(token)
  return { type = "image", attrs = { src = token.href, alt = token.text ~= "" and token.text or nil } }
end

local function add_one(out, token, marks)
  local kind = token.type
  if formats[kind] then
    add(out, token.tokens, with(marks, { type = formats[kind] }))
  elseif kind == "codespan" then
    text(out, token.text, with(marks, { type = "code" }))
  elseif kind == "link" then
    local href = url.sanitize(token.href)
    add(out, token.tokens, href and with(marks, { type = "link", attrs = { href = href } }) or marks)
  elseif kind == "image" then
    out[#out + 1] = image(token)
  elseif kind == "br" then
    out[#out + 1] = { type = "hardBreak" }
  elseif token.tokens and token.tokens[1] then
    add(out, token.tokens, marks)
  else
    text(out, token.text:gsub("\n", " "), marks)
  end
end

function add(out, tokens, marks)
  for _, token in ipairs(tokens) do add_one(out, token, marks) end
end

local function line(tokens)
  local out = json.array {}
  add(out, tokens, {})
  for _, node in ipairs(out) do node.marks_list = nil end
  return out
end

-- ---- Blocks --------------------------------------------------------------------------------------

local blocks

local function node(kind, content, attrs)
  return { type = kind, attrs = attrs, content = content and content[1] and json.array(content) or nil }
end

-- Images are blocks in Tiptap: they come between the paragraphs that they divide.
local function add_paragraph(out, tokens, kind, attrs)
  local content, had_image = {}, false
  local function put()
    if content[1] then out[#out + 1] = node(kind, content, attrs) end
    content = {}
  end
  for _, one in ipairs(line(tokens)) do
    if one.type == "image" then
      put()
      out[#out + 1], had_image = one, true
    else
      content[#content + 1] = one
    end
  end
  if not content[1] and not had_image then out[#out + 1] = node(kind, nil, attrs) end
  put()
end

local function list(token)
  local items, is_tasks = {}, not token.ordered and token.items[1] ~= nil
  for _, item in ipairs(token.items) do is_tasks = is_tasks and item.checked ~= nil end
  for i, item in ipairs(token.items) do
    local content = blocks(item.tokens)
    if not content[1] then content[1] = node "paragraph" end
    if content[1].type ~= "paragraph" then table.insert(content, 1, node "paragraph") end
    items[i] = is_tasks and node("taskItem", content, { checked = item.checked ~= " " }) or node("listItem", content)
    local checked = not is_tasks and item.checked
    if checked then
      local first = content[1]
      first.content = first.content or json.array {}
      table.insert(first.content, 1, { type = "text", text = checked == " " and "[ ] " or "[x] " })
    end
  end
  if is_tasks then return node("taskList", items) end
  if token.ordered then return node("orderedList", items, token.start ~= 1 and { start = token.start } or nil) end
  return node("bulletList", items)
end

local function rows(token)
  local out = {}
  for i, cells in ipairs(token.rows) do
    local row = {}
    for column, tokens in ipairs(cells) do
      row[column] = node(i == 1 and "tableHeader" or "tableCell", { node("paragraph", line(tokens)) })
    end
    out[i] = node("tableRow", row)
  end
  return node("table", out)
end

local function code(token)
  local language = token.raw:match("^ ? ? ?[`~][`~][`~]+[ \t]*([^%s`]+)")
  return node("codeBlock", token.text ~= "" and { { type = "text", text = token.text } } or nil, { language = language })
end

local kinds = {
  paragraph = function(out, token) add_paragraph(out, token.tokens, "paragraph") end,
  text = function(out, token) add_paragraph(out, token.tokens, "paragraph") end,
  heading = function(out, token) add_paragraph(out, token.tokens, "heading", { level = token.depth }) end,
  blockquote = function(out, token)
    local content = blocks(token.tokens)
    out[#out + 1] = node("blockquote", content[1] and content or { node "paragraph" })
  end,
  list = function(out, token) out[#out + 1] = list(token) end,
  table = function(out, token) out[#out + 1] = rows(token) end,
  code = function(out, token) out[#out + 1] = code(token) end,
  hr = function(out) out[#out + 1] = { type = "horizontalRule" } end,
  html = function(out, token)
    local inner = {}
    text(inner, trim.ending(token.text, "\n"), {})
    inner[1].marks_list = nil
    out[#out + 1] = node("paragraph", inner)
  end,
  space = function() end,
}

function blocks(tokens)
  local out = json.array {}
  for _, token in ipairs(tokens) do
    if kinds[token.type] then kinds[token.type](out, token) end
  end
  return out
end

---@param markdown string
---@return table doc Tiptap's JSON
return function(markdown)
  local _, bad = utf8.len(markdown)
  if bad then errors.usage("set_content: the Markdown is not valid UTF-8 at byte %d", bad) end
  return { type = "doc", content = blocks(read_blocks(markdown)) }
end
