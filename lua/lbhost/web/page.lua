--- A whole page as a response: head, navigation, parts, and the headers that keep a browser to it.
local html = require "lbhost.web.html"

local page = {}

--- Of every response with a page. Nothing is fetched from elsewhere, no script stands in a page, no other site can show it.
page.HEADERS = {
  ["content-type"] = "text/html; charset=utf-8", ["cache-control"] = "no-store", ["x-content-type-options"] = "nosniff",
  ["referrer-policy"] = "same-origin", ["cross-origin-opener-policy"] = "same-origin",
  ["cross-origin-resource-policy"] = "same-origin", ["x-frame-options"] = "DENY",
  ["content-security-policy"] = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    .. "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}

local function is_current(target, current)
  return target == current.section
end

local function navigation(frame)
  local items = {}
  for i, item in ipairs(frame.nav) do
    items[i] = html.format('<li><a href="%s"%s>%s%s</a></li>', item.target, is_current(item.path, frame)
      and html.raw ' aria-current="page"' or "", item.name, item.count and html.format(' <span class="count">%s</span>', item.count)
      or "")
  end
  return html.format('<nav aria-label="Pages" id="nav"><ul>%s</ul></nav>', html.join(items))
end

--- The navigation as a part that is live.
---@param frame table
---@return { id: string, html: string }
function page.navigation(frame)
  return { id = "nav", html = html.escape(navigation(frame)) }
end

-- What the script makes live; without it, a link to the page that loads itself again.
local function live_line(frame)
  if not frame.events then return html.NOTHING end
  local without = frame.refresh and html.format('Loaded again every %s s. <a href="%s">Stop</a>', frame.refresh, frame.still)
    or html.format('<a href="%s">Load this page every %s s</a>', frame.again, frame.every)
  return html.format('<div class="live" id="live" data-events="%s" data-run="%s"><noscript>%s</noscript></div>', frame.events,
    frame.run, without)
end

local function body_of(parts)
  local list = {}
  for i, part in ipairs(parts) do list[i] = part.id and html.raw(part.html) or part end
  return html.join(list)
end

--- The response.
---@param frame table of site.lua: product, home, about, title, nav, section, parts, notice, style, script, icon, events, run,
---refresh, still, again, every, footer, status
---@return lbhost.http.Response
function page.response(frame)
  local refresh = frame.refresh and html.format('<noscript><meta http-equiv="refresh" content="%s"></noscript>', frame.refresh) or ""
  local body = html.format([[
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>%s</title><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" type="image/svg+xml" href="%s"><link rel="stylesheet" href="%s">
<script src="%s" defer></script>%s</head>
<body><a class="skip" href="#main">Skip to the content</a>
<header class="top"><div><p class="name"><a href="%s">%s</a></p><p class="about">%s</p>%s
%s</div></header>
<main id="main" tabindex="-1"><h1>%s</h1>
%s%s
</main>
<footer>%s</footer></body></html>
]], frame.title == frame.product and frame.title or frame.title .. " - " .. frame.product, frame.icon, frame.style, frame.script,
    refresh, frame.home, frame.product, frame.about or "", live_line(frame), navigation(frame), frame.heading or frame.title,
    frame.notice and html.format('<p class="notice%s" role="status">%s</p>\n', frame.notice.bad and " bad" or "", frame.notice.text)
    or "", body_of(frame.parts), frame.footer or "")
  return { status = frame.status or 200, headers = page.HEADERS, body = html.escape(body) }
end

--- A part with a heading, which is sent again when it has changed.
---@param id string
---@param title string
---@param number any? beside the title
---@param body any HTML
---@return { id: string, html: string }
function page.part(id, title, number, body)
  return { id = id, html = html.escape(html.format('<section class="panel" id="%s" aria-labelledby="%s-title">'
    .. '<h2 id="%s-title">%s%s</h2>\n%s</section>', id, id, id, title,
    number and html.format(' <span class="number">%s</span>', number) or "", body)) }
end

--- A part without a heading and a frame of its own.
---@param id string
---@param body any HTML
---@return { id: string, html: string }
function page.block(id, body)
  return { id = id, html = html.escape(html.format('<div id="%s">%s</div>', id, body)) }
end

return page
