--- Requests to other services over the same transport, with its deadlines and retries.
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local hooks = require "liveblocks.hooks"
local json = require "liveblocks.json"
local raw = require "liveblocks.request_settings"

local http = {}

---@class liveblocks.HttpResponse
---@field status integer
---@field headers table<string, string> by name, in any case
---@field body string
local Response = {}
Response.__index = Response

--- The body as a Lua value.
---@return any
function Response:json()
  return json.decode(self.body)
end

local fields = { url = true, method = true, headers = true, json = true, body = true, file = true, query = true,
  timeout = true, retries = true, idempotent = true, content_type = true, ca_file = true }

local client

local function send(options)
  local settings = raw.settings("http.request", options, fields)
  if not options.url then errors.usage("http.request: 'url' is required") end
  settings.url = options.url
  settings.method = options.method or ((settings.body or settings.file) and "POST" or "GET")
  client = client or core.client {}
  local through = options.ca_file and core.client({ ca_file = options.ca_file }, client) or client
  local text, meta = core.begin_request(through, settings, "raw"):wait()
  return setmetatable({ status = meta.status, headers = meta.headers, body = text }, Response)
end

--- Sends a request. Raises for a status other than 2xx and when there is no response.
---@param options liveblocks.HttpOptions
---@return liveblocks.HttpResponse
function http.request(options)
  return hooks.send("request", options, send)
end

--- The same, but returns nil and the error instead of raising.
---@param options liveblocks.HttpOptions
---@return liveblocks.HttpResponse?
---@return liveblocks.Error err when there is no response
---@return_overload liveblocks.HttpResponse, nil
---@return_overload nil, liveblocks.Error
function http.try_request(options)
  local ok, result = pcall(http.request, options)
  if ok then return result end
  if errors.is(result) then return nil, result end
  error(result, 0)
end

return http
