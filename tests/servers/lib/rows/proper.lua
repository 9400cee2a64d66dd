-- Scenarios that respond in proper HTTP, though not always what a client hopes for.

local cjson = require "cjson"
local socket = require "socket"

local answers = require "answers"
local connection = require "connection"
local pages = require "pages"
local param = require "param"
local recorder = require "recorder"

local number, text = param.number, param.text

local function error_body(code)
  local name = connection.reason(code):upper():gsub(" ", "_")
  return cjson.encode { error = name, message = ("answered %d as asked"):format(code) }
end

-- By the clock of the log: that of os.time is some milliseconds late.
local function http_date(seconds_from_now)
  return os.date("!%a, %d %b %Y %H:%M:%S GMT", math.floor(socket.gettime()) + math.ceil(seconds_from_now))
end

local function retry_headers(p)
  local value = p.date and http_date(p.date) or p["retry-after"]
  return value and { { "Retry-After", value } } or {}
end

local function run_status(conn, _, p)
  local headers = retry_headers(p)
  local name, value = (p.header or ""):match("^([^:]+):%s*(.*)$")
  if name then headers[#headers + 1] = { name, value } end
  conn:answer { status = p.code, headers = headers, body = p.body or error_body(p.code), type = p.type }
end

local function run_sequence(conn, req, p)
  local codes = {}
  for code in p.codes:gmatch("%d+") do codes[#codes + 1] = math.tointeger(tonumber(code)) end
  local code = codes[math.min(req.hit - p.skip, #codes)] or 200
  if code < 300 then
    local answer = answers.find(req)
    conn:answer { status = code, headers = answer.headers, body = answer.body, type = answer.type }
  else
    conn:answer { status = code, headers = retry_headers(p), body = error_body(code) }
  end
end

local function run_interim(conn, req, p)
  for code in p.codes:gmatch("%d+") do
    local headers = code == "103" and { { "Link", "</style.css>; rel=preload" } } or {}
    conn:send(conn:head(math.tointeger(tonumber(code)), headers))
  end
  conn:answer(answers.find(req))
end

local function run_http10(conn, req)
  local answer = answers.find(req)
  conn:send(conn:head(200, { { "Content-Type", "application/json" } }, "1.0") .. answer.body)
  conn.answered = true
  conn:close()
end

local function run_stale(conn, req, p)
  conn:answer(answers.find(req))
  if conn.input ~= "" then return end
  local came, why = conn:fill(p["on-next"] == 0 and p.after / 1000 or nil)
  if not came and why == "timeout" then
    conn:close()
  elseif came and p["on-next"] ~= 0 then
    conn:reset()
  end
end

local RETRY = {
  text("retry-after", nil, "sends Retry-After with this value"),
  number("date", nil, "sends Retry-After with the date that is so many seconds from now"),
}

return {
  {
    name = "ok", about = "the usual response; only the ID matters",
    run = function(conn, req) conn:answer(answers.find(req)) end,
  },
  {
    name = "status", main = "code", about = "that status with an error body of the API",
    params = {
      number("code", 429, "the status"), RETRY[1], RETRY[2],
      text("body", nil, "the body"), text("type", nil, "the Content-Type"),
      text("header", nil, "one more header, as Name: value"),
    },
    run = run_status,
  },
  {
    name = "sequence", main = "codes", about = "one status after the other, and the last one for ever",
    params = { text("codes", "500.502.200", "separated by dots"), RETRY[1], RETRY[2] },
    run = run_sequence,
  },
  {
    name = "pages", about = "rows in pages, honouring startingAfter or cursor, and limit",
    params = {
      number("n", 45, "rows in all"), number("size", 20, "rows a page unless the request says limit"),
      number("stuck", 0, "1: nextCursor never moves on"),
      number("fail", nil, "this request of the ID (1 is the first) is answered with `code`"),
      number("code", 503, "the status for `fail`"),
    },
    run = function(conn, req, p)
      if req.hit - p.skip == p.fail then
        conn:answer { status = p.code, body = error_body(p.code) }
      else
        conn:answer(pages.answer(req, p))
      end
    end,
  },
  {
    name = "echo", about = "the request itself, as its record in the log",
    run = function(conn, req) conn:answer { body = recorder.encode(req, true) } end,
  },
  {
    name = "json", main = "body", about = "200 with that body",
    params = { text("body", "{}", "the body, JSON or not"), text("type", nil, "the Content-Type") },
    run = function(conn, _, p) conn:answer { body = p.body, type = p.type } end,
  },
  {
    name = "empty", about = "200 with no byte of body",
    run = function(conn) conn:answer { body = "" } end,
  },
  {
    name = "nocontent", about = "204",
    run = function(conn) conn:answer { status = 204 } end,
  },
  {
    name = "html", main = "code", about = "an error page of a proxy",
    params = { number("code", 502, "the status") },
    run = function(conn, _, p)
      local reason = connection.reason(p.code)
      local page = ("<html><head><title>%d %s</title></head>\r\n<body><h1>%s</h1></body></html>\r\n")
      conn:answer { status = p.code, type = "text/html", body = page:format(p.code, reason, reason) }
    end,
  },
  {
    name = "wrong-type", main = "type", about = "the usual JSON under another Content-Type",
    params = { text("type", "text/html", "the Content-Type") },
    run = function(conn, req, p) conn:answer { type = p.type, body = answers.find(req).body } end,
  },
  {
    name = "redirect", main = "code", about = "a redirection",
    params = { number("code", 302, "the status"),
      text("to", nil, "the Location; else /do/ok/ID/redirected") },
    run = function(conn, req, p)
      local to = p.to or "/do/ok/" .. req.id .. "/redirected"
      conn:answer { status = p.code, headers = { { "Location", to } } }
    end,
  },
  {
    name = "status-lines", main = "codes", about = "interim answers before the usual one",
    params = { text("codes", "100", "1xx statuses, separated by dots") },
    run = run_interim,
  },
  {
    name = "http10", about = "HTTP/1.0: the body ends with the connection",
    run = run_http10,
  },
  {
    name = "close", about = "the usual response with Connection: close",
    run = function(conn, req)
      local answer = answers.find(req)
      conn:answer { status = answer.status, headers = answer.headers, type = answer.type, body = answer.body,
        close = true }
    end,
  },
  {
    name = "stale", about = "the usual response with keep-alive, after which the idle connection is closed",
    params = {
      number("after", 0, "milliseconds until the FIN; a request that comes first is served"),
      number("on-next", 0, "1: no FIN, but RST when the next request comes"),
    },
    run = run_stale,
  },
}
