-- What docs/embedding-c.md shows, compiled without a warning and run.
local c_compiler = require "tests.support.c_compiler"
local documentation = require "tests.support.documentation"
local folder = require "tests.support.folder"

local page = documentation.page "docs/embedding-c.md"

describe("docs/embedding-c.md shows", function()
  it("C that compiles without a warning and works", function()
    local srv = require("tests.support.client").server()
    local dir <close> = folder.new()
    local text = c_compiler.run(dir, page:block "", "LIVEBLOCKS_SECRET_KEY=sk_c LIVEBLOCKS_BASE_URL=" .. srv.url)
    srv:stop()
    assert.equal('{"data":[],"nextCursor":null}\n', text)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
