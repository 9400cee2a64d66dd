-- Addresses in comments, and the percent-encoding of paths and queries.
local support = dofile "tests/fuzz/targets/support.lua"
local sanitizer = require "liveblocks.comment.url"
local url = require "lbhost.util.url"

return function(bytes)
  local safe = sanitizer.sanitize(bytes)
  assert(not safe or not safe:lower():find "^%s*javascript:", "a script as an address")
  support.refusable(url.parse_query, bytes)
  support.refusable(url.decode, bytes)
  assert(url.decode(url.encode(bytes)) == (utf8.len(bytes) and bytes or nil), "encoding loses bytes")
end
