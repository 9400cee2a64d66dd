--- The plugin `postgres`: event stores of postgres:// and postgresql://. The shared object of its name brings libpq.
local timeout = 5

local function open(url, options)
  local given = { timeout = timeout }
  for name, value in pairs(options or {}) do given[name] = value end
  return require("lbhost.serve.postgres.store").open(url, given)
end

return {
  api = 1, name = "postgres", about = "The event store in PostgreSQL: lbhost serve --store postgres://...", version = "2.0",
  options = { timeout = { type = "number", about = "seconds of a statement", default = 5, min = 1, max = 600 } },
  setup = function(_, options) timeout = options.timeout end,
  stores = { postgres = open, postgresql = open },
}
