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
    local run = { migration = { name = "m" }, phase = "running", unit = "room", total = 2000, handled = 0, in_flight = 3,
      counts = { failed = 2 }, last_error = "room-1: two\nlines\tand \27[31mcolour", ended = function() return 500 end }
    local line = progress.start(run, true):line()
    assert.equal("m: 500 of 2,000 (25 %), 3 in flight, 2 failed, last error: room-1: two lines and  [31mcolour", line)
    run.phase, run.listed = "listing", 1234
    assert.matches("^m: listing: 1,234 rooms, 2 failed", progress.start(run, true):line())
  end)
end)
