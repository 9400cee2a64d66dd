---@meta lbhost.migrate.csv
-- Made from lua/lbhost/migrate/csv.lua by scripts/tools/generate.lua; changes here are lost.

---@class lbhost.migrate.csv
local csv = {}

--- An iterator of the rows as tables by name, and their line numbers.
---@param path string
---@return fun(): table<string, string>, integer
function csv.rows(path) end

return csv
