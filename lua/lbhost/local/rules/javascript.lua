--- How JavaScript writes strings and numbers: the vendor's messages quote them so.
local json = require "liveblocks.json"

local javascript = {}

--- How many UTF-16 units a string has; half a surrogate pair is one, and so is each byte that is not UTF-8.
---@param text string
---@return integer
function javascript.length(text)
  local length = utf8.len(text, 1, -1, true)
  if not length then return #text end
  local _, long = text:gsub("[\xF0-\xF4]", "") -- the first bytes of the characters that take two units
  return length + long
end

--- Writes a number in the fewest digits that give it back; the infinite ones are null, as in JSON.
---@param x number
---@return string
function javascript.number(x)
  x = json.tonumber(x) + 0.0
  if x ~= x or x - x ~= 0 then return "null" end
  if x == 0 then return "0" end
  local sign, whole, fraction, exponent = json.encode(x):match("^(%-?)(%d+)%.?(%d*)e?([-+]?%d*)$")
  local zeros, digits = (whole .. fraction):match("^(0*)(.-)0*$") -- quadratic: 17 digits
  local point = #whole - #zeros + (tonumber(exponent) or 0) -- where it stands, counted from the first digit
  if point > 21 or point <= -6 then
    local tail = #digits > 1 and "." .. digits:sub(2) or ""
    return ("%s%se%+d"):format(sign, digits:sub(1, 1) .. tail, point - 1)
  end
  if point <= 0 then return sign .. "0." .. ("0"):rep(-point) .. digits end
  if point >= #digits then return sign .. digits .. ("0"):rep(point - #digits) end
  return sign .. digits:sub(1, point) .. "." .. digits:sub(point + 1)
end

return javascript
