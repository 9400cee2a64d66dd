-- Documents of documents.mjs: what our code reads of them is what the editor's own package reads; changed into the target, and
-- that again, which must change nothing.
--
--   lbhost run compare.lua CASES OUT    writes the cases with `change` to OUT
local canonical = require "liveblocks.editor.canonical"
local crypto = require "liveblocks.crypto"
local editor = require "liveblocks.editor"
local json = require "liveblocks.json"
local yjs = require "liveblocks.yjs"

local number, kind = 0, nil

local function same(what, wanted, got)
  if wanted == got then return end
  io.stderr:write(("editors: %s, document %d, %s:\nwanted %s\ngot    %s\n"):format(kind, number, what, wanted, got))
  os.exit(1)
end

local out = assert(io.open(arg[2], "wb"))
for line in io.lines(arg[1]) do
  number = number + 1
  local case = json.decode(line)
  kind = case.kind
  local update = crypto.base64_decode(case.update)
  local doc = yjs.open(update, { client_id = 7000 + number })
  local note = editor.open(doc, { kind = kind, field = case.field })
  same("JSON", canonical(case.json), canonical(note:to_json()))
  if case.text then same("text", case.text, note:get_text()) end
  if case.markdown then same("Markdown", case.markdown, note:to_markdown()) end
  note:to_html()
  note:set_content(note:to_json())
  same("update of no change", nil, doc:update())
  note:set_content(case.target)
  local change = doc:update()
  case.change = change and crypto.base64_encode(change)
  note:set_content(case.target)
  same("update of the same content", nil, doc:update())
  -- What a text editor of others sees of it: the whole document again.
  local again = editor.open(yjs.open(doc:update "\0"), { kind = kind, field = case.field })
  same("JSON of the change", canonical(note:to_json()), canonical(again:to_json()))
  case.json, case.text, case.markdown = nil, nil, nil
  out:write(json.encode(case), "\n")
end
out:close()
print(("editors: %d documents of %s read as its own package does"):format(number, kind))
