-- The query language of the local Liveblocks: compiled and asked, or refused.
local support = dofile "tests/fuzz/targets/support.lua"
local query = require "lbhost.local.query.predicate"

local objects = {
  rooms = { id = "eng:plan", metadata = { color = "blue", tags = { "x", "y" } }, threads = { th_1 = {} } },
  threads = { resolved = false, visibility = "private", metadata = { n = 3, done = true, name = "Ada" } },
}

return function(bytes)
  if not utf8.len(bytes) then return end -- the server has refused it before
  for kind, object in pairs(objects) do
    local ok, matches = support.refusable(query.compile, bytes, kind)
    if ok then assert(type(matches(object)) == "boolean") end
  end
end
