--- Mentions in text editors. Editors report them over their connection, which is not part of the REST API: here a route of
--- the local Liveblocks stands for them.
---
---   POST /local/rooms/{roomId}/text-mentions   { "userId": "bob", "createdBy": "ann", "mentionId"?: "in_..." }
---
--- Each makes a notification of kind textMention, unless the user's setting for the room is "none".
local check = require "lbhost.local.rules.check"

return function(app)
  app:add_route({ method = "POST", path = "/local/rooms/{roomId}/text-mentions", public = true, body = "fields",
    type = "{userId: string, createdBy: string, mentionId?: string}" }, function(call)
    local room, body = app:room(call.path.roomId), call.body
    local user, author = check.id(body.userId, "body.userId"), check.id(body.createdBy, "body.createdBy")
    local mention = check.id(body.mentionId or app:id("in_"), "body.mentionId")
    if user ~= author and app.room_settings.wants_text_mentions(room, user) then
      app.inbox.notify_of_text_mention(user, room, mention, author)
    end
    return { mentionId = mention }
  end)
  return {}
end
