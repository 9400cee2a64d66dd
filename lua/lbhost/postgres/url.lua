--- The URL of a PostgreSQL database: libpq's parameters, and those that only lbhost knows, in its query.
---
---   postgres://lbhost@a,b:5433/app?target_session_attrs=read-write&listen=off
local errors = require "liveblocks.errors"

local url = {}

local function switch(text)
  if text == "on" or text == "off" then return text == "on" end
  return nil, "on or off"
end

local function positive(text)
  local number = tonumber(text)
  if number and number > 0 and number < 86400 then return number end
  return nil, "a number of seconds greater than 0"
end

local function word(text)
  if text:find "^[%w_.-]+$" then return text end
  return nil, "letters, digits, -, _ and ."
end

-- Parameters of lbhost: how each is read. docs/serve.md says what they do.
local own = { listen = switch, prepare = switch, timeout = positive, lease = positive, journal = word }

local function read_own(text, settings)
  local kept = {}
  for item in text:gmatch "[^&]+" do
    local name, value = item:match "^([%l_]+)=(.*)$"
    local read = own[name]
    if read then
      local wanted
      settings[name], wanted = read(value)
      if wanted then errors.usage("the URL of PostgreSQL: %s must be %s, not '%s'", name, wanted, value) end
    else
      kept[#kept + 1] = item
    end
  end
  return kept[1] and "?" .. table.concat(kept, "&") or ""
end

--- Takes the parameters of lbhost out of a URL.
---@param text string
---@return string rest for libpq
---@return table settings
function url.split(text)
  local settings = {}
  local base, query, fragment = text:match "^([^?#]*)%?([^#]*)(.*)$"
  if not base then return text, settings end
  return base .. read_own(query, settings) .. fragment, settings
end

local function items(list)
  local out = {}
  for item in ((list or "") .. ","):gmatch "([^,]*)," do out[#out + 1] = item end
  return out
end

--- The servers that parameters of libpq name, in order: { host, address, port } with strings, empty where libpq has a default.
--- Documentation: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS
---@param parameters table<string, string>
---@return { host: string, address: string, port: string }[]
function url.servers(parameters)
  local hosts, addresses, ports = items(parameters.host), items(parameters.hostaddr), items(parameters.port)
  local count = math.max(#hosts, #addresses)
  for name, list in pairs { host = hosts, hostaddr = addresses, port = ports } do
    if parameters[name] and #list > 1 and #list ~= count then
      errors.usage("the URL of PostgreSQL names %d hosts, and %d in %s", count, #list, name)
    end
  end
  local list = {}
  for i = 1, count do
    list[i] = { host = hosts[i] or "", address = addresses[i] or "", port = ports[#ports > 1 and i or 1] or "" }
  end
  return list
end

return url
