--- E-mails about mentions in the text of a document. The same decisions and the same HTML as
--- prepareTextMentionNotificationEmailAsHtml of the Node package @liveblocks/emails.
local comment = require "liveblocks.comment"
local editor = require "liveblocks.editor"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local notification_event = require "liveblocks.notify.event"
local render = require "liveblocks.comment.render"
local wtf8 = require "liveblocks.wtf8"
local yjs = require "liveblocks.yjs"

local given = render.given

-- ---- Where the mention is ------------------------------------------------------------------------

-- The nodes of a document one after the other, with false where a line ends: parts of the text around a mention.
local function tiptap_line(list, out)
  for _, node in ipairs(list or {}) do
    local attrs = type(node.attrs) == "table" and node.attrs or {}
    local is_mention = node.type == "liveblocksMention" or node.type == "liveblocksGroupMention"
    if node.type == "text" then
      local marks = {}
      for _, mark in ipairs(node.marks or {}) do marks[mark.type] = true end
      out[#out + 1] = { text = node.text, bold = marks.bold, italic = marks.italic, strikethrough = marks.strike, code = marks.code }
    elseif is_mention and type(attrs.notificationId) == "string" and attrs.notificationId:find "^in_" then
      local user_ids = type(attrs.userIds) == "string" and json.try_decode(attrs.userIds) or nil
      out[#out + 1] = { type = "mention", kind = node.type == "liveblocksMention" and "user" or "group", id = attrs.id,
        userIds = json.is_array(user_ids) and user_ids or nil, mention_id = attrs.notificationId }
    elseif node.type == "hardBreak" then
      out[#out + 1] = false
    elseif node.type == "paragraph" then
      out[#out + 1] = false
      tiptap_line(node.content, out)
      out[#out + 1] = false
    end
  end
end

local bits = { bold = 1, italic = 2, strikethrough = 4, code = 16 }

local function lexical_line(list, out)
  for _, node in ipairs(list or {}) do
    local is_mention = node.type == "lb-mention" or node.type == "lb-group-mention"
    local target = node.type == "lb-mention" and node.userId or node.groupId
    if type(node.text) == "string" then
      local part = { text = node.text }
      for name, bit in pairs(bits) do part[name] = (node.format or 0) % (2 * bit) >= bit or nil end
      out[#out + 1] = part
    elseif is_mention and type(node.id) == "string" and node.id:find "^in_" and type(target) == "string" then
      out[#out + 1] = { type = "mention", kind = node.type == "lb-mention" and "user" or "group", id = target,
        userIds = json.is_array(node.userIds) and node.userIds or nil, mention_id = node.id,
        ends = node.type == "lb-group-mention" } -- of groups ends the text around another mention there
    elseif node.children and node.children[1] then
      out[#out + 1] = false
      lexical_line(node.children, out)
      out[#out + 1] = false
    elseif not node.children and node.type ~= "lb-mention" then -- one without the id of a notification is left out
      out[#out + 1] = false
    end
  end
end

local readers = {
  tiptap = function(doc, key)
    local parts = {}
    tiptap_line(editor.open(doc, { kind = "tiptap", field = key }):to_json().content, parts)
    return parts
  end,
  lexical = function(doc, key)
    local parts = {}
    lexical_line(editor.open(doc, { kind = "lexical", field = key }):to_json().root.children, parts)
    return parts
  end,
}

-- The mention of a notification, and the parts of the line that it is in.
local function find(parts, mention_id)
  for i, part in ipairs(parts) do
    if part and part.mention_id == mention_id then
      local first, last = i, i
      while parts[first - 1] and not parts[first - 1].ends do first = first - 1 end
      while parts[last + 1] and not parts[last + 1].ends do last = last + 1 end
      return part, table.move(parts, first, last, 1, {})
    end
  end
end

-- ---- The e-mail ----------------------------------------------------------------------------------

local default_styles = {
  container = "font-size:14px;",
  strong = "font-weight:500;",
  code = 'font-family:ui-monospace, Menlo, Monaco, "Cascadia Mono", "Segoe UI Mono", "Roboto Mono", "Oxygen Mono", '
    .. '"Ubuntu Mono", "Source Code Pro", "Fira Mono", "Droid Sans Mono", "Consolas", "Courier New", monospace;'
    .. "background-color:rgba(0,0,0,0.05);border:solid 1px rgba(0,0,0,0.1);border-radius:4px;",
  mention = "color:blue;",
}

local function styles_of(styles)
  for name in pairs(styles or {}) do
    if not default_styles[name] then
      errors.usage("text_mention_email: unknown style '%s'%s", tostring(name), errors.hint(name, default_styles))
    end
  end
  local attributes = {}
  for name, style in pairs(default_styles) do
    attributes[name] = (' style="%s"'):format(comment.escape_html(styles and styles[name] or style))
  end
  return attributes
end

local function html(parts, known, attributes)
  local out = {}
  for i, part in ipairs(parts) do
    if part.type == "mention" then
      out[i] = ("<span data-mention%s>@%s</span>"):format(attributes.mention,
        comment.escape_html(render.name_of({ element = part, user = part.kind == "user" and known.user[part.id] or nil,
          group = part.kind == "group" and known.group[part.id] or nil }, true)))
    else
      out[i] = part.text == "" and "" or render.formatted(part, comment.escape_html(part.text), function(tag, inner)
        return "<" .. tag .. (attributes[tag] or "") .. ">" .. inner .. "</" .. tag .. ">"
      end)
    end
  end
  return wtf8.to_utf8("<div" .. attributes.container .. ">" .. table.concat(out) .. "</div>")
end

local function resolve(author, parts, options)
  local lists, seen = { user = {}, group = {} }, {}
  local function add(kind, id)
    if type(id) ~= "string" or seen[kind .. id] then return end
    seen[kind .. id] = true
    table.insert(lists[kind], id)
  end
  add("user", author)
  for _, part in ipairs(parts) do
    if part.type == "mention" then add(part.kind, part.id) end
  end
  return { user = render.ask("text_mention_email: 'users'", options.users, lists.user),
    group = render.ask("text_mention_email: 'groups'", options.groups, lists.group) }
end

local function is_unread(notification)
  if not given(notification.readAt) then return true end
  local function time(name)
    return notification_event.milliseconds("text_mention_email", notification[name], name .. " of the inbox notification")
  end
  return time "notifiedAt" > time "readAt"
end

return function(client, event, options)
  options = options or {}
  local data = notification_event.check("text_mention_email", "textMention", event, options)
  local attributes = styles_of(options.styles)
  local room, notification = notification_event.fetch(client, data, function() return (client:get_room(data.roomId)) end)
  if not room then return nil, notification end
  local text_editor = room.experimental_textEditor
  if notification.kind ~= "textMention" or not is_unread(notification) or not given(text_editor) then return nil end
  local key = text_editor.rootKey
  local read = readers[text_editor.type]
  if not read then return nil end
  local doc = yjs.open((client:get_yjs_document_as_binary_update(data.roomId)))
  local mention, parts = find(read(doc, type(key) == "table" and key[1] or key), notification.mentionId)
  if not mention then return nil end
  local info = notification_event.room_info(data, options)
  local author = notification.createdBy
  local known = resolve(author, parts, options)
  return {
    mention = {
      kind = mention.kind, id = mention.id, userIds = mention.userIds, textMentionId = data.mentionId, roomId = data.roomId,
      author = { id = author, info = known.user[author] or { name = author } },
      content = html(parts, known, attributes), createdAt = notification.notifiedAt,
    },
    roomInfo = info,
  }
end
