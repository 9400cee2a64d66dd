-- One accepted connection: reading and writing that wait in the loop, and ways to end it.

local socket = require "socket"

local loop = require "loop"

local READ_SIZE = 65536
local LARGE = 16384 -- a send of this size lets the other connections go first

local REASONS = {
  [100] = "Continue", [102] = "Processing", [103] = "Early Hints",
  [200] = "OK", [201] = "Created", [204] = "No Content", [301] = "Moved Permanently", [302] = "Found",
  [307] = "Temporary Redirect", [308] = "Permanent Redirect", [400] = "Bad Request", [401] = "Unauthorized",
  [403] = "Forbidden", [404] = "Not Found", [408] = "Request Timeout", [409] = "Conflict",
  [413] = "Content Too Large", [422] = "Unprocessable Content", [429] = "Too Many Requests",
  [431] = "Request Header Fields Too Large", [500] = "Internal Server Error", [501] = "Not Implemented",
  [502] = "Bad Gateway", [503] = "Service Unavailable", [504] = "Gateway Timeout",
}

local Connection = {}
Connection.__index = Connection

--- What a connection raises when the client is gone; serve() catches it.
local GONE = setmetatable({}, { __tostring = function() return "the client closed the connection" end })

local connection = { GONE = GONE }

---@param sock table accepted luasocket
---@param number integer how many connections there have been
---@return table
function connection.new(sock, number)
  sock:settimeout(0)
  sock:setoption("tcp-nodelay", true)
  return setmetatable({ sock = sock, number = number, input = "" }, Connection)
end

---@param status integer
---@return string
function connection.reason(status)
  return REASONS[status] or "Status"
end

--- Adds what has come, waiting for it, to self.input.
---@param seconds number? longest wait
---@return boolean? true, or nil with "closed" or "timeout"
---@return string? why
function Connection:fill(seconds)
  while true do
    local data, err, part = self.sock:receive(READ_SIZE)
    data = data or part
    if #data > 0 then
      self.input = self.input == "" and data or self.input .. data
      return true
    end
    if err ~= "timeout" then return nil, "closed" end
    if loop.wait(self.sock, "read", seconds) == "timeout" then return nil, "timeout" end
  end
end

--- Takes up to n bytes of what has come, waiting only when there is nothing.
---@param n integer
---@return string? bytes nil when the client closed
function Connection:take(n)
  if self.input == "" and not self:fill() then return nil end
  local bytes = self.input
  if #bytes > n then
    self.input = bytes:sub(n + 1)
    return bytes:sub(1, n)
  end
  self.input = ""
  return bytes
end

--- Takes everything up to and including the first `mark`.
---@param mark string
---@param max integer bytes
---@return string? bytes nil with "closed" or "too long"
---@return string? why
function Connection:take_through(mark, max)
  local from = 1
  while true do
    local _, last = self.input:find(mark, from, true)
    if last then return self:take(last) end
    if #self.input > max then return nil, "too long" end
    from = math.max(1, #self.input - #mark + 2)
    if not self:fill() then return nil, "closed" end
  end
end

--- Sends all of it, or raises connection.GONE.
---@param data string
function Connection:send(data)
  if #data >= LARGE then loop.wait(self.sock, "write") end
  local from = 1
  while from <= #data do
    local last, err, partial = self.sock:send(data, from)
    if not last and err ~= "timeout" then error(GONE, 0) end
    from = (last or partial) + 1
    if from <= #data then loop.wait(self.sock, "write") end
  end
end

--- Lets time pass; raises connection.GONE when the client leaves meanwhile.
---@param seconds number
function Connection:pause(seconds)
  local till = socket.gettime() + seconds
  while true do
    local left = till - socket.gettime()
    if left <= 0 then return end
    local ok, why = self:fill(left)
    if not ok and why == "closed" then error(GONE, 0) end
  end
end

--- The bytes of a response's head.
---@param status integer
---@param headers table[] pairs of name and value
---@param version string? "1.1" when absent
---@return string
function Connection:head(status, headers, version) -- luacheck: ignore self
  local lines = { ("HTTP/%s %d %s"):format(version or "1.1", status, connection.reason(status)) }
  for _, header in ipairs(headers) do
    lines[#lines + 1] = header[1] .. ": " .. header[2]
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

--- Sends a whole proper answer to self.request.
---@param answer { status: integer?, type: string?, headers: table[]?, body: string?, close: boolean? }
function Connection:answer(answer)
  local status, body = math.tointeger(answer.status) or 200, answer.body or ""
  if answer.close then self.closing = true end
  local headers = { { "Connection", self.closing and "close" or "keep-alive" } }
  if body ~= "" or answer.type then
    headers[#headers + 1] = { "Content-Type", answer.type or "application/json" }
  end
  if status ~= 204 and status ~= 304 then headers[#headers + 1] = { "Content-Length", #body } end
  for _, header in ipairs(answer.headers or {}) do headers[#headers + 1] = header end
  if self.request and self.request.method == "HEAD" or status == 204 or status == 304 then body = "" end
  self:send(self:head(status, headers) .. body)
  self.answered = true
end

--- Ends the connection in the ordinary way: FIN after what was sent.
function Connection:close()
  self.closing = true
  self.sock:close()
end

--- Ends the connection with RST.
function Connection:reset()
  self.closing = true
  self.sock:setoption("linger", { on = true, timeout = 0 })
  self.sock:close()
end

--- Says that nothing more comes, then reads and drops what the client still sends.
---@param seconds number
function Connection:drain(seconds)
  self.closing = true
  self.sock:shutdown("send")
  local till = socket.gettime() + seconds
  while socket.gettime() < till and self:fill(till - socket.gettime()) do self.input = "" end
end

return connection
