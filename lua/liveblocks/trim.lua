--- Text without what stands at its ends. A pattern that walks to the end from each place, such as "%s+$" or "^(.-)%s*$", takes
--- quadratic work where a long run is inside of it.
local trim = {}

--- Without such characters at its end.
---@param text string
---@param class string? as in the brackets of a pattern: "\n"; whitespace ("%s") when absent
---@return string
function trim.ending(text, class)
  class = class or "%s"
  local last = text:find("[^" .. class .. "][" .. class .. "]*$") -- quadratic: only of one class after another
  return last and text:sub(1, last) or ""
end

--- Without whitespace at both ends.
---@param text string
---@return string
function trim.both(text)
  return trim.ending(text:match "^%s*(.*)$")
end

return trim
