local contract = require "lbhost.plugin.contract"
local description = require "lbhost.plugin.description"
local option_schema = require "lbhost.util.option_schema"

-- A plugin as the registry has it.
local function plugin(fields)
  local self = { name = "board", version = "1.0", about = "Looks after boards", origin = "built-in", file = "board.lua", warnings = {},
    option_rows = option_schema.declare { limit = { type = "integer", default = 2, about = "rooms at most" } } }
  for _, hook in ipairs(contract.hooks) do self[hook] = {} end
  for name, value in pairs(fields or {}) do self[name] = value end
  return self
end

describe("what is said of a plugin", function()
  it("names its hooks in the order of the contract", function()
    local noop = function() end
    assert.equal("nothing", description.hooks(plugin()))
    local text = description.hooks(plugin { events = { b = noop, a = noop }, commands = { x = {} }, setup = noop, stop = noop })
    assert.is_truthy(text:find("events: a, b", 1, true))
    assert.is_truthy(text:find("commands: x", 1, true))
    assert.matches("; setup; stop$", text)
  end)

  it("says whether it takes part in lbhost serve", function()
    assert.same({ "off", "active", "found" }, { description.state(plugin { off = true, active = true }),
      description.state(plugin { active = true }), description.state(plugin()) })
  end)

  it("has its origin, state, options and warnings", function()
    assert.equal("board 1.0\n  Looks after boards\n  origin   --plugin, board.lua\n  state    found\n  hooks    nothing\n"
      .. "  options  limit        integer, default 2: rooms at most\n  warning  odd\n",
      description.text(plugin { origin = "--plugin", warnings = { "odd" } }))
  end)
end)
