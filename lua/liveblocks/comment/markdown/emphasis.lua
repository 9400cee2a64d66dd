--- Emphasis: *em*, **strong**, _em_, __strong__. Which run of delimiters closes which follows from what stands
--- on both sides of it (the delimiter rules of CommonMark, as marked 15 reads them).
local unicode = require "liveblocks.comment.markdown.unicode"

local emphasis = {}

-- "space", "mark" or "other". Between asterisks a tilde is not a mark: it may begin a deletion.
local function class_of(char, delimiter)
  if char == "" or unicode.is_space(char) then return "space" end
  if char == "~" and delimiter == "*" then return "other" end
  return unicode.is_mark(char) and "mark" or "other"
end

-- What a run can do, by the classes before and after it: close, open, or both.
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
  local after = unicode.char(text, stop)
  if after == "" or unicode.is_space(after) then return nil end
  local is_mark = unicode.is_mark(after) and after ~= "~"
  if is_mark then
    local free = before == "" or before ~= "*" and before ~= "_" and (unicode.is_space(before) or unicode.is_mark(before))
    if not free or #before == 4 then return nil end
  elseif delimiter == "_" and before ~= "" and unicode.is_alphanumeric(before) then
    return nil
  end
  return stop - at, delimiter
end

-- All runs of a delimiter: where each begins and ends, what it can do, and how many from there on can close.
local function find_runs(masked, delimiter)
  local runs, at = {}, 1
  local set = "[" .. delimiter .. "]+()"
  while true do
    local first = masked:find(delimiter, at, true)
    if not first then break end
    local stop = masked:match(set, first)
    local before = class_of(unicode.last_char(masked, first), delimiter)
    local role = roles[before][class_of(unicode.char(masked, stop), delimiter)]
    -- An underscore inside of a word does nothing.
    if role == "both" and delimiter == "_" and before == "other" then role = nil end
    runs[#runs + 1] = { first = first, stop = stop, count = stop - first, role = role }
    at = stop
  end
  local closers = 0
  for i = #runs, 1, -1 do
    if runs[i].role == "close" or runs[i].role == "both" then closers = closers + 1 end
    runs[i].closers = closers
  end
  return runs
end

-- Where the search for the closing run begins: after runs that belong to the other delimiter's strong text.
local function search_start(masked, at, delimiter)
  local other = delimiter == "*" and "_" or "*"
  local d, o = "%" .. delimiter, "%" .. other
  return masked:match("^[^_*]*" .. o .. o .. "[^_*]*" .. d .. "[^_*]*()" .. o .. o, at) or at
end

-- The index of the first run at or after a position.
local function first_run(runs, at)
  local low, high = 1, #runs + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if runs[middle].first < at then low = middle + 1 else high = middle end
  end
  return low
end

-- Finds the run that closes one of `length` delimiters. Returns where it begins and how many of its delimiters it gives.
local function closing(runs, index, length)
  local total, middle = length, 0
  for i = index, #runs do
    local run = runs[i]
    local role, count = run.role, run.count
    if run.closers == 0 then return nil end
    if role == "open" then
      total = total + count
    elseif role == "both" and length % 3 ~= 0 and (length + count) % 3 == 0 then
      middle = middle + count
    elseif role then
      total = total - count
      if total <= 0 then return run.first, math.min(count, count + total + middle) end
    end
  end
end

--- The emphasized text that begins here, or nil. `masked` is the text with all hidden in which no delimiter counts;
--- `before` the character before it; `memo` keeps what was found out about the text.
function emphasis.read(lexer, text, at, masked, before, memo)
  local length, delimiter = opening(text, at, before)
  if not length then return nil end
  memo[delimiter] = memo[delimiter] or find_runs(masked, delimiter)
  local runs = memo[delimiter]
  local run, count = closing(runs, first_run(runs, search_start(masked, at + length, delimiter)), length)
  if not run then return nil end
  local raw = text:sub(at, run + count - 1)
  local width = math.min(length, count) % 2 == 1 and 1 or 2
  return { type = width == 1 and "em" or "strong", raw = raw, tokens = lexer:inlines(raw:sub(width + 1, -width - 1)) }
end

return emphasis
