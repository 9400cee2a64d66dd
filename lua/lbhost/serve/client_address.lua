--- The address of the client behind proxies. Each proxy adds the address from which a request has come to it at the right;
--- what is left of the first address that no trusted proxy has written may be anybody's invention.
--- Documentation: https://www.rfc-editor.org/rfc/rfc7239
local ip = require "lbhost.util.ip"
local trim = require "liveblocks.trim"

local client_address = {}

-- 192.0.2.1, 192.0.2.1:80, [2001:db8::1]:80, 2001:db8::1
local function bare(text)
  return text:match "^%[([%x:.]+)%]" or text:match "^(%d+%.%d+%.%d+%.%d+):%d+$" or text
end

local readers = {
  ["x-forwarded-for"] = function(value)
    local list = {}
    for part in value:gmatch "[^,]+" do list[#list + 1] = bare(trim.both(part)) end
    return list
  end,
  forwarded = function(value)
    local list = {}
    for element in value:gmatch "[^,]+" do
      local node = (";" .. element):lower():match ';%s*for=%s*"?([^";]*)'
      list[#list + 1] = bare(trim.both(node or "unknown"))
    end
    return list
  end,
}

--- The names of the headers that can be read.
client_address.headers = { "x-forwarded-for", "forwarded" }

--- Networks of a list such as "10.0.0.0/8,::1"; or nil and what is wrong.
---@param text string
---@return table[]?
---@return string?
function client_address.networks(text)
  local list = {}
  for part in text:gmatch "[^,%s]+" do
    local network = ip.network(part)
    if not network then return nil, ("'%s' is not an address or a network such as 10.0.0.0/8 or fd00::/8"):format(part) end
    list[#list + 1] = network
  end
  if not list[1] then return nil, "an address or a network such as 10.0.0.0/8 expected" end
  return list
end

local function is_trusted(networks, text)
  local bytes = ip.parse(text)
  if not bytes then return false end
  for _, network in ipairs(networks) do
    if ip.contains(network, bytes) then return true end
  end
  return false
end

--- A function that finds the client's address of a request.
---@param networks table[] of the proxies that are trusted
---@param header "x-forwarded-for"|"forwarded" the one that they write
---@return fun(request: lbhost.http.Request): string
function client_address.finder(networks, header)
  local read = readers[header]
  return function(request)
    local address = request.remote
    if not is_trusted(networks, address) then return address end
    local hops = read(request.headers[header] or "")
    for i = #hops, 1, -1 do
      if not ip.parse(hops[i]) then return address end
      address = hops[i]
      if not is_trusted(networks, address) then return address end
    end
    return address
  end
end

return client_address
