-- Starts the servers of tests/servers for a spec, and talks to them.
--   local server = require "tests.support.server"
--   local s = server.start()               -- or: local s <close> = server.start()
--   client{ base_url = s:base("status,code=503,times=2", "a") }:get_rooms()
--   assert.equal(3, #s:log("a"))
--   s:stop()
-- A server ends with the process that started it, whatever happens to that process.

local cjson = require "cjson"
local eventually = require "tests.support.eventually"
local files = require "tests.support.files"
local mime = require "mime"
local quote = require "tests.support.quote"
local socket = require "socket"

local directory = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") or "."
local servers = directory .. "/../servers"

local server = {
  --- Where the servers are.
  directory = servers,
}

local held = {} -- sockets that keep a port as it is

--- Starts a script of tests/servers, its standard input being a pipe from here, and waits for its first
--- line of output.
---@param kept string? the file for its output; else one that is removed
local function launch(script, arguments, kept)
  local output = kept or os.tmpname()
  local command = ("exec lua5.4 %s %s --watch-stdin >%s")
    :format(quote(servers .. "/" .. script), arguments, quote(output))
  local process = assert(io.popen("LD_PRELOAD= " .. command, "w"))
  local till = eventually.deadline()
  local line
  repeat
    line = files.content(output):match("^([^\n]*)\n")
    if not line then socket.sleep(0.005) end
  until line or socket.gettime() > till
  if not kept then os.remove(output) end
  return process, line or "", output
end

local function gave_up(script, process)
  process:close()
  error(script .. " did not start; it says why on standard error", 0)
end

--- Numbers that are whole become integers: cjson makes floats of all.
local function with_integers(row)
  for name, value in pairs(row) do
    row[name] = type(value) == "number" and math.tointeger(value) or value
  end
  return row
end

--- Sends bytes on a new connection and reads until the other side closes.
---@param port integer
---@param bytes string
---@param seconds number? longest wait for the next byte, long when absent
---@return string received
---@return "closed"|"reset"|"timeout" why it ended: FIN, RST, or nothing more came in time
function server.exchange(port, bytes, seconds)
  local sock = assert(socket.connect("127.0.0.1", port))
  sock:send(bytes)
  sock:settimeout(0)
  local received, why = {}
  repeat
    local ready = socket.select({ sock }, nil, seconds or eventually.seconds)
    local data, err, part = sock:receive(65536)
    received[#received + 1] = data or part
    -- receive() calls both ends "closed"; after an RST there is no peer any more.
    why = err == "closed" and (sock:getpeername() and "closed" or "reset") or not ready[1] and "timeout"
  until why
  sock:close()
  return table.concat(received), why
end

--- One request to the server, for control.
---@return string body
local function request(self, method, path, body)
  body = body or ""
  local answer, why = server.exchange(self.port, ("%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    .. "Content-Length: %d\r\n\r\n%s"):format(method, path, #body, body))
  local status, content = answer:match("^HTTP/1.1 (%d+).-\r\n\r\n(.*)$")
  if status ~= "200" then
    error(("%s %s: the test server answered '%s' (%s)"):format(method, path, content or answer, why), 2)
  end
  return content
end

local Server = {}
Server.__index = Server

--- Base URL under which every request meets the scenario (http.lua --help).
---@param scenario string
---@param id string
---@return string
function Server:base(scenario, id)
  return ("%s/do/%s/%s"):format(self.url, scenario, id)
end

--- The recorded requests, oldest first; the server forgets them. Besides the fields of the log each has
--- `body` and `head` as bytes and `header`, the first value of each header by name in small letters.
---@param id string? only those with this ID
---@param options { keep: boolean?, bytes: boolean? }? keep: not forgotten; bytes = false: no body, no head
---@return table[]
function Server:log(id, options)
  options = options or {}
  local path = "/__log" .. (id and "/" .. id or "")
  local query = ("?keep=%d&bytes=%d"):format(options.keep and 1 or 0, options.bytes == false and 0 or 1)
  local list = cjson.decode(request(self, "GET", path .. query))
  for _, row in ipairs(list) do
    with_integers(row)
    row.body = row.body_base64 and mime.unb64(row.body_base64) or ""
    row.head = row.head_base64 and mime.unb64(row.head_base64)
    row.body_base64, row.head_base64 = nil, nil
    row.header = {}
    for _, pair in ipairs(row.headers) do
      local name = pair[1]:lower()
      row.header[name] = row.header[name] or pair[2]
    end
  end
  return list
end

--- Waits until the log holds so many requests of an ID, then returns it as Server:log does.
---@param id string?
---@param count integer
---@return table[]
function Server:wait_log(id, count)
  eventually(function() return #self:log(id, { keep = true, bytes = false }) >= count end,
    ("%d requests of '%s' at the test server"):format(count, id or "any ID"))
  return self:log(id)
end

--- Sets the response for a path; fields as in http.lua --help, and `json`, a value to encode as the body.
---@param answer table
function Server:answer(answer)
  local row = {}
  for name, value in pairs(answer) do row[name] = value end
  if row.body then row.body_base64, row.body = mime.b64(row.body) or "", nil end
  if row.json ~= nil then row.body_base64, row.json = mime.b64(cjson.encode(row.json)), nil end
  request(self, "POST", "/__answer", cjson.encode(row))
end

--- Connections and requests: open, peak_open, total, busy, peak_busy, requests.
---@return table<string, integer>
function Server:count()
  return with_integers(cjson.decode(request(self, "GET", "/__count")))
end

--- Makes the server forget log, answers, and counts per ID.
function Server:reset()
  request(self, "POST", "/__reset")
end

--- Ends the server; a second call does nothing.
function Server:stop()
  if not self.process then return end
  pcall(request, self, "GET", "/__stop")
  self.process:close()
  self.process = nil
end

Server.__close = Server.stop
Server.__gc = Server.stop

--- Starts tests/servers/http.lua.
---@param options { port: integer?, idle: number? }?
---@return table server with port and url
function server.start(options)
  options = options or {}
  local process, line = launch("http.lua",
    ("--port %d --idle %d"):format(options.port or 0, options.idle or 300))
  local port = math.tointeger(tonumber(line:match("^listening (%d+)$")))
  if not port then gave_up("http.lua", process) end
  return setmetatable({ process = process, port = port, url = "http://127.0.0.1:" .. port },
    Server)
end

local Nginx = {}
Nginx.__index = Nginx

--- Base URL of one of the ports.
---@param kind string a name of nginx.lua --help
---@param host string? "localhost" when absent
---@return string
function Nginx:url(kind, host)
  local port = assert(self.ports[kind], "no such port of nginx")
  return ("%s://%s:%d"):format(kind == "plain" and "http" or "https", host or "localhost", port)
end

--- The rows of the access log so far: connection, request, port, protocol, tls, method, target, status.
--- nginx writes a row after it has answered, so say how many to wait for.
---@param count integer? waits for so many rows
---@return table[]
function Nginx:log(count)
  local till = eventually.deadline()
  local rows
  repeat
    rows = {}
    for line in files.content(self.log_file):gmatch("([^\n]*)\n") do
      local row = with_integers(cjson.decode(line))
      row.status = tonumber(row.status)
      rows[#rows + 1] = row
    end
    if #rows < (count or 0) then socket.sleep(0.01) end
  until #rows >= (count or 0) or socket.gettime() > till
  return rows
end

--- Makes nginx read its configuration again: new workers serve, the old ones finish what they have and end.
function Nginx:reload()
  assert(os.execute(("kill -HUP %d"):format(self.pid)))
end

--- Ends nginx; a second call does nothing.
function Nginx:stop()
  if not self.process then return end
  self.process:close()
  self.process = nil
end

Nginx.__close = Nginx.stop
Nginx.__gc = Nginx.stop

--- Starts nginx with TLS and HTTP/2 in front of a server.
---@param options { upstream: integer, certs: string?, idle: number?, keepalive_requests: integer? }
---@return table nginx with ports (by kind), ca (file), pid
function server.nginx(options)
  local arguments = ("--upstream %d --idle %d"):format(options.upstream, options.idle or 300)
  if options.certs then arguments = arguments .. " --certs " .. quote(options.certs) end
  if options.keepalive_requests then
    arguments = arguments .. (" --keepalive-requests %d"):format(options.keepalive_requests)
  end
  local process, line = launch("nginx.lua", arguments)
  local ok, about = pcall(cjson.decode, line)
  if not ok or type(about) ~= "table" then gave_up("nginx.lua", process) end
  return setmetatable({ process = process, ports = with_integers(about.ports), ca = about.ca,
    pid = math.tointeger(about.pid), log_file = about.log }, Nginx)
end

local Scripted = {}
Scripted.__index = Scripted

--- What has been done to the requests so far, in their order: actions of h2.lua --help.
---@param count integer waits for so many
---@return string[]
function Scripted:log(count)
  return eventually(function()
    local done = {}
    for line in files.content(self.output):gmatch("([^\n]*)\n") do done[#done + 1] = line end
    table.remove(done, 1) -- "listening"
    return #done >= count and done
  end, ("the server has seen %d requests"):format(count))
end

--- Ends the server; a second call does nothing.
function Scripted:stop()
  if not self.process then return end
  os.execute("kill " .. self.pid) -- it may be reading from a client that says nothing
  self.process:close()
  self.process = nil
  os.execute("rm -rf " .. quote(self.dir))
end

Scripted.__close = Scripted.stop
Scripted.__gc = Scripted.stop

--- Starts an HTTP/2 server that does to each request what its path or options say.
---@param actions string of h2.lua --help, separated by commas
---@return table server with url and ca (file)
function server.h2(actions)
  local dir = os.tmpname()
  os.remove(dir)
  -- Without the sanitizers' library, which is for the Lua of the test alone.
  assert(os.execute("LD_PRELOAD= " .. quote(servers .. "/tls/make-certs.sh") .. " " .. quote(dir)))
  local process, line, output = launch("h2.lua", ("--certs %s --actions %s"):format(quote(dir), actions), dir .. "/output")
  local port, pid = line:match("^listening (%d+) (%d+)$")
  if not port then gave_up("h2.lua", process) end
  return setmetatable({ process = process, pid = pid, dir = dir, output = output, url = "https://localhost:" .. port,
    ca = dir .. "/ca.pem" }, Scripted)
end

local function bound()
  local sock = assert(socket.tcp4())
  assert(sock:bind("127.0.0.1", 0))
  held[#held + 1] = sock
  local _, port = sock:getsockname()
  return sock, math.tointeger(tonumber(port))
end

--- A port that refuses connections, and that nobody else can take while this process lives.
---@return integer
function server.port_refused()
  local _, port = bound()
  return port
end

--- A port where connecting gets no response at all: its queue of connections is full.
---@return integer
function server.port_hanging()
  local sock, port = bound()
  assert(sock:listen(0))
  for _ = 1, 4 do
    local filler = assert(socket.tcp4())
    filler:settimeout(0)
    filler:connect("127.0.0.1", port)
    held[#held + 1] = filler
  end
  return port
end

return server
