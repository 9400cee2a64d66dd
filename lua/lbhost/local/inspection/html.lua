--- HTML for the inspection pages: everything is escaped that is not marked as HTML.
local html = {}

local Raw = {}

--- Marks a string as HTML.
---@param text string
function html.raw(text)
  return setmetatable({ text = text }, Raw)
end

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

--- A value as HTML. Control characters and bytes that are not UTF-8 become visible.
---@param value any
---@return string
function html.escape(value)
  if getmetatable(value) == Raw then return value.text end
  local text = tostring(value == nil and "" or value)
  if not utf8.len(text) then text = text:gsub("[\128-\255]", "\u{FFFD}") end
  return (text:gsub("[\0-\8\11\12\14-\31\127]", "\u{FFFD}"):gsub("[&<>\"']", entities))
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
---@return table raw
function html.join(list)
  local parts = {}
  for i, one in ipairs(list) do parts[i] = html.escape(one) end
  return html.raw(table.concat(parts, "\n"))
end

function html.link(target, text)
  return html.format('<a href="%s">%s</a>', target, text)
end

--- A table; a note when it has no rows.
---@param heads string[]
---@param rows any[][]
---@param none string
---@return table raw
function html.table(heads, rows, none)
  if not rows[1] then return html.format('<p class="none">%s</p>', none) end
  local lines = { '<div class="wide"><table><thead><tr>' }
  for _, head in ipairs(heads) do lines[#lines + 1] = "<th>" .. html.escape(head) .. "</th>" end
  lines[#lines + 1] = "</tr></thead><tbody>"
  for _, row in ipairs(rows) do
    local cells = {}
    for i = 1, #heads do cells[i] = "<td>" .. html.escape(row[i]) .. "</td>" end
    lines[#lines + 1] = "<tr>" .. table.concat(cells) .. "</tr>"
  end
  lines[#lines + 1] = "</tbody></table></div>"
  return html.raw(table.concat(lines, "\n"))
end

local STYLE <const> = [[
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --good: #1a7f37; --bad: #c62828; --wait: #b26a00; }
@media (prefers-color-scheme: dark) { :root { --good: #4ec16e; --bad: #ff7b72; --wait: #e3a03a; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; padding: 1.2rem 1.5rem 4rem; max-width: 75rem; }
header { border-bottom: 1px solid var(--line); margin-bottom: 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .3rem 0 .6rem; } .soft, .none, th { opacity: .7; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; font-size: .85rem; white-space: nowrap; }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { max-width: 34rem; overflow-wrap: break-word; } td:has(code) { min-width: 14rem; } td code { overflow-wrap: anywhere; }
code, pre { font: 13px/1.4 ui-monospace, monospace; } code { background: var(--soft); padding: .1rem .3rem; border-radius: 3px; }
pre { background: var(--soft); padding: .8rem; border-radius: 5px; overflow: auto; max-height: 40rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .wait { color: var(--wait); } .nowrap { white-space: nowrap; }
blockquote { margin: .3rem 0 .8rem; padding: .1rem 0 .1rem .8rem; border-left: 3px solid var(--line); white-space: pre-wrap; }
nav a { margin-right: 1rem; } a { color: LinkText; } button { font: inherit; padding: .2rem .8rem; }
]]

--- A whole page as a response.
---@param title string
---@param parts any[]
---@param refresh integer? seconds after which a browser loads it again
---@return table for responses.new
function html.page(title, parts, refresh)
  local body = html.format([[
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
%s<title>%s</title><style>%s</style></head><body>
%s
</body></html>
]], refresh and html.format('<meta http-equiv="refresh" content="%s">', refresh) or "", title, html.raw(STYLE), html.join(parts))
  return { status = 200, body = html.escape(body), headers = {
    ["content-type"] = "text/html; charset=utf-8", ["cache-control"] = "no-store", ["x-content-type-options"] = "nosniff",
    ["content-security-policy"] =
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  } }
end

return html
