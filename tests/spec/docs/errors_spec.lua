-- What docs/errors.md shows, run against the test server.
local documentation = require "tests.support.documentation"
local helper = require "tests.support.client"

local page = documentation.page "docs/errors.md"

describe("docs/errors.md shows", function()
  local srv
  setup(function() srv = helper.server() end)
  teardown(function() srv:stop() end)

  it("how an error is returned instead of raised", function()
    local code, count = page:block "":gsub("then %.%.%. end", "then seen(err) end")
    assert.equal(1, count)
    local seen
    local client = helper.client(srv, "status,code=404,body=room_not_found")
    documentation.load(code, { client = client, seen = function(err) seen = err end })()
    assert.is_true(seen == nil or seen.kind == "http")
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
