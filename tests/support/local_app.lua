--- A local Liveblocks for specs, called without a network.
local json = require "liveblocks.json"
local local_app = require "lbhost.local.app"

local support = {}

--- A new app whose clock the test moves: app.time in milliseconds. Errors that would be a 500 fail the test.
function support.new(options)
  local app
  local all = { clock = function() return app and app.time or 0 end, on_error = function(err) error(err, 0) end }
  for name, value in pairs(options or {}) do all[name] = value end
  app = local_app.new(all)
  app.time = 1780000000000
  return app
end

--- Calls it: returns status, the decoded body (or its bytes), and the response. `body` is a value for JSON or a string
--- that goes out as it is.
function support.call(app, method, target, body, headers)
  local path, query = target:match("^([^?]*)%??(.*)$")
  local request = { method = method, path = path, query = query ~= "" and query or nil,
    headers = { authorization = "Bearer sk_localdev" }, header_list = {}, body = "", remote = "127.0.0.1" }
  if body ~= nil then
    request.body = type(body) == "string" and body or json.encode(body)
    request.headers["content-type"] = type(body) == "string" and "application/octet-stream" or "application/json"
  end
  for name, value in pairs(headers or {}) do request.headers[name] = value or nil end
  local response = app:handle(request)
  local kind = response.headers["content-type"] or ""
  local value = response.body
  if kind:find("^application/json") then value = json.decode(response.body) end
  return response.status, value, response
end

--- Calls the management API with its token.
function support.manage(app, method, path, body)
  return support.call(app, method, "/v2/management" .. path, body, { authorization = "Bearer lbs_localdev" })
end

return support
