---@meta liveblocks.json
-- The exact JSON codec, which is written in C. Documentation: docs/values.md.

--- A number that neither a 64-bit integer nor a float holds. It prints and encodes as it came; it is compared by its exact value.
---@class liveblocks.number: userdata
---@operator concat(any): string

---@class liveblocks.json
---@field null lightuserdata
local json = {}

--- Raises where the text is not valid JSON. Strict: refuses also half a surrogate pair, and a number that neither an
--- integer nor a float holds.
---@param text string
---@param options? { strict?: boolean }
---@return any value
function json.decode(text, options) end

---@param text string
---@param options? { strict?: boolean }
---@return any value nil when the text is not valid JSON
---@return string? problem what is wrong, and where
function json.try_decode(text, options) end

--- Decodes in steps. The function goes on with about so many bytes; it raises where the text is not valid JSON.
---@param text string
---@param options? { strict?: boolean }
---@return fun(bytes: integer): boolean, any step true and the value when it is complete
function json.decoder(text, options) end

--- The number that the text is in JSON: an integer or a float where those hold it.
---@param text string|number|liveblocks.number
---@return number|liveblocks.number
function json.number(text) end

--- The nearest Lua number, which may be infinite; nil for what is not a number.
---@param value any
---@return number?
function json.tonumber(value) end

--- True for Lua's numbers and for those that keep their digits.
---@param value any
---@return boolean
function json.is_number(value) end

--- Raises where the value has no JSON form. Keys are in the order of their bytes.
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
