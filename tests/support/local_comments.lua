--- Bodies of comments, and rooms with threads, for specs of the local Liveblocks.
local support = require "tests.support.local_app"
local state = require "lbhost.local.state"

local comments = {}

--- A body of one paragraph. A string that begins with @ is a mention of a user, with @@ of a group; others are text.
function comments.body(...)
  local children = {}
  for i, word in ipairs { ... } do
    local at, id = word:match("^(@@?)(.+)$")
    children[i] = at and { type = "mention", kind = at == "@" and "user" or "group", id = id } or { text = word }
  end
  return { version = 1, content = { { type = "paragraph", children = children } } }
end

--- An app with a room "r", and functions that fail the test when a call is not answered by 200 or 204.
function comments.new(options)
  local app = support.new(options)
  local self = { app = app, changed = {} } -- changed: "USER KIND" of each inbox notification that was made or changed
  app:on("notification.changed", function(user, n) self.changed[#self.changed + 1] = user .. " " .. n.kind end)

  function self.call(method, path, body)
    local status, value = support.call(app, method, path, body)
    assert(status == 200 or status == 204, ("%s %s: %d %s"):format(method, path, status, value.message or ""))
    return value
  end

  --- The status and the body of a call that may be refused.
  function self.try(...) return support.call(app, ...) end

  --- Starts a thread in the room "r" (or fields.room) by a user.
  function self.thread(user, body, fields)
    fields = fields or {}
    return self.call("POST", ("/v2/rooms/%s/threads"):format(fields.room or "r"), { metadata = fields.metadata,
      visibility = fields.visibility, comment = { userId = user, body = body or comments.body "hello",
        createdAt = fields.createdAt, metadata = fields.commentMetadata, attachmentIds = fields.attachmentIds } })
  end

  function self.path(thread) return ("/v2/rooms/%s/threads/%s"):format(thread.roomId, thread.id) end

  --- Adds a comment to a thread.
  function self.reply(thread, user, body, fields)
    local all = { userId = user, body = body or comments.body "reply" }
    for name, value in pairs(fields or {}) do all[name] = value end
    return self.call("POST", self.path(thread) .. "/comments", all)
  end

  function self.inbox(user, query) return self.call("GET", ("/v2/users/%s/inbox-notifications%s"):format(user, query or "")) end

  --- The users among the given ones whose inbox is not empty.
  function self.notified(...)
    local users = {}
    for _, user in ipairs { ... } do
      if #self.inbox(user).data > 0 then users[#users + 1] = user end
    end
    return users
  end

  --- Puts a custom notification into bob's inbox, or another.
  function self.trigger(fields)
    local all = { userId = "bob", kind = "$alert", subjectId = "s", activityData = { n = 1 } }
    for name, value in pairs(fields or {}) do all[name] = value end
    return self.call("POST", "/v2/inbox-notifications/trigger", all)
  end

  --- Sets what a user wants to know of the threads of the room "r".
  function self.choose(user, threads)
    self.call("POST", ("/v2/rooms/r/users/%s/subscription-settings"):format(user), { threads = threads })
  end

  --- The types of the events since the last call.
  function self.events()
    local kinds = {}
    for i = (self.seen or 0) + 1, #app.events do kinds[#kinds + 1] = app.events[i].type end
    self.seen = #app.events
    return kinds
  end

  function self.last_event() return app.events[#app.events] end

  --- As after a restart: the data go through the text of a data file.
  function self.reload() app:load(assert(state.decode(state.encode(app.state)))) end

  function self.wait(ms) app.time = app.time + ms end

  self.call("POST", "/v2/rooms", { id = "r", defaultAccesses = { "*:write" } })
  self.events()
  return self
end

return comments
