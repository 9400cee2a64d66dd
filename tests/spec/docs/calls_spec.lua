-- What docs/calls.md shows, run against the test server.
local documentation = require "tests.support.documentation"
local folder = require "tests.support.folder"
local helper = require "tests.support.client"

local page = documentation.page "docs/calls.md"

describe("docs/calls.md shows", function()
  local srv, dir
  setup(function()
    srv = helper.server()
    dir = folder.new()
  end)
  teardown(function()
    srv:stop()
    dir:remove()
  end)

  it("calls that work", function()
    local attachment = dir:write("plan.pdf", "a plan")
    local client = helper.client(srv)
    documentation.load((page:block "Arguments and results":gsub("plan%.pdf", attachment)), { client = client, bytes = "\1\2" })()
    documentation.load(page:block "Tokens for users", { client = client })()
  end)

  it("a request to another service", function()
    local code, count = page:block "Requests to other services":gsub("https://chat%.example", srv:base("status,code=200", "chat"))
    assert.equal(1, count)
    documentation.load(code)()
    assert.equal('{"text":"hi"}', srv:log("chat")[1].body)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)

  it("every option of a client", function()
    local section = page.text:match "\n## Client options\n(.-)\n## "
    local meta = assert(io.open "lua/meta/types.lua")
    local class = meta:read("a"):match "%-%-%-@class liveblocks%.Options\n(.-)\n\n"
    meta:close()
    local count = 0
    for name in class:gmatch "@field ([%w_]+)" do
      count = count + 1
      assert.is_truthy(section:find("`" .. name .. "`", 1, true), name)
    end
    assert.is_true(count > 10)
  end)
end)
