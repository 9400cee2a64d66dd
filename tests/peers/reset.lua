-- Fetches the recording server's log into a file and makes the server forget it and its responses.
-- Usage: reset.lua BASE_URL [FILE]

local http = require("socket.http")

local base, name = arg[1], arg[2]

local function fetch(method, path)
  local parts = {}
  local ok, status = http.request({
    method = method, url = base .. path,
    sink = function(part)
      parts[#parts + 1] = part
      return 1
    end,
  })
  assert(ok and status == 200, ("%s %s of the recording server: %s"):format(method, path, tostring(status)))
  return table.concat(parts)
end

if name then
  local file = assert(io.open(name, "wb"))
  file:write(fetch("GET", "/__log"))
  file:close()
end
fetch("POST", "/__reset")
