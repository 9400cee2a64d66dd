--- Files that a person has written: read whole, without the byte order mark that some editors put in front.
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

return text_file
