--- Addresses in comments: which may become links, and in which form. Follows the WHATWG URL standard for http and
--- https as Node 20 does; other schemes are refused.
local host = require "liveblocks.comment.url_host"
local trim = require "liveblocks.trim"

local url = {}

local ports = { http = 80, https = 443 }

local function encode(text, unsafe)
  return (text:gsub(unsafe, function(char) return ("%%%02X"):format(char:byte()) end))
end

local PATH = '[%z\1-\32"<>`{}\127-\255]'
local QUERY = "[%z\1-\32\"'<>\127-\255]"
local FRAGMENT = '[%z\1-\32"<>`\127-\255]'

local function is_dot(segment)
  return segment == "." or segment:lower() == "%2e"
end

local function is_double_dot(segment)
  return segment:lower():gsub("%%2e", ".") == ".."
end

-- Resolves . and .. and escapes what may not stand in a path.
local function path_of(text)
  local out = {}
  local list = {}
  for segment in (text:gsub("\\", "/") .. "/"):gmatch("([^/]*)/") do list[#list + 1] = segment end
  for i, segment in ipairs(list) do
    if is_double_dot(segment) then
      out[#out] = nil
      if i == #list then out[#out + 1] = "" end
    elseif is_dot(segment) then
      if i == #list then out[#out + 1] = "" end
    else
      out[#out + 1] = encode(segment, PATH)
    end
  end
  return "/" .. table.concat(out, "/")
end

-- user:password@host:port
local function authority_of(text, scheme)
  local user, place = text:match("^(.*)@(.*)$")
  place = place or text
  local name, port = place:match("^(%[[^]]*%])(.*)$")
  if not name then name, port = place:match("^([^:]*)(.*)$") end
  port = port:match("^:(%d*)$") or port ~= "" and "?" or ""
  local normal = name and host.normal(name)
  if not normal then return nil end
  if port ~= "" then
    port = #port:gsub("^0+", "") <= 5 and tonumber(port)
    if not port or port > 65535 then return nil end
    if port ~= ports[scheme] then normal = normal .. ":" .. port end
  end
  return normal, user
end

-- The parts of an address: scheme and host are nil for a relative one. Nil when it is not an address of the web.
local function parse(text, is_absolute)
  text = trim.ending(text:gsub("^[%z\1-\32]+", ""), "%z\1-\32"):gsub("[\t\n\r]", "")
  local parts, rest = {}, text
  local scheme, after = text:match("^(%a[%w+.-]*):(.*)$")
  if scheme then
    scheme = scheme:lower()
    if not ports[scheme] then return nil end
    rest = after
  end
  rest, parts.fragment = rest:match("^([^#]*)#?(.*)$")
  rest, parts.query = rest:match("^([^?]*)%??(.*)$")
  -- Without a base, slashes before the host may be missing; with one, they distinguish a host from a path.
  local authority, path = rest:match("^[/\\][/\\]+([^/\\]*)(.*)$")
  if not authority and scheme and (is_absolute or scheme == "http") then
    authority, path = rest:match("^[/\\]*([^/\\]*)(.*)$")
  end
  if authority then
    parts.scheme = scheme or "https"
    parts.host, parts.user = authority_of(authority, parts.scheme)
    if not parts.host then return nil end
    rest = path
  end
  parts.path = path_of(rest:gsub("^[/\\]", ""))
  parts.query = parts.query ~= "" and "?" .. encode(parts.query, QUERY) or ""
  parts.fragment = parts.fragment ~= "" and "#" .. encode(parts.fragment, FRAGMENT) or ""
  return parts
end

local function is_absolute(text)
  return text:find("^%a[%w+.-]*:") ~= nil
end

--- The address in the form in which it may become a link: http, https or relative. Nil for all others
--- (`javascript:` and the like), which must stay text.
---@param text string
---@return string?
function url.sanitize(text)
  if text:sub(1, 4) == "www." then text = "https://" .. text end
  if text == "#" then return text end
  local absolute = is_absolute(text)
  local parts = parse(text, absolute)
  if not parts then return nil end
  local slash = text:find("/$") or text:find("/[?#][^\n]*$")
  local path = parts.path
  if path == "/" then
    path = slash and "/" or ""
  elseif slash and path:sub(-1) ~= "/" then
    path = path .. "/"
  end
  local origin = absolute and ("%s://%s"):format(parts.scheme, parts.host) or ""
  local clean = origin .. path .. parts.query .. parts.fragment
  return clean ~= "" and clean or nil
end

--- The address with a fragment, unless it has one. Nil when it is not an address of the web.
---@param text string
---@param fragment string
---@return string?
function url.with_fragment(text, fragment)
  local absolute = is_absolute(text)
  local parts = parse(text, absolute)
  if not parts then return nil end
  local last = parts.fragment ~= "" and parts.fragment or "#" .. encode(fragment, FRAGMENT)
  local user = parts.user and parts.user ~= "" and parts.user .. "@" or ""
  local origin = absolute and ("%s://%s%s"):format(parts.scheme, user, parts.host) or ""
  return origin .. parts.path .. parts.query .. last
end

return url
