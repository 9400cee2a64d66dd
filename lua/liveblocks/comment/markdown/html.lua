--- HTML in Markdown: blocks and inline tags. It is kept as text; only where it ends matters.
local lines = require "liveblocks.comment.markdown.lines"
local unicode = require "liveblocks.comment.markdown.unicode"

local html = {}

-- After the attributes of a tag. `space` is the pattern of what stands between them, `inner` of what may not be in
-- a quoted value.
local function attributes(text, at, space, inner)
  while true do
    local stop = text:match("^" .. space .. "+[%a:_][%w_.:-]*()", at)
    if not stop then return at end
    local equals = text:match("^" .. space .. "*=" .. space .. "*()", stop)
    if equals then
      stop = text:match('^"[^"' .. inner .. ']*"()', equals) or text:match("^'[^'" .. inner .. "]*'()", equals)
        or text:match("^[^%s\"'=<>`]+()", equals)
      if not stop then return nil end
    end
    at = stop
  end
end

-- After the blank lines that end a block, or the end of the text.
local function blank_line(text, at)
  local from = text:find("\n[ \t]*\n", at)
  if not from then return #text + 1 end
  local run = text:match("^[ \t\n]*", from)
  return from + #run:match("^.*\n")
end

local function after(text, at, closing, tail)
  local _, stop = text:find(closing, at, true)
  return stop and text:match(tail, stop + 1) or #text + 1
end

local function is_alone(text, at)
  return text:find("^[ \t]*\n", at) or text:find("^[ \t]*$", at)
end

-- How HTML blocks begin and where they end, in the order in which they are tried. `low` is the text in lower case,
-- `at` after the angle bracket.
local kinds = {
  function(low, at)
    local tag = lines.raw_tag(low, at)
    if not tag or not low:find("^[%s>]", at + #tag) then return nil end
    return after(low, at + #tag + 1, "</" .. tag .. ">", "^[^\n]*\n+()")
  end,
  function(low, at)
    local stop = low:match("^!%-%-()", at)
    if not stop then return nil end
    stop = low:match("^%-?>()", stop) or after(low, stop, "-->", "^()")
    return low:match("^[^\n]*\n*()", stop)
  end,
  function(low, at) return low:find("^%?", at) and after(low, at + 1, "?>", "^\n*()") end,
  function(low, at) return low:find("^!%l", at) and after(low, at + 2, ">", "^\n*()") end,
  function(low, at) return low:find("^!%[cdata%[", at) and after(low, at + 8, "]]>", "^\n*()") end,
  function(low, at)
    if not lines.block_tag(low, at) then return nil end
    return blank_line(low, low:match("^/?%w+\n?()", at))
  end,
  function(low, at)
    local stop = not lines.raw_tag(low, at) and low:match("^%l[%w_-]*()", at)
    stop = stop and attributes(low, stop, " ", "\n")
    stop = stop and low:match("^ */?>()", stop)
    return stop and is_alone(low, stop) and blank_line(low, stop)
  end,
  function(low, at)
    local name = low:match("^/()%l", at)
    if not name or lines.raw_tag(low, name) then return nil end
    local stop = low:match("^[%w_-]+%s*>()", name)
    return stop and is_alone(low, stop) and blank_line(low, stop)
  end,
}

--- The HTML block that begins here, or nil.
function html.block(lexer, text, at)
  local bracket = lines.indent(text, at)
  if text:byte(bracket) ~= 60 then return nil end
  local low = lexer:lower(text)
  for _, kind in ipairs(kinds) do
    local stop = kind(low, bracket + 1)
    if stop then
      local raw = text:sub(at, stop - 1)
      return { type = "html", raw = raw, text = raw }
    end
  end
end

-- After the inline tag that begins here.
local function tag_end(text, at)
  local comment = text:match("^<!%-%-()", at)
  if comment then
    local short = text:match("^%-?>()", comment)
    local _, last = text:find("-->", comment, true)
    if short or last then return short or last + 1 end
  end
  local stop = text:match("^</%a[%w_:-]*%s*>()", at)
  if stop then return stop end
  stop = text:match("^<%a[%w_-]*()", at)
  stop = stop and attributes(text, stop, "%s", "")
  stop = stop and text:match("^%s*/?>()", stop)
  if stop then return stop end
  local closing = text:find("^<%?", at) and "?>" or text:find("^<!%a+%s", at) and ">"
    or text:find("^<!%[CDATA%[", at) and "]]>"
  if not closing then return nil end
  local _, last = text:find(closing, at + 2, true)
  return last and last + 1
end

--- The inline HTML tag that begins here, or nil. Inside of an <a> no address becomes a link.
function html.tag(lexer, text, at, _, _, memo)
  memo.plain_spaces = memo.plain_spaces or unicode.plain_spaces(text)
  local stop = tag_end(memo.plain_spaces, at)
  if not stop then return nil end
  local raw = text:sub(at, stop - 1)
  if raw:find("^<[aA] ") then
    lexer.in_link = true
  elseif raw:find("^</[aA]>") then
    lexer.in_link = false
  end
  return { type = "html", raw = raw, text = raw }
end

return html
