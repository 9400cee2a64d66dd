--- What e-mails of every kind take from a notification event and from their options.
local client_options = require "liveblocks.options"
local errors = require "liveblocks.errors"
local iso_date = require "liveblocks.iso_date"
local render = require "liveblocks.comment.render"
local task = require "liveblocks.task"

local event = {}

--- The data of an event of that kind; raises a usage error for another one, or for options of the wrong types.
---@param what string the public function, for messages
---@param kind "thread"|"textMention"
---@param given table
---@param options table
---@return table data
function event.check(what, kind, given, options)
  local data = type(given) == "table" and given.data
  if type(data) ~= "table" or given.type ~= "notification" or data.kind ~= kind then
    errors.usage("%s: an event of type 'notification' and kind '%s' expected", what, kind)
  end
  client_options.typed(what, options, { users = "function", groups = "function", room = "function", styles = "table" })
  return data
end

--- What the notification is about, and the inbox notification; nil, err when one of them is gone by now.
---@param client liveblocks.Client
---@param data table
---@param subject fun(): table
---@return table? subject
---@return table|liveblocks.Error notification
function event.fetch(client, data, subject)
  local ok, found = pcall(task.all, {
    subject, function() return (client:get_inbox_notification(data.userId, data.inboxNotificationId)) end,
  })
  if ok then return found[1], found[2] end
  if errors.is(found) and found.status == 404 then return nil, found end
  error(found, 0)
end

--- Milliseconds since 1970.
---@param what string the public function, for messages
---@param text string
---@param name string of the field, for messages
---@return integer
function event.milliseconds(what, text, name)
  return iso_date.milliseconds(text) or errors.usage("%s: %s is not a valid time: %s", what, name, tostring(text))
end

--- What is known of the room: its name at least.
---@param data table
---@param options table
---@return { name: string, url: string? }
function event.room_info(data, options)
  local about, info = options.room and options.room(data.roomId), {}
  for name, value in pairs(render.given(about) and about or {}) do info[name] = value end
  if not render.given(info.name) then info.name = data.roomId end
  return info
end

return event
