---@meta lbhost.migrate.csv
-- Made from lua/lbhost/migrate/csv.lua by scripts/tools/generate.lua; changes here are lost.

---@class lbhost.migrate.csv
local csv = {}

--- An iterator of the rows as tables by name, and their line numbers.
---@param path string
---@return fun(): table<string, string>, integer
function csv.rows(path) end

--- The same for tables of which each row is an item: the column `id` must be there, and no row may leave it empty.
---@param path string
---@return fun(): table<string, string>
function csv.items(path) end

return csv
