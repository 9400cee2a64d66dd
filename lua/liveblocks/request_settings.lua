--- Settings of a request that is not in the endpoint table: for client:request and liveblocks.http.
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local client_options = require "liveblocks.options"
local sorted_keys = require "liveblocks.sorted_keys"

local raw = {}

local types = { json = "any", query = "table", headers = "table", body = "string", file = "string", content_type = "string",
  timeout = "number", retries = "integer", idempotent = "boolean", url = "string", method = "string", ca_file = "string",
  response = "string" }

-- The options that are there must be known and of their types. Returns a copy.
local function check(call, given, known)
  local wanted = {}
  for name in pairs(known) do wanted[name] = types[name] end
  local options = client_options.typed(call, given, wanted)
  if options.retries and options.retries < 0 then errors.usage("%s: 'retries' must be 0 or more", call) end
  local max = client_options.limits.retries
  if options.retries and options.retries > max then errors.usage("%s: 'retries' must be at most %d", call, max) end
  if options.timeout and options.timeout <= 0 then errors.usage("%s: 'timeout' must be greater than 0", call) end
  local bodies = 0
  for _, name in ipairs { "json", "body", "file" } do
    if options[name] ~= nil then bodies = bodies + 1 end
  end
  if bodies > 1 then errors.usage("%s: give one of 'json', 'body' and 'file'", call) end
  return options
end

local function text_of(value, what, call)
  if type(value) == "string" then return value end
  if type(value) == "boolean" or math.type(value) == "integer" then return tostring(value) end
  if type(value) == "number" then return json.encode(value) end -- tostring() writes the locale's decimal point
  errors.usage("%s: a value of '%s' is a %s; strings, numbers and booleans can be sent", call, what, type(value))
end

-- { name = value } as the flat list { name, value, ... } that the core takes.
local function flatten(map, what, call)
  if map == nil then return nil end
  local list = {}
  for _, name in ipairs(sorted_keys(map)) do
    local value = map[name]
    if type(name) ~= "string" then errors.usage("%s: '%s' must be a table of names and values", call, what) end
    list[#list + 1] = name
    list[#list + 1] = text_of(value, what, call)
  end
  return list
end

--- Turns options (query, headers, json | body | file, content_type, timeout, retries, idempotent) into settings.
---@param call string for messages
---@param options table
---@param known table<string, boolean> the names that are allowed
---@return table settings
function raw.settings(call, options, known)
  options = check(call, options, known)
  local retries, body, content_type = options.retries, options.body, options.content_type
  if options.json ~= nil then
    local ok, text = pcall(json.encode, options.json)
    if not ok then errors.usage("%s: %s", call, text) end
    body, content_type = text, content_type or "application/json"
  end
  return {
    query = flatten(options.query, "query", call), headers = flatten(options.headers, "headers", call), body = body,
    file = options.file, content_type = content_type, timeout = options.timeout,
    max_attempts = retries and retries + 1, idempotent = options.idempotent,
  }
end

return raw
