--- Emoji reactions to comments: one of a kind per user.
local responses = require "lbhost.local.http.response"
local check = require "lbhost.local.rules.check"

local EMOJI <const> = 64 -- characters; families with skin tones are long

return function(app)
  local reactions = {}
  app.reactions = reactions

  --- A reaction as the API shows it.
  function reactions.view(reaction)
    return { emoji = reaction.emoji, userId = reaction.user, createdAt = app:date(reaction.created) }
  end

  local function index_of(comment, user, emoji)
    for index, reaction in ipairs(comment.reactions or {}) do
      if reaction.user == user and reaction.emoji == emoji then return index end
    end
  end

  local function read(body)
    return check.id(body.userId, "body.userId"), check.id(body.emoji, "body.emoji", EMOJI)
  end

  local handlers = {}

  function handlers.add_comment_reaction(call)
    local comment, thread, room = app.comments.of(call)
    local user, emoji = read(call.body)
    local at = app.threads.date(call.body.createdAt, "body.createdAt")
    if index_of(comment, user, emoji) then
      responses.fail(409, "RESOURCE_ALREADY_EXISTS", ("'%s' has reacted to the comment with %s already"):format(user, emoji))
    end
    local reaction = { user = user, emoji = emoji, created = at }
    comment.reactions = comment.reactions or {}
    table.insert(comment.reactions, reaction)
    app.threads.touch(thread, at)
    app:event("commentReactionAdded", { roomId = room.id, threadId = thread.id, commentId = comment.id, emoji = emoji,
      addedAt = app:date(at), addedBy = user })
    return reactions.view(reaction)
  end

  function handlers.remove_comment_reaction(call)
    local comment, thread, room = app.comments.of(call)
    local user, emoji = read(call.body)
    local at = app.threads.date(call.body.removedAt, "body.removedAt")
    local index = index_of(comment, user, emoji)
    if not index then
      responses.fail(404, "RESOURCE_NOT_FOUND", ("'%s' has not reacted to the comment with %s"):format(user, emoji))
    end
    table.remove(comment.reactions, index)
    if not comment.reactions[1] then comment.reactions = nil end
    app.threads.touch(thread, at)
    app:event("commentReactionRemoved", { roomId = room.id, threadId = thread.id, commentId = comment.id, emoji = emoji,
      removedAt = app:date(at), removedBy = user })
  end

  return handlers
end
