--- What a user wants to be informed of in a room: the subscription settings, and their old name.
local check = require "lbhost.local.rules.check"
local index = require "lbhost.local.index"
local pages = require "lbhost.local.http.pagination"

local DEFAULTS <const> = { threads = "replies_and_mentions", textMentions = "mine" }

return function(app)
  local by_user = {} -- user -> index of entries { room, settings, created, seq }
  local entries = {} -- settings -> entry

  local function enter(room, user, settings)
    local entry = { room = room, settings = settings, created = settings.at, seq = settings.seq }
    entries[settings] = entry
    by_user[user] = by_user[user] or index.new()
    by_user[user]:insert(entry)
  end

  local function leave(user, settings)
    by_user[user]:remove(entries[settings])
    entries[settings] = nil
    if by_user[user]:count() == 0 then by_user[user] = nil end
  end

  app:on("loaded", function()
    by_user, entries = {}, {}
    for _, room in pairs(app.state.rooms) do
      for user, settings in pairs(room.settings or {}) do enter(room, user, settings) end
    end
  end)

  app:on("room.deleted", function(room)
    for user, settings in pairs(room.settings or {}) do leave(user, settings) end
  end)

  local function view(settings)
    return { threads = settings and settings.threads or DEFAULTS.threads,
      textMentions = settings and settings.textMentions or DEFAULTS.textMentions }
  end

  local room_settings = {}
  app.room_settings = room_settings

  --- What a user has chosen for the threads of a room.
  ---@param room table
  ---@param user string
  ---@return "all"|"replies_and_mentions"|"none"
  ---@return integer since milliseconds; 0 when nothing was chosen
  function room_settings.threads(room, user)
    local settings = (room.settings or {})[user]
    return settings and settings.threads or DEFAULTS.threads, settings and settings.at or 0
  end

  --- Does a user want to know of mentions in the text editors of a room?
  function room_settings.wants_text_mentions(room, user)
    return view((room.settings or {})[user]).textMentions == "mine"
  end

  -- ---- Handlers --------------------------------------------------------------------------------

  local handlers = {}

  function handlers.get_room_subscription_settings(call)
    return view((app:room(call.path.roomId).settings or {})[call.path.userId])
  end

  function handlers.update_room_subscription_settings(call)
    local room, user = app:room(call.path.roomId), check.id(call.path.userId, "userId")
    room.settings = room.settings or {}
    local settings = room.settings[user]
    if not settings then
      settings = { at = app:now(), seq = app:sequence() }
      room.settings[user] = settings
      enter(room, user, settings)
    end
    settings.textMentions = call.body.textMentions or settings.textMentions
    if call.body.threads then
      settings.threads = call.body.threads
      -- The setting of the room replaces what was said of single threads before.
      app.subscriptions.forget(room, user)
    end
    return view(settings)
  end

  function handlers.delete_room_subscription_settings(call)
    local room, user = app:room(call.path.roomId), call.path.userId
    local settings = (room.settings or {})[user]
    if not settings then return end
    leave(user, settings)
    room.settings[user] = nil
  end

  function handlers.get_user_room_subscription_settings(call)
    local organization = call.query.organizationId or call.query.tenantId
    return pages.page(call, by_user[call.path.userId] or index.new(), {
      size = 50,
      keep = organization and function(entry) return entry.room.organizationId == organization end,
      view = function(entry)
        local shown = view(entry.settings)
        shown.roomId = entry.room.id
        return shown
      end,
    })
  end

  for _, verb in ipairs { "get", "update", "delete" } do
    handlers[verb .. "_room_notification_settings"] = handlers[verb .. "_room_subscription_settings"]
  end

  return handlers
end
