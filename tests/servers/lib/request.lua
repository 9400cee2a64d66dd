-- Reads one HTTP/1 request from a connection and keeps every byte of it.

local socket = require "socket"

local MAX_HEAD = 1024 * 1024
local MAX_BODY = 128 * 1024 * 1024

local request = { MAX_BODY = MAX_BODY }

local function parse_headers(head)
  local headers, first = {}, {}
  for line in head:gmatch("([^\r\n]*)\r\n") do
    local name, value = line:match("^([^:]+):[ \t]*(.-)[ \t]*$")
    if name then
      headers[#headers + 1] = { name, value }
      first[name:lower()] = first[name:lower()] or value
    end
  end
  return headers, first
end

--- The path without the query, of a target in origin form or absolute form.
local function split_target(target)
  local rest = target:match("^%a[%w+.-]*://[^/?]*(.*)$") or target
  local path, query = rest:match("^([^?]*)%?(.*)$")
  path = path or rest
  return path ~= "" and path or "/", query
end

--- Reads the request line and the headers.
---@param conn table
---@return table? request nil when the client closed before it sent one
function request.read_head(conn)
  if conn.input == "" and not conn:fill() then return nil end
  local raw, why = conn:take_through("\r\n\r\n", MAX_HEAD)
  local req = { time = socket.gettime(), connection = conn.number, body = "", complete = true,
    outcome = "pending", method = "", target = "", path = "", headers = {}, header = {} }
  if not raw then
    req.raw_head, conn.input = conn.input, ""
    req.bad = why == "too long" and 431 or 400
    req.complete = false
    return req
  end
  req.raw_head = raw
  local line, rest = raw:match("^([^\r\n]*)\r\n(.*)$")
  local method, target, version = line:match("^(%S+) (%S+) HTTP/(1%.[01])$")
  if not method then
    req.bad = 400
    return req
  end
  req.method, req.target, req.version = method, target, version
  req.path, req.query = split_target(target)
  req.headers, req.header = parse_headers(rest)
  return req
end

--- Reads n bytes of the body; each piece also goes to `pace`, which may wait.
local function read_plain(conn, pieces, n, pace)
  while n > 0 do
    local bytes = conn:take(n)
    if not bytes then return false end
    pieces[#pieces + 1] = bytes
    n = n - #bytes
    if pace then pace(#bytes) end
  end
  return true
end

local function skip_trailers(conn)
  repeat
    local line = conn:take_through("\r\n", MAX_HEAD)
    if not line then return false end
  until line == "\r\n"
  return true
end

local function read_chunked(conn, pieces, pace)
  local total = 0
  while true do
    local line = conn:take_through("\r\n", 4096)
    local size = line and tonumber(line:match("^(%x+)[ \t]*[;\r]") or "", 16)
    if not size then return false, line and 400 or nil end
    if size == 0 then return skip_trailers(conn) end
    total = total + size
    if total > MAX_BODY then return false, 413 end
    if not read_plain(conn, pieces, size, pace) then return false end
    if conn:take_through("\r\n", 2) ~= "\r\n" then return false, 400 end
  end
end

--- Reads the body into req.body; sets req.complete, and req.bad when it cannot be read on.
---@param conn table
---@param req table
---@param pace fun(bytes: integer)? called after every piece
function request.read_body(conn, req, pace)
  local length = req.header["content-length"]
  local chunked = (req.header["transfer-encoding"] or ""):lower():find("chunked", 1, true)
  if not length and not chunked then return end
  local size = length and (length:match("^%d+$") and tonumber(length))
  if not chunked and (not size or size > MAX_BODY) then
    req.bad, req.complete = size and 413 or 400, false
    return
  end
  if (req.header.expect or ""):lower() == "100-continue" then
    conn:send("HTTP/1.1 100 Continue\r\n\r\n")
  end
  local pieces = {}
  if chunked then
    req.complete, req.bad = read_chunked(conn, pieces, pace)
  else
    req.complete = read_plain(conn, pieces, size, pace)
  end
  req.body = table.concat(pieces)
end

--- Whether the client wants the connection to stay.
---@param req table
---@return boolean
function request.keeps_alive(req)
  local connection = (req.header.connection or ""):lower()
  if req.version == "1.0" then return connection:find("keep-alive", 1, true) ~= nil end
  return not connection:find("close", 1, true)
end

return request
