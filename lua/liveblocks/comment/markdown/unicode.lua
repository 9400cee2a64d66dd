--- Character classes as JavaScript has them, over UTF-8 text that is known to be valid.
local unicode = {}

local sets = {}

-- The ranges of a class, decoded when first needed: two lists of first and last code points.
local function set_of(name)
  if sets[name] then return sets[name] end
  local set, last = { first = {}, last = {} }, 0x80
  for gap, length in require("liveblocks.comment.markdown.ranges")[name]:gmatch("(%w+)%.(%w+)") do
    local first = last + tonumber(gap, 36)
    last = first + tonumber(length, 36)
    set.first[#set.first + 1] = first
    set.last[#set.last + 1] = last
  end
  sets[name] = set
  return set
end

local function within(name, code)
  local set = set_of(name)
  local low, high = 1, #set.first
  while low <= high do
    local middle = math.floor((low + high) / 2)
    if code < set.first[middle] then
      high = middle - 1
    elseif code > set.last[middle] then
      low = middle + 1
    else
      return true
    end
  end
  return false
end

local spaces = { ["\xc2\xa0"] = true, ["\xe1\x9a\x80"] = true, ["\xe2\x80\xa8"] = true, ["\xe2\x80\xa9"] = true, ["\xe2\x80\xaf"] = true,
  ["\xe2\x81\x9f"] = true, ["\xe3\x80\x80"] = true, ["\xef\xbb\xbf"] = true }
for code = 0x2000, 0x200a do spaces[utf8.char(code)] = true end

--- Is the character (one UTF-8 sequence) white space?
function unicode.is_space(char)
  return char:find("^%s$") ~= nil or spaces[char] == true
end

--- Is the character punctuation or a symbol?
function unicode.is_mark(char)
  if #char == 1 then return char:find("%p") ~= nil end
  return within("marks", utf8.codepoint(char))
end

--- Is the character a letter or number of the basic plane?
function unicode.is_alphanumeric(char)
  if #char == 1 then return char:find("%w") ~= nil end
  return #char < 4 and within("alphanumerics", utf8.codepoint(char))
end

local CHAR = utf8.charpattern
local LAST_CHAR = CHAR .. "$"

--- The character that begins at a position; "" after the end.
function unicode.char(text, at)
  return text:match(CHAR, at) or ""
end

--- The last character before a position (default: of the text).
function unicode.last_char(text, at)
  local first = math.max(1, (at or #text + 1) - 4)
  return text:sub(first, at and at - 1):match(LAST_CHAR) or ""
end

--- The text without its first characters, counted as JavaScript does: those beyond the basic plane are two. One that
--- the count cuts in half stays.
function unicode.drop(text, count)
  if not text:find("[\x80-\xFF]") then return text:sub(count + 1) end
  local at = 1
  while count > 0 and at <= #text do
    local char = unicode.char(text, at)
    count = count - (#char == 4 and 2 or 1)
    if count < 0 then break end
    at = at + #char
  end
  return text:sub(at)
end

--- The text with form feeds, white space that is not a space, for all white space beyond ASCII; of the same length.
function unicode.plain_spaces(text)
  if not text:find("[\xC2\xE1-\xE3\xEF]") then return text end
  return (text:gsub("[\xC2\xE1-\xE3\xEF][\x80-\xBF]+", function(char)
    return spaces[char] and ("\f"):rep(#char) or nil
  end))
end

--- Where the next white space begins, and its bytes; nothing when there is none.
function unicode.find_space(text, at)
  while true do
    at = text:find("[%s\xC2\xE1-\xE3\xEF]", at)
    if not at then return end
    local char = unicode.char(text, at)
    if unicode.is_space(char) then return at, char end
    at = at + #char
  end
end

--- Without the white space at the end.
function unicode.trim_end(text)
  local stop = #text
  while stop > 0 do
    local char = unicode.last_char(text, stop + 1)
    if not unicode.is_space(char) then break end
    stop = stop - #char
  end
  return text:sub(1, stop)
end

--- After the white space that begins at a position.
function unicode.skip_space(text, at)
  while true do
    at = text:match("^%s*()", at)
    local char = unicode.char(text, at)
    if not spaces[char] then return at end
    at = at + #char
  end
end

--- Without the white space at both ends.
function unicode.trim(text)
  return unicode.trim_end(text:sub(unicode.skip_space(text, 1)))
end

--- How many backslashes stand in a row at the end of text:sub(1, stop).
function unicode.count_slashes(text, stop)
  local at = stop
  while text:byte(at) == 92 do at = at - 1 end
  return stop - at
end

--- Without the backslashes that stand before punctuation.
function unicode.unescape(text)
  if not text:find("\\", 1, true) then return text end
  return (text:gsub("\\(" .. CHAR .. ")", function(char)
    return unicode.is_mark(char) and char or nil
  end))
end

return unicode
