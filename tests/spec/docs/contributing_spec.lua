-- What CONTRIBUTING.md shows.
local documentation = require "tests.support.documentation"

local page = documentation.page "CONTRIBUTING.md"

describe("CONTRIBUTING.md shows", function()
  it("runs that ./dev has", function()
    page:exclude("The script dev", 1, "./dev would run the tests inside of the tests")
    local pipe <close> = assert(io.popen "./dev help")
    local help = pipe:read "a"
    for name in page.text:gmatch "%./dev (%l+)" do
      assert.is_truthy(help:find("./dev " .. name, 1, true), name)
    end
    assert.same({}, page:untested())
  end)
end)
