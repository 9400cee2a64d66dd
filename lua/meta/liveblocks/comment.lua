---@meta liveblocks.comment
-- Made from lua/liveblocks/comment.lua by scripts/tools/generate.lua; changes here are lost.

---@class liveblocks.comment
local comment = {}

---@alias liveblocks.CommentElements { paragraph?: function, text?: function, link?: function, mention?: function }

---@class liveblocks.CommentOptions
---@field users? fun(ids: string[]): table[] what is known of users, in the order of the ids; false for an unknown one
---@field groups? fun(ids: string[]): table[] the same for groups
---@field separator? string between paragraphs (a newline; two in Markdown)
---@field elements? liveblocks.CommentElements

--- Makes a string safe to stand in HTML, between tags or in a quoted attribute.
---@param text any
---@return string
function comment.escape_html(text) end

--- The elements of HTML, for the option `elements`.
---@param attributes table<string, string> what is added to the tags p, strong, code, a and span
---@return liveblocks.CommentElements
function comment.html_elements(attributes) end

--- A comment body as plain text.
---@param body table
---@param options liveblocks.CommentOptions?
---@return string
function comment.to_text(body, options) end

--- A comment body as HTML. All that comes from the comment is escaped.
---@param body table
---@param options liveblocks.CommentOptions?
---@return string
function comment.to_html(body, options) end

--- A comment body as Markdown.
---@param body table
---@param options liveblocks.CommentOptions?
---@return string
function comment.to_markdown(body, options) end

--- The mentions of a body in their order, each id once.
---@param body table? nothing is mentioned in the missing body of a deleted comment
---@param predicate (fun(mention: table): boolean)?
---@return { type: "mention", kind: "user"|"group", id: string, userIds: string[]? }[]
function comment.mentions(body, predicate) end

--- A comment body from Markdown (GitHub's, as the Node SDK reads it). @name becomes a mention of that user.
---@param text string
---@return { version: 1, content: table[] }
function comment.from_markdown(text) end

return comment
