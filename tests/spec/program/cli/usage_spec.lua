local process = require "tests.support.process"

local function run(...) return process.run({ ... }, { env = { COLUMNS = "76" } }) end

describe("what lbhost help shows of a command", function()
  it("has its sentences joined, so that they are wrapped at the width of the terminal", function()
    assert.matches("have ended;\nwith status 1 when one failed%. `lbhost FILE%.lua` and a first line\n", (run("help", "run")))
  end)

  it("is of an action of the command, where one is named", function()
    local text, err, status = run("queue", "list", "--help")
    assert.equal("", err)
    assert.equal(0, status)
    assert.equal("Usage: lbhost queue list", text:sub(1, 24))
    for _, part in ipairs { "List events, oldest first.", "--state STATE", "--limit N", "Environment:\n  XDG_STATE_HOME" } do
      assert.is_truthy(text:find(part, 1, true), part)
    end
    assert.equal(text, (run("help", "queue", "list")))
    assert.equal(text, (run("queue", "list", "--state", "parked", "--help")))
    assert.is_nil((run("queue", "show", "--help")):find("--state", 1, true))
  end)

  it("is of the whole command, where none is", function()
    local text = run("queue", "--help")
    assert.matches("^lbhost queue list|show|retry|drop|hosts", text)
    assert.equal(text, (run("help", "queue", "nothing")))
  end)
end)
