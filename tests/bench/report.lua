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
---@param doubt string? why it cannot be decided
function report.goal(what, goal, value, shown, met, doubt)
  local verdict = not value and "not measured" or doubt and "not decided: " .. doubt or met and "met" or "MISSED"
  table.insert(report.goals, { what, goal, value and shown or "-", verdict })
end

-- Processors that other programs may keep busy while a ratio of times is measured.
local OTHERS <const> = 0.15

--- Why a figure of time is not conclusive, for what ran beside it.
---@param others number? processors that were busy with other programs
---@return string?
function report.disturbed(others)
  return others and others > OTHERS and ("other programs kept %.1f processors busy"):format(others) or nil
end

--- Notes a goal for a ratio of times. It is decided when nothing else ran, and the rounds agree on which side of the limit
--- it is.
---@param what string
---@param sense "at least"|"at most"
---@param limit number
---@param than string what it is a ratio to
---@param ratio { value: number, error: number, others: number }?
---@param counted boolean? a few percent of time differ from machine to machine: where it is missed, the goal for the instructions
--- of the same decides
function report.ratio_goal(what, sense, limit, than, ratio, counted)
  local value = ratio and ratio.value
  local doubt = ratio and report.disturbed(ratio.others)
  if value and not doubt and math.abs(value - limit) < ratio.error then
    doubt = ("its rounds vary too much, by %.2f"):format(ratio.error)
  end
  local met = value and (sense == "at least" and value >= limit or sense == "at most" and value <= limit)
  if counted and not met then doubt = "its instructions decide" end
  local goal = limit == 1 and ("%s %s"):format(sense, than) or ("%s %g of %s"):format(sense, limit, than)
  report.goal(what, goal, value, report.ratio(value), met, doubt)
end

function report.print_goals()
  if #report.goals > 0 then
    report.table("Goals", { "what", "goal", "measured", "" }, report.goals, true)
  end
end

return report
