--- Calls fn(...), which must raise a usage error; returns its message.
local assert = require "luassert"
local errors = require "liveblocks.errors"

return function(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok, "nothing was refused")
  assert.is_true(errors.is(err), tostring(err))
  assert.equal("usage", err.kind)
  assert.is_nil(tostring(err):find("\n"))
  return err.message
end
