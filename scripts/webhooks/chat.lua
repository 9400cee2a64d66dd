--- chat: posts new comments to a chat, with their text (Slack, and what takes Slack's webhooks: Mattermost, Rocket.Chat).
---
---   export LIVEBLOCKS_SECRET_KEY=sk_...             the project's secret key
---   export LIVEBLOCKS_WEBHOOK_SECRET=whsec_...      the signing secret of the endpoint
---   export CHAT_WEBHOOK_URL=https://hooks.slack.com/services/...
---   lbhost serve scripts/webhooks/chat.lua          subscribe the endpoint to commentCreated
---
--- More options, in lbhost.lua (return { plugins = { chat = { ... } } }):
---   url         the chat's webhook; else CHAT_WEBHOOK_URL
---   room_url    address of a room in your application, such as "https://app.example/rooms/{roomId}"
---   users_url   your application's address that knows names, such as "https://app.example/api/users"
---               (GET ?userIds=a&userIds=b, which returns a list of { "name": ... } or null); without it, ids are shown
---   groups_url  the same for groups (?groupIds=...)
---   token       sent to users_url and groups_url as Authorization: Bearer; else DIRECTORY_TOKEN
---   private     true posts comments in private threads, too
---   ignore      users whose comments are not reported, such as bots: { "bot" }
local directory = require "lbhost.directory"
local http = require "liveblocks.http"
local slack = require "lbhost.slack"

---@type table<string, any>, (fun(ids: string[]): table[]), (fun(ids: string[]): table[]), table<string, boolean>
local options, users, groups, ignored

local function setup(_, given)
  options, ignored = given, {}
  users = directory.resolver { url = options.users_url, parameter = "userIds", token = options.token }
  groups = directory.resolver { url = options.groups_url, parameter = "groupIds", token = options.token }
  for _, id in ipairs(options.ignore) do ignored[id] = true end
end

local function message(one)
  local author = users { one.userId }[1]
  local text = slack.text(one.body, { users = users, groups = groups })
  local count = #(one.attachments or {})
  local files = count == 0 and "" or count == 1 and "\n_1 attachment_" or ("\n_%d attachments_"):format(count)
  return ("*%s* in %s\n%s%s"):format(slack.name(author, one.userId), slack.room(options.room_url, one.roomId),
    text ~= "" and slack.quote(text) or "", files)
end

-- The comment, when it is there and may be posted. The thread knows whether it is private.
local function find_comment(data, ctx)
  local thread, err = ctx.client.try:get_thread(data.roomId, data.threadId)
  if not thread and err.status ~= 404 then error(err, 0) end
  if thread and thread.visibility == "private" and not options.private then return nil end
  for _, one in ipairs(thread and thread.comments or {}) do
    if one.id == data.commentId and one.body then return one end
  end
  ctx.log("info", "the comment is gone", { comment = data.commentId })
end

local function on_comment(event, ctx)
  local data = event.data
  if ignored[data.createdBy] then return end
  local one = find_comment(data, ctx)
  if not one then return end
  ctx.once("chat", function()
    http.request { url = options.url, json = { text = message(one) }, timeout = 10 }
    ctx.log("info", "posted to the chat", { room = data.roomId, comment = data.commentId })
  end)
end

return {
  api = 1, name = "chat", about = "Posts new comments to a chat", version = "1.0",
  options = {
    url = { type = "string", secret = true, required = true, env = "CHAT_WEBHOOK_URL", about = "the chat's webhook" },
    room_url = { type = "string", about = "address of a room, with {roomId}" },
    users_url = { type = "string", about = "returns the names of users" },
    groups_url = { type = "string", about = "address that knows the names of groups" },
    token = { type = "string", secret = true, env = "DIRECTORY_TOKEN", about = "sent to users_url and groups_url" },
    private = { type = "boolean", default = false, about = "also comments in private threads" },
    ignore = { type = "list", default = {}, about = "users whose comments are not reported" },
  },
  setup = setup,
  events = { commentCreated = on_comment },
}
