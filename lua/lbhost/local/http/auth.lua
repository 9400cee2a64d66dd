--- Authorization of requests: the secret key for the API, a management token for /v2/management.
local responses = require "lbhost.local.http.response"

local auth = {}

local DOCS <const> = "https://liveblocks.io/docs/api-reference/authentication"

local MINUTE <const>, MANAGEMENT_LIMIT <const> = 60 * 1000, 1000

local function fail(status, code, message, suggestion, retry_after)
  responses.raise { status = status, code = code, message = message, suggestion = suggestion, docs = DOCS,
    headers = { ["x-lb-warn"] = message, ["retry-after"] = retry_after } }
end

local function check_secret(app, key)
  local options = app.options
  if not key then
    fail(401, "MISSING_SECRET_KEY", "Missing secret key", ("Send the header Authorization: Bearer %s"):format(options.secret))
  end
  local till = app.secrets[key]
  if till and app:now() < till then return key end
  for _, project in pairs(app.state.projects) do
    if project.secretKey.value == key and project.id ~= options.project_id then
      fail(403, "INVALID_SECRET_KEY", ("This is the key of the project '%s'"):format(project.id),
        ("The local Liveblocks has data for one project, '%s': use its key %s"):format(options.project_id, options.secret))
    end
  end
  if key:sub(1, 3) == "sk_" then
    fail(403, "INVALID_SECRET_KEY", "Invalid secret key", ("The local Liveblocks takes %s"):format(options.secret))
  end
  fail(401, "WRONG_KEY_USED", "A secret key is needed here",
    ("Secret keys begin with sk_; the local Liveblocks takes %s"):format(options.secret))
end

-- The one documented limit of the API: 1,000 requests a minute; who goes beyond is shut out for the next minute.
local function count_management(app)
  local now, window = app:now(), app.management_window
  if not window or now >= window.till then
    window = { till = now + app:delay(MINUTE), count = 0 }
    app.management_window = window
  end
  window.count = window.count + 1
  if window.count <= MANAGEMENT_LIMIT then return end
  if window.count == MANAGEMENT_LIMIT + 1 then window.till = now + app:delay(MINUTE) end
  fail(429, "TOO_MANY_REQUESTS", "More than 1,000 requests to the management API within a minute",
    "Wait for a minute", ("%d"):format(math.ceil((window.till - now) / 1000)))
end

local function check_management(app, token)
  local options = app.options
  if not token then
    fail(401, "MISSING_MANAGEMENT_API_ACCESS_TOKEN", "Missing management API access token",
      ("Send the header Authorization: Bearer %s"):format(options.management_token))
  end
  if token == options.management_token then
    count_management(app)
    return token
  end
  fail(401, "INVALID_MANAGEMENT_API_ACCESS_TOKEN", "Invalid management API access token",
    ("The local Liveblocks takes %s"):format(options.management_token))
end

--- The key of a request; 401 or 403 when it is not sufficient.
---@param app lbhost.local.App app.secrets: the keys that are good, and until when
---@param request table
---@return string key
function auth.check(app, request)
  local header = request.headers.authorization
  local key = header and header:match("^[Bb]earer +(%S+)%s*$")
  if request.path:find("^/v2/management/") then return check_management(app, key) end
  return check_secret(app, key)
end

return auth
