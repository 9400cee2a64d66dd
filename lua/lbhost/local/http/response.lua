--- Responses of the local Liveblocks: what a handler returns, and the errors it raises.
local json = require "liveblocks.json"
local printable = require "lbhost.util.printable"

local responses = {}

local Response = { __name = "lbhost.local.response" }
local Failure = { __name = "lbhost.local.failure" }

function Failure.__tostring(self)
  return ("%d %s: %s"):format(self.status, self.code, self.message or "")
end

---@class lbhost.local.Response
---@field status integer
---@field headers table<string, string>?
---@field json any? a value to encode
---@field body string? with the content type of `headers`
---@field bytes string? binary data

--- A response other than 200 with JSON and 204 without a body.
---@param fields lbhost.local.Response
---@return lbhost.local.Response
function responses.new(fields)
  return setmetatable(fields, Response)
end

--- 200 without a body, for the calls that document it so.
---@return lbhost.local.Response
function responses.ok()
  return responses.new { status = 200 }
end

local function is_response(value)
  return getmetatable(value) == Response
end

function responses.is_failure(value)
  return getmetatable(value) == Failure
end

--- Raises an error response.
---@param failure { status: integer, code: string, message: string?, suggestion: string?, docs: string?, headers: table? }
function responses.raise(failure)
  error(setmetatable(failure, Failure), 0)
end

--- Raises an error response.
---@param status integer
---@param code string such as "ROOM_NOT_FOUND"
---@param message string?
---@param suggestion string?
---@param docs string? a page of the documentation
function responses.fail(status, code, message, suggestion, docs)
  responses.raise { status = status, code = code, message = message, suggestion = suggestion, docs = docs }
end

--- Raises 422 with a message made by string.format.
---@param format string
---@param ... any
function responses.invalid(format, ...)
  responses.fail(422, "UNPROCESSABLE_ENTITY", format:format(...))
end

-- kind -> code, and what is said about an id
local kinds = {
  room = { "ROOM_NOT_FOUND", "Room '%s' not found", "Please use a valid room ID",
    "https://liveblocks.io/docs/api-reference/rest-api-endpoints" },
  webhook = { "WEBHOOK_NOT_FOUND", "Webhook '%s' not found" },
  ["storage file"] = { "STORAGE_FILE_NOT_FOUND", "Storage file '%s' not found" },
}

--- Raises 404 for a resource.
---@param kind string "room", "thread", "comment", ...
---@param id string
function responses.not_found(kind, id)
  local known = kinds[kind]
  if known then responses.fail(404, known[1], known[2]:format(id), known[3], known[4]) end
  responses.fail(404, "RESOURCE_NOT_FOUND", ("%s '%s' not found"):format(kind:gsub("^%l", string.upper), id))
end

-- ---- To HTTP -------------------------------------------------------------------------------------

local json_headers = { ["content-type"] = "application/json; charset=utf-8" }

local function with_type(headers, content_type)
  local all = { ["content-type"] = content_type }
  for name, value in pairs(headers or {}) do all[name:lower()] = value end
  return all
end

local function response_to_http(response)
  local status = response.status or 200
  if response.json ~= nil then
    return { status = status, headers = with_type(response.headers, json_headers["content-type"]), body = json.encode(response.json) }
  elseif response.bytes then
    return { status = status, headers = with_type(response.headers, "application/octet-stream"), body = response.bytes }
  end
  return { status = status, headers = response.headers or {}, body = response.body or "" }
end

--- What a handler returned, as a response of the HTTP server.
---@param value any
---@return table response
function responses.to_http(value)
  if value == nil then return { status = 204, headers = {}, body = "" } end
  if is_response(value) then return response_to_http(value) end
  return { status = 200, headers = json_headers, body = json.encode(value) }
end

--- A failure as a response of the HTTP server.
---@param failure table raised by responses.fail
---@return table response
function responses.failure_to_http(failure)
  local message = failure.message and printable.utf8(failure.message) -- it may quote a path or a header
  return {
    status = failure.status, headers = with_type(failure.headers, json_headers["content-type"]),
    body = json.encode(json.object { error = failure.code, message = message,
      suggestion = failure.suggestion, docs = failure.docs }),
  }
end

return responses
