--- Emphasis: *em*, **strong**, _em_, __strong__. Which run of delimiters closes which follows from what stands
--- on both sides of it (the delimiter rules of CommonMark, as marked 15 reads them).
local unicode = require "liveblocks.markdown.unicode"

local emphasis = {}

-- "space", "mark" or "other". Between asterisks a tilde is no mark: it may begin a deletion.
local function class_of(char, delimiter)
  if char == "" or unicode.is_space(char) then return "space" end
  if char == "~" and delimiter == "*" then return "other" end
  return unicode.is_mark(char) and "mark" or "other"
end

-- What a run can do, by the classes before and behind it: close, open, or both.
local roles = {
  mark = { space = "close", other = "open", mark = "both" },
  other = { space = "close", mark = "close", other = "both" },
  space = { other = "open", mark = "open" },
}

-- Can a run open here? Returns its length.
local function opening(text, at, before)
  local delimiter = text:match("^[*_]", at)
  if not delimiter then return nil end
  local stop = text:match("^[" .. delimiter .. "]+()", at)
  local behind = unicode.char(text, stop)
  if behind == "" or unicode.is_space(behind) then return nil end
  local is_mark = unicode.is_mark(behind) and behind ~= "~"
  if is_mark then
    local free = before == "" or before ~= "*" and before ~= "_" and (unicode.is_space(before) or unicode.is_mark(before))
    if not free or #before == 4 then return nil end
  elseif delimiter == "_" and before ~= "" and unicode.is_alphanumeric(before) then
    return nil
  end
  return stop - at, delimiter
end

-- Where the search for the closing run begins: behind runs that belong to the other delimiter's strong text.
local function search_start(masked, at, delimiter)
  local other = delimiter == "*" and "_" or "*"
  local d, o = "%" .. delimiter, "%" .. other
  return masked:match("^[^_*]*" .. o .. o .. "[^_*]*" .. d .. "[^_*]*()" .. o .. o, at) or at
end

-- Finds the run that closes the one of `length` delimiters before `at`. Returns where it begins and how many of its
-- delimiters it gives.
local function closing(masked, at, length, delimiter)
  local total, middle = length, 0
  local set = "[" .. delimiter .. "]+()"
  local from = search_start(masked, at, delimiter)
  while true do
    local run = masked:find(delimiter, from, true)
    if not run then return nil end
    local stop = masked:match(set, run)
    local role = run > from and roles[class_of(unicode.last_char(masked, run), delimiter)]
      [class_of(unicode.char(masked, stop), delimiter)]
    -- An underscore inside of a word does nothing.
    local inside = role == "both" and delimiter == "_" and class_of(unicode.last_char(masked, run), "_") == "other"
    local count = stop - run
    if role == "open" then
      total = total + count
    elseif role == "both" and length % 3 ~= 0 and (length + count) % 3 == 0 and not inside then
      middle = middle + count
    elseif role and not inside then
      total = total - count
      if total <= 0 then return run, math.min(count, count + total + middle) end
    end
    from = stop
  end
end

--- The emphasized text that begins here, or nil. `masked` is the text with all hidden in which no delimiter counts;
--- `before` the character before it.
function emphasis.read(lexer, text, at, masked, before)
  local length, delimiter = opening(text, at, before)
  if not length then return nil end
  local run, count = closing(masked, at + length, length, delimiter)
  if not run then return nil end
  local raw = text:sub(at, run + count - 1)
  local width = math.min(length, count) % 2 == 1 and 1 or 2
  return { type = width == 1 and "em" or "strong", raw = raw, tokens = lexer:inlines(raw:sub(width + 1, -width - 1)) }
end

return emphasis
