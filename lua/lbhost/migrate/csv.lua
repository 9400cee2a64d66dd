--- Comma-separated values (RFC 4180), a row at a time, the first row being names. Spreadsheets of many countries separate
--- by semicolons, others by tabs: whichever of the three the first row has most of separates, or what a line `sep=;` in
--- front of it says.
local errors = require "liveblocks.errors"
local sorted_keys = require "liveblocks.sorted_keys"
local text_file = require "lbhost.util.text_file"

local csv = {}

local SEPARATORS = { ",", ";", "\t" }

-- The separator that the names are separated by.
local function separator_of(line)
  local plain = line:gsub('"[^"]*"', "")
  local best, highest = SEPARATORS[1], 0
  for _, separator in ipairs(SEPARATORS) do
    local _, count = plain:gsub(separator, "")
    if count > highest then best, highest = separator, count end
  end
  return best
end

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

local function read_row(line, separator, next_line)
  local fields, at = {}, 1
  while true do
    if line:sub(at, at) == '"' then
      local field, rest, after = read_quoted(line, at + 1, next_line)
      if not field then return nil, rest end
      fields[#fields + 1], line, at = field, rest, after
      if at <= #line and line:sub(at, at) ~= separator then return nil, "text after a closed quote" end
    else
      local stop = line:find(separator, at, true) or #line + 1
      fields[#fields + 1] = line:sub(at, stop - 1)
      at = stop
    end
    if at > #line then return fields end
    at = at + 1
  end
end

local function check_names(path, names, line)
  local seen = {}
  for i, name in ipairs(names) do
    if name == "" then errors.usage("%s:%d: column %d has no name", path, line, i) end
    if seen[name] then errors.usage("%s:%d: two columns have the name '%s'", path, line, name) end
    seen[name] = true
  end
end

--- An iterator of the rows as tables by name, and their line numbers.
---@param path string
---@return fun(): table<string, string>, integer
function csv.rows(path)
  local next_line = text_file.lines(path, "CSV file")
  local separator
  local function next_row()
    local line, start
    repeat line, start = next_line() until line ~= ""
    if not line then return nil end
    if not separator then
      local given = line:match "^sep=(.)$"
      if given then
        separator = given
        return next_row()
      end
      separator = separator_of(line)
    end
    local fields, wrong = read_row(line, separator, next_line)
    if not fields then errors.usage("%s:%d: %s", path, start, wrong) end
    return fields, start
  end
  local names, first = next_row()
  if not names then errors.usage("%s: the file is empty; its first row holds the names of the columns", path) end
  check_names(path, names, first)
  return function()
    local fields, start = next_row()
    if not fields then return nil end
    if #fields ~= #names then
      errors.usage("%s:%d: %d fields, but %d columns", path, start, #fields, #names)
    end
    local row = {}
    for i, name in ipairs(names) do row[name] = fields[i] end
    return row, start
  end
end

--- The same for tables of which each row is an item: the column `id` must be there, and no row may leave it empty.
---@param path string
---@return fun(): table<string, string>
function csv.items(path)
  local rows, checked = csv.rows(path), false
  return function()
    local row, line = rows()
    if not row then return nil end
    if not checked and row.id == nil then
      local names = sorted_keys(row)
      errors.usage("%s: there is no column 'id'; it has: %s", path, table.concat(names, ", "))
    end
    checked = true
    if row.id:match "^%s*$" then errors.usage("%s:%d: the id is empty", path, line) end
    return row
  end
end

return csv
