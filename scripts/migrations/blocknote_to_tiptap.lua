--- Converts the documents of BlockNote to those of Tiptap, in place: the same field, with Tiptap's nodes.
---
---   lbhost migrate blocknote_to_tiptap
---
--- Lists become bulletList, orderedList and taskList, files become links, columns follow each other; blocks of your own stay nodes
--- of their name. Comments and mentions stay. What has no blocks of BlockNote is left as it is, so a second run changes nothing.
--- Let no editor of the old kind be open meanwhile: it would not know the new nodes.
local editor = require "liveblocks.editor"

local function is_blocknote(doc, field)
  local fragment = doc:get_xml_fragment(field)
  for i = 0, fragment:length() - 1 do
    local child = fragment:get(i)
    if type(child) == "table" and child.node_name and child:node_name() == "blockGroup" then return true end
  end
  return false
end

return {
  api = 1, about = "Converts the documents of BlockNote to those of Tiptap.", idempotent = true,
  options = { field = { type = "string", default = "default" }, query = { type = "string", default = "" } },
  rooms = function(ctx) return { query = ctx.options.query ~= "" and ctx.options.query or nil } end,
  each = function(_, ctx)
    local field = ctx.options.field
    local update = ctx:mutate_yjs(function(doc)
      if not is_blocknote(doc, field) then return end
      local content = editor.open(doc, { kind = "blocknote", field = field }):to_tiptap()
      editor.open(doc, { kind = "tiptap", field = field }):set_content(content)
    end)
    if not update then return false, "there are no blocks of BlockNote" end
  end,
  check = function(room, ctx)
    local doc = require("liveblocks.yjs").open((ctx.client:get_yjs_document_as_binary_update(room.id)))
    return not is_blocknote(doc, ctx.options.field), "there are still blocks of BlockNote"
  end,
}
