--- An event of each type with plausible data, for "send a test event".
local examples = {}

local USER = "user-1"
local THREAD, COMMENT = "th_example", "cm_example"

-- type -> what its data have besides projectId and roomId; `now` is a date.
local data_of = {
  storageUpdated = function(now) return { updatedAt = now } end,
  ydocUpdated = function(now) return { updatedAt = now } end,
  userEntered = function(now)
    return { connectionId = 1, userId = USER, userInfo = { name = "User 1" }, enteredAt = now, numActiveUsers = 1 }
  end,
  userLeft = function(now)
    return { connectionId = 1, userId = USER, userInfo = { name = "User 1" }, leftAt = now, numActiveUsers = 0 }
  end,
  roomCreated = function(now) return { createdAt = now } end,
  roomDeleted = function(now) return { deletedAt = now } end,
  commentCreated = function(now)
    return { threadId = THREAD, commentId = COMMENT, createdAt = now, createdBy = USER }
  end,
  commentEdited = function(now) return { threadId = THREAD, commentId = COMMENT, editedAt = now } end,
  commentDeleted = function(now) return { threadId = THREAD, commentId = COMMENT, deletedAt = now } end,
  commentReactionAdded = function(now)
    return { threadId = THREAD, commentId = COMMENT, emoji = "👍", addedAt = now, addedBy = USER }
  end,
  commentReactionRemoved = function(now)
    return { threadId = THREAD, commentId = COMMENT, emoji = "👍", removedAt = now, removedBy = USER }
  end,
  commentMetadataUpdated = function(now)
    return { threadId = THREAD, commentId = COMMENT, updatedAt = now, updatedBy = USER }
  end,
  threadCreated = function(now) return { threadId = THREAD, createdAt = now, createdBy = USER } end,
  threadDeleted = function(now) return { threadId = THREAD, deletedAt = now } end,
  threadMetadataUpdated = function(now) return { threadId = THREAD, updatedAt = now, updatedBy = USER } end,
  threadMarkedAsResolved = function(now) return { threadId = THREAD, updatedAt = now, updatedBy = USER } end,
  threadMarkedAsUnresolved = function(now) return { threadId = THREAD, updatedAt = now, updatedBy = USER } end,
  notification = function(now)
    return { channel = "email", kind = "thread", userId = USER, threadId = THREAD, inboxNotificationId = "in_example",
      createdAt = now, triggeredAt = now }
  end,
}

--- An example of an event.
---@param app lbhost.local.App
---@param kind string
---@return table event
function examples.make(app, kind)
  local data = data_of[kind](app:date(app:now()))
  data.projectId, data.roomId = app.options.project_id, "example-room"
  return { type = kind, data = data }
end

return examples
