-- For the targets: cut bytes into parts, and let refusals pass but nothing else.
local errors = require "liveblocks.errors"
local responses = require "lbhost.local.http.response"

local support = {}

--- Calls fn(...): true and its results; or false and the error where it is one that users are meant to see.
function support.refusable(fn, ...)
  local results = table.pack(pcall(fn, ...))
  if results[1] then return table.unpack(results, 1, results.n) end
  local err = results[2]
  if errors.is(err) or responses.is_failure(err) then
    local text = tostring(err.message)
    assert(#text > 0, "a refusal without words")
    return false, err
  end
  error(err, 0)
end

--- The bytes between byte 0, up to `most` of them; the last one has the rest.
function support.parts(bytes, most)
  local parts, from = {}, 1
  while #parts + 1 < most do
    local at = bytes:find("\0", from, true)
    if not at then break end
    parts[#parts + 1], from = bytes:sub(from, at - 1), at + 1
  end
  parts[#parts + 1] = bytes:sub(from)
  return parts
end

return support
