-- What README.md shows, run.
local c_compiler = require "tests.support.c_compiler"
local documentation = require "tests.support.documentation"
local directory = require "tests.support.directory"

local page = documentation.page "README.md"

describe("README.md shows", function()
  local dir
  setup(function() dir = directory.new() end)
  teardown(function() dir:remove() end)

  it("a first script that works", function()
    dir:write("rooms.lua", page:block("A first script", 1))
    local srv = require("tests.support.client").server()
    for i = 2, 3 do
      for _, shown in ipairs(documentation.commands(page:block("A first script", i))) do
        assert.same({ "", 0 }, { documentation.run(shown.command, { cwd = dir.path,
          env = { LIVEBLOCKS_SECRET_KEY = "sk_readme", LIVEBLOCKS_BASE_URL = srv.url } }) }, shown.command)
      end
    end
    srv:stop()
  end)

  it("for each user a use that works", function()
    local blocks = page:section "What it is for"
    assert.equal(5, #blocks)
    dir:write("use.lua", "local liveblocks = require 'liveblocks'\n" .. blocks[1]
      .. "print(client:get_storage_document('plan', { format = 'json' }).title)")
    assert.same({ "Plan\n", 0 }, { documentation.run("lbhost --local run use.lua", { cwd = dir.path }) })

    local starter, secret, serve = blocks[2]:match "^([^\n]*)\n([^\n]*)\n([^\n]*)\n$"
    assert.same({ "export LIVEBLOCKS_WEBHOOK_SECRET", "lbhost serve greet.lua" }, { secret:match "^[^=]+", serve:match "^%S+ %S+ %S+" })
    local out, status = documentation.run(starter .. "\nlbhost --plugin ./greet.lua plugins greet", { cwd = dir.path })
    assert.equal(0, status, out)

    out, status = documentation.run(blocks[3], { cwd = dir.path })
    assert.equal(0, status, out)

    c_compiler.compile(dir, "lb_client *client; lb_response *response; lb_error error;\n"
      .. "void frame(void);\nvoid frame(void) {\n" .. blocks[4] .. "}\n")

    out, status = documentation.run(blocks[5], { cwd = dir.path })
    assert.equal(0, status, out)
  end)

  it("nothing that is not tested", function()
    page:exclude("", 1, "./dev test would run itself")
    assert.same({}, page:untested())
  end)

  it("the number of operations that there are", function()
    local count = #require("liveblocks").endpoints()
    assert.is_truthy(page.text:find(count .. " operations", 1, true), count)
  end)
end)
