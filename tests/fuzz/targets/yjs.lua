-- Updates of Yjs: read, merged with themselves and shown; or refused.
local support = dofile "tests/fuzz/targets/support.lua"
local yjs = require "liveblocks.yjs"

return function(bytes)
  if not support.refusable(yjs.check, bytes) then return end
  local ok, merged = support.refusable(yjs.merge, { bytes, bytes })
  if ok then support.refusable(yjs.check, merged) end
  support.refusable(yjs.to_json, bytes)
end
