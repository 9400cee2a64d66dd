--- An editor state of Lexical as Markdown: what $convertToMarkdownString of @lexical/markdown makes with its TRANSFORMERS.
local nodes = require "liveblocks.editor.lexical_nodes"
local unicode = require "liveblocks.comment.markdown.unicode"
local wtf8 = require "liveblocks.wtf8"

-- In the order in which they are opened.
local formats = { { 1, "**" }, { 128, "==" }, { 2, "*" }, { 4, "~~" }, { 16, "`" } }

-- Marks that stay open in a link are opened again and again there; past so many it makes no difference, but work.
local MAX_OPEN = 100

local function is_text(node) return node ~= nil and type(node.text) == "string" end
local function is_link(node) return node.type == "link" or node.type == "autolink" end
local function has(node, bit) return is_text(node) and nodes.has(node.format, bit) end

-- ---- The text before and after -------------------------------------------------------------------

local function end_of(node, is_last)
  while node.children and node.children[1] do node = node.children[is_last and #node.children or 1] end
  return node
end

-- The text beside the child of that index, also in a link or out of it.
local function sibling(place, index, step)
  local list = place.list
  local at = index + step
  if not list[at] and place.is_inline and place.outer then
    list, at = place.outer.list, place.index + step
  end
  while list[at] do
    local node = list[at]
    if node.children then
      if not nodes.inline[node.type] then return nil end
      local inner = end_of(node, step < 0)
      if is_text(inner) then return inner end
      at = at + step
      node = list[at]
      if node == nil or is_text(node) then return node end
      if not node.children then return nil end
    else
      return is_text(node) and node or nil
    end
  end
end

-- ---- Formats -------------------------------------------------------------------------------------

local function find(tags, tag)
  for _, one in ipairs(tags) do
    if one[2] == tag then return true end
  end
  return false
end

local function formatted(node, place, index, open, kept)
  local text = node.text
  local trimmed = unicode.trim(text)
  local previous, following = sibling(place, index, -1), sibling(place, index, 1)
  local opening, before, after = "", "", ""
  for _, format in ipairs(formats) do
    if has(node, format[1]) and (not has(previous, format[1]) or not find(open, format[2])) then
      if #open < MAX_OPEN then open[#open + 1] = format end
      opening = opening .. format[2]
    end
  end
  for i = 1, #open do
    local here, goes_on = has(node, open[i][1]), has(following, open[i][1])
    if not (here and goes_on) then
      for j = #open, i, -1 do
        local tag = open[j][2]
        if not find(kept, tag) then
          if not here then before = before .. tag elseif not goes_on then after = after .. tag end
          open[#open] = nil
        end
      end
      break
    end
  end
  local at = trimmed == "" and 1 or text:find(trimmed, 1, true)
  return before .. text:sub(1, at - 1) .. opening .. trimmed .. after .. text:sub(at + #trimmed)
end

local function children(node, open, kept, place)
  open, kept = open or {}, kept or {}
  local here = { list = node.children or {}, is_inline = nodes.inline[node.type], outer = place, index = place and place.at }
  local out = {}
  for i, child in ipairs(here.list) do
    here.at = i
    if is_link(child) then
      local inner = {}
      for _, list in ipairs { kept, open } do
        for _, tag in ipairs(list) do inner[#inner + 1] = tag end
      end
      local title = type(child.title) == "string" and child.title ~= "" and (' "%s"'):format(child.title) or ""
      out[#out + 1] = "[" .. children(child, open, inner, here) .. "](" .. tostring(child.url) .. title .. ")"
    elseif is_text(child) then
      out[#out + 1] = formatted(child, here, i, open, kept)
    elseif child.children then
      out[#out + 1] = children(child, open, kept, here)
    else
      out[#out + 1] = nodes.text_of(child, open.name)
    end
  end
  return table.concat(out)
end

-- ---- Blocks --------------------------------------------------------------------------------------

local function list_of(node, depth, start)
  local out, index = {}, 0
  for _, item in ipairs(node.children or {}) do
    if item.type == "listitem" then
      local first = item.children and item.children[1]
      if first and first.type == "list" and #item.children == 1 then
        out[#out + 1] = list_of(first, depth + 1, start)
      else
        local prefix = "- "
        if node.listType == "number" then
          prefix = ("%d. "):format((type(node.start) == "number" and math.floor(node.start) or 1) + index)
        elseif node.listType == "check" then
          prefix = item.checked == true and "- [x] " or "- [ ] "
        end
        out[#out + 1] = (" "):rep(4 * math.min(depth, 100)) .. prefix .. children(item, start())
        index = index + 1
      end
    end
  end
  return table.concat(out, "\n")
end

local kinds = {
  heading = function(node, start)
    return ("#"):rep(tonumber(tostring(node.tag):match("%d")) or 1) .. " " .. children(node, start())
  end,
  quote = function(node, start) return (("\n" .. children(node, start())):gsub("\n", "\n> "):sub(2)) end,
  list = function(node, start) return list_of(node, 0, start) end,
  -- @lexical/markdown has nothing for tables, and would write their texts one after the other.
  table = function(node, start)
    local doc = nodes.to_tiptap { root = { children = { node } } }
    return (require "liveblocks.editor.markdown"(doc, start().options):gsub("\n$", ""))
  end,
  code = function(node)
    local text = nodes.get_text({ root = node }, {})
    return "```" .. (type(node.language) == "string" and node.language or "") .. (text ~= "" and "\n" .. text or "") .. "\n```"
  end,
}

local function is_empty(node)
  if node.type ~= "paragraph" then return false end
  local first = node.children and node.children[1]
  return first == nil or #node.children == 1 and is_text(first) and first.text:find("^%s?%s?%s?$") ~= nil
end

---@param content table an editor state
---@param options liveblocks.EditorTextOptions
---@return string
return function(content, options)
  local name = nodes.naming("to_markdown", content, options)
  -- Which marks are open; a table for each block.
  local function start() return { name = name, options = options } end
  local out, before = {}, nil
  for _, node in ipairs(content.root.children) do
    local text
    if kinds[node.type] then text = kinds[node.type](node, start)
    elseif node.children then text = children(node, start())
    elseif not is_text(node) and node.type ~= "linebreak" then text = nodes.text_of(node, name) end
    if text then out[#out + 1] = before and not is_empty(node) and not is_empty(before) and "\n" .. text or text end
    before = node
  end
  return wtf8.to_utf8(table.concat(out, "\n"))
end
