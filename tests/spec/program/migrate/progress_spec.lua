local progress = require "lbhost.migrate.progress"

describe("the progress of a migration", function()
  it("writes numbers and durations for people", function()
    assert.same({ "0", "999", "1,000", "1,234,567" }, { progress.number(0), progress.number(999), progress.number(1000),
      progress.number(1234567) })
    assert.same({ "0 s", "59 s", "1 min 0 s", "59 min 59 s", "1 h 0 min", "27 h 46 min" }, { progress.duration(0.2),
      progress.duration(59), progress.duration(60), progress.duration(3599), progress.duration(3600),
      progress.duration(100000) })
  end)

  it("is one line, whatever the last error holds", function()
    local status = { name = "m", phase = "running", unit = "room", total = 2000, handled = 0, in_flight = 3, ended = 500,
      failed = 2, last_error = "room-1: two\nlines\tand \27[31mcolour" }
    local function line() return progress.start(function() return status end, { quiet = true }):line() end
    assert.equal("m: 500 of 2,000 (25 %), 3 in flight, 2 failed, last error: room-1: two\\nlines\\tand \\x1b[31mcolour", line())
    status.paused = true
    assert.matches("3 in flight, paused, 2 failed", line())
    status.phase, status.listed = "listing", 1234
    assert.matches("^m: listing: 1,234 rooms, paused, 2 failed", line())
  end)
end)
