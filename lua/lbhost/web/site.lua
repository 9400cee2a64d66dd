--- Pages for people with what belongs to them: paths, forms, errors, live parts. Changes are made by POST alone, with a token
--- that no other page knows, and end in a redirect, so that loading a page again does nothing twice.
---
---   local pages = site.new { product = "lbhost serve", nav = { { "/", "Overview" } }, check = check, on_error = log }
---   pages:page("/", function(call) return { title = "Overview", parts = { page.part("now", "Now", nil, ...) } } end)
---   pages:action("/stop", function(call) stop(call.form.id) return "/", "It has stopped" end)
---   pages:handle(request) -> response, or nil when the path is not one of its own
local crypto = require "liveblocks.crypto"
local html = require "lbhost.web.html"
local live = require "lbhost.web.live"
local page = require "lbhost.web.page"
local router = require "lbhost.web.router"
local traceback = require "lbhost.util.traceback"
local url = require "lbhost.util.url"

local site = {}

local REFRESH <const>, LONGEST_REFRESH <const> = 5, 3600 -- seconds
local NOTICES <const> = 100 -- that are kept for pages which show them
local KEPT <const> = { ["cache-control"] = "max-age=86400", ["x-content-type-options"] = "nosniff",
  ["cross-origin-resource-policy"] = "same-origin" }
local PLAIN <const> = { ["content-type"] = "text/plain; charset=utf-8", ["cache-control"] = "no-store",
  ["x-content-type-options"] = "nosniff" } -- for those who may not see the pages
local ICON <const> = [[<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3.5" fill="#1f5fbf"/>]]
  .. [[<path d="M4 11.5V8M8 11.5v-7M12 11.5V6" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>]]

---@class lbhost.web.Site
local Site = {}
Site.__index = Site

local Failure = { __name = "lbhost.web.failure" }

--- Raises what a page or an action cannot do.
---@param status integer
---@param message string
---@param advice string?
function site.fail(status, message, advice)
  error(setmetatable({ status = status, message = message, advice = advice }, Failure), 0)
end

---@param options { product: string, nav: { [1]: string, [2]: string, count: (fun(): any)? }[], about: (fun(): any)?, footer: any?,
---base: string?, home: string?, check: (fun(request: table): table?), on_error: fun(err: any, path: string) }
---nav: path, name, and a number that needs attention; base: before all paths; home: the path of "/" instead; check: why a
---request may not pass, or nil (origin.lua)
---@return lbhost.web.Site
function site.new(options)
  local self = setmetatable({ options = options, base = options.base or "", router = router.new(), token = crypto.random_id(43),
    run = crypto.random_id(12), notices = {}, notice_order = {} }, Site)
  self.live = live.new { run = self.run, on_error = function(err, name) options.on_error(err, name) end,
    make = function(name) return self:parts_of(name) end }
  self.assets = {
    ["/style.css"] = { "text/css; charset=utf-8", require "lbhost.web.style" },
    ["/script.js"] = { "text/javascript; charset=utf-8", require "lbhost.web.script" },
    ["/icon.svg"] = { "image/svg+xml", ICON },
  }
  return self
end

--- The target of a link: a path of the site, with a query.
---@param path string
---@param query table<string, any>? values that are nil or "" are left out
---@return string
function Site:url(path, query)
  local names, parts = {}, {}
  for name, value in pairs(query or {}) do
    if value ~= "" then names[#names + 1] = name end
  end
  table.sort(names)
  for i, name in ipairs(names) do parts[i] = name .. "=" .. url.encode(tostring(query[name])) end
  local target = path == "/" and self.options.home or self.base .. path
  return parts[1] and target .. "?" .. table.concat(parts, "&") or target
end

--- Adds a page: make(call) returns { title, heading?, section?, parts, status? }, or { redirect } with the path of another one; call
--- has path (parameters), query, request.
---@param path string with {parameters}
---@param make fun(call: table): table
function Site:page(path, make)
  self.router:add { method = "GET", path = path, make = make }
end

--- Adds a change: do_it(call) returns the path of the page to go to, with its query, and what has happened in words; call also
--- has form.
---@param path string
---@param do_it fun(call: table): string, string?
function Site:action(path, do_it)
  self.router:add { method = "POST", path = path, act = do_it }
end

-- ---- Forms ---------------------------------------------------------------------------------------

--- A form that makes a change.
---@param path string of an action
---@param fields table<string, any> that go with it, unseen
---@param content any HTML: inputs and a button; a string is the name of the button
---@param class string?
---@return table raw
function Site:form(path, fields, content, class)
  local names, hidden = {}, {}
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do hidden[i] = html.format('<input type="hidden" name="%s" value="%s">', name, fields[name]) end
  if type(content) == "string" then content = html.format("<button>%s</button>", content) end
  return html.format('<form method="post" action="%s"%s><input type="hidden" name="token" value="%s">%s%s</form>', self:url(path),
    class and html.format(' class="%s"', class) or "", self.token, html.join(hidden, ""), content)
end

--- The same for what cannot be taken back: it opens first.
---@param id string of the element
---@param name string of what opens it
---@param path string
---@param fields table<string, any>
---@param question string
---@param button string
---@return table raw
function Site:confirm(id, name, path, fields, question, button)
  return html.format('<details class="confirm" id="%s"><summary>%s</summary>%s</details>', id, name,
    self:form(path, fields, html.format('<span>%s</span><button class="danger">%s</button>', question, button)))
end

-- ---- Pages ---------------------------------------------------------------------------------------

local function split_target(target)
  local path, query = target:match "^([^?#]*)%??([^#]*)"
  return path, query ~= "" and query or nil
end

-- The path without what stands before all of them.
local function own_path(self, path)
  if self.options.home and path == self.options.home then return "/" end
  if path:sub(1, #self.base) ~= self.base then return nil end
  local rest = path:sub(#self.base + 1)
  return rest:sub(1, 1) == "/" and rest or nil
end

local function call_of(path, query_text, request)
  local query = url.parse_query(query_text)
  if not query then site.fail(400, "The query of this address is malformed: percent-encoded UTF-8 expected.") end
  return { query = query, target = path, request = request }
end

-- The page that an address names, made.
local function make_page(self, path, query_text, request)
  local row, parameters = self.router:find("GET", path)
  if not row then site.fail(404, "There is no such page.") end
  local call = call_of(path, query_text, request)
  call.path = parameters
  return row.make(call), call
end

--- The parts of a page that may change, for its live readers.
---@param name string path and query
---@return { id: string, html: string }[]
function Site:parts_of(name)
  local path, query = split_target(name)
  local made, call = make_page(self, path, query)
  local parts = { page.navigation(self:frame(made, call)) }
  for _, part in ipairs(made.parts or {}) do
    if part.id then parts[#parts + 1] = part end
  end
  return parts
end

local function refresh_of(query)
  local seconds = math.tointeger(tonumber(query.refresh))
  return seconds and seconds >= 1 and seconds <= LONGEST_REFRESH and seconds or nil
end

--- What page.lua makes a page of.
---@param made table
---@param call table
---@return table
function Site:frame(made, call)
  local options, nav, kept = self.options, {}, {}
  for name, value in pairs(call.query) do
    if name ~= "notice" and name ~= "refresh" then kept[name] = value end
  end
  for i, item in ipairs(options.nav) do
    local count = item.count and item.count()
    nav[i] = { path = item[1], target = self:url(item[1]), name = item[2], count = count and count ~= 0 and count or nil }
  end
  local target = self:url(call.target, kept)
  local still = { refresh = REFRESH }
  for name, value in pairs(kept) do still[name] = value end
  return {
    product = options.product, home = self:url "/", about = options.about and options.about(), footer = options.footer, nav = nav,
    title = made.title, heading = made.heading, section = made.section or call.target, parts = made.parts, status = made.status,
    notice = self.notices[call.query.notice], run = self.run, style = self:asset "/style.css", script = self:asset "/script.js",
    icon = self:asset "/icon.svg", refresh = refresh_of(call.query), every = REFRESH, still = target,
    again = self:url(call.target, still), events = not made.fixed and self:url("/live", { page = (call.target
      .. target:sub(#self:url(call.target) + 1)) }) or nil,
  }
end

--- The address of a file that goes with the pages; another one for each run of the program.
function Site:asset(path)
  return self.base .. path .. "?" .. self.run
end

local function error_page(self, status, message, advice)
  local made = { title = message, section = "", fixed = true, status = status,
    parts = { advice and html.format("<p>%s</p>", advice) or html.NOTHING, html.format('<p><a href="%s">Back to the first page</a></p>',
      self:url "/") } }
  return page.response(self:frame(made, { query = {}, target = "/" }))
end

--- The response for what cannot be done.
---@param status integer
---@param message string
---@param advice string?
---@return lbhost.http.Response
function Site:error_response(status, message, advice)
  return error_page(self, status, message, advice)
end

local function show(self, path, request)
  if path == "/live" then
    local name = (url.parse_query(request.query) or {}).page or ""
    if name:sub(1, 1) ~= "/" then site.fail(404, "There is no such page.") end
    self:parts_of(name) -- raises what is wrong with it
    return self.live:response(name)
  end
  local asset = self.assets[path]
  if asset then
    local headers = { ["content-type"] = asset[1] }
    for key, value in pairs(KEPT) do headers[key] = value end
    return { headers = headers, body = asset[2] }
  end
  local made, call = make_page(self, path, request.query, request)
  if made.redirect then return { status = 303, headers = { location = self:url(made.redirect), ["cache-control"] = "no-store" } } end
  return page.response(self:frame(made, call))
end

-- ---- Changes -------------------------------------------------------------------------------------

local function check_origin(request)
  local from, fetched = request.headers.origin, request.headers["sec-fetch-site"]
  local same = not from or from:lower() == "http://" .. (request.headers.host or ""):lower() or
    from:lower() == "https://" .. (request.headers.host or ""):lower()
  if same and (not fetched or fetched == "same-origin" or fetched == "none") then return end
  site.fail(403, "A change was asked for by a page of another site, and is refused.")
end

local function form_of(self, request)
  local kind = (request.headers["content-type"] or ""):lower():match "^%s*([^;%s]*)"
  if kind ~= "application/x-www-form-urlencoded" then site.fail(415, "A form is expected (application/x-www-form-urlencoded).") end
  local form = url.parse_query(request.body)
  if not form then site.fail(400, "The form is malformed: percent-encoded UTF-8 expected.") end
  if not crypto.equal(form.token or "", self.token) then
    site.fail(403, "This form is of another run of the program, or not of its pages: nothing was changed.",
      "Load the page again, and send its form.")
  end
  return form
end

--- Keeps what is to be shown on the next page; returns its id.
local function keep_notice(self, text, bad)
  local id = crypto.random_id(12)
  self.notices[id] = { text = text, bad = bad }
  table.insert(self.notice_order, id)
  if #self.notice_order > NOTICES then self.notices[table.remove(self.notice_order, 1)] = nil end
  return id
end

local function change(self, path, request)
  local row, parameters, allow = self.router:find("POST", path)
  if not row then
    if parameters == "method" then return self:error_response(405, "This page can only be looked at.", "Allowed: " .. allow) end
    site.fail(404, "There is no such page.")
  end
  check_origin(request)
  local form = form_of(self, request)
  local call = { form = form, path = parameters, query = {}, target = path, request = request }
  local target, text, bad = row.act(call)
  self.live:wake()
  local path_of_target, query_text = split_target(target)
  local query = url.parse_query(query_text) or {}
  if text then query.notice = keep_notice(self, text, bad) end
  return { status = 303, headers = { location = self:url(path_of_target, query), ["cache-control"] = "no-store" } }
end

-- ---- Requests ------------------------------------------------------------------------------------

local function respond(self, path, request)
  if request.method == "POST" then return change(self, path, request) end
  if request.method == "GET" or request.method == "HEAD" then return show(self, path, request) end
  local response = self:error_response(405, "This is not possible here.")
  local headers = { allow = "GET, HEAD, POST" }
  for name, value in pairs(response.headers) do headers[name] = value end
  response.headers = headers
  return response
end

local function on_error(err)
  return getmetatable(err) == Failure and err or traceback.handler(err)
end

--- Responds to a request; nil when its path is not one of the site.
---@param request lbhost.http.Request
---@return lbhost.http.Response?
function Site:handle(request)
  local path = own_path(self, request.path)
  if not path then return nil end
  local problem = self.options.check and self.options.check(request)
  if problem then return { status = 403, headers = PLAIN, body = problem.message .. ". " .. (problem.advice or "") .. "\n" } end
  local ok, response = xpcall(respond, on_error, self, path, request)
  if ok then return response end
  if getmetatable(response) == Failure then return self:error_response(response.status, response.message, response.advice) end
  self.options.on_error(response, request.path)
  return self:error_response(500, "This page could not be made; the log says why.")
end

--- Ends all that listen.
function Site:close()
  self.live:close()
end

return site
