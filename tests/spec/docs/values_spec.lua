-- What docs/values.md shows: the blocks, one after the other, print what their comments say.
local documentation = require "tests.support.documentation"

local page = documentation.page "docs/values.md"

describe("docs/values.md shows", function()
  it("what the blocks print", function()
    local printed, code = {}, ""
    for _, section in ipairs { "What becomes what", "Large numbers", "Half a surrogate pair", "Strict reading", "Large JSON in steps" } do
      code = code .. page:block(section)
    end
    documentation.load(code, { print = function(...)
      local arguments = table.pack(...)
      for i = 1, arguments.n do arguments[i] = tostring(arguments[i]) end
      printed[#printed + 1] = table.concat(arguments, "    ")
    end })()
    local all, count = "\n" .. table.concat(printed, "\n") .. "\n", 0
    for expected in code:gmatch "%-%-> ([^\n]+)" do
      assert.is_truthy(all:find("\n" .. expected .. "\n", 1, true), expected .. " is not in" .. all)
      count = count + 1
    end
    assert.equal(#printed - 1, count)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
