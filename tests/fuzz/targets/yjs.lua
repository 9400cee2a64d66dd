-- Updates of Yjs: read, merged with themselves, shown, opened, edited and written again; or refused.
local json = require "liveblocks.json"
local support = dofile "tests/fuzz/targets/support.lua"
local yjs = require "liveblocks.yjs"

-- What was integrated is written as an update that others read to the same end.
local function edit(bytes, version)
  local doc = yjs.open() -- of a client that no input can name
  local text = doc:get_text "t"
  text:insert(0, "here", { bold = true })
  doc:apply(bytes, { version = version })
  text:insert(2, "x")
  text:format(0, text:length(), { bold = false })
  text:delete(0, 1)
  local state = doc:update("\0", { version = 2 })
  local copy = yjs.open(state, { version = 2 })
  if doc:is_pending() then return end -- for edits of its own, perhaps: the copy looks at those together with what waits
  assert(copy:state_vector() == doc:state_vector(), "not all that was written is read")
  assert(json.encode(copy:get_text("t"):to_delta()) == json.encode(text:to_delta()), "what was written is read otherwise")
end

return function(bytes)
  support.refusable(edit, bytes, 2)
  if not support.refusable(yjs.check, bytes) then return end
  local ok, merged = support.refusable(yjs.merge, { bytes, bytes })
  if ok then support.refusable(yjs.check, merged) end
  support.refusable(yjs.to_json, bytes)
  support.refusable(edit, bytes, 1)
end
