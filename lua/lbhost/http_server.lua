--- An HTTP/1.1 server on the program's loop: no threads, each request handled in a task.
---
---   local server = http_server.start { port = 8080, handler = function(request)
---     return { status = 200, headers = { ["content-type"] = "text/plain" }, body = "Hello, " .. request.path }
---   end }
---
--- It serves plain HTTP; where it faces the internet, a proxy in front of it does TLS. Requests are read as strictly as RFC
--- 9112 allows, so that a proxy and this server never see different ones: what is malformed gets 400 and the connection ends.
local core = require "lbhost.http_core"
local errors = require "liveblocks.errors"
local options_of = require "liveblocks.options"
local printable = require "lbhost.util.printable"
local secrets = require "lbhost.util.secrets"
local task = require "liveblocks.task"
local traceback = require "lbhost.util.traceback"
local wait_within = require "lbhost.util.event_timeout"

local http_server = {}

--- What `immediate` returns when the response will come later, by server:respond().
---@type table
http_server.DEFERRED = setmetatable({}, { __name = "lbhost.http.deferred" })
http_server.LATER = http_server.DEFERRED -- its name before

---@class lbhost.http.Request
---@field method string
---@field path string as it came: percent-encoded, without the query
---@field query string? after the question mark, as it came
---@field headers table<string, string> by lower-case name; the values of a doubled header joined by ", "
---@field header_list { [1]: string, [2]: string }[]? as they came, until the request has its response
---@field body string
---@field remote string address of the other side; behind a proxy that `lbhost serve` trusts, the client's
---@field proxy string? then the proxy's

---@class lbhost.http.Response
---@field status integer? 200 when absent
---@field headers table<string, string|string[]>?
---@field body string?
---@field stream fun(stream: lbhost.http.Stream)? instead of a body: called when the head is sent. The response goes on, also when
---it has returned, until stream:close(), until the other side goes, or until the server stops

--- A streamed response: its body is sent in parts, as the reader takes them.
---@class lbhost.http.Stream
local Stream = {}
Stream.__index = Stream
Stream.__name = "lbhost.http.stream"

--- Adds a part, when no more waits for the reader than may (max_unsent).
---@param bytes string
---@return boolean added
function Stream:offer(bytes)
  return core.add(self.handle, bytes) == true
end

--- Adds a part, as soon as the reader has taken enough of those before. To be called in a task.
---@param bytes string
---@return boolean added false when the other side has gone
function Stream:write(bytes)
  while true do
    local added = core.add(self.handle, bytes)
    if added == nil then return false end
    if added then return true end
    local event = task.event()
    core.wake_on_drained(self.handle, event)
    event:wait()
  end
end

--- Bytes that wait for the reader; nil when it has gone, or the response has ended.
---@return integer?
function Stream:unsent()
  return core.unsent(self.handle)
end

--- Is somebody there?
---@return boolean
function Stream:is_open()
  return core.unsent(self.handle) ~= nil
end

--- Ends the response; what waits for the reader is sent.
function Stream:close()
  core.finish(self.handle)
end

Stream.__close = Stream.close

local request_mt = {
  __index = function(self, name)
    if name == "header_list" then return core.header_list(rawget(self, "handle")) end
  end,
}

---@class lbhost.http.Server
---@field port integer
---@field url string
local Server = {}
Server.__index = Server
Server.__name = "lbhost.http.server"

local NO_HEADERS = {}
local FAILED = { status = 500, headers = { ["content-type"] = "application/json" },
  body = '{"error":"Internal Server Error"}' }

local BUSY = { status = 503, headers = { ["content-type"] = "application/json", ["retry-after"] = "10" },
  body = '{"error":"Service Unavailable","message":"too many responses are being streamed; try again later"}' }

local function begin_stream(handle, response)
  local started, problem, busy = core.stream(handle, response.status or 200, response.headers or NO_HEADERS)
  if busy then return core.respond(handle, BUSY.status, BUSY.headers, BUSY.body) end
  if not started then error("the handler's response cannot be sent: " .. problem, 0) end
  response.stream(setmetatable({ handle = handle }, Stream))
end

local function send(handle, response)
  if response == false then return core.drop(handle, false) end
  if response == "reset" then return core.drop(handle, true) end
  if type(response) ~= "table" then
    error(("the handler must return a table with status, headers and body, got %s"):format(type(response)), 0)
  end
  if response.stream then return begin_stream(handle, response) end
  local sent, problem = core.respond(handle, response.status or 200, response.headers or NO_HEADERS, response.body or "")
  if not sent then error("the handler's response cannot be sent: " .. problem, 0) end
end

-- 500; of a streamed response that has started, the other side sees that it is not whole.
local function fail(self, request, handle, problem)
  self.on_error(problem, request)
  if not core.respond(handle, FAILED.status, FAILED.headers, FAILED.body) then core.drop(handle, false) end
end

local function serve(self, request, handle)
  local ok, response = xpcall(self.handler, traceback.handler, request)
  if ok and self.closed then return end -- it has taken longer than the server, which has cut the connection
  if ok then ok, response = xpcall(send, traceback.handler, handle, response) end
  if not ok then fail(self, request, handle, response) end
end

-- True when the request needs no task: it has its response, or will get it by Server:respond.
local function respond_at_once(self, request, handle)
  local ok, response = xpcall(self.immediate, traceback.handler, request)
  if ok and response == nil then return false end
  if ok and response == http_server.DEFERRED then return true end
  if ok then ok, response = xpcall(send, traceback.handler, handle, response) end
  if not ok then fail(self, request, handle, response) end
  return true
end

-- Hands what has come to tasks, and waits for more. True when the server has stopped and nothing is left.
local function accept_some(self)
  while not self.closed do
    local request, handle = core.take(self.core, request_mt)
    if request then
      if not self.immediate or not respond_at_once(self, request, handle) then
        task.start(serve, self, request, handle)
      end
    else
      local event = task.event()
      core.wake_on_work(self.core, event)
      event:wait()
      if self.stopping and self:counts().requests == 0 then return self.stopping:set() end
    end
  end
end

local function is_out_of_memory(err)
  return type(err) == "table" and err.kind == "memory" or type(err) == "string" and err:find("memory", 1, true) ~= nil
end

-- Out of memory: one request is lost, whose connection is closed when its handle is collected; the server goes on.
local function accept(self)
  while true do
    local ok, err = pcall(accept_some, self)
    if ok then return end
    if not is_out_of_memory(err) then error(err, 0) end
    pcall(collectgarbage)
    coroutine.yield() -- others go first, and give memory back
  end
end

-- A task may end before its function has started, when there is no memory for that: another one takes its place.
local function start_acceptor(self)
  local acceptor
  local ended = { { set = function()
    local again = self.acceptor == acceptor and not self.closed and is_out_of_memory(acceptor.error)
    if again then start_acceptor(self) end
  end } }
  acceptor = task.spawn(accept, self)
  self.acceptor = acceptor
  acceptor:notify(ended)
end

local types = { host = "string", port = "number", handler = "function", immediate = "function", on_error = "function", max_body = "number",
  max_headers = "number", max_memory = "number", max_connections = "number", max_of_address = "number",
  max_streams = "number", max_unsent = "number", timeout = "number", idle_timeout = "number" }

local function report(err, request)
  io.stderr:write(("lbhost: %s %s: %s\n"):format(request.method, printable.line(request.path),
    printable.block(secrets.hide(tostring(err)))))
end

---@class lbhost.http.Options
---@field handler fun(request: lbhost.http.Request): lbhost.http.Response|false|"reset"
---@field immediate? fun(request: lbhost.http.Request): table|false|"reset"|nil
---@field on_error? fun(err: any, request: lbhost.http.Request)
---@field host? string an address of this machine ("127.0.0.1")
---@field port? integer (0: any)
---@field max_body? integer bytes of a request (1 MiB)
---@field max_headers? integer bytes (16 KiB)
---@field max_memory? integer bytes of all bodies in progress (256 MiB)
---@field max_connections? integer (4096)
---@field max_of_address? integer connections of one address (an IPv6 network of /64); beyond it, the one that is silent for
---longest is closed
---@field max_streams? integer streamed responses (256); further ones get 503
---@field max_unsent? integer bytes of one that may wait for its reader (256 KiB)
---@field timeout? number seconds within which a request must have come, and a response been read; of a streamed one, what waits (10)
---@field idle_timeout? number seconds between requests (60)

--- Starts a server; it runs until it is stopped, or the program ends.
--- The handler returns a response; `false` closes the connection without a response, "reset" resets it. When it raises, the
--- client gets a 500 and on_error(err, request) is called (by default it prints a line on standard error).
--- `immediate`, when given, sees each request before `handler`, outside of a task, and must not wait. It returns a response;
--- or http_server.DEFERRED, when server:respond(request, response) will be called; or nil, and the handler gets the request.
---@param options lbhost.http.Options
---@return lbhost.http.Server
function http_server.start(options)
  options_of.typed("http_server", options, types)
  if not options.handler then errors.usage("http_server: 'handler' is missing") end
  local self = setmetatable({ handler = options.handler, immediate = options.immediate, on_error = options.on_error or report }, Server)
  self.core, self.port = core.start(options)
  local host = options.host or "127.0.0.1"
  self.url = ("http://%s:%d"):format(host:find(":", 1, true) and "[" .. host .. "]" or host, self.port)
  local ok, err = pcall(start_acceptor, self)
  if not ok then
    Server.stop(self) -- nobody knows it
    error(err, 0)
  end
  return self
end

--- Responds to a request for which `immediate` has returned http_server.DEFERRED.
---@param request lbhost.http.Request
---@param response lbhost.http.Response
function Server:respond(request, response)
  local ok, problem = pcall(send, request.handle, response)
  if not ok then self.on_error(problem, request) end
end

Server.answer = Server.respond -- its name before

--- How much is going on: open connections, requests in progress, those of them whose response is streamed, bytes of buffers;
--- and how many connections were closed because their address had too many.
---@return { connections: integer, requests: integer, streams: integer, bytes: integer, refused: integer }
function Server:counts()
  local connections, requests, bytes, refused, streams = core.counts(self.core)
  return { connections = connections, requests = requests, streams = streams, bytes = bytes, refused = refused }
end

local function wait_for_requests(self, grace)
  self.stopping = task.event()
  wait_within(self.stopping, grace)
end

--- Stops: takes nothing new, lets what is in progress end for at most `grace` seconds (0), then closes.
---@param grace number?
---@return integer cut how many requests got no response
function Server:stop(grace)
  if self.closed then return 0 end
  core.quiesce(self.core)
  local _, requests = core.counts(self.core) -- needs no memory
  local ok, err = true, nil
  if (grace or 0) > 0 and requests > 0 and not self.stopping then ok, err = pcall(wait_for_requests, self, grace) end
  _, requests = core.counts(self.core)
  self.closed = true
  core.close(self.core)
  if not ok then error(err, 0) end
  return requests
end

Server.__close = function(self) self:stop() end

return http_server
