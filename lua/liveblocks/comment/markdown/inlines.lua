--- Splits the text of a block into its inline parts: escapes, tags, links, emphasis, code, line breaks, addresses.
local emphasis = require "liveblocks.comment.markdown.emphasis"
local html = require "liveblocks.comment.markdown.html"
local links = require "liveblocks.comment.markdown.links"
local unicode = require "liveblocks.comment.markdown.unicode"

local function text_token(raw)
  return { type = "text", raw = raw, text = raw }
end

-- ---- Rules ---------------------------------------------------------------------------------------

local function escape(_, text, at)
  local char = text:match("^\\(%p)", at)
  return char and { type = "escape", raw = "\\" .. char, text = char }
end

local function code_span(_, text, at)
  local ticks, from = text:match("^(`+)()", at)
  if not ticks then return nil end
  -- The next run of as many backticks.
  local stop = from
  while true do
    local run
    run, stop = text:match("()`+()", stop)
    if not run then return nil end
    if stop - run == #ticks then
      local content = text:sub(from, run - 1):gsub("\n", " ")
      if content:find("[^ ]") and content:find("^ .* $") then content = content:sub(2, -2) end
      return { type = "codespan", raw = text:sub(at, stop - 1), text = content }
    end
  end
end

local function line_break(_, text, at)
  local stop = text:match("^  +\n()", at) or text:match("^\\\n()", at)
  if not stop or unicode.skip_space(text, stop) > #text then return nil end
  return { type = "br", raw = text:sub(at, stop - 1) }
end

local function deletion(lexer, text, at, _, _, memo)
  local marks, from = text:match("^(~~?)()[^%s~]", at)
  if not marks or memo[marks] or unicode.is_space(unicode.char(text, from)) then return nil end
  local stop = from
  while true do
    stop = text:find("[\\~]", stop)
    if not stop then
      memo[marks] = true -- nothing in the rest of the text closes these
      return nil
    end
    if text:byte(stop) == 92 then
      if not text:find("^[^\n]", stop + 1) then return nil end
      stop = stop + 1 + #unicode.char(text, stop + 1)
      -- An escaped character may be the last before the marks, whatever it is.
      if text:byte(stop) == 126 and text:match("^~+", stop) == marks then break end
    else
      local run = text:match("^~+", stop)
      local before = unicode.last_char(text, stop)
      if #run == #marks and before ~= "~" and not unicode.is_space(before) then break end
      stop = stop + #run
    end
  end
  return { type = "del", raw = text:sub(at, stop + #marks - 1), tokens = lexer:inlines(text:sub(from, stop - 1)) }
end

local function address_token(raw, text, href)
  return { type = "link", raw = raw, href = href, text = text, tokens = { text_token(text) } }
end

local MAIL_NAME = "^[%w.!#$%%&'*+/=?^_`{|}~-]+"

-- A host name of a mail address: labels of up to 63 letters, digits and inner hyphens.
local function is_mail_host(host)
  local count = 0
  for label in (host .. "."):gmatch("([^.]*)%.") do
    if #label > 63 or not (label:find("^%w$") or label:find("^%w[%w-]*%w$")) then return false end
    count = count + 1
  end
  return count > 1
end

local function auto_link(_, text, at)
  local inner, stop = text:match("^<([^%s%c<>]*)>()", at)
  if not inner or unicode.find_space(inner, 1) then return nil end
  local raw, scheme = text:sub(at, stop - 1), inner:match("^(%a[%w+.-]+):")
  if scheme and #scheme <= 32 then return address_token(raw, inner, inner) end
  local host = inner:match(MAIL_NAME .. "@(.+)$")
  return host and is_mail_host(host) and address_token(raw, inner, "mailto:" .. inner) or nil
end

-- Takes from the end of a bare address what is more likely the sentence's: punctuation, entities, what follows an
-- open parenthesis.
local function trim_address(address)
  while true do
    local at, size = 1, #address
    while at <= size do
      local stop = address:match("^[^?!.,:;*_'\"~()&]+()", at) or address:match("^%([^)]*%)()", at)
      if not stop and address:byte(at) == 38 and not address:find("^%w+;$", at + 1) then stop = at + 1 end
      if not stop then
        stop = address:match("^[?!.,:;*_'\"~)]+()", at)
        if stop and stop > size then stop = size end
        if not stop or stop == at then break end
      end
      at = stop
    end
    if at > size then return address end
    address = address:sub(1, at - 1)
  end
end

local function bare_address(lexer, text, at)
  if lexer.in_link or not text:find("^[fhwFHW]", at) then return nil end
  local start = text:sub(at, at + 7):lower()
  local prefix = start:match("^https?://") or start:match("^ftp://") or start:match("^www%.")
  if not prefix or not text:find("^[%w-]", at + #prefix) then return nil end
  local stop = unicode.find_space(text, at) or #text + 1
  stop = math.min(stop, text:find("<", at, true) or stop)
  local address = trim_address(text:sub(at, stop - 1))
  return address_token(address, address, address:sub(1, 4) == "www." and "http://" .. address or address)
end

-- ---- Plain text ----------------------------------------------------------------------------------

local MAIL_CHAR = "^[%w.!#$%%&'*+/=?_`{|}~-]"
local MAIL_BEGIN = MAIL_CHAR .. "+@"

-- Does a mail address begin between `from` and `at`, and reach over `at`? Text ends before one.
local function mail_start(text, from, at)
  local first = at
  while first > from and text:find(MAIL_CHAR, first - 1) do first = first - 1 end
  if first > from and first <= at and text:find(MAIL_BEGIN, first) then return first end
end

local stops = { h = "^https?://", f = "^ftp://", w = "^www%." }

-- Where plain text ends that begins at a position: before what another rule may read.
local function text_end(text, at, memo)
  local from = text:match("^[`~]+()", at) or at + #unicode.char(text, at)
  if not memo.last_mail then memo.last_mail = text:match("^.*()@") or 0 end
  if text:find("^  +\n", from) then return from end
  if from < memo.last_mail and text:find(MAIL_BEGIN, from) then return from end
  local stop = from
  while true do
    stop = text:find("[\\<!%[`*~_hfw@ ]", stop)
    if not stop then return #text + 1 end
    local char = text:sub(stop, stop)
    if char == "@" then
      local mail = mail_start(text, from, stop)
      if mail and mail < stop then return mail end
    elseif char == " " then
      if stop > from and text:byte(stop - 1) ~= 32 and text:find("^  +\n", stop) then return stop end
    elseif not stops[char] or text:find(stops[char], stop) then
      return stop < memo.last_mail and mail_start(text, from, stop) or stop
    end
    stop = stop + 1
  end
end

-- ---- The lexer -----------------------------------------------------------------------------------

-- After a run of characters up to a closing parenthesis; `nested` reads parentheses inside of it, once.
local function parenthesis_end(text, at, nested)
  while at do
    at = text:match("^[^\\()]*()", at)
    local char = text:sub(at, at)
    if char == ")" then return at + 1 end
    if char == "\\" then
      at = text:match("^\\[^\n]()", at)
    else
      at = char == "(" and nested and nested(text, at + 1)
    end
  end
end

-- After a link, a code span or a tag.
local function hidden_end(text, at)
  local address = text:match("^%[[^][]*%]%(()", at)
  return address and parenthesis_end(text, address, parenthesis_end) or text:match("^`[^`]*`()", at)
    or text:match("^<[^<>]*>()", at)
end

-- A copy of the text, of the same length, with all hidden in which no delimiter of emphasis counts.
local function mask(lexer, text)
  local masked = links.mask(lexer, text)
  if not masked:find("[\\[`<]") then return masked end
  masked = masked:gsub("\\(" .. utf8.charpattern .. ")", function(char)
    return unicode.is_mark(char) and ("+"):rep(#char + 1) or nil
  end)
  local parts, from, at = {}, 1, 1
  while true do
    at = masked:find("[%[`<]", at)
    if not at then break end
    local stop = hidden_end(masked, at)
    if stop then
      parts[#parts + 1] = masked:sub(from, at - 1) .. "[" .. ("a"):rep(stop - at - 2) .. "]"
      from = stop
    end
    at = stop or at + 1
  end
  return table.concat(parts) .. masked:sub(from)
end

-- The rules in the order in which they are tried, by the first character.
local rules = {
  ["\\"] = { escape, line_break }, ["<"] = { html.tag, auto_link }, ["["] = { links.read }, ["!"] = { links.read },
  ["*"] = { emphasis.read }, ["_"] = { emphasis.read }, ["`"] = { code_span }, [" "] = { line_break },
  ["~"] = { deletion },
}
local none = { bare_address }

--- Reads the inline parts of some text into `tokens`.
return function(lexer, text, tokens)
  tokens = tokens or {}
  local masked, before, at = mask(lexer, text), "", 1
  local memo = {} -- what rules have found out about this text
  while at <= #text do
    local token
    for _, rule in ipairs(rules[text:sub(at, at)] or none) do
      token = rule(lexer, text, at, masked, before, memo)
      if token then break end
    end
    if token then
      before = ""
    else
      token = text_token(text:sub(at, text_end(text, at, memo) - 1))
      local last = unicode.last_char(token.raw)
      if last ~= "_" then before = last end
    end
    local last = tokens[#tokens]
    if token.type == "text" and last and last.type == "text" then
      last.raw = last.raw .. token.raw
      last.text = last.raw
    else
      tokens[#tokens + 1] = token
    end
    at = at + #token.raw
  end
  return tokens
end
