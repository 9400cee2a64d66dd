--- Tiptap's JSON as Markdown, in the form of prosemirror-markdown, with GitHub's tables, task lists and deleted text besides.
local canonical = require "liveblocks.editor.canonical"
local inline = require "liveblocks.editor.inline"
local json = require "liveblocks.json"
local trim = require "liveblocks.trim"
local wtf8 = require "liveblocks.wtf8"

-- ---- Output --------------------------------------------------------------------------------------

local State = {}
State.__index = State

local function put(self, text)
  if text ~= "" then
    self.out[#self.out + 1] = text
    self.last = text:sub(-1)
  end
end

local function is_at_line_start(self) return self.last == "" or self.last == "\n" end

-- Ends the block that was closed, with size - 1 empty lines after it.
local function flush(self, size)
  if not self.closed then return end
  if not is_at_line_start(self) then put(self, "\n") end
  local marks = trim.ending(self.delimiter)
  for _ = 2, size do put(self, marks .. "\n") end
  self.closed = nil
end

local function write(self, text)
  flush(self, 2)
  if self.delimiter ~= "" and is_at_line_start(self) then put(self, self.delimiter) end
  put(self, text or "")
end

local function close(self, node) self.closed = node end

local function wrap(self, delimiter, first, node, fn)
  local outer = self.delimiter
  write(self, first or delimiter)
  self.delimiter = outer .. delimiter
  fn()
  self.delimiter = outer
  close(self, node)
end

-- ---- Text ----------------------------------------------------------------------------------------

-- In front of what Markdown would take for a mark; not the underscores inside of a word.
local function escape(text, at_start)
  text = text:gsub("()([`*\\~%[%]_])", function(at, sign)
    if sign == "_" and at > 1 and text:find("^[%w_]", at - 1) and text:find("^[%w_]", at + 1) then return "_" end
    return "\\" .. sign
  end)
  if at_start then
    text = text:gsub("^%+ ", "\\%0"):gsub("^[-*>]", "\\%0")
    local space, signs, rest = text:match("^(%s*)(#+)(.*)$")
    if signs and #signs <= 6 and (rest == "" or rest:find("^%s")) then text = space .. "\\" .. signs .. rest end
    text = text:gsub("^(%s*%d+)%.%s", "%1\\. ")
  end
  return text
end

local function text_of(self, text, is_plain)
  local at = 1
  while true do
    local stop = text:find("\n", at, true)
    local line = text:sub(at, stop and stop - 1 or -1)
    write(self)
    -- An exclamation mark would make an image of a link.
    if is_plain and line:sub(1, 1) == "[" and self.last == "!" then
      local tail = self.out[#self.out]
      local before = #tail > 1 and tail:sub(-2, -2) or (self.out[#self.out - 1] or ""):sub(-1)
      if before ~= "\\" then self.out[#self.out] = tail:sub(1, -2) .. "\\!" end
    end
    put(self, is_plain and line or escape(line, self.at_block_start))
    if not stop then break end
    put(self, "\n")
    at = stop + 1
  end
end

-- ---- Marks ---------------------------------------------------------------------------------------

local function ticks(text, is_end)
  local longest = 0
  for run in text:gmatch("`+") do longest = math.max(longest, #run) end
  if longest == 0 then return "`" end
  local marks = ("`"):rep(longest + 1)
  return is_end and " " .. marks or marks .. " "
end

local function is_address(link, list, index)
  local node, href = list[index], link.attrs.href
  if link.attrs.title or not href:find("^[%w_]+:") or node.type ~= "text" or node.text ~= href then return false end
  local of_node = list.marks[index]
  if of_node[#of_node] ~= link and (not of_node[1] or of_node[#of_node].key ~= link.key) then return false end
  for _, mark in ipairs(list.marks[index + 1] or {}) do
    if mark.key == link.key then return false end
  end
  return true
end

local link = { mixable = true }
function link.open(self, mark, list, index)
  self.in_address = is_address(mark, list, index)
  return self.in_address and "<" or "["
end
function link.close(self, mark)
  local was = self.in_address
  self.in_address = nil
  if was then return ">" end
  local title = mark.attrs.title
  return "](" .. mark.attrs.href:gsub('[()"]', "\\%0") .. (title and ' "' .. title:gsub('"', '\\"') .. '"' or "") .. ")"
end

local marks = {
  italic = { sign = "*", mixable = true, expels = true }, bold = { sign = "**", mixable = true, expels = true },
  strike = { sign = "~~", mixable = true, expels = true }, link = link, code = { is_code = true },
}

local function marks_of(node)
  local list = {}
  for _, mark in ipairs(type(node.marks) == "table" and node.marks or {}) do
    if marks[mark.type] then
      local attrs = type(mark.attrs) == "table" and mark.attrs or {}
      if mark.type == "link" then
        attrs = { href = type(attrs.href) == "string" and attrs.href or "", title = attrs.title }
        if type(attrs.title) ~= "string" or attrs.title == "" then attrs.title = nil end
      else
        attrs = {}
      end
      list[#list + 1] = { type = mark.type, attrs = attrs, key = mark.type .. canonical(attrs) }
    end
  end
  -- Code is innermost: nothing is marked inside of it.
  table.sort(list, function(a, b)
    if (a.type == "code") ~= (b.type == "code") then return b.type == "code" end
    return false
  end)
  return list
end

local function in_set(set, mark)
  for _, other in ipairs(set) do
    if other.key == mark.key then return true end
  end
  return false
end

-- Marks whose order does not matter are opened in the order in which they are open already.
local function in_open_order(list, active, count)
  for i = 1, count do
    local mark = list[i]
    if not marks[mark.type].mixable then break end
    for j, other in ipairs(active) do
      if not marks[other.type].mixable then break end
      if mark.key == other.key then
        local moved = {}
        for k, one in ipairs(list) do moved[k] = one end
        table.remove(moved, i)
        table.insert(moved, math.min(j > i and j - 1 or j, #moved + 1), mark)
        list = moved
        break
      end
    end
  end
  return list
end

-- Do the same marks go on, at this place or after a line break?
local function goes_on(list, index, prefix)
  index = list.after_break[index]
  local next_marks = index and list.marks[index]
  if not next_marks or #next_marks < #prefix then return false end
  for i, mark in ipairs(prefix) do
    if next_marks[i].key ~= mark.key then return false end
  end
  return true
end

-- ---- Lines ---------------------------------------------------------------------------------------

local render

local function mark_text(self, mark, is_open, list, index)
  local how = marks[mark.type]
  if how.sign then return how.sign end
  if how.is_code then return ticks(list[index].text or "", not is_open) end
  return (is_open and how.open or how.close)(self, mark, list, index)
end

local function same_marks(a, b)
  if #a ~= #b then return false end
  for i, mark in ipairs(a) do
    if mark.key ~= b[i].key then return false end
  end
  return true
end

-- What the line has of each node: its marks, and where text goes on after line breaks. Texts that Markdown shows alike are one.
local function prepare(content)
  local list, parts = { marks = {}, after_break = {} }, {}
  for _, node in ipairs(content or {}) do
    local marks_here, n = marks_of(node), #list
    if node.type == "text" and n > 0 and list[n].type == "text" and same_marks(list.marks[n], marks_here) then
      parts[n] = parts[n] or { list[n].text }
      table.insert(parts[n], node.text)
    else
      list[n + 1], list.marks[n + 1] = node, marks_here
      if node.type ~= "hardBreak" then list.last_other = n + 1 end
    end
  end
  for n, texts in pairs(parts) do list[n] = { type = "text", text = table.concat(texts) } end
  for i = #list, 1, -1 do
    list.after_break[i] = i
    if list[i].type == "hardBreak" then list.after_break[i] = list.after_break[i + 2] end
  end
  for i, node in ipairs(list) do
    if node.type == "hardBreak" then
      local kept, following = {}, list[i + 1]
      for _, mark in ipairs(following and list.marks[i] or {}) do
        if in_set(list.marks[i + 1], mark) and (following.type ~= "text" or following.text:find("%S")) then kept[#kept + 1] = mark end
      end
      list.marks[i].of_break = kept
    end
  end
  return list
end

local function line(self, content, is_not_start)
  local list = prepare(content)
  self.at_block_start = not is_not_start
  local active, trailing = {}, ""
  for index = 1, #list + 1 do
    local node = list[index]
    local here = node and (list.marks[index].of_break or list.marks[index]) or {}
    local inner = here[#here]
    local is_code = inner and inner.type == "code"
    local count = #here - (is_code and 1 or 0)
    here = in_open_order(here, active, count)
    local keep = 0
    while keep < math.min(#active, count) and here[keep + 1].key == active[keep + 1].key do keep = keep + 1 end
    local leading, text = trailing, node and node.type == "text" and node.text
    trailing = ""
    local begins, ends = false, false
    for i, mark in ipairs(text and here or {}) do
      if marks[mark.type].expels then
        local is_open = false
        for j = 1, keep do is_open = is_open or active[j].key == mark.key end
        begins = begins or not is_open
        local prefix = {}
        for j = 1, i do prefix[j] = here[j] end
        ends = ends or not goes_on(list, index + 1, prefix)
      end
    end
    if begins then
      local lead, rest = text:match("^(%s*)(.*)$")
      leading, text = leading .. lead, rest
    end
    if ends and text ~= "" then
      local rest = trim.ending(text)
      text, trailing = rest, text:sub(#rest + 1)
    end
    local is_gone = node and node.type == "text" and text == ""
    if is_gone then here, count = active, #active end
    if node and not is_gone or index > #list then
      while keep < #active do text_of(self, mark_text(self, table.remove(active), false, list, index), true) end
    end
    if leading ~= "" then text_of(self, leading) end
    if node and not is_gone then
      while #active < count do
        local mark = here[#active + 1]
        active[#active + 1] = mark
        text_of(self, mark_text(self, mark, true, list, index), true)
        self.at_block_start = false
      end
      if is_code and text then
        text_of(self, ticks(text) .. text .. ticks(text, true), true)
      elseif text then
        text_of(self, text, self.in_address)
      else
        render(self, node, list, index)
      end
      self.at_block_start = false
    end
  end
  self.at_block_start = false
end

-- ---- Blocks --------------------------------------------------------------------------------------

local function content(self, node)
  for i, child in ipairs(node.content or {}) do render(self, child, node.content, i) end
end

local function plain(node, parts)
  parts = parts or {}
  for _, child in ipairs(node.content or {}) do
    if child.type == "text" then parts[#parts + 1] = child.text elseif child.type == "hardBreak" then parts[#parts + 1] = "\n" end
    plain(child, parts)
  end
  return parts
end

local function list_of(self, node, delimiter, first)
  local is_tight = node.attrs and node.attrs.tight == true
  if self.closed and self.closed.type == node.type then
    flush(self, 3)
  elseif self.is_tight then
    flush(self, 1)
  end
  local was_tight = self.is_tight
  self.is_tight = is_tight
  for i, child in ipairs(node.content or {}) do
    if i > 1 and is_tight then flush(self, 1) end
    wrap(self, delimiter, first(i, child), node, function() render(self, child, node.content, i) end)
  end
  self.is_tight = was_tight
end

local function cell_text(self, node)
  local inner = setmetatable({ out = {}, last = "", delimiter = "", known = self.known }, State)
  for i, child in ipairs(node.content or {}) do
    if i > 1 then put(inner, "<br>") end
    if inline.is_line(child.content) then line(inner, child.content, true) else content(inner, child) end
  end
  return (table.concat(inner.out):gsub("\\?\n", "<br>"):gsub("|", "\\|"))
end

local function table_of(self, node)
  local rows, columns = {}, 0
  for i, row in ipairs(node.content or {}) do
    local cells = {}
    for j, cell in ipairs(row.content or {}) do cells[j] = cell_text(self, cell) end
    rows[i] = cells
    columns = math.max(columns, #cells)
  end
  for i, cells in ipairs(rows) do
    local texts = {}
    -- Cells that a short row lacks are left out, so that a long row cannot make all others as long.
    for j = 1, #cells do texts[j] = cells[j] end
    for j = #cells + 1, i == 1 and columns or 0 do texts[j] = "" end -- else it is not the head of a table
    write(self, "| " .. table.concat(texts, " | ") .. " |\n")
    if i == 1 then write(self, "|" .. (" --- |"):rep(columns) .. "\n") end
  end
  close(self, node)
end

local function heading(self, node)
  write(self, ("#"):rep(inline.integer(node, "level", 1, 1, 6)) .. " ")
  line(self, node.content, true)
  close(self, node)
end

local function code_block(self, node)
  local text, longest = table.concat(plain(node)), 2
  for run in text:gmatch("`+") do longest = math.max(longest, #run) end
  local fence = ("`"):rep(longest + 1)
  local language = inline.string(node, "language")
  write(self, fence .. (language and language:match("^[^`\n]*") or "") .. "\n")
  text_of(self, text, true)
  write(self, "\n")
  write(self, fence)
  close(self, node)
end

local function paragraph(self, node)
  line(self, node.content)
  close(self, node)
end

local function mention(self, node)
  write(self, "@" .. escape(inline.name(node, self.known)))
end

local kinds = {
  paragraph = paragraph, heading = heading, codeBlock = code_block, table = table_of,
  liveblocksMention = mention, liveblocksGroupMention = mention, mention = mention,
  blockquote = function(self, node) wrap(self, "> ", nil, node, function() content(self, node) end) end,
  horizontalRule = function(self, node)
    write(self, inline.string(node, "markup") or "---")
    close(self, node)
  end,
  bulletList = function(self, node)
    local bullet = (inline.string(node, "bullet") or "*") .. " "
    list_of(self, node, "  ", function() return bullet end)
  end,
  taskList = function(self, node)
    list_of(self, node, "  ", function(_, item) return item.attrs and item.attrs.checked == true and "- [x] " or "- [ ] " end)
  end,
  orderedList = function(self, node)
    local start = inline.integer(node, "start", 1, 0, 999999999)
    local width = #tostring(start + #(node.content or {}) - 1)
    list_of(self, node, (" "):rep(width + 2), function(i)
      local number = tostring(start + i - 1)
      return (" "):rep(width - #number) .. number .. ". "
    end)
  end,
  listItem = content, taskItem = content,
  image = function(self, node)
    local title = inline.string(node, "title")
    write(self, "![" .. escape(inline.string(node, "alt") or "") .. "](" .. (inline.string(node, "src") or ""):gsub("[()]", "\\%0")
      .. (title and ' "' .. title:gsub('"', '\\"') .. '"' or "") .. ")")
  end,
  hardBreak = function(self, _, list, index)
    if list.last_other and list.last_other > index then write(self, "\\\n") end
  end,
}

function render(self, node, list, index)
  local kind = kinds[node.type]
  if kind then
    kind(self, node, list, index)
    if node.type == "image" and not list.marks then close(self, node) end
  elseif node.content and node.content ~= json.null then
    -- An unknown node: what is in it.
    if inline.is_line(node.content) then line(self, node.content) else content(self, node) end
    if not list.marks then close(self, node) end
  end
end

---@param doc table Tiptap's JSON
---@param options liveblocks.EditorTextOptions
---@return string
return function(doc, options)
  local state = setmetatable({ out = {}, last = "", delimiter = "", known = inline.resolve("to_markdown", doc, options) }, State)
  content(state, doc)
  return wtf8.to_utf8(table.concat(state.out))
end
