-- What docs/errors.md shows, run against the local Liveblocks.
local documentation = require "tests.support.documentation"
local local_server = require "tests.support.local_server"
local read = require("tests.support.files").read

local page = documentation.page "docs/errors.md"

describe("docs/errors.md shows", function()
  it("how an error is returned instead of raised", function()
    local code, count = page:block "Raised or returned":gsub("then %.%.%. end", "then seen(err) end")
    assert.equal(1, count)
    local server = local_server.start()
    local seen
    documentation.load(code, { client = server:client(), seen = function(err) seen = err end })()
    server:stop()
    assert.equal("http", seen.kind)
  end)

  it("every kind of error, and every field", function()
    local types = read "lua/meta/types.lua"
    local kinds, fields = types:match "alias liveblocks%.Kind ([^\n]+)", types:match "class liveblocks%.Error\n(.-)\n\n"
    for kind in kinds:gmatch '"(%l+)"' do
      assert.is_truthy(page.text:find("| `" .. kind .. "` |", 1, true), kind)
    end
    for field in fields:gmatch "@field ([%l_]+)" do
      assert.is_truthy(page.text:find("[|,] `" .. field .. "`"), field)
    end
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
