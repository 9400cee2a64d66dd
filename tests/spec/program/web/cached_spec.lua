local cached = require "lbhost.web.cached"
local eventually = require "tests.support.eventually"
local task = require "liveblocks.task"

describe("a value that is found out while somebody asks for it", function()
  it("is kept for a while, and found out again when it was changed", function()
    local found = 0
    local one = cached.new(function()
      found = found + 1
      return found
    end, 3600)
    assert.same({ 1, 1 }, { (one:get()), (one:get()) })
    one:forget()
    assert.equal(2, (one:get()))
  end)

  it("is the last one, with what is wrong in words, when it cannot be found out", function()
    local fails = false
    local one = cached.new(function()
      if fails then error("the disk is full", 0) end
      return "value"
    end, 0)
    one:get()
    fails = true
    one:forget()
    assert.same({ "value", "the disk is full" }, { one:get() })
    fails = false
    one:forget()
    assert.same({ "value" }, { one:get() })
  end)

  it("is waited for a moment alone, when it takes longer", function()
    local waits = true
    local one = cached.new(function()
      while waits do task.sleep(0.01) end
      return "late"
    end)
    local value, problem = one:get()
    assert.is_nil(value)
    assert.matches("^there is no response for %d+ s$", problem)
    waits = false
    eventually(function() return one:get() == "late" end)
  end)
end)
