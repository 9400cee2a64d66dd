--- The documents of text editors in Yjs, read and changed as the editors do: Tiptap and ProseMirror, BlockNote, Lexical, Slate
--- and Quill. A change is the smallest one, so that the cursors of others and the comments in them stay where they are.
---
---   local editor = require "liveblocks.editor"
---   client:mutate_yjs("my-room", function(doc)
---     local note = editor.open(doc, { kind = "tiptap" })
---     note:update(function(node)
---       if node.text then node.text = node.text:gsub("Acme", "Example") end
---     end)
---   end)
---
--- Documentation of what is in there: https://liveblocks.io/docs/api-reference/liveblocks-node-prosemirror and
--- https://liveblocks.io/docs/api-reference/liveblocks-node-lexical
local call_options = require "liveblocks.options"
local contents = require "liveblocks.editor.content"
local document = require "liveblocks.yjs.document"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local values = require "liveblocks.yjs.values"

local editor = {}

local modules = {
  prosemirror = "prosemirror", tiptap = "prosemirror", blocknote = "blocknote", lexical = "lexical", slate = "slate",
  quill = "quill",
}

--- The kinds of editors that there are.
editor.kinds = { "blocknote", "lexical", "prosemirror", "quill", "slate", "tiptap" }

---@alias liveblocks.EditorKind "prosemirror"|"tiptap"|"blocknote"|"lexical"|"slate"|"quill"

---@class liveblocks.EditorTextOptions
---@field users? fun(ids: string[]): table[] what is known of users who are mentioned, in the order of the ids; false for an unknown one
---@field groups? fun(ids: string[]): table[] the same for groups
---@field separator? string between blocks, in get_text

---@class liveblocks.Editor
---@field kind liveblocks.EditorKind
---@field field string the root type
local Editor = {}
Editor.__index = Editor

local function of_kind(kind)
  local name = modules[kind]
  if not name then
    errors.usage("editor.open: kind must be one of %s, got %s%s", table.concat(editor.kinds, ", "),
      kind == nil and "nil" or ("'%s'"):format(tostring(kind)), errors.hint(tostring(kind), modules))
  end
  local module = require("liveblocks.editor." .. name)
  return module[kind] or module
end

--- Opens what an editor keeps in a document.
---@param doc liveblocks.yjs.Document of yjs.open, or as mutate_yjs gives it
---@param options { kind: liveblocks.EditorKind, field: string? } field: the name of the root type, where it is not the usual one
---of the editor ("default"; "root" for Lexical, "content" for Slate, "quill" for Quill)
---@return liveblocks.Editor
function editor.open(doc, options)
  if not document.is(doc) then
    errors.usage("editor.open: a document of liveblocks.yjs.open expected, got %s", values.name_of(doc))
  end
  options = call_options.typed("editor.open", options, { kind = "string", field = "string" })
  local codec = of_kind(options.kind)
  local field = options.field or codec.field
  local root = contents.named("editor.open", codec.root, doc, field)
  return setmetatable({ kind = options.kind, field = field, _doc = doc, _codec = codec, _root = root }, Editor)
end

--- The document as the editor's own JSON: Tiptap's and ProseMirror's getJSON, BlockNote's blocks, Lexical's editor state,
--- Slate's nodes, Quill's delta.
---@return any
function Editor:to_json()
  return (self._codec.read(self._root))
end

--- The document as Tiptap's JSON, whatever editor it is of.
---@return table
function Editor:to_tiptap() return self._codec.to_tiptap(self:to_json()) end

--- The text, as getText of the editor gives it.
---@param options liveblocks.EditorTextOptions?
---@return string
function Editor:get_text(options)
  if options == nil then options = {} end
  local content = self:to_json()
  if self._codec.get_text then return self._codec.get_text(content, options) end
  return require "liveblocks.editor.text"(self._codec.to_tiptap(content), options)
end

--- The document as Markdown. Mentions are the names of those who are mentioned, or their ids.
---@param options liveblocks.EditorTextOptions?
---@return string
function Editor:to_markdown(options)
  if options == nil then options = {} end
  local content = self:to_json()
  if self._codec.to_markdown then return self._codec.to_markdown(content, options) end
  return require "liveblocks.editor.markdown"(self._codec.to_tiptap(content), options)
end

--- The document as HTML. All that comes from the document is escaped.
---@param options liveblocks.EditorTextOptions?
---@return string
function Editor:to_html(options)
  return require "liveblocks.editor.html"(self:to_tiptap(), options == nil and {} or options)
end

local function write(self, what, state, content)
  contents.named(what, function() self._codec.write(self._root, state, contents.check(content, self._codec.has_embeds)) end)
end

--- Makes the document what is given: the editor's JSON, as to_json returns it, or Markdown. Only what differs is changed.
---@param content any a table, or Markdown as a string
function Editor:set_content(content)
  local codec = self._codec
  if type(content) == "string" then
    content = codec.of_tiptap(require "liveblocks.editor.from_markdown"(content), self)
  elseif content == nil or content == json.null then
    content = codec.of_tiptap { type = "doc", content = json.array {} }
  elseif type(content) ~= "table" or values.stands_for(content) then
    errors.usage("set_content: the JSON of the editor or Markdown expected, got %s", values.name_of(content))
  end
  local _, state = codec.read(self._root)
  write(self, "set_content", state, content)
end

local MAX_DEPTH = 1000

-- Replaces the nodes of a list by what fn makes of them.
local function visit(list, fn, lists, depth)
  if depth > MAX_DEPTH then errors.usage("update: nodes are nested in more than %d levels, or contain themselves", MAX_DEPTH) end
  local out, changed = setmetatable({}, getmetatable(list)), false
  for _, node in ipairs(list) do
    local result = fn(node)
    if result == nil or result == true then result = node end
    if result == false then
      changed = true
    else
      if type(result) ~= "table" then
        errors.usage("update: the function must return a node, a list of nodes, false or nil, got %s", errors.a(type(result)))
      end
      local several = result[1] ~= nil and result or json.is_array(result) and result or { result }
      changed = changed or several[1] ~= node or several[2] ~= nil
      for _, one in ipairs(several) do
        if type(one) == "table" then
          for _, name in ipairs(lists) do
            local inner = one[name]
            if type(inner) == "table" and (inner[1] ~= nil or json.is_array(inner)) then one[name] = visit(inner, fn, lists, depth + 1) end
          end
        end
        out[#out + 1] = one
      end
    end
  end
  return changed and out or list
end

--- Calls fn for each node of the document, from the beginning, a node before what is in it. fn may edit the node; what it
--- returns takes its place: a node, a list of nodes, false for none; nil leaves it.
---@param fn fun(node: table): table|table[]|false|nil
function Editor:update(fn)
  if type(fn) ~= "function" then errors.usage("update: a function expected, got %s", errors.a(type(fn))) end
  local codec = self._codec
  local content = self:to_json()
  local _, state = codec.read(self._root) -- read for itself: what fn edits must not be what the edits are compared with
  local top = codec.inner(content)
  local new = visit(top, fn, codec.lists, 1)
  write(self, "update", state, codec.outer and codec.outer(content, new) or self._with(content, new))
end

function Editor._with(content, list)
  content.content = list
  return content
end

-- Half a character would be found within whole ones.
local function text_of(value, name)
  local text = values.whole(values.text(value, "replace", name))
  local _, bad = utf8.len(text)
  if bad then errors.usage("replace: %s is not valid UTF-8 at byte %d", name, bad) end
  return text
end

--- Replaces a term in the text, also where it goes on over parts with other formats; what takes its place has the format of
--- its beginning.
---@param from string
---@param to string
---@param options { words: boolean? }? words: whole words only
---@return integer count
function Editor:replace(from, to, options)
  if type(from) ~= "string" or from == "" then errors.usage("replace: the term must be a string that is not empty") end
  from, to = text_of(from, "the term"), text_of(to, "what takes its place")
  options = call_options.typed("replace", options == nil and {} or options, { words = "boolean" })
  local codec = self._codec
  local content, state = codec.read(self._root)
  local top = codec.inner(content)
  local count = require("liveblocks.editor.replace").all(top, from, to, codec.lists, options.words)
  if count > 0 then write(self, "replace", state, codec.outer and codec.outer(content, top) or self._with(content, top)) end
  return count
end

local mention_types = {
  liveblocksMention = "user", liveblocksGroupMention = "group",
}

--- The mentions in the document, in their order.
---@return { kind: "user"|"group", id: string, notificationId: string? }[]
function Editor:mentions()
  local list = json.array {}
  local function look(nodes)
    for _, node in ipairs(nodes or {}) do
      local kind, attrs = mention_types[node.type], node.attrs or {}
      if kind and type(attrs.id) == "string" then
        list[#list + 1] = { kind = kind, id = attrs.id,
          notificationId = type(attrs.notificationId) == "string" and attrs.notificationId or nil }
      end
      look(node.content)
    end
  end
  look(self:to_tiptap().content)
  return list
end

--- The threads that comment on the text, with what is commented on.
---@return { threadId: string, text: string, orphan: boolean? }[]
function Editor:threads()
  return require "liveblocks.editor.threads"(self:to_tiptap())
end

return editor
