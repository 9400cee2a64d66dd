-- The session of docs/repl.md, typed again.
local documentation = require "tests.support.documentation"
local process = require "tests.support.process"

local page = documentation.page "docs/repl.md"

describe("docs/repl.md shows", function()
  it("a session at the prompt", function()
    local inputs, shown = {}, {}
    for line in page:block "A session":gmatch "([^\n]+)\n" do
      local input = line:match "^lb> (.*)$"
      if input then inputs[#inputs + 1] = input elseif not line:find "^%$" then shown[#shown + 1] = line end
    end
    local out, err, status = process.run({ "repl", "--local" }, { input = table.concat(inputs, "\n") .. "\n" })
    assert.same({ "", 1 }, { err, status }) -- 1: one of them is a mistake
    local function plain(text)
      return (text:gsub("%d+ ms", "N ms"):gsub("%d+%-%d+%-%d+T[%d:.]+Z", "DATE"):gsub("tick\t%d\n", ""))
    end
    assert.equal(plain(table.concat(shown, "\n") .. "\n"), (plain(out):gsub("task: running\n", "")))
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
