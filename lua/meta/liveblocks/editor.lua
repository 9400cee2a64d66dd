---@meta liveblocks.editor
-- Made from lua/liveblocks/editor.lua by scripts/tools/generate.lua; changes here are lost.

---@class liveblocks.editor
local editor = {}

---@alias liveblocks.EditorKind "prosemirror"|"tiptap"|"blocknote"|"lexical"|"slate"|"quill"

---@class liveblocks.EditorTextOptions
---@field users? fun(ids: string[]): table[] what is known of users who are mentioned, in the order of the ids; false for an unknown one
---@field groups? fun(ids: string[]): table[] the same for groups
---@field separator? string between blocks, in get_text

---@class liveblocks.Editor
---@field kind liveblocks.EditorKind
---@field field string the root type
local Editor = {}

--- Opens what an editor keeps in a document.
---@param doc liveblocks.yjs.Document of yjs.open, or as mutate_yjs gives it
---@param options { kind: liveblocks.EditorKind, field: string? } field: the name of the root type, where it is not the usual one
---of the editor ("default"; "root" for Lexical, "content" for Slate, "quill" for Quill)
---@return liveblocks.Editor
function editor.open(doc, options) end

--- The document as the editor's own JSON: Tiptap's and ProseMirror's getJSON, BlockNote's blocks, Lexical's editor state,
--- Slate's nodes, Quill's delta.
---@return any
function Editor:to_json() end

--- The document as Tiptap's JSON, whatever editor it is of.
---@return table
function Editor:to_tiptap() end

--- The text, as getText of the editor gives it.
---@param options liveblocks.EditorTextOptions?
---@return string
function Editor:get_text(options) end

--- The document as Markdown. Mentions are the names of those who are mentioned, or their ids.
---@param options liveblocks.EditorTextOptions?
---@return string
function Editor:to_markdown(options) end

--- The document as HTML. All that comes from the document is escaped.
---@param options liveblocks.EditorTextOptions?
---@return string
function Editor:to_html(options) end

--- Makes the document what is given: the editor's JSON, as to_json returns it, or Markdown. Only what differs is changed.
---@param content any a table, or Markdown as a string
function Editor:set_content(content) end

--- Calls fn for each node of the document, from the beginning, a node before what is in it. fn may edit the node; what it
--- returns takes its place: a node, a list of nodes, false for none; nil leaves it.
---@param fn fun(node: table): table|table[]|false|nil
function Editor:update(fn) end

--- Replaces a term in the text, also where it goes on over parts with other formats; what takes its place has the format of
--- its beginning.
---@param from string
---@param to string
---@param options { words: boolean? }? words: whole words only
---@return integer count
function Editor:replace(from, to, options) end

--- The mentions in the document, in their order.
---@return { kind: "user"|"group", id: string, notificationId: string? }[]
function Editor:mentions() end

--- The threads that comment on the text, with what is commented on.
---@return { threadId: string, text: string, orphan: boolean? }[]
function Editor:threads() end

return editor
