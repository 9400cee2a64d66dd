--- Renames a type of nodes, or of marks, in the documents of a text editor, in all rooms.
---
---   lbhost migrate rename_type mark=highlight to=marker
---   lbhost migrate rename_type node=callout to=blockquote kind=tiptap
---
--- Marks (formats, styles of BlockNote, fields of a text in Slate) keep their attributes, and the text that they are on is not
--- touched. A node cannot get another name in Yjs: it is made again under its new name, with all that is in it; cursors in it move
--- to its beginning. kind and field are those of replace_text.
local editor = require "liveblocks.editor"
local errors = require "liveblocks.errors"

local function rename_key(map, from, to)
  if type(map) == "table" and map[from] ~= nil then map[to], map[from] = map[from], nil end
end

-- Renames the mark on one node, in whatever way its editor writes it.
local function rename_mark(node, from, to)
  for _, mark in ipairs(type(node.marks) == "table" and node.marks or {}) do
    if mark.type == from then mark.type = to end
  end
  rename_key(node.styles, from, to)
  rename_key(node.attributes, from, to)
  if node.type == nil and type(node.text) == "string" and from ~= "text" then rename_key(node, from, to) end -- of Slate
end

return {
  api = 1, about = "Renames a type of nodes or marks in the documents of a text editor.", idempotent = true,
  options = {
    node = { type = "string", default = "" }, mark = { type = "string", default = "" }, to = { type = "string", required = true },
    kind = { type = "string", default = "tiptap", one_of = editor.kinds },
    field = { type = "string", default = "" }, query = { type = "string", default = "" },
  },
  rooms = function(ctx)
    local options = ctx.options
    if (options.node == "") == (options.mark == "") then errors.usage "give node=NAME or mark=NAME, one of them" end
    if options.to == "" then errors.usage "give to=NAME, which must not be empty" end
    return { query = options.query ~= "" and options.query or nil }
  end,
  each = function(_, ctx)
    local options = ctx.options
    local update = ctx:mutate_yjs(function(doc)
      local note = editor.open(doc, { kind = options.kind, field = options.field ~= "" and options.field or nil })
      note:update(function(node)
        if options.mark ~= "" then
          rename_mark(node, options.mark, options.to)
        elseif node.type == options.node then
          node.type = options.to
        end
      end)
    end)
    if not update then return false, "the type is not there" end
  end,
}
