--- What was sent for a call, for the function `log` of a client.
local sent = {}

local function escape(text)
  return (text:gsub("[^%w._~-]", function(c) return ("%%%02X"):format(c:byte()) end))
end

--- A request, as far as it is the caller's; the headers with the secret are not in it.
---@param row table method, path
---@param settings table what core.begin takes
---@param parameters? string[] of the path
---@return { method: string, path: string, body: string?, file: string?, headers: table<string, string> }
function sent.describe(row, settings, parameters)
  local i = 0
  local path = not parameters and row.path or row.path:gsub("{[^}]*}", function()
    i = i + 1
    return escape(parameters[i])
  end)
  local pairs_of, parts, headers = settings.query or {}, {}, {}
  for n = 1, #pairs_of, 2 do parts[#parts + 1] = escape(pairs_of[n]) .. "=" .. escape(pairs_of[n + 1]) end
  if parts[1] then path = path .. (path:find("?", 1, true) and "&" or "?") .. table.concat(parts, "&") end
  for n = 1, #(settings.headers or {}), 2 do headers[settings.headers[n]] = settings.headers[n + 1] end
  if settings.body then headers["content-type"] = settings.content_type or "application/json" end
  return { method = row.method, path = path, body = settings.body, file = settings.file, headers = headers }
end

return sent
