--- Quill's delta, { { insert =, attributes = } }, as y-quill keeps it: one text.
local contents = require "liveblocks.editor.content"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local quill_delta = require "liveblocks.editor.quill_delta"
local runs = require "liveblocks.editor.runs"

local quill = { field = "quill", lists = {}, has_embeds = true }

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

local function check_part(part, i)
  if not contents.is_object(part) or part.insert == nil then errors.usage("set_content: part %d of the delta has no insert", i) end
  local insert, attributes = part.insert, part.attributes
  if type(insert) ~= "string" and type(insert) ~= "table" then
    errors.usage("set_content: part %d of the delta: insert must be a string or an object, got %s", i, contents.name_of(insert))
  end
  if attributes ~= nil and not contents.is_object(attributes) then
    errors.usage("set_content: part %d of the delta: attributes must be an object, got %s", i, contents.name_of(attributes))
  end
end

function quill.write(root, state, content)
  local list = content.ops ~= nil and content.ops or content
  if not contents.is_list(list) then
    errors.usage("set_content: a delta expected: { { insert = \"text\\n\" } }, or Markdown")
  end
  for i, part in ipairs(list) do check_part(part, i) end
  local delta = runs.difference(state.segments, runs.tidy(runs.of_delta(list)))
  if delta then root:apply_delta(delta) end
end

function quill.inner(content) return content end
function quill.outer(_, list) return list end

quill.get_text, quill.to_tiptap, quill.of_tiptap = quill_delta.get_text, quill_delta.to_tiptap, quill_delta.of_tiptap

return quill
