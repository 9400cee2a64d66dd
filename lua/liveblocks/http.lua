--- Requests to other services over the same transport, with its deadlines and retries.
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"

local http = {}

local Response = {}
Response.__index = Response

--- The body as a Lua value.
function Response:json()
  return json.decode(self.body)
end

local fields = { url = true, method = true, headers = true, json = true, body = true, file = true, query = true,
  timeout = true, retries = true, repeat_safe = true, ca_file = true }

local client

local function flatten(map, what)
  local list = {}
  for name, value in pairs(map or {}) do
    if type(name) ~= "string" then errors.usage("http.request: '%s' must be a table of names and values", what) end
    list[#list + 1] = name
    list[#list + 1] = tostring(value)
  end
  return list
end

--- Sends a request and returns { status, headers, body, json() }. Raises for a status other than 2xx and when there
--- is no answer; http.try_request returns nil, err instead.
---@param options table url, method, headers, query, json or body or file, timeout (seconds), retries, repeat_safe, ca_file
---@return { status: integer, headers: table, body: string, json: function }
function http.request(options)
  for name in pairs(options) do
    if not fields[name] then
      errors.usage("http.request: unknown option '%s'%s", tostring(name), errors.hint(name, fields))
    end
  end
  if type(options.url) ~= "string" then errors.usage("http.request: 'url' is required") end
  local headers = flatten(options.headers, "headers")
  local body = options.body
  local content_type
  if options.json ~= nil then
    body = json.encode(options.json)
    content_type = "application/json"
  end
  client = client or core.client {}
  local through = options.ca_file and core.client({ ca_file = options.ca_file }, client) or client
  local sent = core.submit_request(through, {
    url = options.url, method = options.method or ((body or options.file) and "POST" or "GET"),
    headers = headers, query = flatten(options.query, "query"), body = body, file = options.file,
    content_type = content_type, timeout = options.timeout, repeat_safe = options.repeat_safe,
    max_attempts = options.retries and options.retries + 1,
  }, "raw")
  local text, meta = sent:wait()
  return setmetatable({ status = meta.status, headers = meta.headers, body = text }, Response)
end

--- The same, but returns nil, err.
function http.try_request(options)
  local ok, result = pcall(http.request, options)
  if ok then return result end
  if errors.is(result) then return nil, result end
  error(result, 0)
end

return http
