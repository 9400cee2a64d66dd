local completion = require "lbhost.cli.completion"
local process = require "tests.support.process"

local function candidates(...)
  local arguments = { ... }
  return completion.candidates(table.move(arguments, 1, #arguments - 1, 1, {}), arguments[#arguments])
end

describe("completion", function()
  it("knows commands, options, calls, fields, events and topics", function()
    assert.same({ "send", "serve" }, candidates "se")
    assert.same({ "--secret-file" }, candidates "--sec")
    assert.same({ "create_room" }, candidates("call", "create_roo"))
    assert.same({ "metadata=" }, candidates("call", "create_room", "met"))
    assert.same({ "commentCreated" }, candidates("send", "commentCr"))
    assert.same({ "list" }, candidates("queue", "li"))
    assert.same({ "--state", "--store" }, candidates("queue", "list", "--st"))
    assert.same({ "--log", "--log-handled", "--log-level" }, candidates("serve", "--log"))
    assert.same({ "storage.open" }, candidates("help", "storage.op"))
    assert.same({ "backup" }, candidates("migrate", "--dry-run", "ba"))
    assert.same({ "query=", "to=" }, candidates("migrate", "backup", ""))
    assert.same({ "chat" }, candidates("serve", "cha"))
    assert.same({ "run" }, candidates("--local", "-v", "ru"))
    assert.same({}, candidates("nonesuch", ""))
  end)

  it("works in bash", function()
    local directory <close> = require("tests.support.directory").new()
    local script = directory:write("try.sh", ([[
      PATH="$(dirname '%s'):$PATH"
      source <(lbhost completion bash)
      COMP_WORDS=(lbhost call create_roo) COMP_CWORD=2
      _lbhost
      echo "${COMPREPLY[*]}"
    ]]):format(process.program))
    local pipe = io.popen(("env -u LD_PRELOAD -u LUA_PATH -u LUA_CPATH bash '%s' 2>&1"):format(script))
    assert.equal("create_room\n", pipe:read "a")
    pipe:close()
  end)

  it("prints a script for each shell, and names them", function()
    for _, shell in ipairs { "bash", "zsh", "fish" } do
      local out, err, status = process.run { "completion", shell }
      assert.same({ "", 0 }, { err, status })
      assert.matches("completion %-%-words", out)
    end
    local _, err, status = process.run { "completion", "bsh" }
    assert.equal(2, status)
    assert.matches("did you mean 'bash'?", err, 1, true)
  end)
end)
