--- How wide the output is, and text wrapped to it.
local display_text = require "lbhost.util.display_text"
local host = require "lbhost.host"

local terminal = {}

local WIDTH, LEAST = 80, 40

--- Columns of standard output: of the terminal, else COLUMNS of the environment, else 80.
---@return integer
function terminal.width()
  local width = host.terminal_width(1) or math.tointeger(tonumber(os.getenv "COLUMNS" or ""))
  return math.max(LEAST, width or WIDTH)
end

-- Where the lines that continue one begin: below its second column where it has two and that is not too far to the right,
-- else below its first word; further in where they would look like the next command.
local function hanging_indent(line, width)
  local indent = #line:match("^%s*")
  local column = line:match("^%s*%S.-%s%s+()%S")
  if column and column - 1 <= width // 2 then return column - 1 end
  local is_command = line:find "^%s+lbhost " or line:find "^%s+%$ "
  return indent + ((column or is_command) and 4 or 0)
end

local function wrap_line(line, width, out)
  local indent = (" "):rep(hanging_indent(line, width))
  while host.display_width(line) > width do
    local limit = display_text.fitting(line, width + 1) -- one column more: it may be the space
    local cut, rest = line:sub(1, limit):match("^(.*%S)%s+()")
    if not cut or #cut <= #indent then cut, rest = line:match("^(%s*%S+)%s+()") end
    if not cut or rest > #line then break end
    out[#out + 1] = cut
    line = indent .. line:sub(rest)
    if #indent + 8 > width then indent = "" end
  end
  out[#out + 1] = line
end

-- Does the line stand for itself: code, or a row of two columns?
local function is_row(line)
  return line:find "^%s" or line:find "%S%s%s+%S"
end

--- The lines of each paragraph joined into one, so that it can be wrapped at any width.
---@param text string
---@return string
function terminal.paragraphs(text)
  local out, joins = {}, false
  for line in (text:gsub("\n$", "") .. "\n"):gmatch "([^\n]*)\n" do
    local plain = line ~= "" and not is_row(line)
    if plain and joins then out[#out] = out[#out] .. " " .. line else out[#out + 1] = line end
    joins = plain
  end
  return table.concat(out, "\n")
end

--- Breaks lines that are too wide between words. A line of two columns goes on below the second.
---@param text string
---@param width integer? columns; those of the terminal when absent
---@return string
function terminal.wrap(text, width)
  width = width or terminal.width()
  local out = {}
  for line in (text:gsub("\n$", "") .. "\n"):gmatch("([^\n]*)\n") do wrap_line(line, width, out) end
  return table.concat(out, "\n") .. (text:sub(-1) == "\n" and "\n" or "")
end

return terminal
