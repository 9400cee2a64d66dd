--- Fills the documents of rooms from Markdown files.
---
---   lbhost migrate import_markdown file=documents.csv
---
---   id,file
---   handbook,handbook.md
---
--- The names of files are relative to that of the list. The document becomes what the file says, and only what differs is changed: an
--- import that is repeated changes nothing, and comments on what stays are kept. kind and field are those of replace_text. create=true
--- makes the rooms that are not there, private ones.
local csv = require "lbhost.migrate.csv"
local editor = require "liveblocks.editor"
local liveblocks = require "liveblocks"
local text_file = require "lbhost.util.text_file"

local function path_of(row, list)
  if type(row.file) ~= "string" or row.file == "" then error("the list has no column 'file', or a row without one", 0) end
  if row.file:find "^/" then return row.file end
  return (list:match "^(.*/)" or "") .. row.file
end

return {
  api = 1, about = "Fills the documents of rooms from Markdown files.", idempotent = true,
  options = {
    file = { type = "string", required = true }, kind = { type = "string", default = "tiptap", one_of = editor.kinds },
    field = { type = "string", default = "" }, create = { type = "boolean", default = false },
  },
  items = function(ctx) return csv.items(ctx.options.file) end,
  each = function(row, ctx)
    local options = ctx.options
    local path = path_of(row, options.file)
    local text, problem = text_file.read(path)
    if not text then error("cannot read " .. problem, 0) end
    local function fill(doc)
      editor.open(doc, { kind = options.kind, field = options.field ~= "" and options.field or nil }):set_content(text)
    end
    if options.create and not (ctx.dry_run and ctx.client.try:get_room(row.id)) then
      ctx.client:create_room { id = row.id, defaultAccesses = liveblocks.array {}, idempotent = true }
      if ctx.dry_run then return fill(liveblocks.yjs.open()) end -- is the file one that can be written?
    end
    local update = ctx:mutate_yjs(row.id, fill)
    if not update then return false, "says the same already" end
  end,
}
