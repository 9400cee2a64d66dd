local built_in = require "lbhost.plugin.built_in"

describe("the plugins inside the program", function()
  it("have a module of their name, those with a single command that of the command", function()
    for _, module in ipairs(built_in.modules()) do
      local name = module:match "^lbhost%.%l+%.([%w_]+)$"
      assert.equal(module, built_in.module_of(name))
      local plugin = require(module)
      assert.equal(1, plugin.api, module)
      local commands = {}
      for command in pairs(plugin.commands or {}) do commands[#commands + 1] = command end
      if #commands == 1 then assert.equal(name, commands[1], module) end
    end
  end)

  it("are there, sorted, and no others", function()
    local modules = built_in.modules()
    local sorted = table.move(modules, 1, #modules, 1, {})
    table.sort(sorted)
    assert.same(sorted, modules)
    assert.equal("lbhost.commands.run", built_in.module_of "run")
    assert.equal("lbhost.plugins.journal", built_in.module_of "journal")
    assert.is_nil(built_in.module_of "nothing")
  end)
end)
