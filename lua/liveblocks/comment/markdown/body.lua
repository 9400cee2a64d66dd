--- Makes a comment body of Markdown, as the Node SDK does. A body has only paragraphs with bold, italic, deleted and
--- code text, links and mentions, so the marks of headings, lists, quotes and tables stay as text.
local json = require "liveblocks.json"
local read_blocks = require "liveblocks.comment.markdown.blocks"
local unicode = require "liveblocks.comment.markdown.unicode"
local url = require "liveblocks.comment.url"

-- ---- Text with mentions --------------------------------------------------------------------------

local function text_inline(text, format)
  local inline = { text = text }
  for name in pairs(format) do inline[name] = true end
  return inline
end

local function add_text(out, text, format)
  if text ~= "" then out[#out + 1] = text_inline(text, format) end
end

-- The next mention: an @ that is not inside of a word, and the name after it.
local function find_mention(text, from)
  local at = from
  while true do
    local sign, id = text:match("()@([%w_][%w_.@-]*)", at)
    if not sign or sign == 1 or sign > from and not text:find("^[%w_.-]", sign - 1) then return sign, id end
    at = sign + 1
  end
end

-- A full stop or hyphen that ends a sentence is not part of the name.
local function trim_id(text, first, id)
  local last = first + #id - 1
  if not id:find("[.-]$") then return id end
  local after = unicode.char(text, last + 1)
  return (after == "" or unicode.is_space(after)) and id:sub(1, -2) or id
end

local function add_mentions(out, text, format)
  local at, search = 1, 1
  while true do
    local sign, id = find_mention(text, search)
    if not sign then break end
    search = sign + 1 + #id
    id = trim_id(text, sign + 1, id)
    add_text(out, text:sub(at, sign - 1), format)
    out[#out + 1] = { type = "mention", kind = "user", id = id }
    at = sign + 1 + #id
  end
  add_text(out, text:sub(at), format)
end

-- ---- Plain text ----------------------------------------------------------------------------------

local function plain(tokens)
  local parts = {}
  for i, token in ipairs(tokens) do
    if token.type == "br" then
      parts[i] = "\n"
    elseif token.type == "image" then
      parts[i] = token.text ~= "" and token.text or token.href
    elseif token.tokens then
      parts[i] = plain(token.tokens)
    else
      parts[i] = token.text
    end
  end
  return table.concat(parts)
end

-- ---- Inline parts --------------------------------------------------------------------------------

local formats = { strong = "bold", em = "italic", del = "strikethrough" }

local function with(format, name)
  local copy = { [name] = true }
  for other in pairs(format) do copy[other] = true end
  return copy
end

local add_inlines

local function add_link(out, token, format)
  local href, text = url.sanitize(token.href), plain(token.tokens)
  if href then
    out[#out + 1] = { type = "link", url = href, text = text }
  else
    add_text(out, text, format)
  end
end

local function add_inline(out, token, format)
  local kind = token.type
  if formats[kind] then
    add_inlines(out, token.tokens, with(format, formats[kind]))
  elseif kind == "codespan" then
    out[#out + 1] = text_inline(token.text, with(format, "code"))
  elseif kind == "link" then
    add_link(out, token, format)
  elseif kind == "image" then
    add_text(out, token.raw, format)
  elseif kind == "br" then
    add_text(out, "\n", format)
  elseif token.tokens and token.tokens[1] then
    add_inlines(out, token.tokens, format)
  else
    add_mentions(out, token.text, format)
  end
end

function add_inlines(out, tokens, format)
  for _, token in ipairs(tokens) do add_inline(out, token, format) end
end

-- ---- Paragraphs ----------------------------------------------------------------------------------

local function paragraph(children)
  return { type = "paragraph", children = json.array(children) }
end

local function prefixed(prefix, one)
  if prefix ~= "" then table.insert(one.children, 1, { text = prefix }) end
  return one
end

local add_blocks

local function item_prefix(list, item, index, depth)
  local marker = list.ordered and ("%d. "):format(list.start + index - 1) or "- "
  local task = item.checked and (item.checked == " " and "[ ] " or "[x] ") or ""
  return ("  "):rep(depth) .. marker .. task
end

local function add_list(out, list, depth, quote)
  for index, item in ipairs(list.items) do
    local inner = {}
    add_blocks(inner, item.tokens, depth + 1, "")
    if not inner[1] then inner[1] = paragraph {} end
    for i, one in ipairs(inner) do
      out[#out + 1] = prefixed(i == 1 and quote .. item_prefix(list, item, index, depth) or quote, one)
    end
  end
end

local aligned = { left = ":---", center = ":---:", right = "---:", none = "---" }

local function row(cells, quote)
  return paragraph { { text = quote .. "| " .. table.concat(cells, " | ") .. " |" } }
end

local function add_table(out, token, _, quote)
  for i, tokens in ipairs(token.rows) do
    local cells = {}
    for column, cell in ipairs(tokens) do cells[column] = plain(cell) end
    out[#out + 1] = row(cells, quote)
    if i == 1 then
      for column, align in ipairs(token.align) do cells[column] = aligned[align] end
      out[#out + 1] = row(cells, quote)
    end
  end
end

local function add_paragraph(out, token, _, quote)
  local children = {}
  add_inlines(children, token.tokens, {})
  local marks = token.type == "heading" and ("#"):rep(token.depth) .. " " or ""
  if children[1] then out[#out + 1] = prefixed(quote .. marks, paragraph(children)) end
end

local function nothing() end

-- What becomes of each kind of block; of any other its inline parts.
local kinds = {
  space = nothing, hr = nothing, list = add_list, table = add_table, paragraph = add_paragraph, heading = add_paragraph,
  blockquote = function(out, token, depth, quote) add_blocks(out, token.tokens, depth, quote .. "> ") end,
  code = function(out, token, _, quote) out[#out + 1] = prefixed(quote, paragraph { { text = token.text } }) end,
}

local function add_other(out, token, _, quote)
  local children = {}
  add_inline(children, token, {})
  if children[1] then out[#out + 1] = prefixed(quote, paragraph(children)) end
end

function add_blocks(out, tokens, depth, quote)
  for _, token in ipairs(tokens) do (kinds[token.type] or add_other)(out, token, depth, quote) end
end

--- The paragraphs of a comment body.
---@param markdown string valid UTF-8
---@return table[]
return function(markdown)
  local out = {}
  add_blocks(out, read_blocks(markdown), 0, "")
  return out
end
