--- Receiving a webhook: verified, stored, and only then acknowledged.
---
---   200 stored, or known already       401 signature wrong, too old or from the future
---   400 headers or body malformed      405 not a POST      415 the body is compressed
---   503 could not be stored: it will be sent again
local http_server = require "lbhost.http_server"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local printable = require "lbhost.util.printable"
local webhook = require "liveblocks.webhook"
local wtf8 = require "liveblocks.wtf8"

local receive = {}

local JSON = { ["content-type"] = "application/json" }
local ACCEPTED = { status = 200, headers = JSON, body = '{"received":true}' }
local DUPLICATE = { status = 200, headers = JSON, body = '{"received":true,"duplicate":true}' }
local NOT_ALLOWED = { status = 405, headers = { ["content-type"] = "application/json", allow = "POST" },
  body = '{"error":"Method Not Allowed"}' }

local statuses = { MISSING_HEADER = 400, MALFORMED_HEADER = 400, MALFORMED_BODY = 400, TOO_OLD = 401, FROM_FUTURE = 401,
  WRONG_SIGNATURE = 401 }

--- An error as a response.
---@param status integer
---@param code string
---@param message string?
---@return lbhost.http.Response
function receive.failure(status, code, message)
  return { status = status, headers = JSON, body = json.encode { error = code, message = message } }
end

-- JSON can have NUL and half a surrogate pair in a string, which not every store takes as text. The body is stored as it came.
local function storable(text)
  text = wtf8.to_utf8(text)
  return text:find("\0", 1, true) and text:gsub("\0", "\u{FFFD}") or text
end

--- The lane of an event: those of a room, else of a user, are handled in order; any other has a lane of its own.
---@param event table
---@param id string
---@return string
local function lane_of(event, id)
  local data = type(event.data) == "table" and event.data or {}
  if type(data.roomId) == "string" then return "room " .. storable(data.roomId) end
  if type(data.userId) == "string" then return "user " .. storable(data.userId) end
  return "event " .. id
end

local UNSTORED = receive.failure(503, "NOT_STORED", "the event could not be stored; send it again")

--- A function that takes requests: it returns the response, or http_server.DEFERRED when the event is on its way to the store.
---@param options { secrets: string[], tolerance: number?, add: fun(event: table), log: function, metrics: table,
---now: fun(): number } add: stores an event, in its time
---@return fun(request: lbhost.http.Request): lbhost.http.Response
function receive.taker(options)
  local verify = webhook.verifier(options.secrets, options.tolerance)
  return function(request)
    local began = liveblocks.now()
    if request.method ~= "POST" then return NOT_ALLOWED end
    local encoding = request.headers["content-encoding"]
    if encoding and encoding:lower() ~= "identity" then
      options.metrics:count("lbhost_events_received_total", "outcome", "refused")
      options.log("warn", "webhook refused", { reason = "Content-Encoding is " .. encoding, code = "UNSUPPORTED_ENCODING",
        remote = request.remote, event = request.headers["webhook-id"] })
      return receive.failure(415, "UNSUPPORTED_ENCODING", ("Content-Encoding '%s' is not supported: send the body as it was "
        .. "signed, without compression"):format(printable.utf8(encoding)))
    end
    local now = options.now()
    local event, id = verify(request.headers, request.body, now)
    if not event then
      local err = id
      options.metrics:count("lbhost_events_received_total", "outcome", "refused")
      options.log("warn", "webhook refused", { reason = err.message, code = err.code, remote = request.remote,
        event = request.headers["webhook-id"] })
      return receive.failure(statuses[err.code] or 400, err.code, err.message)
    end
    options.add { id = id, type = storable(event.type), lane = lane_of(event, id), received = now, body = request.body,
      attempts = 0, handled = "", event = event, request = request, began = began }
    return http_server.DEFERRED
  end
end

--- The response to a request whose event has been stored, or could not be.
---@param event table
---@param problem any why it could not be stored
---@param log function
---@param metrics table
---@return lbhost.http.Response
function receive.response(event, problem, log, metrics)
  local outcome = problem and "unstored" or event.duplicate and "duplicate" or "new"
  metrics:count("lbhost_events_received_total", "outcome", outcome)
  if outcome == "new" then return ACCEPTED end
  if outcome == "duplicate" then
    log("info", "duplicate acknowledged", { event = event.id, type = event.type })
    return DUPLICATE
  end
  log("error", "event could not be stored", { event = event.id, type = event.type })
  return UNSTORED
end

return receive
