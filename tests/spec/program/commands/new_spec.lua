local directory = require "tests.support.directory"
local process = require "tests.support.process"
local serve = require "tests.support.serve"

describe("lbhost new", function()
  local home
  before_each(function() home = directory.new() end)
  after_each(function() home:remove() end)
  local function lbhost(...) return process.run({ ... }, { cwd = home.path, env = { HOME = home.path } }) end

  it("writes a plugin that runs", function()
    local out, err, status = lbhost("new", "plugin", "my-plugin")
    assert.equal(0, status, err)
    assert.matches("^wrote my%-plugin.lua\n", out)
    assert.equal("hello, world\n", (lbhost("--plugin", "my-plugin.lua", "my-plugin", "world")))
  end)

  it("writes a webhook handler that runs", function()
    local srv <close> = require("tests.support.server").start()
    assert.equal(0, select(3, lbhost("new", "webhook", "my-webhook")))
    local s = serve.start { files = { [home.path .. "/my-webhook.lua"] = true },
      env = { LIVEBLOCKS_BASE_URL = srv.url } }
    assert.equal(200, (s:event("msg_1", "commentCreated", { threadId = "th_1", commentId = "cm_1" })))
    s:wait_for "a comment"
    assert.equal("/v2/rooms/r/threads/th_1/comments/cm_1", srv:log()[1].path)
    assert.same({ 200, '{"events":1}' }, { s:get "/status" })
    s.process:stop()
  end)

  it("writes a migration that runs", function()
    assert.equal(0, select(3, lbhost("new", "migration", "my-migration")))
    home:write("seed.lua", [[
      local client = require("liveblocks").new()
      client:create_room { id = "b1", defaultAccesses = {}, metadata = { type = "board" } }
      client:initialize_storage_document("b1", { liveblocksType = "LiveObject", data = {} })]])
    local out, err, status = lbhost("--local", "migrate", "my-migration.lua", "--seed", "seed.lua", "--dry-run")
    assert.equal(0, status, err)
    assert.matches("+ /version  1", out, 1, true)
    out, err, status = lbhost("--local", "migrate", "my-migration.lua", "--seed", "seed.lua")
    assert.equal(0, status, err)
    assert.matches("1 good, 0 bad", out .. err, 1, true)
  end)

  it("never writes over a file, and says what it does not understand", function()
    home:write("x.lua", "mine")
    local _, err, status = lbhost("new", "webhook", "x")
    assert.equal("lbhost: nothing was written: x.lua: File exists\n", err)
    assert.equal(2, status)
    assert.equal("mine", home:read "x.lua")
    for arguments, expected in pairs {
      [{ "new" }] = "needs a kind", [{ "new", "webhok", "x" }] = "did you mean 'webhook'",
      [{ "new", "plugin" }] = "needs a name", [{ "new", "plugin", "a b" }] = "is not a valid name for a plugin",
      [{ "new", "plugin", "a", "b" }] = "one argument too many",
    } do
      _, err, status = lbhost(table.unpack(arguments))
      assert.matches(expected, err, 1, true)
      assert.equal(2, status)
    end
  end)
end)
