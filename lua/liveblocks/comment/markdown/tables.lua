--- Tables of GitHub Flavored Markdown.
local lines = require "liveblocks.comment.markdown.lines"
local unicode = require "liveblocks.comment.markdown.unicode"

local tables = {}

local function is_delimiter_row(row)
  local at = row:match("^| *()") or 1
  at = row:match("^:?%-+:? *()", at)
  while at do
    local after = row:match("^| *:?%-+:? *()", at)
    if not after then break end
    at = after
  end
  return at ~= nil and (row:match("^| *()", at) or at) == #row + 1
end

--- Does a table begin at this line? Returns its header, its delimiter row and where that row ends.
function tables.begins(text, at)
  local stop = lines.stop(text, at)
  if stop > #text then return nil end
  local first = text:find("[^ ]", at)
  if not first or first >= stop then return nil end
  local delimiter = lines.indent(text, stop + 1)
  if not text:find("^[|:-]", delimiter) then return nil end
  local after = lines.stop(text, delimiter)
  local row = text:sub(delimiter, after - 1)
  if is_delimiter_row(row) then return text:sub(first, stop - 1), row, after end
end

-- Splits at the bars that no backslash stands before.
local function split(row)
  local cells, from, at = {}, 1, 1
  while true do
    at = row:find("|", at, true)
    if not at then break end
    if unicode.count_slashes(row, at - 1) % 2 == 0 then
      cells[#cells + 1] = row:sub(from, at - 1)
      from = at + 1
    end
    at = at + 1
  end
  cells[#cells + 1] = row:sub(from)
  return cells
end

local function cells_of(row, count)
  local cells = split(row)
  for i, cell in ipairs(cells) do cells[i] = unicode.trim(cell) end
  if cells[1] == "" then table.remove(cells, 1) end
  if cells[#cells] == "" then cells[#cells] = nil end
  for i = 1, count or #cells do cells[i] = (cells[i] or ""):gsub("\\|", "|") end
  if count then cells = table.move(cells, 1, count, 1, {}) end
  return cells
end

local function alignments(row)
  row = row:gsub("^|", ""):gsub("| *$", "")
  local list = {}
  for cell in (row .. "|"):gmatch("([^|]*)|") do
    local left, right = cell:match("^ *(:?)%-+(:?) *$")
    list[#list + 1] = left == ":" and (right == ":" and "center" or "left") or right == ":" and "right" or "none"
  end
  return list
end

-- Where the rows below the delimiter row end.
local function rows_end(text, at)
  while at <= #text do
    if text:find("^ *\n", at) or lines.interrupts(text, at) or lines.code(text, at) then break end
    at = lines.stop(text, at) + 1
  end
  return math.min(at, #text + 1)
end

--- The table that begins here, or nil.
function tables.read(lexer, text, at)
  local header, row, stop = tables.begins(text, at)
  if not header or not row:find("[:|]") then return nil end
  local columns, align = cells_of(header), alignments(row)
  if #columns ~= #align then return nil end
  local body, after = "", stop
  if stop <= #text then
    after = rows_end(text, stop + 1)
    body = text:sub(stop + 1, after - 1)
    after = lines.skip_newlines(text, after)
  end
  local token = { type = "table", align = align, rows = {}, raw = text:sub(at, after - 1) }
  local function add(cells)
    local tokens = {}
    for i, cell in ipairs(cells) do tokens[i] = lexer:inline(cell) end
    token.rows[#token.rows + 1] = tokens
  end
  add(columns)
  if unicode.trim(body) ~= "" then
    for line in (body:gsub("\n[ \t]*$", "") .. "\n"):gmatch("([^\n]*)\n") do add(cells_of(line, #columns)) end
  end
  return token
end

return tables
