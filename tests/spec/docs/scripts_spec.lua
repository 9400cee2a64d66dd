-- What docs/scripts.md shows, run.
local documentation = require "tests.support.documentation"
local directory = require "tests.support.directory"
local helper = require "tests.support.client"

local page = documentation.page "docs/scripts.md"

describe("docs/scripts.md shows", function()
  it("scripts and commands that work", function()
    local srv = helper.server()
    local dir <close> = directory.new()
    dir:write("rooms.lua", page:block("Running a script", 1))
    local count = 0
    for i = 2, 3 do
      for _, shown in ipairs(documentation.commands(page:block("Running a script", i))) do
        count = count + 1
        local output, status = documentation.run(shown.command, { cwd = dir.path,
          env = { LIVEBLOCKS_SECRET_KEY = "sk_scripts", LIVEBLOCKS_BASE_URL = srv.url } })
        assert.equal(0, status, output)
      end
    end
    srv:stop()
    assert.equal(6, count)
  end)

  it("settings of an editor that are JSON", function()
    assert.equal("Lua 5.4", require("cjson").decode(page:block "Editor support").runtime.version)
  end)

  it("an HTTP server", function()
    local dir <close> = directory.new()
    local code, count = page:block "Modules":gsub("port = 8080", "port = 0")
    assert.equal(1, count)
    dir:write("server.lua", code .. [[
      local answer = require("liveblocks").http.request { url = ("http://127.0.0.1:%d/you"):format(server.port) }
      print(answer.status, answer.body)
      server:stop()]])
    assert.same({ "200\tHello, /you\n", 0 }, { documentation.run("lbhost run server.lua", { cwd = dir.path }) })
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
