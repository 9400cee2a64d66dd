--- HTML: everything is escaped that is not marked as HTML.
local html = {}

local Raw = {}

--- Marks a string as HTML.
---@param text string
function html.raw(text)
  return setmetatable({ text = text }, Raw)
end

html.NOTHING = html.raw ""

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

-- Controls of direction would show a string in another order than it has; what stands for them is seen.
local function visible(text)
  if not text:find "[\xd8\xe2]" then return text end
  return (text:gsub("\u{061C}", "\u{FFFD}"):gsub("\u{200E}", "\u{FFFD}"):gsub("\u{200F}", "\u{FFFD}")
    :gsub("\xe2\x80[\xaa-\xae]", "\u{FFFD}"):gsub("\xe2\x81[\xa6-\xa9]", "\u{FFFD}"))
end

-- With U+FFFD for each byte that is not part of UTF-8.
local function repaired(text)
  local parts, from = {}, 1
  while true do
    local whole, at = utf8.len(text, from)
    if whole then break end
    parts[#parts + 1] = text:sub(from, at - 1)
    from = at + 1
  end
  return table.concat(parts, "\u{FFFD}") .. (parts[1] and "\u{FFFD}" or "") .. text:sub(from)
end

--- A value as HTML. Control characters, controls of direction and bytes that are not UTF-8 become visible.
---@param value any
---@return string
function html.escape(value)
  if getmetatable(value) == Raw then return value.text end
  local text = tostring(value == nil and "" or value)
  if not utf8.len(text) then text = repaired(text) end
  return (visible(text):gsub("[\0-\8\11\12\14-\31\127]", "\u{FFFD}"):gsub("[&<>\"']", entities))
end

--- Fills %s with escaped values.
---@param template string
---@return table raw
function html.format(template, ...)
  local values, n = { ... }, select("#", ...)
  for i = 1, n do values[i] = html.escape(values[i]) end
  return html.raw(template:format(table.unpack(values, 1, n)))
end

--- All of a list, one after the other.
---@param list any[]
---@param between string? HTML; a line break unless given
---@return table raw
function html.join(list, between)
  local parts = {}
  for i, one in ipairs(list) do parts[i] = html.escape(one) end
  return html.raw(table.concat(parts, between or "\n"))
end

function html.link(target, text)
  return html.format('<a href="%s">%s</a>', target, text)
end

function html.code(text)
  return html.format("<code>%s</code>", text)
end

--- A word in the color of a state.
---@param state "good"|"bad"|"wait"|"soft"
function html.state(state, text)
  return html.format('<span class="state %s">%s</span>', state, text)
end

--- A string of at most so many bytes; a longer one is cut between characters.
---@param text string
---@param limit integer
---@return string
function html.clip(text, limit)
  if #text <= limit then return text end
  local stop = utf8.len(text) and utf8.offset(text, 0, limit + 1) or limit + 1
  return text:sub(1, stop - 1) .. "…"
end

local function cell(column, value)
  if type(column) == "string" then column = { column } end
  return ('<td data-label="%s"%s>%s</td>'):format(html.escape(column[1]), column.class and (' class="%s"'):format(column.class) or "",
    html.escape(value))
end

local function head_of(columns)
  local cells = {}
  for i, column in ipairs(columns) do
    if type(column) == "string" then column = { column } end
    local name = column.hidden and html.format('<span class="unseen">%s</span>', column[1]) or column[1]
    cells[i] = ('<th scope="col"%s>%s</th>'):format(column.class and (' class="%s"'):format(column.class) or "", html.escape(name))
  end
  return table.concat(cells)
end

--- A table; a note when it has no rows.
---@param options { caption: string, columns: (string|{ [1]: string, class: string?, hidden: boolean? })[], rows: any[][],
---none: string } a row may have an `id`; class: "number" for numbers; hidden: the name of the column is for screen readers
---@return table raw
function html.table(options)
  if not options.rows[1] then return html.format('<p class="none">%s</p>', options.none) end
  local lines = { ('<div class="wide"><table><caption class="unseen">%s</caption><thead><tr>%s</tr></thead><tbody>')
    :format(html.escape(options.caption), head_of(options.columns)) }
  for _, row in ipairs(options.rows) do
    local cells = {}
    for i, column in ipairs(options.columns) do cells[i] = cell(column, row[i]) end
    lines[#lines + 1] = ("<tr%s>%s</tr>"):format(row.id and (' id="%s"'):format(html.escape(row.id)) or "", table.concat(cells))
  end
  lines[#lines + 1] = "</tbody></table></div>"
  return html.raw(table.concat(lines, "\n"))
end

--- Names with their values.
---@param pairs_of { [1]: string, [2]: any }[] those whose value is nil or false are left out
---@return table raw
function html.list(pairs_of)
  local lines = { '<dl class="facts">' }
  for _, pair in ipairs(pairs_of) do
    if pair[2] ~= nil and pair[2] ~= false then
      lines[#lines + 1] = ("<div><dt>%s</dt><dd>%s</dd></div>"):format(html.escape(pair[1]), html.escape(pair[2]))
    end
  end
  lines[#lines + 1] = "</dl>"
  return html.raw(table.concat(lines, "\n"))
end

--- An input with its label.
---@param options { id: string, label: string, name: string?, value: any, type: string?, size: integer?, placeholder: string? }
---name: id unless given
---@return table raw
function html.field(options)
  return html.format('<span class="field"><label for="%s">%s</label><input type="%s" id="%s" name="%s" value="%s" size="%s"%s '
    .. 'autocomplete="off"></span>', options.id, options.label, options.type or "text", options.id, options.name or options.id,
    options.value, options.size or 20, options.placeholder and html.format(' placeholder="%s"', options.placeholder) or html.NOTHING)
end

--- A number with its name, and what belongs to it.
---@param name string
---@param value any
---@param more any?
---@param state "good"|"bad"|"wait"|nil
---@return table raw
function html.tile(name, value, more, state)
  return html.format('<div class="tile%s"><dt>%s</dt><dd>%s</dd>%s</div>', state and " " .. state or "", name, value,
    more and html.format('<dd class="more">%s</dd>', more) or "")
end

--- Tiles side by side.
---@param tiles table[]
---@return table raw
function html.tiles(tiles)
  return html.format('<dl class="tiles">%s</dl>', html.join(tiles))
end

return html
