---@meta liveblocks.notify
-- Made from lua/liveblocks/notify.lua by scripts/tools/generate.lua; changes here are lost.

---@class liveblocks.notify
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

--- What to notify a user of in a thread. Returns nil when there is nothing (left) to notify of; nil and the error when the
--- thread or the notification does not exist any more.
---@param client liveblocks.Client
---@param event table a webhook event of type "notification", kind "thread"
---@param options liveblocks.EmailOptions?
---@return liveblocks.Email?
---@return liveblocks.Error? gone
function notify.thread_email(client, event, options) end

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
function notify.text_mention_email(client, event, options) end

return notify
