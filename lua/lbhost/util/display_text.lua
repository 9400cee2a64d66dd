--- Text on a terminal: how wide it is, cut and padded to a width.
local host = require "lbhost.host"

local display_text = {}

--- Columns that a string takes; a byte that is not UTF-8 takes one.
---@param s string
---@return integer
function display_text.width(s)
  return host.display_width(s)
end

--- Bytes of the longest beginning that takes at most so many columns and ends with a whole character.
---@param s string
---@param width integer
---@return integer
function display_text.fitting(s, width)
  if not utf8.len(s) then return math.max(0, math.min(#s, width)) end
  local sum = 0
  for position, code in utf8.codes(s) do
    sum = sum + host.display_width(utf8.char(code))
    if sum > width then return position - 1 end
  end
  return #s
end

--- The text, or as much of it as fits, with an ellipsis.
---@param s string
---@param width integer
---@return string
function display_text.cut(s, width)
  if host.display_width(s) <= width then return s end
  return s:sub(1, display_text.fitting(s, width - 1)) .. "…"
end

--- Cut and filled up with spaces.
---@param s string
---@param width integer
---@return string
function display_text.pad(s, width)
  s = display_text.cut(s, width)
  return s .. (" "):rep(width - host.display_width(s))
end

return display_text
