-- What docs/local.md shows, run.
local documentation = require "tests.support.documentation"
local directory = require "tests.support.directory"
local local_server = require "tests.support.local_server"
local process = require "tests.support.process"

local page = documentation.page "docs/local.md"

describe("docs/local.md shows", function()
  local dir
  setup(function() dir = directory.new() end)
  teardown(function() dir:remove() end)

  it("ways to start it", function()
    dir:write("chore.lua", 'assert(require("liveblocks").new { retries = 20, backoff = 0.001 }:get_rooms {})')
    dir:write("rooms.lua", page:block("Initial data", 1))
    local started = 0
    for line in page:block "Starting it":gmatch "[^\n]+" do
      local arguments = line:match "^lbhost local(.-)%s*#"
      if arguments then
        local server <close> = process.start("local --port 0" .. arguments, { cwd = dir.path, env = { HOME = "/nonexistent" } })
        server:wait_for "http://127%.0%.0%.1:%d+"
        started = started + 1
      else
        local output, status = documentation.run(line, { cwd = dir.path })
        assert.equal(0, status, output)
      end
    end
    assert.equal(2, started)
  end)

  it("initial data in Lua and in JSON", function()
    for i, name in ipairs { "seed.lua", "seed.json" } do
      local server = local_server.start("--seed", dir:write(name, page:block("Initial data", i)))
      assert.equal("board", server:client():get_room("board").id)
      server:stop()
    end
  end)

  it("how faults are set while it runs", function()
    local server = local_server.start()
    local method, path, plan = page:block "Fault injection":match "^curl %-X (%u+) http://127%.0%.0%.1:1154(%S+) %-%-data '([^']+)'\n$"
    local answer = require("liveblocks").http.request { method = method, url = server.url .. path, body = plan }
    server:stop()
    assert.equal(200, answer.status)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
