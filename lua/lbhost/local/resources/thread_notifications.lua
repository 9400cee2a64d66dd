--- The users that are notified of a comment: the mentioned, as long as their setting allows it, and the subscribers of the thread.
local comment_body = require "lbhost.local.rules.comment_body"
local permissions = require "lbhost.local.rules.permissions"

return function(app)
  -- The set of users that a body mentions, those of groups among them.
  local function mentioned(body)
    local users = {}
    for _, mention in ipairs(comment_body.mentions(body)) do
      if mention.kind == "user" then
        users[mention.id] = true
      else
        for _, user in ipairs(mention.userIds or app.groups.members(mention.id)) do users[user] = true end
      end
    end
    return users
  end

  local function may_see(room, thread, user)
    return thread.visibility ~= "private" or not permissions.hide_private(room, user, app.groups.of_user(user))
  end

  local function notify(room, thread, comment, users)
    local names = {}
    for user in pairs(users) do
      if user ~= comment.user and may_see(room, thread, user) then names[#names + 1] = user end
    end
    table.sort(names)
    for _, user in ipairs(names) do app.inbox.notify_of_thread(user, room, thread, comment.edited or comment.created) end
  end

  -- Adds the mentioned that want to know to the users, and makes them part of the thread.
  local function add_mentioned(room, thread, comment, names, users)
    for user in pairs(names) do
      if app.subscriptions.wants_mentions(room, thread, user) then users[user] = true end
      app.subscriptions.take_part(thread, user, comment.created)
    end
    return users
  end

  app:on("comment.created", function(room, thread, comment)
    local users = {}
    for _, entry in ipairs(app.subscriptions.list(room, thread)) do users[entry.user] = true end
    app.subscriptions.take_part(thread, comment.user, comment.created)
    notify(room, thread, comment, add_mentioned(room, thread, comment, mentioned(comment.body), users))
  end)

  -- An edit notifies only those whom it mentions for the first time.
  app:on("comment.edited", function(room, thread, comment, before)
    local names = mentioned(comment.body)
    for user in pairs(mentioned(before)) do names[user] = nil end
    notify(room, thread, comment, add_mentioned(room, thread, comment, names, {}))
  end)

  return {}
end
