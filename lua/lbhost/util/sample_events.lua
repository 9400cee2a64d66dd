--- An event of each type with plausible data: for `lbhost send`, and for the test events of the local Liveblocks.
--- Documentation: https://liveblocks.io/docs/platform/webhooks
local json = require "liveblocks.json"
local sorted_keys = require "liveblocks.sorted_keys"

local samples = {}

local USER <const> = "alice@example.com"

-- type -> what its data have besides projectId and roomId; `now` is a date.
local data_of = {
  storageUpdated = function(now) return { updatedAt = now } end,
  ydocUpdated = function(now) return { updatedAt = now } end,
  userEntered = function(now)
    return { connectionId = 4, userId = USER, userInfo = { name = "Alice" }, enteredAt = now, numActiveUsers = 1 }
  end,
  userLeft = function(now)
    return { connectionId = 4, userId = USER, userInfo = { name = "Alice" }, leftAt = now, numActiveUsers = 0 }
  end,
  roomCreated = function(now) return { createdAt = now } end,
  roomDeleted = function(now) return { deletedAt = now } end,
  commentCreated = function(now)
    return { threadId = "th_example", commentId = "cm_example", createdAt = now, createdBy = USER }
  end,
  commentEdited = function(now) return { threadId = "th_example", commentId = "cm_example", editedAt = now } end,
  commentDeleted = function(now) return { threadId = "th_example", commentId = "cm_example", deletedAt = now } end,
  commentReactionAdded = function(now)
    return { threadId = "th_example", commentId = "cm_example", emoji = "👍", addedAt = now, addedBy = USER }
  end,
  commentReactionRemoved = function(now)
    return { threadId = "th_example", commentId = "cm_example", emoji = "👍", removedAt = now, removedBy = USER }
  end,
  commentMetadataUpdated = function(now)
    return { threadId = "th_example", commentId = "cm_example", updatedAt = now, updatedBy = USER }
  end,
  threadCreated = function(now) return { threadId = "th_example", createdAt = now, createdBy = USER } end,
  threadDeleted = function(now) return { threadId = "th_example", deletedAt = now } end,
  threadMetadataUpdated = function(now) return { threadId = "th_example", updatedAt = now, updatedBy = USER } end,
  threadMarkedAsResolved = function(now) return { threadId = "th_example", updatedAt = now, updatedBy = USER } end,
  threadMarkedAsUnresolved = function(now) return { threadId = "th_example", updatedAt = now, updatedBy = USER } end,
  notification = function(now, kind)
    local data = { channel = "email", kind = kind or "thread", userId = USER, inboxNotificationId = "in_example",
      createdAt = now, triggeredAt = now }
    if data.kind == "thread" then data.threadId = "th_example"
    elseif data.kind == "textMention" then data.mentionId = "mention_example"
    else data.roomId, data.subjectId = json.null, "subject-example" end
    return data
  end,
}

--- The types, sorted.
---@return string[]
function samples.types()
  return sorted_keys(data_of)
end

--- Makes an event; nil when there is no such type.
---@param kind string
---@param options { now: string, project_id: string, room_id: string, notification_kind: string? } now: a date
---@return table?
function samples.make(kind, options)
  local make = data_of[kind]
  if not make then return nil end
  local data = make(options.now, options.notification_kind)
  data.projectId = options.project_id
  if data.roomId == nil then data.roomId = options.room_id end
  return { type = kind, data = data }
end

return samples
