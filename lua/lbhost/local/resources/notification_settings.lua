--- On which channels a user wants to be informed of which kinds of inbox notifications.
---
--- The project enables all channels and kinds. Where a user has chosen nothing, e-mail is on and the others are off.
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"

local CHANNELS <const> = { "email", "slack", "teams", "webPush" }
local DEFAULTS <const> = { email = true, slack = false, teams = false, webPush = false }
local BUILT_IN <const> = { thread = true, textMention = true }

local function check_kind(kind, where)
  if BUILT_IN[kind] or (kind:find("^%$[%a_]+$") and #kind <= 129) then return end
  responses.invalid("%s.%s: a kind is thread, textMention or $ and 1 to 128 letters or _", where, kind)
end

return function(app)
  app:on("loaded", function()
    app.state.notification_settings = app.state.notification_settings or {}
    app.state.notification_kinds = app.state.notification_kinds or {}
  end)

  local function chosen(user, channel, kind)
    local settings = app.state.notification_settings[user]
    local value = settings and settings[channel] and settings[channel][kind]
    if value == nil then return DEFAULTS[channel] end
    return value
  end

  local function view(user)
    local shown = {}
    for _, channel in ipairs(CHANNELS) do
      local kinds = {}
      for kind in pairs(BUILT_IN) do kinds[kind] = chosen(user, channel, kind) end
      for kind in pairs(app.state.notification_kinds) do kinds[kind] = chosen(user, channel, kind) end
      shown[channel] = kinds
    end
    return shown
  end

  local notification_settings = {}
  app.notification_settings = notification_settings

  --- The channels on which a user wants to be informed of a kind, in the order of the documentation.
  ---@param user string
  ---@param kind string "thread", "textMention" or "$kind"
  ---@return string[]
  function notification_settings.channels(user, kind)
    local list = {}
    for _, channel in ipairs(CHANNELS) do
      if chosen(user, channel, kind) then list[#list + 1] = channel end
    end
    return list
  end

  --- A custom kind is known from now on, and listed in the settings.
  ---@param kind string
  function notification_settings.learn(kind)
    if not BUILT_IN[kind] then app.state.notification_kinds[kind] = true end
  end

  -- ---- Handlers --------------------------------------------------------------------------------

  local handlers = {}

  function handlers.get_notification_settings(call)
    return view(call.path.userId)
  end

  function handlers.update_notification_settings(call)
    local user = check.id(call.path.userId, "userId")
    for _, channel in ipairs(CHANNELS) do
      for kind in pairs(call.body[channel] or {}) do check_kind(kind, "body." .. channel) end
    end
    local all = app.state.notification_settings
    local settings = all[user] or {}
    all[user] = settings
    for _, channel in ipairs(CHANNELS) do
      for kind, value in pairs(call.body[channel] or {}) do
        settings[channel] = settings[channel] or {}
        settings[channel][kind] = value
        notification_settings.learn(kind)
      end
    end
    return view(user)
  end

  function handlers.delete_notification_settings(call)
    app.state.notification_settings[call.path.userId] = nil
  end

  return handlers
end
