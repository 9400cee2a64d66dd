--- Strings for what takes only valid UTF-8: JSON can hold half a surrogate pair, which is WTF-8 in Lua.
local wtf8 = {}

local HIGH, LOW = "\xED([\xA0-\xAF])([\x80-\xBF])", "\xED([\xB0-\xBF])([\x80-\xBF])"

local function join(high1, high2, low1, low2)
  local high = (high1:byte() - 0xA0) * 64 + high2:byte() - 0x80
  local low = (low1:byte() - 0xB0) * 64 + low2:byte() - 0x80
  return utf8.char(0x10000 + high * 0x400 + low)
end

--- The same string with U+FFFD for each half of a surrogate pair; two halves that follow each other are the character. (JavaScript's
--- toWellFormed.)
---@param text string
---@return string
function wtf8.to_utf8(text)
  if not text:find "\xED[\xA0-\xBF]" then return text end
  return (text:gsub(HIGH .. LOW, join):gsub("\xED[\xA0-\xBF][\x80-\xBF]", "\xEF\xBF\xBD"))
end

return wtf8
