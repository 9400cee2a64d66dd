local liveblocks = require "liveblocks"
local task = require "liveblocks.task"
local wait_within = require "lbhost.util.event_timeout"

local function in_task(fn) return function() task.run(fn) end end

describe("waiting for an event", function()
  it("ends when it is set", in_task(function()
    local event, order = task.event(), {}
    task.spawn(function() order[1] = "set" event:set() end)
    wait_within(event, 60)
    assert.same({ "set" }, order)
  end))

  it("ends when the time has passed, with the event set", in_task(function()
    local event = task.event()
    wait_within(event, 0.01)
    event:wait()
  end))

  it("ends at once when it is set already, and leaves nothing that waits", function()
    local before = liveblocks.pending()
    task.run(function()
      local event = task.event()
      event:set()
      wait_within(event, 3600)
    end)
    liveblocks.step() -- what was cancelled ends
    assert.equal(before, liveblocks.pending())
  end)

  it("can be cancelled", in_task(function()
    local one = task.spawn(wait_within, task.event(), 3600)
    task.sleep(0)
    one:cancel()
    assert.is_false((pcall(one.wait, one)))
  end))
end)
