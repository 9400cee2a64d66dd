-- Files that people write: comma-separated values, lists of ids, in any encoding.
local csv = require "lbhost.migrate.csv"
local support = dofile "tests/fuzz/targets/support.lua"

local path = os.tmpname()

return function(bytes)
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
  support.refusable(function()
    for row in csv.rows(path) do assert(row) end
  end)
  support.refusable(function()
    for id in csv.items(path) do assert(id) end
  end)
end
