--- Settings of a request that is not in the endpoint table: for client:request and liveblocks.http.
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"

local raw = {}

-- { name = value } as the flat list { name, value, ... } that the core takes.
local function flatten(map, what, call)
  if map == nil then return nil end
  if type(map) ~= "table" then errors.usage("%s: '%s' must be a table of names and values", call, what) end
  local list = {}
  for name, value in pairs(map) do
    if type(name) ~= "string" then errors.usage("%s: '%s' must be a table of names and values", call, what) end
    list[#list + 1] = name
    list[#list + 1] = tostring(value)
  end
  return list
end

--- Turns options (query, headers, json | body | file, content_type, timeout, retries, repeat_safe) into settings.
---@param call string for messages
---@param options table
---@return table settings
function raw.settings(call, options)
  local retries, body, content_type = options.retries, options.body, options.content_type
  if retries ~= nil and (math.type(retries) ~= "integer" or retries < 0) then
    errors.usage("%s: 'retries' must be an integer of 0 or more", call)
  end
  if options.json ~= nil then
    local ok, text = pcall(json.encode, options.json)
    if not ok then errors.usage("%s: %s", call, text) end
    body, content_type = text, content_type or "application/json"
  end
  if body ~= nil and type(body) ~= "string" then
    errors.usage("%s: 'body' must be a string, got %s; use 'json' for a value", call, type(body))
  end
  return {
    query = flatten(options.query, "query", call), headers = flatten(options.headers, "headers", call), body = body,
    file = options.file, content_type = content_type, timeout = options.timeout,
    max_attempts = retries and retries + 1, repeat_safe = options.repeat_safe,
  }
end

return raw
