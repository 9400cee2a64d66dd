---@meta liveblocks.errors
-- Made from lua/liveblocks/errors.lua by scripts/tools/generate.lua; changes here are lost.

---@class liveblocks.errors
local errors = {}

--- Makes an error object.
---@param kind string
---@param message string
---@param fields table?
---@return liveblocks.Error
function errors.new(kind, message, fields) end

--- Raises a usage error: nothing has been sent.
---@param format string as for string.format
---@param ... any
function errors.usage(format, ...) end

--- "a string", "an integer", "nil": the kind of a value, for messages.
---@param kind string
---@return string
function errors.a(kind) end

--- Is it an error object?
---@param value any
---@return boolean
function errors.is(value) end

--- The name among `names` (a set or list) nearest to a misspelled one, or nil.
---@param name any
---@param names table
---@return string?
function errors.nearest(name, names) end

--- "; did you mean 'x'?" or an empty text.
---@param name any
---@param names table
---@return string
function errors.hint(name, names) end

return errors
