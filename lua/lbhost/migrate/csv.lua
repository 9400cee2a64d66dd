--- Comma-separated values (RFC 4180), a row at a time, the first row being names.
local errors = require "liveblocks.errors"

local csv = {}

-- A field in quotes goes on over ends of lines: takes further lines as they are needed.
local function read_quoted(line, at, next_line)
  local parts = {}
  while true do
    local close = line:find('"', at, true)
    if not close then
      parts[#parts + 1] = line:sub(at) .. "\n"
      line = next_line()
      if not line then return nil, "a quote is not closed" end
      at = 1
    elseif line:sub(close + 1, close + 1) == '"' then
      parts[#parts + 1] = line:sub(at, close)
      at = close + 2
    else
      parts[#parts + 1] = line:sub(at, close - 1)
      return table.concat(parts), line, close + 1
    end
  end
end

local function read_row(line, next_line)
  local fields, at = {}, 1
  while true do
    if line:sub(at, at) == '"' then
      local field, rest, behind = read_quoted(line, at + 1, next_line)
      if not field then return nil, rest end
      fields[#fields + 1], line, at = field, rest, behind
      if at <= #line and line:sub(at, at) ~= "," then return nil, "text behind a closed quote" end
    else
      local stop = line:find(",", at, true) or #line + 1
      fields[#fields + 1] = line:sub(at, stop - 1)
      at = stop
    end
    if at > #line then return fields end
    at = at + 1
  end
end

--- An iterator of the rows as tables by name, and their line numbers.
---@param path string
---@return fun(): table<string, string>, integer
function csv.rows(path)
  local file, problem = io.open(path, "rb")
  if not file then errors.usage("cannot read the CSV file: %s", problem) end
  local number = 0
  local function next_line()
    local line = file:read "l"
    if not line then return nil end
    number = number + 1
    if number == 1 then line = line:gsub("^\xEF\xBB\xBF", "") end
    return (line:gsub("\r$", ""))
  end
  local function next_row()
    local line
    repeat line = next_line() until line ~= ""
    if not line then return nil end
    local start = number
    local fields, wrong = read_row(line, next_line)
    if not fields then errors.usage("%s:%d: %s", path, start, wrong) end
    return fields, start
  end
  local names = next_row()
  if not names then errors.usage("%s: the file is empty; its first row holds the names of the columns", path) end
  return function()
    local fields, start = next_row()
    if not fields then
      file:close()
      return nil
    end
    if #fields ~= #names then
      errors.usage("%s:%d: %d fields, but %d columns", path, start, #fields, #names)
    end
    local row = {}
    for i, name in ipairs(names) do row[name] = fields[i] end
    return row, start
  end
end

return csv
