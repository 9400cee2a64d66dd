--- Replaces a term in the documents of a text editor, in all rooms.
---
---   lbhost migrate replace_text from=Acme to=Example
---   lbhost migrate replace_text from=cat to=dog words=true kind=lexical query='metadata["type"]:"note"'
---
--- kind is the editor (tiptap, prosemirror, blocknote, lexical, slate or quill), field the name of its root type where it is not
--- the usual one. words=true replaces whole words only. A term is also found where it goes on over parts with other formats.
--- Cursors and comments of others stay.
local editor = require "liveblocks.editor"
local errors = require "liveblocks.errors"

return {
  api = 1, about = "Replaces a term in the documents of a text editor.", idempotent = false,
  options = {
    from = { type = "string", required = true }, to = { type = "string", required = true },
    kind = { type = "string", default = "tiptap", one_of = editor.kinds }, field = { type = "string", default = "" },
    words = { type = "boolean", default = false }, query = { type = "string", default = "" },
  },
  rooms = function(ctx)
    if ctx.options.from == "" then errors.usage "give from=TERM, which must not be empty" end
    return { query = ctx.options.query ~= "" and ctx.options.query or nil }
  end,
  each = function(_, ctx)
    local options = ctx.options
    local update = ctx:mutate_yjs(function(doc)
      local note = editor.open(doc, { kind = options.kind, field = options.field ~= "" and options.field or nil })
      note:replace(options.from, options.to, { words = options.words })
    end)
    if not update then return false, "the term is not there" end
  end,
}
