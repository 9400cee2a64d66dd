---@meta liveblocks.query
-- Made from lua/liveblocks/query.lua by scripts/tools/generate.lua; changes here are lost.

---@class liveblocks.query
local query = {}

--- Writes a table as text of the query language. Names are written in alphabetical order.
---@param fields liveblocks.Query|string a string is returned as it is
---@return string
function query.format(fields) end

return query
