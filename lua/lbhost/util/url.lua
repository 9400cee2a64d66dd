--- Percent-encoding of paths and queries, strict: what is malformed is refused instead of guessed.
local url = {}

local function unescape(hex) return string.char(tonumber(hex, 16)) end

--- Decodes %XX; nil when an escape is malformed or the result is not UTF-8.
---@param text string
---@return string?
function url.decode(text)
  if not text:find("%", 1, true) then return utf8.len(text) and text or nil end
  if text:find("%%%X") or text:find("%%%x%X") or text:find("%%%x?$") then return nil end
  local decoded = text:gsub("%%(%x%x)", unescape)
  return utf8.len(decoded) and decoded or nil
end

--- Encodes everything but letters, digits and -._~
---@param text string
---@return string
function url.encode(text)
  return (text:gsub("[^%w._~-]", function(c) return ("%%%02X"):format(c:byte()) end))
end

--- Reads a form-encoded query; of a repeated name the last value counts. A name without `=` has the value "".
---@param query string?
---@return table<string, string>? values nil when an escape is malformed
function url.parse_query(query)
  local values = {}
  for part in (query or ""):gmatch("[^&]+") do
    local name, value = part:match("^([^=]*)=?(.*)$")
    name, value = url.decode((name:gsub("+", " "))), url.decode((value:gsub("+", " ")))
    if not name or not value then return nil end
    values[name] = value
  end
  return values
end

return url
