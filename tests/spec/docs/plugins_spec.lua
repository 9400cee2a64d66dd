-- What docs/plugins.md shows: a plugin with every hook, its configuration, and one in C.
local documentation = require "tests.support.documentation"
local directory = require "tests.support.directory"
local helper = require "tests.support.client"
local process = require "tests.support.process"

local page = documentation.page "docs/plugins.md"

describe("docs/plugins.md shows", function()
  local srv, dir, env, board
  setup(function()
    srv = helper.server()
    dir = directory.new()
    env = { LIVEBLOCKS_SECRET_KEY = "sk_plugins", LIVEBLOCKS_BASE_URL = srv.url }
    board = dir:write("board.lua", page:block("A plugin", 1))
  end)
  teardown(function()
    srv:stop()
    dir:remove()
  end)

  it("a plugin, and commands that use it", function()
    local shown = documentation.commands(page:block("A plugin", 2))
    assert.equal(4, #shown)
    for i = 1, 2 do
      local output, status = documentation.run(shown[i].command, { cwd = dir.path, env = env })
      assert.equal(0, status, output)
      assert.is_truthy(output:find(i == 1 and "hello, world\n" or "events: *, roomCreated; timers: 1h; routes: GET /board/greeting; "
        .. "commands: board; stores: memory; setup; stop", 1, true), output)
    end
    assert.same({ "lbhost serve board.lua", "lbhost serve --plugin board.lua --store memory:" }, { shown[3].command, shown[4].command })
    local serve = require("tests.support.serve")
    local s = serve.start { store = "memory:", arguments = { "--plugin", board }, env = env }
    assert.same({ 200, "hello" }, { s:get "/board/greeting" })
    assert.equal(200, (s:event("msg_1", "roomCreated", { roomId = "r9" })))
    s:wait_for "roomCreated"
    s.process:stop()
  end)

  it("its configuration", function()
    local config = dir:write("lbhost.lua", (page:block "Where plugins are found"
      :gsub("/var/log/lbhost", dir.path):gsub("files = %b{}", "files = {}")))
    dir:write("secret", "sk_plugins")
    local out, err, status = process.run({ "--plugin", board, "--config", config, "board" }, { env = env })
    assert.same({ "servus, nobody\n", "lbhost: board: ready\n", 0 }, { out, err, status })
  end)

  it("one in C", function()
    local source = dir:write("hello.c", page:block "A plugin in C")
    local object = dir.path .. "/hello.so"
    assert(os.execute(("LD_PRELOAD= gcc -shared -fPIC -I/usr/include/lua5.4 '%s' -o '%s'"):format(source, object)))
    assert.same({ "hello from C\n", "", 0 }, { process.run({ "hello", "--plugin", object }, { env = env }) })
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
