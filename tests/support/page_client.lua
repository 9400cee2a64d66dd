-- One request to a server that runs in this process, over a socket that nobody waits for: the server goes on meanwhile.
-- Redirects are not followed, and a status such as 404 raises nothing.
local eventually = require "tests.support.eventually"
local socket = require "socket"

local function dechunk(body)
  local parts = {}
  for size, at in body:gmatch "(%x+)\r\n()" do
    local count = tonumber(size, 16)
    if count == 0 then break end
    parts[#parts + 1] = body:sub(at, at + count - 1)
  end
  return table.concat(parts)
end

--- @param base string the URL of the server
--- @param path string
--- @param options { method: string?, headers: table<string, string>?, body: string?, content_type: string? }?
--- @return integer status
--- @return string body
--- @return table<string, string> headers by lower-case name
return function(base, path, options)
  options = options or {}
  local host, port = base:match "^http://([^:/]+):(%d+)"
  local headers = { host = ("%s:%s"):format(host, port), connection = "close" }
  if options.body then
    headers["content-length"] = ("%d"):format(#options.body)
    headers["content-type"] = options.content_type or "application/x-www-form-urlencoded"
  end
  for name, value in pairs(options.headers or {}) do headers[name] = value end
  local lines = { ("%s %s HTTP/1.1"):format(options.method or options.body and "POST" or "GET", path) }
  for name, value in pairs(headers) do lines[#lines + 1] = name .. ": " .. value end
  local one = assert(socket.connect(host, tonumber(port)))
  one:send(table.concat(lines, "\r\n") .. "\r\n\r\n" .. (options.body or ""))
  one:settimeout(0)
  local bytes = {}
  eventually(function()
    local more, why, part = one:receive(65536)
    bytes[#bytes + 1] = more or part
    return why == "closed"
  end, function() return path .. " is answered whole; so far: " .. table.concat(bytes) end)
  one:close()
  local head, body = table.concat(bytes):match "^(.-)\r\n\r\n(.*)$"
  local found = {}
  for name, value in head:gmatch "\r\n([^:\r\n]+):%s*([^\r\n]*)" do found[name:lower()] = value end
  return tonumber(head:match "^HTTP/1%.1 (%d+)"), found["transfer-encoding"] == "chunked" and dechunk(body) or body, found
end
