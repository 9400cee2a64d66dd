-- What docs/tasks.md shows, run against the test server.
local documentation = require "tests.support.documentation"
local helper = require "tests.support.client"

local page = documentation.page "docs/tasks.md"

describe("docs/tasks.md shows", function()
  it("calls that run at the same time", function()
    local srv = helper.server()
    local code = page:block "" .. "return rooms"
    local rooms = documentation.load(code, { client = helper.client(srv), ids = { "a", "b" } })()
    srv:stop()
    assert.equal(2, #rooms)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
