--- Which requests may pass: those of a program on this machine, and not those of a web page from elsewhere. A page in a
--- browser here reaches 127.0.0.1, too: by a name of its own that leads there (DNS rebinding), which the Host header shows, or
--- across origins, which Origin shows.
local errors = require "liveblocks.errors"
local ip = require "lbhost.util.ip"

local origin = {}

-- The host of "name:port", "[::1]:port"; lower case, without a dot at the end.
local function host_of(authority)
  local host = authority:match "^%[([^%]]*)%]" or authority:match "^([^:]*):?%d*$" or authority
  return (host:lower():gsub("%.$", ""))
end

--- Checks names of hosts.
---@param names string[]
---@param option string for the message
function origin.check(names, option)
  for _, name in ipairs(names) do
    if name ~= "*" and not name:find "^[%w_.:-]+$" then
      errors.usage("%s takes the name of a host, such as liveblocks.test, or *; got '%s'", option, name)
    end
  end
end

local function refuse(what, value, advice)
  return { code = "FORBIDDEN_" .. what:upper(), advice = advice,
    message = ("The %s '%s' is not one of this machine: a web page from elsewhere could be asking"):format(what, value) }
end

--- A function that looks at a request: nil when it may pass, else what is wrong with it. An address needs no leave as Host: it
--- cannot be made to lead elsewhere.
---@param names string[]? hosts that may be named besides localhost and addresses; "*": all
---@param option string? the option that allows a name ("--allow-host")
---@return fun(request: lbhost.http.Request): { code: string, message: string, advice: string? }?
function origin.checker(names, option)
  local allowed = {}
  option = option or "--allow-host"
  for _, name in ipairs(names or {}) do allowed[host_of(name)] = true end
  if allowed["*"] then return function() return nil end end
  local function is_named(host)
    return host == "localhost" or host:find "%.localhost$" ~= nil or allowed[host] == true
  end
  local function is_loopback(host)
    local bytes = ip.parse(host)
    return bytes ~= nil and (ip.contains(ip.network "127.0.0.0/8", bytes) or ip.contains(ip.network "::1", bytes))
  end
  return function(request)
    local host = host_of(request.headers.host or "")
    if host ~= "" and not is_named(host) and not ip.parse(host) then
      return refuse("host", host, ("Call it by 127.0.0.1 or localhost, or start it with %s %s"):format(option, host))
    end
    local from = request.headers.origin
    if not from then return nil end
    local page = host_of(from:match "^https?://(.+)$" or "")
    -- Its own page, by whatever address it was reached, or another of this machine.
    if is_named(page) or is_loopback(page) or (page ~= "" and page == host) then return nil end
    return refuse("origin", from, page ~= "" and ("Start it with %s %s"):format(option, page) or nil)
  end
end

return origin
