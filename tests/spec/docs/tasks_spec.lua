-- What docs/tasks.md shows, run against the local Liveblocks.
local documentation = require "tests.support.documentation"
local local_server = require "tests.support.local_server"

local page = documentation.page "docs/tasks.md"

describe("docs/tasks.md shows", function()
  local server, client
  setup(function()
    server = local_server.start()
    client = server:client()
    for _, id in ipairs { "a", "b" } do client:create_room { id = id, defaultAccesses = {} } end
  end)
  teardown(function() server:stop() end)

  it("calls that run at the same time", function()
    local code = page:block "Running calls at the same time" .. "return rooms"
    assert.equal(2, #documentation.load(code, { client = client, ids = { "a", "b" } })())
  end)

  it("tasks that are started, cancelled and bounded", function()
    local printed
    documentation.load(page:block "Functions", { client = client, print = function(text) printed = text end })()
    assert.equal("a b", printed)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
