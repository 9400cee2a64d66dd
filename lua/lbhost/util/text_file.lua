--- Files that a person has written: scripts, lists, tables, JSON. Editors and spreadsheets put a byte order mark in front,
--- end lines with CR LF, and save in other encodings than UTF-8: the first two are accepted, the third is named.
---
---   for line, number in text_file.lines("ids.txt", "list of ids") do ... end
local errors = require "liveblocks.errors"

local text_file = {}

local BYTE_ORDER_MARK = "^\xEF\xBB\xBF"

--- The text without a byte order mark.
---@param text string
---@return string
function text_file.without_mark(text)
  return (text:gsub(BYTE_ORDER_MARK, "", 1))
end

--- Reads a file.
---@param path string
---@return string? text
---@return string? message names the file
function text_file.read(path)
  local file, problem = io.open(path, "rb")
  if not file then return nil, problem end
  local text, failure = file:read("a")
  file:close()
  if not text then return nil, ("%s: %s"):format(path, failure) end -- a directory can be opened, but not read
  return text_file.without_mark(text)
end

-- The encoding that the bytes of a file look like when they are not UTF-8.
local function encoding_of(text)
  local mark = text:sub(1, 2)
  if mark == "\xFF\xFE" or mark == "\xFE\xFF" or text:find("\0", 1, true) then return "UTF-16" end
  return not utf8.len(text) and "Windows-1252 or ISO 8859-1" or nil
end

--- Why the text of a file cannot be used, when it is in another encoding than UTF-8.
---@param text string
---@return string?
function text_file.problem_of(text)
  local encoding = encoding_of(text)
  return encoding and ("this is not UTF-8 (it looks like %s): save the file as UTF-8"):format(encoding) or nil
end

--- An iterator of the lines of a file, without their ends, and their numbers. Raises a usage error for a file that cannot
--- be read, and for a line that is not UTF-8.
---@param path string
---@param what string? what the file is, for messages ("list of ids")
---@return fun(): string?, integer?
function text_file.lines(path, what)
  local file, problem = io.open(path, "rb")
  if not file then errors.usage("cannot read the %s: %s", what or "file", problem) end
  local number = 0
  return function()
    if not file then return nil end
    local line, failure = file:read "l"
    if not line then
      file:close()
      file = nil
      if failure then errors.usage("cannot read the %s: %s: %s", what or "file", path, failure) end
      return nil
    end
    number = number + 1
    if number == 1 then line = text_file.without_mark(line) end
    local wrong = text_file.problem_of(line)
    if wrong then errors.usage("%s:%d: %s", path, number, wrong) end
    return (line:gsub("\r$", "")), number
  end
end

return text_file
