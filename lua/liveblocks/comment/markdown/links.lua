--- Links and images of Markdown: [text](address "title"), [text][label], and definitions of labels.
local lines = require "liveblocks.comment.markdown.lines"
local unicode = require "liveblocks.comment.markdown.unicode"

local links = {}

-- ---- Parts ---------------------------------------------------------------------------------------

-- After the text of a link, at its closing bracket: brackets may stand in it once, code spans may hold any.
local function text_end(text, at)
  while true do
    at = text:find("[][\\`]", at)
    local char = at and text:sub(at, at)
    if not char or char == "]" then return at end
    if char == "\\" then
      at = text:match("^\\[^\n]()", at)
    elseif char == "`" then
      at = text:match("^`[^`]*`()", at)
    else
      at = at + 1
      while true do
        at = text:find("[][\\]", at)
        if not at or text:byte(at) ~= 92 then break end
        at = text:match("^\\[^\n]()", at)
        if not at then break end
      end
      at = at and text:byte(at) == 93 and at + 1
    end
    if not at then return nil end
  end
end

-- A label in brackets: where it ends, at its closing bracket. It may hold no brackets and not be blank.
local function label_end(text, at)
  if text:byte(unicode.skip_space(text, at)) == 93 then return nil end
  local from = at
  while true do
    at = text:find("[][\\]", at)
    if not at or text:byte(at) == 91 then return nil end
    if text:byte(at) == 93 then return at > from and at or nil end
    at = text:match("^\\[^\n]()", at)
    if not at then return nil end
  end
end

-- Where a quoted title may end, best first: at the first quote with no backslash, or at one with.
local function title_ends(text, at, closing)
  local escaped, list = {}, {}
  while true do
    at = text:find("[" .. closing .. "\\]", at)
    if not at then break end
    if text:byte(at) ~= 92 then
      list[1] = at
      break
    end
    if text:sub(at + 1, at + 1) == closing then escaped[#escaped + 1] = at + 1 end
    at = text:sub(at + 1, at + 1) == closing and at + 2 or at + 1
  end
  for i = #escaped, 1, -1 do list[#list + 1] = escaped[i] end
  return list
end

local closings = { ['"'] = '"', ["'"] = "'", ["("] = ")" }

-- After a title and what `tail` matches after it.
local function titled(text, at, tail)
  local closing = closings[text:sub(at, at)]
  if not closing then return nil end
  for _, stop in ipairs(title_ends(text, at + 1, closing)) do
    local after = text:match(tail, stop + 1)
    if after then return after end
  end
end

local function normal(label)
  return (label:gsub("%s+", " "):lower())
end

-- ---- Definitions ---------------------------------------------------------------------------------

-- A title of a definition: those in single quotes hold no empty line, those in parentheses none.
local function definition_title(text, at)
  local stop = text:match("^'[^'\n]*()", at)
  while stop and text:find("^\n[^'\n]", stop) do stop = text:match("^\n[^'\n]+()", stop) end
  if stop then return text:match("^\n?'()", stop) end
  return text:match("^%([^()]*%)()", at)
end

-- After the line end that must follow the address, with or without a title before it.
local function definition_end(text, at)
  local line_end = "^ *()"
  local function ends(position)
    position = position and text:match(line_end, position)
    return position and (position > #text or text:byte(position) == 10) and lines.skip_newlines(text, position) or nil
  end
  local spaced = text:match("^ +()", at)
  local title = text:match("^ *\n[ \t]*()", at) or spaced
  if title then
    if text:byte(title) == 34 then
      for _, stop in ipairs(title_ends(text, title + 1, '"')) do
        local after = ends(stop + 1)
        if after then return after end
      end
    else
      local after = ends(definition_title(text, title))
      if after then return after end
    end
  end
  return ends(at)
end

-- The address of a definition and what is after the definition.
local function definition_address(text, at)
  if text:byte(at) ~= 60 then
    local stop = unicode.find_space(text, at) or #text + 1
    if stop == at then return nil end
    return text:sub(at, stop - 1), definition_end(text, stop)
  end
  local line_end, stop = lines.stop(text, at), at
  while true do
    stop = text:find(">", stop + 1, true)
    if not stop or stop > line_end then return nil end
    local after = definition_end(text, stop + 1)
    if after then return text:sub(at + 1, stop - 1), after end
  end
end

--- The definition of a label that begins here, or nil: [label]: address "title"
function links.definition(_, text, at)
  local bracket = lines.indent(text, at)
  if text:byte(bracket) ~= 91 then return nil end
  local closing = label_end(text, bracket + 1)
  local from = closing and text:match("^: *()", closing + 1)
  if not from then return nil end
  from = text:match("^\n[ \t]*()", from) or from
  local address, after = definition_address(text, from)
  if not after then return nil end
  return { type = "def", label = normal(text:sub(bracket + 1, closing - 1)), href = unicode.unescape(address),
    raw = text:sub(at, after - 1) }
end

-- ---- Links in a line -----------------------------------------------------------------------------

-- The token of a link or an image, and its text as tokens, in which no address becomes a link.
local function link_token(lexer, content, href, raw)
  content = content:gsub("\\([][])", "%1")
  lexer.in_link = true
  local tokens = lexer:inlines(content)
  lexer.in_link = false
  return { type = raw:byte() == 33 and "image" or "link", raw = raw, href = href, text = content, tokens = tokens }
end

-- How many closing parentheses an address has too many: where the first is, or false when some never close.
local function closing_parenthesis(address)
  if not address:find(")", 1, true) then return nil end
  local level, at = 0, 1
  while true do
    at = address:find("[()\\]", at)
    if not at then break end
    local byte = address:byte(at)
    if byte == 92 then
      at = at + 1
    elseif byte == 40 then
      level = level + 1
    else
      level = level - 1
      if level < 0 then return at end
    end
    at = at + 1
  end
  if level > 0 then return false end
end

local TAIL = "^%s*%)()"

-- Where the last title of a kind may end in some text: most has none, and then none need be looked for.
local function last_title(text, closing, memo)
  local key = "title " .. closing
  if memo[key] == nil then memo[key] = text:match("^.*()%" .. closing .. "%s*%)") or 0 end
  return memo[key]
end

-- After the title, when there is one, and the closing parenthesis of a link.
local function link_tail(text, at, memo)
  local title = text:match("^[ \t]*()", at)
  title = text:match("^\n[ \t]*()", title) or title
  local closing = closings[text:sub(title, title)]
  local after = closing and last_title(text, closing, memo) > title and titled(text, title, TAIL)
  return after or text:match(TAIL, at)
end

-- An address in angle brackets: it holds no bracket and no line end.
local function bracketed(text, at)
  local stop = at + 1
  while true do
    stop = text:find("[\n<>\\]", stop)
    local byte = stop and text:byte(stop)
    if byte == 92 and text:find("^[^\n]", stop + 1) then
      stop = stop + 2
    elseif byte == 62 and stop > at + 1 then
      return stop
    else
      return nil
    end
  end
end

-- The address of a link as it is written, and what is after the link.
local function link_address(text, at, memo)
  local last = text:byte(at) == 60 and bracketed(text, at)
  local after = last and link_tail(text, last + 1, memo)
  if after then return text:sub(at, last), after end
  -- The longest address after which the link can end: at white space, at a title that touches it, or at the last
  -- parenthesis.
  local stop = text:match("^[^%z\1-\32]*()", at)
  after = link_tail(text, stop, memo)
  if after then return text:sub(at, stop - 1), after end
  local parenthesis = text:sub(at, stop - 1):match("^.*()%)")
  local least = parenthesis and at + parenthesis - 1 or at
  local last_titles = math.max(last_title(text, '"', memo), last_title(text, "'", memo), last_title(text, ")", memo))
  for position = math.min(stop - 1, last_titles), least, -1 do
    after = text:find("^[\"'()]", position) and link_tail(text, position, memo)
    if after then return text:sub(at, position - 1), after end
  end
  if parenthesis then return text:sub(at, least - 1), least + 1 end
end

local function inline_link(lexer, text, at, bracket, closing, memo)
  local from = text:match("^%(%s*()", closing + 1)
  if not from then return nil end
  local address, after = link_address(text, from, memo)
  if not address then return nil end
  local raw, trimmed = text:sub(at, after - 1), unicode.trim(address)
  if trimmed:byte() == 60 then
    if trimmed:byte(-1) ~= 62 or unicode.count_slashes(trimmed, #trimmed - 1) % 2 == 1 then return nil end
    address = trimmed:sub(2, -2)
  else
    local extra = closing_parenthesis(address)
    if extra == false then return nil end
    if extra then
      -- What is after the parenthesis that closes the link is text.
      raw = unicode.trim(raw:sub(1, (closing - at) + 2 + extra))
      address = address:sub(1, extra - 1)
    end
    address = unicode.trim(address)
  end
  return link_token(lexer, text:sub(bracket + 1, closing - 1), unicode.unescape(address), raw)
end

-- [text][label], [label][] and [label]. When the label is not defined, only the first character is read.
local function reference(lexer, text, at, bracket, closing)
  local stop = closing and text:byte(closing + 1) == 91 and label_end(text, closing + 2)
  local label = stop and text:sub(closing + 2, stop - 1)
  if not stop then
    closing = label_end(text, bracket + 1)
    if not closing then return nil end
    label = text:sub(bracket + 1, closing - 1)
    stop = text:sub(closing + 1, closing + 2) == "[]" and closing + 2 or closing
  end
  local definition = lexer.links[normal(label)]
  if not definition then
    local char = text:sub(at, at)
    return { type = "text", raw = char, text = char }
  end
  return link_token(lexer, text:sub(bracket + 1, closing - 1), definition.href, text:sub(at, stop))
end

--- The link or image that begins here, or nil. A text token when its label is not defined.
function links.read(lexer, text, at, _, _, memo)
  local bracket = text:match("^!?()%[", at)
  if not bracket then return nil end
  local closing = text_end(text, bracket + 1)
  return closing and inline_link(lexer, text, at, bracket, closing, memo)
    or reference(lexer, text, at, bracket, closing)
end

-- Hides the links with defined labels from the search for emphasis: a copy of the text of the same length.
function links.mask(lexer, text)
  if not next(lexer.links) then return text end
  local parts, from, at = {}, 1, 1
  while true do
    at = text:find("[", at, true)
    if not at then break end
    local first = at > from and text:byte(at - 1) == 33 and at - 1 or at
    local closing = text_end(text, at + 1)
    local stop = closing and text:byte(closing + 1) == 91 and label_end(text, closing + 2)
    if not stop then
      local label = label_end(text, at + 1)
      stop = label and (text:sub(label + 1, label + 2) == "[]" and label + 2 or label)
      if stop and text:byte(stop + 1) == 40 then stop = text:byte(label + 1) ~= 40 and label or nil end
    end
    if stop then
      local label = text:sub(first, stop):match("([^[]*)%]$")
      if lexer.links[label] then
        parts[#parts + 1] = text:sub(from, first - 1) .. "[" .. ("a"):rep(stop - first - 1) .. "]"
        from = stop + 1
      end
      at = stop + 1
    else
      at = at + 1
    end
  end
  return table.concat(parts) .. text:sub(from)
end

return links
