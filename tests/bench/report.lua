-- Prints tables, as aligned text or as Markdown, and the list of goals at the end.
local report = { markdown = false, goals = {} }

--- A number for people: three digits that matter, thousands apart.
---@param value number?
---@return string
function report.number(value)
  if not value then return "-" end
  if value >= 100 then
    local text, more = ("%.0f"):format(value), 1
    while more > 0 do text, more = text:gsub("^(%d+)(%d%d%d)", "%1,%2") end
    return text
  end
  return (value >= 10 and "%.1f" or "%.2f"):format(value)
end

--- A ratio to the yardstick.
---@param value number?
---@return string
function report.ratio(value)
  return value and (value < 10 and "%.2f×" or "%.0f×"):format(value) or "-"
end

local function width(text) return utf8.len(text) or #text end

local function pad(text, columns, left)
  local space = (" "):rep(columns - width(text))
  return left and text .. space or space .. text
end

local function row_text(cells, widths, words)
  local out = {}
  for i = 1, #widths do out[i] = pad(cells[i] or "", widths[i], words or i == 1) end
  if report.markdown then return "| " .. table.concat(out, " | ") .. " |" end
  return "  " .. (table.concat(out, "   "):gsub("%s+$", ""))
end

local function rule(widths, words)
  local out = {}
  for i, columns in ipairs(widths) do
    if report.markdown then
      out[i] = (words or i == 1) and ("-"):rep(columns) or ("-"):rep(columns - 1) .. ":"
    else
      out[i] = ("-"):rep(columns)
    end
  end
  return report.markdown and "| " .. table.concat(out, " | ") .. " |" or "  " .. table.concat(out, "   ")
end

--- Prints a table: a title, the heads of its columns, and rows of text. A row { name, note = text }
--- says in place of figures why it has none; in Markdown the first word of that. With `words` every
--- column is text, not only the first.
---@param title string
---@param heads string[]
---@param rows table[]
---@param words boolean?
function report.table(title, heads, rows, words)
  local widths = {}
  for _, row in ipairs { heads, table.unpack(rows) } do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 3, width(cell)) end
  end
  print(("%s%s\n"):format(report.markdown and "### " or "", title))
  print(row_text(heads, widths, words))
  print(rule(widths, words))
  for _, row in ipairs(rows) do
    if row.note and not report.markdown then
      print(("  %s   %s"):format(pad(row[1], widths[1], true), row.note))
    else
      print(row_text(row.note and { row[1], row.note:match("^%a+") } or row, widths, words))
    end
  end
  print()
end

--- Notes a goal; value nil means that it could not be measured.
---@param what string
---@param goal string
---@param value number?
---@param shown string
---@param met boolean?
function report.goal(what, goal, value, shown, met)
  local verdict = not value and "not measured" or met and "met" or "MISSED"
  table.insert(report.goals, { what, goal, value and shown or "-", verdict })
end

function report.print_goals()
  if #report.goals > 0 then
    report.table("Goals", { "what", "goal", "measured", "" }, report.goals, true)
  end
end

return report
