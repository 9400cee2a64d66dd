--- Splits Markdown into blocks. The text of paragraphs, headings and cells wait in lexer.queue until all link
--- definitions are known.
local containers = require "liveblocks.comment.markdown.containers"
local html = require "liveblocks.comment.markdown.html"
local lines = require "liveblocks.comment.markdown.lines"
local links = require "liveblocks.comment.markdown.links"
local tables = require "liveblocks.comment.markdown.tables"
local trim = require "liveblocks.trim"
local unicode = require "liveblocks.comment.markdown.unicode"

local Lexer = {}
Lexer.__index = Lexer

Lexer.inlines = require "liveblocks.comment.markdown.inlines"

--- Puts text into the queue and returns the table that will hold its tokens.
function Lexer:inline(text)
  local tokens = {}
  self.queue[#self.queue + 1] = { text = text, tokens = tokens }
  return tokens
end

--- The text in lower case and with plain white space, kept for the next rule that asks.
function Lexer:lower(text)
  if self.lower_of ~= text then self.lower_of, self.lowered = text, unicode.plain_spaces(text:lower()) end
  return self.lowered
end

-- ---- Rules: each reads the block that begins at a position, or returns nil -----------------------

local function indented_code(_, text, at)
  local from = at
  while lines.code(text, at) do at = lines.skip_blank(text, math.min(lines.stop(text, at), #text) + 1) end
  if at == from then return nil end
  local raw = text:sub(from, at - 1)
  local code = ("\n" .. raw):gsub("\n( ? ? ? ?)(\t?)", function(spaces, tab)
    return "\n" .. (spaces ~= "" and tab or "")
  end)
  return { type = "code", raw = raw, text = trim.ending(code:sub(2), "\n") }
end

-- Takes from each line of a code block the indentation that its fence has.
local function unindent(code, spaces)
  if spaces == 0 then return code end
  return (("\n" .. code):gsub("\n([^\n]*)", function(line)
    local indent = line:sub(1, unicode.skip_space(line, 1) - 1)
    return utf8.len(indent) >= spaces and "\n" .. unicode.drop(line, spaces) or nil
  end):sub(2))
end

local function fenced_code(_, text, at)
  local fence, after = lines.fence(text, at)
  if not fence then return nil end
  local from = lines.stop(text, after) + 1
  local line, code_end, stop = from, #text, #text + 1
  if text:byte(-1) == 10 then code_end = #text - 1 end
  while line <= #text do
    local closing = lines.indent(text, line)
    if text:sub(closing, closing + #fence - 1) == fence then
      local rest = text:match("^[~`]* *()", closing + #fence)
      if rest > #text or text:byte(rest) == 10 then
        code_end, stop = line - 2, rest
        break
      end
    end
    line = lines.stop(text, line) + 1
  end
  local code = text:sub(from, code_end)
  local spaces = fence:byte() == 96 and lines.indent(text, at) - at or 0
  return { type = "code", raw = text:sub(at, stop - 1), text = unindent(code, spaces) }
end

local function heading(lexer, text, at)
  local signs, after = lines.heading(text, at)
  if not signs then return nil end
  local stop = lines.stop(text, after)
  local content = unicode.trim(text:sub(after, stop - 1))
  local open = content:sub(-1) == "#" and trim.ending(content, "#")
  if open == "" or open and open:sub(-1) == " " then content = unicode.trim(open) end
  return { type = "heading", depth = #signs, raw = text:sub(at, lines.skip_newlines(text, stop) - 1),
    tokens = lexer:inline(content) }
end

local function rule(_, text, at)
  local stop = lines.rule(text, at)
  return stop and { type = "hr", raw = trim.ending(text:sub(at, stop - 1), "\n") }
end

-- Does the line begin something that is not a heading with a line of = or - below?
local function no_underlined(text, at)
  local _, bullet = lines.bullet(text, at)
  if bullet and text:byte(at) ~= 32 and text:byte(bullet) == 32 then return true end
  if text:find("^    ", at) or text:find("^ ? ? ?\t", at) or lines.quote(text, at) then return true end
  local from = lines.indent(text, at)
  return text:find("^#", from) or text:find("^```", from) or text:find("^~~~", from)
    or text:find("^<[^\n>]+>\n", from) or text:find("^[|:%- ]*|[:%- ]*\n", from)
end

local function underlined_heading(lexer, text, at)
  if no_underlined(text, at) then return nil end
  local stop = lines.stop(text, at)
  while stop <= #text do
    local line, after = text:match("^ ? ? ?([=-]+) *()", stop + 1)
    local is_line = line and (line:find("^=+$") or line:find("^%-+$"))
    if is_line and (after > #text or text:byte(after) == 10) then
      return { type = "heading", depth = line:byte() == 61 and 1 or 2, tokens = lexer:inline(text:sub(at, stop - 1)),
        raw = text:sub(at, lines.skip_newlines(text, after) - 1) }
    end
    local blank = text:find("\n", stop + 1, true)
    if blank and blank < unicode.skip_space(text, stop + 1) or no_underlined(text, stop + 1) then return nil end
    stop = lines.stop(text, stop + 1)
  end
end

local function paragraph(lexer, text, at)
  if not lexer.top or text:byte(at) == 10 then return nil end
  local stop = lines.stop(text, at)
  while stop < #text and text:byte(stop + 1) ~= 10 do
    local next_line = stop + 1
    if text:find("^ +\n", next_line) or lines.interrupts(text, next_line) or tables.begins(text, next_line) then break end
    stop = lines.stop(text, next_line)
  end
  local content = text:sub(at, stop - 1)
  return { type = "paragraph", raw = content, text = content, tokens = lexer:inline(content) }
end

local function text_line(lexer, text, at)
  local content = text:match("^[^\n]+", at)
  return content and { type = "text", raw = content, text = content, tokens = lexer:inline(content) }
end

-- ---- The lexer -----------------------------------------------------------------------------------

-- A block that turns out to be more lines of the text before it.
local function continue(self, last, token, text)
  last.raw = last.raw .. "\n" .. token.raw
  last.text = last.text .. "\n" .. text
  self.queue[#self.queue].text = last.text
end

local function goes_on(last)
  return last and (last.type == "paragraph" or last.type == "text")
end

local function push(_, tokens, token)
  tokens[#tokens + 1] = token
end

local function push_code(self, tokens, token)
  local last = tokens[#tokens]
  if goes_on(last) then continue(self, last, token, token.text) else push(self, tokens, token) end
end

local function push_definition(self, tokens, token)
  local last = tokens[#tokens]
  if goes_on(last) then
    continue(self, last, token, token.raw)
  elseif not self.links[token.label] then
    self.links[token.label] = token
  end
end

local function push_line(self, tokens, token)
  local last = tokens[#tokens]
  if not last or last.type ~= "text" then return push(self, tokens, token) end
  self.queue[#self.queue] = nil
  continue(self, last, token, token.text)
end

-- The rules in the order in which they are tried, and what is done with what they find.
local rules = {
  { indented_code, push_code }, { fenced_code, push }, { heading, push }, { rule, push }, { containers.quote, push },
  { containers.list, push }, { html.block, push }, { links.definition, push_definition }, { tables.read, push },
  { underlined_heading, push }, { paragraph, push }, { text_line, push_line },
}

-- Blank lines: one newline belongs to the block before it.
local function take_space(tokens, text, at)
  local stop = lines.skip_blank(text, at)
  if stop == at then return nil end
  local last = tokens[#tokens]
  if stop == at + 1 and last then
    last.raw = last.raw .. "\n"
  else
    tokens[#tokens + 1] = { type = "space", raw = text:sub(at, stop - 1) }
  end
  return stop
end

--- Reads all blocks of some text into `tokens`. With `clipped`, a first paragraph continues one that is there already.
function Lexer:blocks(text, tokens, clipped)
  local at = 1
  while at <= #text do
    local stop = take_space(tokens, text, at)
    for i = 1, stop and 0 or #rules do
      local token = rules[i][1](self, text, at)
      if token then
        local last = tokens[#tokens]
        stop = at + #token.raw
        if token.type == "paragraph" and clipped and last and last.type == "paragraph" then
          self.queue[#self.queue] = nil
          continue(self, last, token, token.text)
        else
          rules[i][2](self, tokens, token)
        end
        if token.type == "paragraph" then clipped = false end
        break
      end
    end
    at = stop
  end
  self.top = true
  return tokens
end

--- All blocks of some text, and their inline parts.
---@param text string valid UTF-8
---@return table[] tokens
return function(text)
  local lexer = setmetatable({ links = {}, queue = {}, top = true, in_link = false }, Lexer)
  local tokens = lexer:blocks((text:gsub("\r\n?", "\n")), {})
  local at = 1
  while lexer.queue[at] do
    lexer:inlines(lexer.queue[at].text, lexer.queue[at].tokens)
    at = at + 1
  end
  return tokens
end
