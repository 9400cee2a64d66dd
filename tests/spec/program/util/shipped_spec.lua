local process = require "tests.support.process"
local shipped = require "lbhost.util.shipped"

describe("ready-made scripts", function()
  it("are found by their names", function()
    assert.matches("/migrations/backup%.lua$", shipped.resolve("backup", { "migrations" }))
    assert.matches("/webhooks/chat%.lua$", shipped.resolve("chat", { "webhooks", "notifications" }))
    assert.equal("./backup", shipped.resolve("./backup", { "migrations" }))
    assert.equal("none.lua", shipped.resolve("none.lua", { "migrations" }))
    local ok, err = pcall(shipped.resolve, "bakup", { "migrations" })
    assert.is_false(ok)
    assert.matches("did you mean 'backup'?", tostring(err), 1, true)
  end)

  it("are taken by migrate and serve", function()
    local directory <close> = require("tests.support.directory").new()
    local arguments = { "--local", "migrate", "backup", "to=" .. directory.path .. "/archive" }
    local out, err, status = process.run(arguments, { cwd = directory.path })
    assert.equal(0, status, err)
    assert.matches("^backup: ", out)
    local _, problem, refused = process.run({ "serve", "caht" }, { cwd = directory.path, env = { XDG_STATE_HOME = directory.path } })
    assert.equal(2, refused)
    assert.matches("no ready-made script of that name; did you mean 'chat'?", problem, 1, true)
  end)
end)
