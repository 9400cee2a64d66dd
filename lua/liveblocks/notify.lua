--- E-mails about what a user has not read, made from a notification event. The same decisions and the same HTML as
--- prepareThreadNotificationEmailAsHtml of the Node package @liveblocks/emails.
--- Documentation: https://liveblocks.io/docs/api-reference/liveblocks-emails
local comment = require "liveblocks.comment"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local notification_event = require "liveblocks.notify.event"
local render = require "liveblocks.comment.render"
local url = require "liveblocks.comment.url"

local notify = {}

---@class liveblocks.EmailOptions
---@field users? fun(ids: string[]): table[] what is known of users (name, ...), in the order of the ids; false for none
---@field groups? fun(ids: string[]): table[] the same for groups
---@field room? fun(id: string): { name: string?, url: string? }? what is known of the room
---@field styles? { paragraph?: string, strong?: string, code?: string, mention?: string, link?: string } CSS

---@class liveblocks.EmailComment
---@field id string
---@field threadId string
---@field roomId string
---@field author { id: string, info: table }
---@field createdAt string
---@field url string? the address of the room with the comment as its fragment
---@field body string HTML

---@class liveblocks.Email
---@field type "unreadMention"|"unreadReplies"
---@field comment liveblocks.EmailComment? with unreadMention
---@field comments liveblocks.EmailComment[]? with unreadReplies
---@field roomInfo { name: string, url: string? }

local given = render.given

-- ---- Times ---------------------------------------------------------------------------------------

local function milliseconds(text, name) return notification_event.milliseconds("thread_email", text, name) end

-- ---- What is unread ------------------------------------------------------------------------------

-- The comments that the event is about: by others, between the event's trigger and the last notification, not read.
local function unread_comments(thread, notification, data)
  local triggered = milliseconds(data.triggeredAt, "triggeredAt of the event")
  local notified = milliseconds(notification.notifiedAt, "notifiedAt of the inbox notification")
  local read = given(notification.readAt) and milliseconds(notification.readAt, "readAt of the inbox notification")
  local unread = {}
  for _, one in ipairs(thread.comments) do
    if given(one.body) and not given(one.deletedAt) and one.userId ~= data.userId then
      local created = milliseconds(one.createdAt, "createdAt of a comment")
      if created >= triggered and created <= notified and not (read and created <= read) then
        unread[#unread + 1] = one
      end
    end
  end
  return unread
end

local function contains(list, wanted, key)
  for _, item in ipairs(list or {}) do
    if (key and item[key] or item) == wanted then return true end
  end
  return false
end

local function groups_of(client, user_id)
  local groups = {}
  for group in client:iter_user_groups(user_id) do groups[group.id] = group end
  return groups
end

-- Is the user meant: by name, or as a member of a group?
local function is_meant(mention, user_id, groups)
  if mention.kind == "user" then return mention.id == user_id end
  if mention.kind ~= "group" then return false end
  if given(mention.userIds) then return contains(mention.userIds, user_id) end
  local group = groups[mention.id]
  return group ~= nil and contains(group.members, user_id, "id")
end

local function last_mention(unread, user_id, groups)
  for i = #unread, 1, -1 do
    for _, mention in ipairs(comment.mentions(unread[i].body)) do
      if is_meant(mention, user_id, groups) then return unread[i] end
    end
  end
end

-- ---- The e-mail ----------------------------------------------------------------------------------

local default_styles = {
  paragraph = "font-size:14px;",
  strong = "font-weight:500;",
  code = 'font-family:ui-monospace, Menlo, Monaco, "Cascadia Mono", "Segoe UI Mono", "Roboto Mono", "Oxygen Mono", '
    .. '"Ubuntu Mono", "Source Code Pro", "Fira Mono", "Droid Sans Mono", "Consolas", "Courier New", monospace;'
    .. "background-color:rgba(0,0,0,0.05);border:solid 1px rgba(0,0,0,0.1);border-radius:4px;",
  mention = "color:blue;",
  link = "text-decoration:underline;",
}

local tags = { paragraph = "p", strong = "strong", code = "code", mention = "span", link = "a" }

local function elements_of(styles)
  local attributes = {}
  for name, tag in pairs(tags) do
    attributes[tag] = (' style="%s"'):format(comment.escape_html(styles and styles[name] or default_styles[name]))
  end
  for name in pairs(styles or {}) do
    if not tags[name] then errors.usage("thread_email: unknown style '%s'%s", tostring(name), errors.hint(name, tags)) end
  end
  return comment.html_elements(attributes)
end

-- What is known of the authors and of those mentioned, with one question for users and one for groups.
local function resolve(comments, options)
  local lists, seen = { user = {}, group = {} }, { user = {}, group = {} }
  local function add(kind, id)
    if not seen[kind][id] then
      seen[kind][id] = true
      table.insert(lists[kind], id)
    end
  end
  for _, one in ipairs(comments) do add("user", one.userId) end
  for _, one in ipairs(comments) do
    local ids = render.ids_of(comment.mentions(one.body))
    for _, id in ipairs(ids.user) do add("user", id) end
    for _, id in ipairs(ids.group) do add("group", id) end
  end
  return {
    user = render.ask("thread_email: 'users'", options.users, lists.user),
    group = render.ask("thread_email: 'groups'", options.groups, lists.group),
  }
end

local function email_comment(one, known, room_url, elements)
  return {
    id = one.id, threadId = one.threadId, roomId = one.roomId, createdAt = one.createdAt,
    author = { id = one.userId, info = known.user[one.userId] or { name = one.userId } },
    url = given(room_url) and room_url ~= "" and url.with_fragment(room_url, one.id) or nil,
    body = render.body(one.body, { elements = elements, known = known, separator = "\n", anonymous = true }),
  }
end

--- What to notify a user of in a thread. Returns nil when there is nothing (left) to notify of; nil and the error when the
--- thread or the notification does not exist any more.
---@param client liveblocks.Client
---@param event table a webhook event of type "notification", kind "thread"
---@param options liveblocks.EmailOptions?
---@return liveblocks.Email?
---@return liveblocks.Error? gone
function notify.thread_email(client, event, options)
  options = options or {}
  local data = notification_event.check("thread_email", "thread", event, options)
  local elements = elements_of(options.styles)
  local thread, notification = notification_event.fetch(client, data, function()
    return (client:get_thread(data.roomId, data.threadId))
  end)
  if not thread then return nil, notification end
  local unread = unread_comments(thread, notification, data)
  if not unread[1] then return nil end
  local mention = last_mention(unread, data.userId, groups_of(client, data.userId))
  local room = notification_event.room_info(data, options)
  local shown = mention and { mention } or unread
  local known, comments = resolve(shown, options), {}
  for i, one in ipairs(shown) do comments[i] = email_comment(one, known, room.url, elements) end
  if mention then return { type = "unreadMention", comment = comments[1], roomInfo = room } end
  return { type = "unreadReplies", comments = json.array(comments), roomInfo = room }
end

---@class liveblocks.TextMention
---@field kind "user"|"group"
---@field id string
---@field userIds string[]? of a group
---@field textMentionId string
---@field roomId string
---@field author { id: string, info: table }
---@field content string HTML
---@field createdAt string

---@class liveblocks.TextMentionEmail
---@field mention liveblocks.TextMention
---@field roomInfo { name: string, url: string? }

---@class liveblocks.TextMentionOptions
---@field users? fun(ids: string[]): table[] what is known of users (name, ...), in the order of the ids; false for none
---@field groups? fun(ids: string[]): table[] the same for groups
---@field room? fun(id: string): { name: string?, url: string? }? what is known of the room
---@field styles? { container?: string, strong?: string, code?: string, mention?: string } CSS

--- What to notify a user of after a mention in the text of a document: the line around the mention. Returns nil when it was
--- read or is no longer in the document (of Tiptap or Lexical, as the room says); nil and the error when the room or the
--- notification does not exist any more.
---@param client liveblocks.Client
---@param event table a webhook event of type "notification", kind "textMention"
---@param options liveblocks.TextMentionOptions?
---@return liveblocks.TextMentionEmail?
---@return liveblocks.Error? gone
function notify.text_mention_email(client, event, options)
  return require "liveblocks.notify.text_mention"(client, event, options)
end

return notify
