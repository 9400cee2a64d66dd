--- Tokens for clients: JSON Web Tokens without a signature, as the official dev server makes them.
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"
local crypto = require "liveblocks.crypto"
local json = require "liveblocks.json"

local LIFETIME <const> = 3600
local PATTERNS <const> = 10
local USER_INFO_LIMIT <const> = 1024

local function base64url(text)
  return (crypto.base64_encode(text):gsub("[+/=]", { ["+"] = "-", ["/"] = "_", ["="] = "" }))
end

local header = base64url(json.encode { alg = "none", typ = "JWT" })

return function(app)
  local function token(claims, body)
    local info = body.userInfo
    if info and #json.encode(info) > USER_INFO_LIMIT then
      responses.invalid("body.userInfo has %d characters of JSON, allowed are %d", #json.encode(info), USER_INFO_LIMIT)
    end
    claims.pid, claims.uid, claims.ui, claims.oid = app.options.project_id, check.id(body.userId, "body.userId"), info,
      body.organizationId
    claims.iat = app:now() // 1000
    claims.exp, claims.jti = claims.iat + LIFETIME, crypto.random_id(12)
    return { token = ("%s.%s."):format(header, base64url(json.encode(claims))) }
  end

  local handlers = {}

  function handlers.authorize_user(call)
    local permissions = call.body.permissions
    if check.count(permissions) > PATTERNS then
      responses.invalid("body.permissions has %d patterns, allowed are %d", check.count(permissions), PATTERNS)
    end
    for pattern in pairs(permissions) do
      local name = pattern:gsub("%*$", "")
      if pattern ~= "*" and (name == "" or name:find("*", 1, true) or (utf8.len(name, 1, -1, true) or #name) > 128) then
        responses.invalid("'%s' in body.permissions is not a valid pattern: a room id, the beginning of one and *, or * expected", pattern)
      end
    end
    return token({ k = "acc", perms = permissions }, call.body)
  end

  function handlers.identify_user(call)
    return token({ k = "id", gids = call.body.groupIds }, call.body)
  end

  return handlers
end
