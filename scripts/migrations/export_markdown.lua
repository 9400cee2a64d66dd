--- Writes the document of each room as a Markdown file, with the comments on it.
---
---   lbhost migrate export_markdown to=notes
---   lbhost migrate export_markdown to=notes kind=blocknote comments=false
---
--- The files are DIR/rooms/ROOM/document.md, with the id of the room percent-encoded where a file's name cannot have it. After the
--- document comes each thread: the text that it is about as a quotation, then its comments with author and time. kind and field are
--- those of replace_text; a document that has only other root types fails. A run to the same directory brings it up to date.
local archive = require "lbhost.migrate.archive"
local editor = require "liveblocks.editor"
local liveblocks = require "liveblocks"

local function quoted(text) return (("\n" .. text):gsub("\n", "\n> "):sub(2)) end

local function thread_text(thread, about)
  local lines = {}
  if about then lines[#lines + 1] = quoted(about.text) end
  for _, comment in ipairs(thread.comments) do
    local body = comment.body ~= nil and comment.body ~= liveblocks.null and liveblocks.comment.to_markdown(comment.body)
    if body then lines[#lines + 1] = ("**%s**, %s:\n\n%s"):format(comment.userId, comment.createdAt, body) end
  end
  if thread.resolved then lines[#lines + 1] = "(resolved)" end
  return table.concat(lines, "\n\n")
end

local function comments_of(client, room_id, note)
  local about, parts = {}, {}
  for _, thread in ipairs(note:threads()) do about[thread.threadId] = thread end
  for _, thread in ipairs(client:get_threads(room_id).data) do parts[#parts + 1] = thread_text(thread, about[thread.id]) end
  return parts[1] and "\n\n## Comments\n\n" .. table.concat(parts, "\n\n---\n\n") or ""
end

-- A document of another editor would be an empty file.
local function check_field(names, field)
  for _, name in ipairs(names) do
    if name == field then return end
  end
  if names[1] then
    error(("the document has no root type '%s', but '%s': give kind= and field= of its editor, and with query= its rooms")
      :format(field, table.concat(names, "', '")), 0)
  end
end

return {
  api = 1, about = "Writes the document of each room as a Markdown file, with the comments on it.", idempotent = true, repeats = true,
  options = {
    to = { type = "string", required = true }, kind = { type = "string", default = "tiptap", one_of = editor.kinds },
    field = { type = "string", default = "" },
    comments = { type = "boolean", default = true }, query = { type = "string", default = "" },
  },
  rooms = function(ctx) return { query = ctx.options.query ~= "" and ctx.options.query or nil } end,
  each = function(room, ctx)
    local options = ctx.options
    local doc = liveblocks.yjs.open((ctx.client:get_yjs_document_as_binary_update(room.id)))
    local names = doc:names()
    local note = editor.open(doc, { kind = options.kind, field = options.field ~= "" and options.field or nil })
    check_field(names, note.field)
    local text = note:to_markdown()
    if options.comments then text = text .. comments_of(ctx.client, room.id, note) end
    if ctx.dry_run then
      local path = archive.look(options.to):would_write(room.id, "document.md", text .. "\n")
      if path then ctx:would_write(path, text .. "\n") end
      return path ~= nil
    end
    if not archive.open(options.to, true):update(room.id, "document.md", text .. "\n") then return false, "is up to date" end
  end,
}
