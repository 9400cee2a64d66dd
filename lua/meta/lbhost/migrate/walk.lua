---@meta lbhost.migrate.walk
-- Made from lua/lbhost/migrate/walk.lua by scripts/tools/generate.lua; changes here are lost.

--- Calls fn(part, path) for every object, map and list that the path names; "" is the root. What is not there is left
--- out.
---@param root table a view
---@param path string
---@param fn fun(part: table, path: string)
---@return integer how many there were
return function(root, path, fn) end
