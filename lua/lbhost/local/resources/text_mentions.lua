--- Mentions in text editors. Editors report them over their connection, which is not part of the REST API: here a route of
--- the local Liveblocks stands for them.
---
---   POST /local/rooms/{roomId}/text-mentions   { "userId": "bob", "createdBy": "ann", "mentionId"?: "in_...",
---                                                "editor"?: "tiptap" | "lexical", "rootKey"?: "default" }
---
--- Each makes a notification of kind textMention, unless the user's setting for the room is "none". The room has the editor, and
--- the root type of its document, from then on: editors report them as well.
local check = require "lbhost.local.rules.check"
local json = require "liveblocks.json"
local responses = require "lbhost.local.http.response"

local ROOTS <const> = { tiptap = "default", lexical = "root" }

return function(app)
  app:add_route({ method = "POST", path = "/local/rooms/{roomId}/text-mentions", public = true, body = "fields",
    type = "{userId: string, createdBy: string, mentionId?: string, editor?: string, rootKey?: string}" }, function(call)
    local room, body = app:room(call.path.roomId), call.body
    local user, author = check.id(body.userId, "body.userId"), check.id(body.createdBy, "body.createdBy")
    local mention = check.id(body.mentionId or app:id("in_"), "body.mentionId")
    local root = ROOTS[body.editor]
    if body.editor and not root then responses.invalid("body.editor: tiptap or lexical expected") end
    if root then
      room.text_editor = { type = body.editor, rootKey = json.array { check.id(body.rootKey or root, "body.rootKey") } }
    end
    if user ~= author and app.room_settings.wants_text_mentions(room, user) then
      app.inbox.notify_of_text_mention(user, room, mention, author)
    end
    return { mentionId = mention }
  end)
  return {}
end
