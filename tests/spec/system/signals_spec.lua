local process = require "tests.support.process"

local function start(code)
  return process.start({ "-e", code .. " io.stdout:write('ready\\n') io.stdout:flush()" })
end

describe("lbhost.signals", function()
  it("runs a function in a task for each signal that was taken, and ends when it is given back", function()
    local run <close> = start [[
      local signals, task = require "lbhost.signals", require "liveblocks.task"
      for _, name in ipairs { "TERM", "HUP", "INT" } do
        signals.on(name, function(got)
          assert(task.in_task())
          io.stdout:write(got, ";") io.stdout:flush()
          signals.off(got)
        end)
      end]]
    run:wait_for("ready")
    for _, name in ipairs { "HUP", "INT", "TERM" } do
      run:signal(name)
      run:wait_for(name .. ";")
    end
    local out, err, status = run:wait()
    assert.equal("ready\nHUP;INT;TERM;", out)
    assert.equal("", err)
    assert.equal(0, status)
  end)

  it("interrupts what runs again once SIGINT was given back", function()
    local run <close> = start [[
      local signals = require "lbhost.signals"
      signals.on("INT", print)
      signals.off("INT")
      require("liveblocks.task").spawn(function() while true do end end)]]
    run:wait_for("ready")
    run:signal("INT")
    local _, err, status = run:wait()
    assert.equal("lbhost: interrupted\n", err)
    assert.equal(130, status)
  end)

  for what, code in pairs {
    ["the main chunk"] = "%s while true do end",
    ["a task"] = "require('liveblocks.task').spawn(function() %s while true do end end)",
    ["a task that catches errors"] = "require('liveblocks.task').run(function() %s while true do pcall(string.rep) end end)",
    ["a coroutine of the script"] = "coroutine.wrap(function() %s while true do end end)()",
    ["a coroutine inside a task"] =
      "require('liveblocks.task').run(function() coroutine.resume(coroutine.create(function() %s while true do end end)) end)",
  } do
    it("interrupts " .. what .. " that computes without end", function()
      local say = "io.stdout:write('ready\\n') io.stdout:flush()"
      local run <close> = process.start { "-e", code:format(say) }
      run:wait_for("ready")
      run:signal("INT")
      local _, err, status = run:wait()
      assert.equal("lbhost: interrupted\n", err)
      assert.equal(130, status)
    end)
  end

  it("resumes no other task once SIGINT has come", function()
    local run <close> = process.start { "-e", [[
      local task = require "liveblocks.task"
      task.spawn(function() io.stdout:write("ready\n") io.stdout:flush() while true do end end)
      task.spawn(function() print("too late") end)]] }
    run:wait_for("ready")
    run:signal("INT")
    local out, _, status = run:wait()
    assert.equal("ready\n", out)
    assert.equal(130, status)
  end)

  it("wakes the main chunk that waits for an event", function()
    local run <close> = start [[
      local signals, task = require "lbhost.signals", require "liveblocks.task"
      local stop = task.event()
      signals.on("TERM", function() stop:set() signals.off("TERM") end)
      require("liveblocks.task").spawn(function() stop:wait() print("stopped") end)]]
    run:wait_for("ready")
    run:signal("TERM")
    assert.equal("ready\nstopped\n", (run:wait()))
  end)

  it("reports a function that fails, and goes on", function()
    local run <close> = start [[
      local signals = require "lbhost.signals"
      signals.on("HUP", function() error("no configuration") end)
      signals.on("TERM", function() signals.off("HUP") signals.off("TERM") end)]]
    run:wait_for("ready")
    run:signal("HUP")
    run:signal("TERM")
    local _, err, status = run:wait()
    assert.matches("no configuration", err)
    assert.equal(1, status)
  end)

  it("names the signals that can be taken", function()
    local _, err, status = process.run { "-e", "require('lbhost.signals').on('KILL', print)" }
    assert.matches("INT, TERM, HUP, USR1, USR2, WINCH, CONT or PIPE expected", err)
    assert.equal(1, status)
  end)
end)
