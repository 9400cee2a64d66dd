-- What docs/embedding-c.md shows, compiled without a warning and run.
local c_compiler = require "tests.support.c_compiler"
local documentation = require "tests.support.documentation"
local folder = require "tests.support.folder"

local page = documentation.page "docs/embedding-c.md"

local CREATE = "lb_loop *loop; lb_client *client; lb_loop_create(&loop);\n"
  .. "lb_client_create(loop, &(lb_options){ LB_OPTIONS_INIT }, &client, NULL);\n"
local DESTROY = "lb_client_destroy(client); lb_loop_destroy(loop);\n"

describe("docs/embedding-c.md shows", function()
  local srv, environment
  setup(function()
    srv = require("tests.support.client").server()
    environment = "LIVEBLOCKS_SECRET_KEY=sk_c LIVEBLOCKS_BASE_URL=" .. srv.url
  end)
  teardown(function() srv:stop() end)

  it("a blocking call", function()
    local dir <close> = folder.new()
    local said = c_compiler.run(dir, "client", "", page:block "A blocking call", environment)
    assert.equal('{"data":[],"nextCursor":null}\n', said)
  end)

  it("a call that does not block", function()
    local dir <close> = folder.new()
    local said = c_compiler.run(dir, "client", page:block "Calls that do not block",
      CREATE .. "run(loop, client);\n" .. DESTROY, environment)
    assert.equal('{"data":[],"nextCursor":null}\n', said)
  end)

  it("calls from C++", function()
    local dir <close> = folder.new()
    local said = c_compiler.run(dir, "cplusplus", "", page:block "C++", environment)
    assert.equal("cannot read the file 'document.bin': No such file or directory\n", said)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
