--- What a line of Markdown begins with: the tests that the rules for blocks share. Each takes the text and where
--- the line begins, and returns nil (or false) when it is not so.
local unicode = require "liveblocks.comment.markdown.unicode"

local lines = {}

local html_tags = {}
for tag in ([[address article aside base basefont blockquote body caption center col colgroup dd details dialog dir
  div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend
  li link main menu menuitem meta nav noframes ol optgroup option p param search section summary table tbody td tfoot
  th thead title tr track ul]]):gmatch("%w+") do
  html_tags[tag] = true
end

-- Tags whose content is raw text; they begin other rules than the rest.
lines.raw_tags = { "script", "pre", "style", "textarea" }

--- Where the line ends: at its newline, or after the text.
function lines.stop(text, at)
  return text:find("\n", at, true) or #text + 1
end

--- After up to three spaces.
function lines.indent(text, at)
  return text:match("^ ? ? ?()", at)
end

--- After a run of newlines.
function lines.skip_newlines(text, at)
  return text:match("^\n*()", at)
end

--- After a run of blank lines.
function lines.skip_blank(text, at)
  while true do
    local after = text:match("^[ \t]*\n()", at)
    if not after then return text:find("^[ \t]*$", at) and #text + 1 or at end
    at = after
  end
end

--- After a thematic break and the newlines after it.
function lines.rule(text, at)
  at = lines.indent(text, at)
  local mark = text:match("^[-_*]", at)
  if not mark then return nil end
  local run, stop = text:match("^([" .. mark .. "\t ]+)()", at)
  if stop <= #text and text:byte(stop) ~= 10 then return nil end
  local _, count = run:gsub("[^\t ]", "")
  return count >= 3 and lines.skip_newlines(text, stop) or nil
end

--- The number signs of a heading, and what is after them.
function lines.heading(text, at)
  local signs, stop = text:match("^(#+)()", lines.indent(text, at))
  if not signs or #signs > 6 then return nil end
  if stop > #text or unicode.is_space(unicode.char(text, stop)) then return signs, stop end
end

function lines.quote(text, at)
  return text:match("^ ? ? ?>()", at)
end

--- The fence that opens a code block, and what is after it.
function lines.fence(text, at)
  at = lines.indent(text, at)
  local fence, stop = text:match("^(```+)()", at)
  if fence then
    -- A backtick in the rest of the line makes it a code span.
    local tick = text:find("[`\n]", stop)
    if tick and text:byte(tick) == 96 then return nil end
    return fence, stop
  end
  return text:match("^(~~~+)()", at)
end

--- The marker of a list item with the spaces before it, and what is after it.
function lines.bullet(text, at)
  local marker, stop = text:match("^( ? ? ?[*+-])()", at)
  if marker then return marker, stop end
  marker, stop = text:match("^( ? ? ?%d+[.)])()", at)
  if marker and #marker:match("%d+") <= 9 then return marker, stop end
end

--- Is this an indented code line?
function lines.code(text, at)
  return text:match("^    ()[^\n]", at) or text:match("^ ? ? ?\t()[^\n]", at)
end

local function raw_tag(text, at)
  for _, tag in ipairs(lines.raw_tags) do
    if text:sub(at, at + #tag - 1) == tag then return tag end
  end
end

lines.raw_tag = raw_tag

--- Is this the tag of an HTML block? `at` is after the angle bracket; the text in lower case.
function lines.block_tag(text, at)
  local name, stop = text:match("^/?(%w+)()", at)
  return html_tags[name] and text:match("^[ \n>]", stop) ~= nil or html_tags[name] and text:match("^/>", stop) ~= nil
end

local function html(text, at)
  if text:byte(at) ~= 60 then return false end
  return raw_tag(text, at + 1) ~= nil or text:sub(at + 1, at + 3) == "!--" or lines.block_tag(text, at + 1)
end

--- May this line not continue the paragraph or the table row before it?
function lines.interrupts(text, at)
  if not text:find("^[ \t<>#`~*+_1-]", at) then return false end
  if lines.rule(text, at) or lines.heading(text, at) or lines.quote(text, at) or html(text, at) then return true end
  local _, stop = lines.fence(text, at)
  if stop and text:find("\n", stop, true) then return true end
  return text:find("^ ? ? ?[*+-] ", at) ~= nil or text:find("^ ? ? ?1[.)] ", at) ~= nil
end

return lines
