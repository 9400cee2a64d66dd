--- Where in a piece of Lua the end of the text is: inside which string and brackets. For completion.
local scan = {}

-- Skips a long bracket or a comment that begins at i; nil when none does, or text that never ends: #text + 1.
local function skip_long(text, i)
  local level = text:match("^%[(=*)%[", i)
  if not level then return nil end
  local _, last = text:find("]" .. level .. "]", i, true)
  return last and last + 1 or #text + 1, not last
end

local function skip_comment(text, i)
  local after, open = skip_long(text, i + 2)
  if after then return after, open end
  local line = text:find("\n", i, true)
  return line or #text + 1, not line
end

-- Returns the position after a quoted string, or nil when it is open.
local function skip_string(text, i)
  local quote = text:sub(i, i)
  local position = i + 1
  while position <= #text do
    local c = text:sub(position, position)
    if c == "\\" then
      position = position + 2
    elseif c == quote then
      return position + 1
    else
      position = position + 1
    end
  end
end

---@class lbhost.OpenAtEnd
---@field string integer? where the open string begins
---@field comment boolean the end lies in a comment or a long string
---@field brackets { [1]: string, at: integer }[] open ones, the outermost first

--- Finds what is open at the end of the text.
---@param text string
---@return lbhost.OpenAtEnd
function scan.open_at_end(text)
  local brackets, i = {}, 1
  while i <= #text do
    local c = text:sub(i, i)
    local open
    if text:sub(i, i + 1) == "--" then
      i, open = skip_comment(text, i)
      if open then return { comment = true, brackets = brackets } end
    elseif c == '"' or c == "'" then
      local after = skip_string(text, i)
      if not after then return { string = i, comment = false, brackets = brackets } end
      i = after
    elseif c == "[" and skip_long(text, i) then
      i, open = skip_long(text, i)
      if open then return { comment = true, brackets = brackets } end
    else
      if c:find("[%(%[{]") then brackets[#brackets + 1] = { c, at = i } end
      if c:find("[%)%]}]") then brackets[#brackets] = nil end
      i = i + 1
    end
  end
  return { comment = false, brackets = brackets }
end

return scan
