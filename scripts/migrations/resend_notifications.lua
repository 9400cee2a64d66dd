--- Sends custom notifications again, from a file or from what users have not read.
---
---   lbhost migrate resend_notifications file=notifications.jsonl
---   lbhost migrate resend_notifications users=users.txt kind='$deadline'
---
--- file    JSON Lines, as trigger_inbox_notification takes them: { "userId", "kind", "subjectId", "activityData", ... }
--- users   a file with a user id on each line: their unread notifications of the kind are triggered again
--- A run that is killed between sending and noting it sends that one again.
local liveblocks = require "liveblocks"
local text_file = require "lbhost.util.text_file"

local json = liveblocks.json

-- Notifications of a file, numbered by their lines.
local function from_file(path)
  local lines = text_file.lines(path)
  return function()
    local line, number
    repeat line, number = lines() until line ~= ""
    if not line then return nil end
    local value, problem = json.try_decode(line)
    if type(value) ~= "table" then error(("%s:%d: %s"):format(path, number, problem or "an object expected"), 0) end
    return ("%s:%d"):format(value.userId or "?", number), value
  end
end

-- The last activity of each unread notification of the kind.
local function unread_of(client, user, kind)
  local list = {}
  for one in client:iter_inbox_notifications(user, { query = { unread = true } }) do
    local last = one.kind == kind and one.activities and one.activities[#one.activities]
    if last then
      list[#list + 1] = { userId = user, kind = kind, subjectId = one.subjectId, activityData = last.data,
        roomId = one.roomId ~= liveblocks.null and one.roomId or nil }
    end
  end
  return list
end

local function from_users(ctx)
  local users, list, i, user = text_file.lines(ctx.options.users, "list of users"), {}, 0, nil
  return function()
    while i >= #list do
      repeat user = users() until user ~= ""
      if not user then return nil end
      list, i = unread_of(ctx.client, user, ctx.options.kind), 0
    end
    i = i + 1
    return ("%s %s"):format(user, list[i].subjectId), list[i]
  end
end

return {
  api = 1, about = "Sends custom notifications again.",
  options = { file = "string", users = "string", kind = "string" },
  setup = function(ctx)
    if (ctx.options.file == nil) == (ctx.options.users == nil) then error("give file=FILE or users=FILE", 0) end
    if ctx.options.users and not ctx.options.kind then error("users=FILE needs kind='$...'", 0) end
  end,
  items = function(ctx)
    return ctx.options.file and from_file(ctx.options.file) or from_users(ctx)
  end,
  each = function(notification, ctx) ctx.client:trigger_inbox_notification(notification) end,
}
