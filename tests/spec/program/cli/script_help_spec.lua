local process = require "tests.support.process"

describe("help about a file that a command is given", function()
  local directory
  setup(function() directory = require("tests.support.directory").new() end)
  teardown(function() directory:remove() end)

  local function run(...)
    return process.run({ ... }, { cwd = directory.path,
      env = { COLUMNS = "80", XDG_STATE_HOME = directory.path, CHAT_WEBHOOK_URL = false } })
  end

  it("shows what a ready-made migration does, its options and an example", function()
    local out, err, status = run("migrate", "backup", "--help")
    assert.same({ "", 0 }, { err, status })
    assert.matches("^lbhost migrate backup\n\nWrites rooms into a directory: ", out)
    assert.matches("\n  lbhost migrate backup to=backup%-2026%-01 ", out)
    assert.matches("\n  to     string, required\n", out)
    assert.equal(out, (run("help", "migrate", "backup")))
    assert.equal(out, (run("migrate", "--dry-run", "backup", "-h")))
    for line in out:gmatch "[^\n]+" do assert.is_true(utf8.len(line) <= 80, line) end
  end)

  it("shows what a migration without a comment says of itself, with an example that has what is required", function()
    directory:write("own.lua", [[return { api = 1, about = "Does it.", ids = { "a" }, each = function() end, options = {
      to = { type = "string", required = true, about = "where to" }, kinds = { type = "list", default = { "a", "b" } },
      shape = { type = "json", default = { x = 1 } } } }]])
    assert.same({ [[
lbhost migrate own.lua

Does it.

Options, NAME=VALUE after the file:
  kinds  list, default a, b
  shape  json, default {"x":1}
  to     string, required: where to

Example:
  lbhost migrate own.lua to=...

lbhost migrate --help shows the options of the command.
]], "", 0 }, { run("migrate", "own.lua", "--help") })
  end)

  it("sends nothing, and says what is wrong with a file", function()
    local _, err, status = run("migrate", "bakup", "--help")
    assert.equal(2, status)
    assert.matches("did you mean 'backup'?", err, 1, true)
    directory:write("script.lua", "require('liveblocks').new { secret = 'sk_x' }:get_rooms()")
    _, err, status = run("migrate", "script.lua", "--help")
    assert.equal(2, status)
    assert.matches("script.lua calls get_rooms while it is loaded", err, 1, true)
  end)

  it("shows the options of a handler file, also when a required one is not given", function()
    local out, err, status = run("serve", "chat", "--help")
    assert.same({ "", 0 }, { err, status })
    assert.matches("\nOptions, plugins.chat in the configuration file:\n", out, 1, true)
    assert.matches("\n  url         string, required, or CHAT_WEBHOOK_URL in the environment", out, 1, true)
  end)

  it("is that of the command where no file is named", function()
    assert.equal((run("help", "migrate")), (run("migrate", "--dry-run", "--help")))
    assert.equal((run("help", "serve")), (run("serve", "--port", "1", "--help")))
  end)
end)
