---@meta lbhost.http_server
-- Made from lua/lbhost/http_server.lua by scripts/tools/generate.lua; changes here are lost.

---@class lbhost.http_server
local http_server = {}

--- What `immediate` returns when the response will come later, by server:respond().
---@type table
http_server.DEFERRED = {}

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

--- Adds a part, when no more waits for the reader than may (max_unsent).
---@param bytes string
---@return boolean added
function Stream:offer(bytes) end

--- Adds a part, as soon as the reader has taken enough of those before. To be called in a task.
---@param bytes string
---@return boolean added false when the other side has gone
function Stream:write(bytes) end

--- Bytes that wait for the reader; nil when it has gone, or the response has ended.
---@return integer?
function Stream:unsent() end

--- Is somebody there?
---@return boolean
function Stream:is_open() end

--- Ends the response; what waits for the reader is sent.
function Stream:close() end

---@class lbhost.http.Server
---@field port integer
---@field url string
local Server = {}

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
function http_server.start(options) end

--- Responds to a request for which `immediate` has returned http_server.DEFERRED.
---@param request lbhost.http.Request
---@param response lbhost.http.Response
function Server:respond(request, response) end

--- How much is going on: open connections, requests in progress, those of them whose response is streamed, bytes of buffers;
--- and how many connections were closed because their address had too many.
---@return { connections: integer, requests: integer, streams: integer, bytes: integer, refused: integer }
function Server:counts() end

--- Stops: takes nothing new, lets what is in progress end for at most `grace` seconds (0), then closes.
---@param grace number?
---@return integer cut how many requests got no response
function Server:stop(grace) end

return http_server
