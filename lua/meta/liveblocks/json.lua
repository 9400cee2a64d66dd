---@meta liveblocks.json
-- The exact JSON codec, which is written in C.

---@class liveblocks.json
---@field null lightuserdata
local json = {}

--- Raises where the text is no JSON.
---@param text string
---@return any value
function json.decode(text) end

---@param text string
---@return any value nil when the text is no JSON
---@return string? problem what is wrong, and where
function json.try_decode(text) end

--- Raises where the value has no JSON form.
---@param value any
---@param options? { pretty?: boolean }
---@return string
function json.encode(value, options) end

--- Marks a table as an array, so that an empty one stays [].
---@generic T: table
---@param list T
---@return T
function json.array(list) end

--- Marks a table as an object, so that an empty one stays {}.
---@generic T: table
---@param map T
---@return T
function json.object(map) end

---@param value any
---@return boolean
function json.is_array(value) end

return json
