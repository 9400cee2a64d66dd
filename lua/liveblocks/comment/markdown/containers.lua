--- Block quotes and lists: blocks that hold blocks. Both go back to text that has been read already when a later
--- line belongs to what was open, so their tokens keep the text they were made from.
local lines = require "liveblocks.comment.markdown.lines"
local unicode = require "liveblocks.comment.markdown.unicode"

local containers = {}

local function split_lines(text)
  local list = {}
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do list[#list + 1] = line end
  return list
end

-- ---- Block quotes --------------------------------------------------------------------------------

-- Where the quote ends, with the paragraph lines that go on in it without a mark.
local function quote_end(text, at)
  local stop
  while true do
    local inner = lines.quote(text, at)
    if not inner then return stop end
    if text:byte(inner) == 32 then inner = inner + 1 end
    local is_empty = inner > #text or text:byte(inner) == 10
    stop = lines.stop(text, inner)
    while not is_empty and stop < #text and text:byte(stop + 1) ~= 10 do
      if text:find("^ +\n", stop + 1) or lines.interrupts(text, stop + 1) then break end
      stop = lines.stop(text, stop + 1)
    end
    at = stop + 1
    if at > #text then return stop end
  end
end

-- The next lines with marks, and those before them that have none.
local function take_quoted(list, from)
  local taken, seen = {}, false
  for i = from, #list do
    if lines.quote(list[i], 1) then
      seen = true
    elseif seen then
      break
    end
    taken[#taken + 1] = list[i]
  end
  return taken
end

-- What the lines of a quote hold. A line of = or - that only goes on in the quote underlines nothing.
local function unquoted(list)
  local out = {}
  for i, line in ipairs(list) do
    local underline = i > 1 and (line:match("^ ? ? ?(=+ *)$") or line:match("^ ? ? ?(%-+ *)$"))
    out[i] = (underline and "    " .. underline or line):gsub("^ ? ? ?>[ \t]?", "")
  end
  return table.concat(out, "\n")
end

--- The block quote that begins here, or nil.
function containers.quote(lexer, text, at)
  local stop = quote_end(text, at)
  if not stop then return nil end
  local list = split_lines(text:sub(at, stop - 1))
  local raw, tokens, from = nil, {}, 1
  while from <= #list do
    local taken = take_quoted(list, from)
    from = from + #taken
    local taken_raw = table.concat(taken, "\n")
    raw = raw and raw .. "\n" .. taken_raw or taken_raw
    local top = lexer.top
    lexer.top = true
    lexer:blocks(unquoted(taken), tokens, true)
    lexer.top = top
    local last = tokens[#tokens]
    local kind = last and last.type
    if from > #list or kind == "code" then break end
    if kind == "blockquote" or kind == "list" then
      -- The lines that are left may go on in what was open: read it again with them.
      local longer = last.raw .. "\n" .. table.concat(list, "\n", from)
      local again = containers[kind == "list" and "list" or "quote"](lexer, longer, 1)
      tokens[#tokens] = again
      raw = raw:sub(1, #raw - #last.raw) .. again.raw
      if kind == "blockquote" then break end
      list, from = split_lines(longer:sub(#again.raw + 1)), 1
    end
  end
  return { type = "blockquote", raw = raw, tokens = tokens }
end

-- ---- Lists ---------------------------------------------------------------------------------------

local function is_blank(line)
  return unicode.trim(line) == ""
end

-- Does the line begin a fence, a heading or a thematic break, with no more spaces before it than an item allows?
local function begins_block(line, indent)
  local spaces = #line:match("^ *")
  if spaces > math.min(3, indent - 1) then return false end
  return line:find("^[`~#]", spaces + 1) and (line:find("^```", spaces + 1) or line:find("^~~~", spaces + 1)
    or line:byte(spaces + 1) == 35) or (lines.rule(line, 1) and not line:find("\t", 1, true))
end

-- The same, or HTML or the marker of another item.
local function begins_other(line, indent)
  local spaces = #line:match("^ *")
  if spaces > math.min(3, indent - 1) then return false end
  local _, bullet = lines.bullet(line, 1)
  if bullet and (bullet > #line or line:find("^[ \t]", bullet)) then return true end
  return line:find("^<%a.*>", spaces + 1) or line:find("^<!%-%-", spaces + 1) or begins_block(line, indent)
end

-- Does the line, as the last of an item, not go on in a line that is indented less?
local function ends_paragraph(line, indent)
  local first = line:gsub("\t", "    "):find("[^ ]")
  return first and first > 4 or begins_block(line, indent)
end

-- The lines of an item after its first: their raw text and what they hold. `line` is the item's first line.
local function item_lines(text, at, line, indent)
  local raw, held, blank = {}, {}, is_blank(line)
  while at <= #text do
    local stop = lines.stop(text, at)
    local next_line = text:sub(at, stop - 1)
    local spaced = next_line:gsub("\t", "    ")
    local inside = (spaced:find("[^ ]") or 0) > indent or is_blank(next_line)
    if begins_other(next_line, indent) then break end
    if not inside and (blank or ends_paragraph(line, indent)) then break end
    line = unicode.drop(spaced, indent)
    held[#held + 1] = inside and line or next_line
    if is_blank(next_line) then blank = true end
    raw[#raw + 1] = next_line .. "\n"
    at = stop + 1
  end
  return table.concat(raw), held
end

-- The first line of an item: its raw text, what it holds, and how far what follows must be indented.
local function item_start(text, at, marker)
  local stop = lines.stop(text, at + #marker)
  local rest = text:sub(at + #marker, stop - 1)
  local raw = text:sub(at, math.min(stop, #text))
  local line = rest:gsub("^\t+", function(tabs) return (" "):rep(3 * #tabs) end)
  if is_blank(line) then return raw, line, "", #marker + 1 end
  local indent = rest:find("[^ ]") - 1
  if indent > 4 then indent = 1 end
  return raw, line, line:sub(indent + 1), indent + #marker
end

local function read_item(text, at, marker)
  local raw, line, content, indent = item_start(text, at, marker)
  at = at + #raw
  local next_line = text:sub(at, lines.stop(text, at) - 1)
  if content == "" and next_line:find("^[ \t]*$") then return raw .. next_line .. "\n", content end
  local more, held = item_lines(text, at, line, indent)
  table.insert(held, 1, content)
  return raw .. more, table.concat(held, "\n")
end

-- The marker of an item of the same kind.
local function same_bullet(text, at, last)
  local marker, stop = lines.bullet(text, at)
  if marker and marker:sub(-1) == last and (stop > #text or text:find("^[ \t\n]", stop)) then return marker end
end

--- The list that begins here, or nil.
function containers.list(lexer, text, at)
  local marker, after = lines.bullet(text, at)
  if not marker then return nil end
  -- A marker and one space are not a list; a marker alone is.
  if after <= #text and text:byte(after) ~= 10 and not text:find("^[ \t][^\n]", after) then return nil end
  local number = marker:match("%d+")
  local token = { type = "list", ordered = number ~= nil, start = number and tonumber(number), items = {} }
  local parts, last = {}, marker:sub(-1)
  while at <= #text and not lines.rule(text, at) do
    marker = same_bullet(text, at, last)
    if not marker then break end
    local raw, content = read_item(text, at, marker)
    at = at + #raw
    parts[#parts + 1] = raw
    local item = {}
    item.checked = content:match("^%[([ xX])%] ")
    item.text = item.checked and content:gsub("^%[.%] +", "") or content
    token.items[#token.items + 1] = item
  end
  local items = token.items
  if not items[1] then return nil end
  items[#items].text = unicode.trim_end(items[#items].text)
  token.raw = unicode.trim_end(table.concat(parts))
  for _, item in ipairs(items) do
    lexer.top = false
    item.tokens = lexer:blocks(item.text, {})
  end
  return token
end

return containers
