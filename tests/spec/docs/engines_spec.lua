-- What docs/engines.md shows is what ./dev engines runs in the real engines.
local documentation = require "tests.support.documentation"

local page = documentation.page "docs/engines.md"

local RECIPES = {
  ["nginx: a receiver of webhooks"] = "nginx/receiver.lua",
  ["HAProxy: a receiver of webhooks"] = "haproxy/receiver.lua",
  ["LÖVE: presence and a comment"] = "love/recipe/main.lua",
  ["Neovim: rooms and comments"] = "neovim/liveblocks_commands.lua",
  ["Minetest: chat that becomes comments"] = "minetest/recipe/init.lua",
}

describe("docs/engines.md shows", function()
  for section, path in pairs(RECIPES) do
    it("the recipe tests/engines/" .. path, function()
      local file <close> = assert(io.open("tests/engines/" .. path, "rb"))
      assert.equal(file:read "a", page:block(section))
    end)
  end

  it("no other example", function() assert.same({}, page:untested()) end)
end)
