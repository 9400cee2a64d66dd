--- Text from outside as a terminal may show it: ids, paths, responses, errors. Controls of terminals (C0, DEL, C1), controls
--- of direction, line separators and bytes that are not UTF-8 become visible: \n, \x1b, \u{202e}.
local host = require "lbhost.host"

local printable = {}

--- As one line.
---@param text any
---@return string
function printable.line(text)
  return host.printable(tostring(text), "line")
end

--- With its newlines and tabs: for text of several lines, such as an error with its traceback.
---@param text any
---@return string
function printable.block(text)
  return host.printable(tostring(text), "block")
end

--- The text of an error, after "lbhost: ": its further lines are indented, so that none of them looks like another line of
--- the program. A traceback is indented already.
---@param text any
---@return string
function printable.message(text)
  return (printable.block(text):gsub("\n([^\n]*)", function(line)
    local known = line == "" or line == "stack traceback:" or line:sub(1, 1) == "\t"
    return "\n" .. (known and "" or "  ") .. line
  end))
end

--- As Lua would write it between quotes; valid UTF-8 stays readable, other bytes are escaped.
---@param s string
---@return string
function printable.quote(s)
  return '"' .. printable.line((s:gsub('[\\"]', "\\%0"))) .. '"'
end

--- UTF-8 for what takes nothing else, such as JSON: of other text each byte above 127 becomes a question mark.
---@param text string
---@return string
function printable.utf8(text)
  return utf8.len(text) and text or (text:gsub("[\x80-\xff]", "?"))
end

--- Encoded JSON: the same value, such characters as \uXXXX.
---@param text string
---@return string
function printable.json(text)
  return host.printable(text, "json")
end

return printable
