--- email: sends an e-mail about the comments that a user has not read, and about mentions in the text of a document. Which,
--- and whether at all, is decided as by the vendor's @liveblocks/emails: comments by others since the trigger that are still
--- unread, a mention first; mentions in a document (of Tiptap or Lexical) that are unread and still there. Of custom kinds it sends
--- nothing.
---
---   export LIVEBLOCKS_SECRET_KEY=sk_...
---   export LIVEBLOCKS_WEBHOOK_SECRET=whsec_...
---   export MAIL_API_KEY=re_...                          of resend.com, or of what takes the same requests; or by SMTP:
---   export SMTP_URL=smtps://smtp.example SMTP_USER=... SMTP_PASSWORD=...
---   lbhost serve scripts/notifications/email.lua        subscribe the endpoint to notification
---
--- Options, in lbhost.lua (return { plugins = { email = { ... } } }):
---   from        sender, such as "Planner <notify@app.example>"; required; else MAIL_FROM
---   api_url     where mails are posted: JSON { from, to, subject, html, text }, Authorization: Bearer; else MAIL_API_URL
---   api_key     else MAIL_API_KEY
---   smtp_url    instead of the API: smtps://host, or smtp://host:587 for STARTTLS; else SMTP_URL
---   smtp_user, smtp_password, else SMTP_USER and SMTP_PASSWORD; smtp_plain = true: without TLS, on this machine only
---   users_url   your application's address that knows users, such as "https://app.example/api/users"
---               (GET ?userIds=a&userIds=b, which returns a list of { "name": ..., "email": ... } or null). Without it a user
---               id that is an e-mail address is used as one, and others get no mail
---   groups_url  the same for groups (?groupIds=...), rooms_url for rooms (?roomIds=..., { "name": ..., "url": ... })
---   token       sent to them as Authorization: Bearer; else DIRECTORY_TOKEN
local liveblocks = require "liveblocks"
local directory = require "lbhost.directory"
local http = require "liveblocks.http"
local trim = require "liveblocks.trim"

local comment, mail, notify = liveblocks.comment, liveblocks.mail, liveblocks.notify
local escape = comment.escape_html

---@type table<string, any>, (fun(ids: string[]): table[]), (fun(ids: string[]): table[]), (fun(ids: string[]): table[])
local options, users, groups, rooms

local function setup(_, given)
  options = given
  if not given.api_key and not given.smtp_url then
    error("give options.api_key (or MAIL_API_KEY) for the mail API, or options.smtp_url (or SMTP_URL)", 0)
  end
  local function resolver(url, parameter)
    return directory.resolver { url = url, parameter = parameter, token = given.token }
  end
  users = resolver(given.users_url, "userIds")
  groups = resolver(given.groups_url, "groupIds")
  rooms = resolver(given.rooms_url, "roomIds")
end

local function name_of(author)
  local name = author.info.name
  return type(name) == "string" and name ~= "" and name or author.id
end

local function address_of(user_id)
  local user = users { user_id }[1]
  local address = user and user.email or user_id
  -- One address and nothing else: a line end or a comma would add recipients.
  if type(address) == "string" and address:find("^[^%s%c,;<>\"@]+@[^%s%c,;<>\"@]+$") then return address end
end

local function subject_of(email)
  if email.mention then
    local subject = ("%s mentioned you in %s"):format(name_of(email.mention.author), tostring(email.roomInfo.name))
    return (subject:gsub("%c+", " "))
  end
  local shown = email.comments or { email.comment }
  local room = tostring(email.roomInfo.name)
  local subject
  if email.type == "unreadMention" then
    subject = ("%s mentioned you in %s"):format(name_of(shown[1].author), room)
  elseif #shown == 1 then
    subject = ("%s replied in %s"):format(name_of(shown[1].author), room)
  else
    subject = ("%d new comments in %s"):format(#shown, room)
  end
  return (subject:gsub("%c+", " "))
end

local PAGE <const> = [[
<!DOCTYPE html>
<html><body style="font-family:sans-serif;max-width:36em;margin:1em auto">
<h1 style="font-size:18px">%s</h1>
%s
</body></html>
]]

local function section(one)
  local button = one.url and ('<p><a href="%s">%s</a></p>\n'):format(escape(one.url), one.label or "Show the comment") or ""
  return ('<div style="border-left:3px solid #ddd;padding-left:1em;margin:1em 0">\n<p><b>%s</b></p>\n%s\n%s</div>\n')
    :format(escape(name_of(one.author)), one.body, button)
end

local function html_of(email, subject)
  local sections, mention = {}, email.mention
  if mention then
    local url = email.roomInfo.url
    sections[1] = section { author = mention.author, body = mention.content, url = type(url) == "string" and url or nil,
      label = "Show the document" }
    return PAGE:format(escape(subject), sections[1])
  end
  for i, one in ipairs(email.comments or { email.comment }) do sections[i] = section(one) end
  return PAGE:format(escape(subject), table.concat(sections))
end

-- For readers without HTML: of the tags only their text is left.
local function text_of(html)
  local text = html:gsub("<!DOCTYPE.->\n", ""):gsub('<a href="([^"]*)">Show the %a+</a>', "%1"):gsub("<[^>]*>", "")
  text = text:gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&quot;", '"'):gsub("&#39;", "'"):gsub("&amp;", "&")
  return trim.both((text:gsub("\n\n+", "\n\n")))
end

local function send_by_smtp(message, key)
  message.url, message.user, message.password = options.smtp_url, options.smtp_user, options.smtp_password
  message.plain = options.smtp_plain
  message.id = key:gsub("[^%w_.-]", ".") -- the same e-mail again has the same Message-ID
  mail.send(message)
end

local function send_by_api(message, key)
  http.request { url = options.api_url, timeout = 15, idempotent = true,
    headers = { authorization = "Bearer " .. options.api_key, ["idempotency-key"] = key },
    json = { from = message.from, to = liveblocks.array { message.to }, subject = message.subject, html = message.html,
      text = message.text } }
end

local function send(to, email, key)
  local subject = subject_of(email)
  local html = html_of(email, subject)
  local by = options.smtp_url and send_by_smtp or send_by_api
  by({ from = options.from, to = to, subject = subject, html = html, text = text_of(html) }, key)
end

local makers = { thread = notify.thread_email, textMention = notify.text_mention_email }

local function on_notification(event, ctx)
  local data = event.data
  local make = makers[data.kind]
  if data.channel ~= "email" or not make then return end
  local to = address_of(data.userId)
  if not to then return ctx.log("warn", "no e-mail address is known", { user = data.userId }) end
  local email = make(ctx.client, event, {
    users = users, groups = groups, room = function(id) return rooms({ id })[1] or nil end,
  })
  if not email then return ctx.log("info", "nothing is left to notify of", { user = data.userId }) end
  ctx.once("mail", function()
    send(to, email, data.inboxNotificationId .. "/" .. data.triggeredAt)
    ctx.log("info", "an e-mail was sent", { user = data.userId, about = email.type or "textMention" })
  end)
end

return {
  api = 1, name = "email", about = "Sends e-mails about unread comments", version = "1.0",
  options = {
    from = { type = "string", required = true, env = "MAIL_FROM", about = "sender" },
    api_url = { type = "string", default = "https://api.resend.com/emails", env = "MAIL_API_URL" },
    api_key = { type = "string", secret = true, env = "MAIL_API_KEY", about = "key of the mail API" },
    smtp_url = { type = "string", secret = true, env = "SMTP_URL", about = "mail server, instead of the API" },
    smtp_user = { type = "string", env = "SMTP_USER" },
    smtp_password = { type = "string", secret = true, env = "SMTP_PASSWORD" },
    smtp_plain = { type = "boolean", default = false, about = "without TLS" },
    users_url = { type = "string", about = "returns names and addresses of users" },
    groups_url = { type = "string", about = "returns names of groups" },
    rooms_url = { type = "string", about = "returns names and addresses of rooms" },
    token = { type = "string", secret = true, env = "DIRECTORY_TOKEN", about = "sent to users_url, groups_url and rooms_url" },
  },
  setup = setup,
  events = { notification = on_notification },
}
