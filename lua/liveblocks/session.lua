--- Access tokens with permissions for rooms: liveblocks.session(client, user_id, {...}):allow(...):authorize().
--- Documentation: https://liveblocks.io/docs/api-reference/authentication/access-token
local client_options = require "liveblocks.options"
local errors = require "liveblocks.errors"
local types = require "liveblocks.types"

local MAX_PATTERNS = 10

---@class liveblocks.Session
local Session = {}
Session.__index = Session

local option_types = { userInfo = "any", organizationId = "any" } -- the call checks the values
local known = {}
for _, permission in ipairs(types.permissions) do known[permission] = true end

--- Begins a session.
---@param client liveblocks.Client
---@param user_id string
---@param options { userInfo: table?, organizationId: string? }?
---@return liveblocks.Session
local function new(client, user_id, options)
  options = client_options.typed("session", options or {}, option_types)
  if type(client) ~= "table" or not client.core then errors.usage("session: the first argument must be a client") end
  if type(user_id) ~= "string" or user_id == "" then
    errors.usage("session: user_id must be a string that is not empty")
  end
  return setmetatable({ client = client, user_id = user_id, options = options, permissions = {}, patterns = 0 }, Session)
end

--- Grants permissions in the rooms that the pattern names: an id, a prefix with * after it, or *.
---@param pattern string
---@param permissions liveblocks.Permission[]|liveblocks.Permission
---@return liveblocks.Session self
function Session:allow(pattern, permissions)
  if self.used then errors.usage("session: it has been authorized already; begin a new one") end
  local prefix = type(pattern) == "string" and pattern:match("^([^*]*)%*?$")
  if not prefix or pattern == "" or (utf8.len(prefix) or 129) > 128 then
    errors.usage("session: '%s' is not a valid room pattern: an id, a prefix followed by *, or *", tostring(pattern))
  end
  if type(permissions) == "string" then permissions = { permissions } end
  if type(permissions) ~= "table" or #permissions == 0 then
    errors.usage("session: allow('%s') needs a list of permissions that is not empty", pattern)
  end
  for _, permission in ipairs(permissions) do
    if not known[permission] then
      errors.usage("session: '%s' is not a valid permission%s", tostring(permission), errors.hint(permission, known))
    end
  end
  local granted = self.permissions[pattern]
  if not granted then
    if self.patterns == MAX_PATTERNS then
      errors.usage("session: more than %d room patterns in one session", MAX_PATTERNS)
    end
    self.patterns = self.patterns + 1
    granted = {}
    self.permissions[pattern] = granted
  end
  for _, permission in ipairs(permissions) do
    if not granted[permission] then
      granted[permission] = true
      granted[#granted + 1] = permission
    end
  end
  return self
end

--- Asks for the token: { token = "..." }. A session can be authorized once.
---@return { token: string }
---@return liveblocks.Meta meta
function Session:authorize()
  if self.used then errors.usage("session: it has been authorized already; begin a new one") end
  self.used = true
  if self.patterns == 0 and self.client.warn then
    self.client.warn("session: no room is allowed; the token will open none")
  end
  local permissions = {}
  for pattern, granted in pairs(self.permissions) do
    permissions[pattern] = table.move(granted, 1, #granted, 1, {})
  end
  return self.client:authorize_user {
    userId = self.user_id, permissions = permissions, userInfo = self.options.userInfo,
    organizationId = self.options.organizationId,
  }
end

return { new = new }
