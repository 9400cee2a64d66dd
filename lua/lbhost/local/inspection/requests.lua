--- The log of requests to the API: a table that grows while one looks, and each request with its headers and bodies.
local html = require "lbhost.web.html"
local page = require "lbhost.web.page"
local show = require "lbhost.web.show"
local web = require "lbhost.web.site"

local SHOWN <const> = 100

-- Headers whose value is a secret, whatever it is.
local secret <const> = { authorization = true, cookie = true, ["set-cookie"] = true, ["proxy-authorization"] = true, ["x-api-key"] = true }

local function headers_table(headers, caption)
  local rows = {}
  for name, value in pairs(headers or {}) do
    if type(value) == "table" then value = table.concat(value, ", ") end
    rows[#rows + 1] = { html.code(name:lower()), secret[name:lower()] and "***" or show.text(value, 2000), name = name:lower() }
  end
  table.sort(rows, function(a, b) return a.name < b.name end)
  return html.table { caption = caption, columns = { "Header", "Value" }, rows = rows, none = "No headers." }
end

local function target_of(one)
  return show.text(one.path .. (one.query and "?" .. one.query or ""), 2000)
end

local function class_of(one)
  if one.fault then return "wait" end
  return one.status and one.status < 400 and "good" or one.status and one.status < 500 and "wait" or "bad"
end

local function matches(one, text, failed)
  if failed and one.status and one.status < 400 and not one.fault then return false end
  return text == "" or (one.method .. " " .. one.path .. "?" .. (one.query or "")):lower():find(text, 1, true) ~= nil
end

return function(pages)
  local front, site = pages.front, pages.site

  local function rows_of(limit, text, failed)
    local rows, recent, found = {}, front.recent, 0
    for i = #recent, 1, -1 do
      local one = recent[i]
      if matches(one, text, failed) then
        found = found + 1
        if #rows < limit then
          rows[#rows + 1] = { pages:time(one.at), one.method, html.link(site:url("/requests/" .. one.number), target_of(one)),
            html.state(class_of(one), one.status or "none"), one.fault and html.state("wait", one.fault) or "", show.span(one.seconds),
            id = "request-" .. one.number }
        end
      end
    end
    return rows, found
  end

  local function table_of(rows)
    return html.table { caption = "Requests, the newest first", rows = rows, none = "There were no requests yet.", columns = {
      { "Time", class = "short" }, { "Method", class = "short" }, "Path", "Status", "Fault", { "Took", class = "number" } } }
  end

  --- The newest requests, for another page.
  function pages.request_table(limit)
    return table_of((rows_of(limit, "", false)))
  end

  site:page("/requests", pages.guarded(function(call)
    local text, failed = call.query.search or "", call.query.failed == "yes"
    local rows, found = rows_of(SHOWN, text:lower(), failed)
    local form = html.format('<form class="row" role="search" action="%s">%s<label><input type="checkbox" name="failed" value="yes"%s> '
      .. 'failed alone</label><button>Show</button></form>', site:url "/requests",
      html.field { id = "search", label = "Method or path", type = "search", value = text }, failed and html.raw " checked" or "")
    return { title = "Requests", parts = { page.part("requests", "Requests", found > #rows and ("the newest %d of %d"):format(#rows, found)
      or found, html.join { form, table_of(rows) }) } }
  end))

  local function find(number)
    local recent = front.recent
    local one = recent[1] and number and recent[number - recent[1].number + 1]
    return one or web.fail(404, "This request is no longer kept.", "Only the last few hundred are.")
  end

  site:page("/requests/{number}", pages.guarded(function(call)
    local one = find(math.tointeger(tonumber(call.path.number)))
    local first, last = front.recent[1].number, front.recent[#front.recent].number
    local around = {}
    if one.number > first then around[1] = html.link(site:url("/requests/" .. one.number - 1), "The one before") end
    if one.number < last then around[#around + 1] = html.link(site:url("/requests/" .. one.number + 1), "The next one") end
    local response = one.response or {}
    return { title = ("%s %s"):format(one.method, show.text(one.path, 200)), section = "/requests", parts = {
      page.part("facts", "Request", nil, html.join { html.list { { "Target", html.code(target_of(one)) }, { "Time", pages:time(one.at) },
        { "Status", html.state(class_of(one), one.status or "none") }, { "Fault", one.fault }, { "Took", show.span(one.seconds) } },
        html.format('<p class="pages">%s</p>', html.join(around)) }),
      page.part("sent", "What was sent", one.size and show.bytes(one.size) or nil, html.join {
        headers_table(one.headers, "Headers of the request"), html.raw "<h3>Body</h3>", show.body(one.body or "", one.size) }),
      page.part("received", "What came back", response.size and show.bytes(response.size) or nil, one.response and html.join {
        headers_table(response.headers, "Headers of the response"), html.raw "<h3>Body</h3>", show.body(response.body, response.size) }
        or html.raw '<p class="none">The connection was closed without a response.</p>'),
    } }
  end))
end
