--- Comments of threads, in the order of their dates: thread.comments.
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"
local comment_body = require "lbhost.local.rules.comment_body"
local json = require "liveblocks.json"

local function merge_metadata(old, changes, where)
  local merged = check.merge_metadata(old or {}, changes or {}, check.comment_metadata, where)
  return next(merged) and merged or nil
end

return function(app)
  local comments = {}
  app.comments = comments

  --- A comment as the API shows it.
  ---@param room table
  ---@param thread table
  ---@param comment table
  ---@return table
  function comments.view(room, thread, comment)
    local reactions = json.array {}
    for i, reaction in ipairs(comment.reactions or {}) do reactions[i] = app.reactions.view(reaction) end
    return {
      type = "comment", id = comment.id, threadId = thread.id, roomId = room.id, userId = comment.user,
      createdAt = app:date(comment.created), editedAt = comment.edited and app:date(comment.edited),
      deletedAt = comment.deleted and app:date(comment.deleted), body = comment.body,
      metadata = comment.metadata or json.object {}, reactions = reactions,
      attachments = app.attachments.list(room, comment.attachments),
    }
  end

  --- Makes a comment of a request's fields and checks them; it is in no thread yet.
  ---@param room table
  ---@param fields table
  ---@param where string how messages name the fields
  ---@return table comment
  function comments.build(room, fields, where)
    return {
      id = app:id("cm_"), user = check.id(fields.userId, where .. ".userId"),
      body = comment_body.check(fields.body, where .. ".body"),
      created = app.threads.date(fields.createdAt, where .. ".createdAt"),
      metadata = merge_metadata(nil, fields.metadata, where .. ".metadata"),
      attachments = app.attachments.check(room, fields.attachmentIds, where .. ".attachmentIds"),
    }
  end

  --- Puts a comment into a thread, by its date.
  ---@param room table
  ---@param thread table
  ---@param comment table
  function comments.add(room, thread, comment)
    local list = thread.comments
    local index = #list + 1
    while index > 1 and list[index - 1].created > comment.created do index = index - 1 end
    table.insert(list, index, comment)
    app.attachments.replace(room, nil, comment.attachments)
    app.threads.touch(thread, comment.created)
    app:event("commentCreated", { roomId = room.id, threadId = thread.id, commentId = comment.id,
      createdAt = app:date(comment.created), createdBy = comment.user })
    app:signal("comment.created", room, thread, comment)
  end

  local function find(thread, id)
    for _, comment in ipairs(thread.comments) do
      if comment.id == id then return comment end
    end
    responses.not_found("comment", id)
  end

  --- The comment that a request's path names, and where it is; 404 when there is none or it was deleted.
  ---@param call table
  ---@return table comment
  ---@return table thread
  ---@return table room
  function comments.of(call)
    local thread, room = app.threads.of(call)
    local comment = find(thread, call.path.commentId)
    if comment.deleted then
      responses.fail(404, "RESOURCE_NOT_FOUND", ("Comment '%s' has been deleted"):format(comment.id))
    end
    return comment, thread, room
  end

  -- ---- Handlers --------------------------------------------------------------------------------

  local handlers = {}

  function handlers.create_comment(call)
    local thread, room = app.threads.of(call)
    local comment = comments.build(room, call.body, "body")
    comments.add(room, thread, comment)
    return comments.view(room, thread, comment)
  end

  function handlers.get_comment(call)
    local thread, room = app.threads.of(call)
    return comments.view(room, thread, find(thread, call.path.commentId))
  end

  function handlers.edit_comment(call)
    local comment, thread, room = comments.of(call)
    local fields, before = call.body, comment.body
    local body = comment_body.check(fields.body, "body.body")
    local at = app.threads.date(fields.editedAt, "body.editedAt")
    local metadata = merge_metadata(comment.metadata, fields.metadata, "body.metadata")
    local attachments = comment.attachments
    if fields.attachmentIds then
      attachments = app.attachments.check(room, fields.attachmentIds, "body.attachmentIds")
      app.attachments.replace(room, comment.attachments, attachments)
    end
    comment.body, comment.edited, comment.metadata, comment.attachments = body, at, metadata, attachments
    app.threads.touch(thread, at)
    app:event("commentEdited", { roomId = room.id, threadId = thread.id, commentId = comment.id, editedAt = app:date(at) })
    app:signal("comment.edited", room, thread, comment, before)
    return comments.view(room, thread, comment)
  end

  function handlers.delete_comment(call)
    local comment, thread, room = comments.of(call)
    local now = app:now()
    app.attachments.replace(room, comment.attachments, nil)
    comment.body, comment.attachments, comment.deleted = nil, nil, now
    app.threads.touch(thread, now)
    app:event("commentDeleted", { roomId = room.id, threadId = thread.id, commentId = comment.id, deletedAt = app:date(now) })
    for _, other in ipairs(thread.comments) do
      if not other.deleted then return end
    end
    app.threads.remove(room, thread)
  end

  function handlers.edit_comment_metadata(call)
    local comment, thread, room = comments.of(call)
    local user, at = check.id(call.body.userId, "body.userId"), app.threads.date(call.body.updatedAt, "body.updatedAt")
    comment.metadata = merge_metadata(comment.metadata, call.body.metadata, "body.metadata")
    app.threads.touch(thread, at)
    app:event("commentMetadataUpdated", { roomId = room.id, threadId = thread.id, commentId = comment.id,
      updatedAt = app:date(at), updatedBy = user })
    return comment.metadata or json.object {}
  end

  return handlers
end
