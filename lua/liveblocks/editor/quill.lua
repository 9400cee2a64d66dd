--- Quill's delta, { { insert =, attributes = } }, as y-quill keeps it: one text.
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local quill_delta = require "liveblocks.editor.quill_delta"
local runs = require "liveblocks.editor.runs"

local quill = { field = "quill", lists = {} }

function quill.root(doc, field) return doc:get_text(field) end

function quill.read(root)
  local segments = runs.tidy(runs.of_delta(root:to_delta()))
  local list = json.array {}
  for i, segment in ipairs(segments) do
    local insert = segment.embed
    if segment.text then insert = segment.text end
    list[i] = { insert = insert, attributes = segment.attributes }
  end
  return list, { segments = segments }
end

function quill.write(root, state, content)
  local list = content.ops or content
  if list[1] == nil and next(list) ~= nil then
    errors.usage("set_content: a delta expected: { { insert = \"text\\n\" } }, or Markdown")
  end
  for i, part in ipairs(list) do
    if type(part) ~= "table" or part.insert == nil then errors.usage("set_content: part %d of the delta has no insert", i) end
  end
  local delta = runs.difference(state.segments, runs.tidy(runs.of_delta(list)))
  if delta then root:apply_delta(delta) end
end

function quill.inner(content) return content end
function quill.outer(_, list) return list end

quill.get_text, quill.to_tiptap, quill.of_tiptap = quill_delta.get_text, quill_delta.to_tiptap, quill_delta.of_tiptap

return quill
