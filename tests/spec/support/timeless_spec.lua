local check = require "tests.timeless"

describe("the lint of times in tests", function()
  local function refused(line, language)
    return #check("local a\n" .. line .. "\n", language or "lua") == 1
  end

  it("refuses to say how long something may take", function()
    for _, line in ipairs {
      "assert.is_true(core.now() - start < 2)", -- timed: samples
      "assert.is_true(socket.gettime() - self.began <= 0.5)", -- timed: a sample
      "assert.is_true(os.time() - start < 3)", -- timed: a sample
      "assert.is_true(3 > os.time() - start)", -- timed: a sample
      "assert.is_true(meta.seconds >= 0.9 and meta.seconds < 4)", -- timed: a sample
      "local cpu = os.clock()", -- timed: a sample
      "assert.is_true(longest < 0.3, longest)", -- timed: a sample
    } do
      assert.is_true(refused(line), line)
    end
    assert.is_true(refused("clock_gettime(CLOCK_MONOTONIC, &now);", "c"))
    assert.is_true(refused("getrusage(RUSAGE_SELF, &usage);", "c"))
  end)

  it("refuses a wait of its own, and what holds always", function()
    assert.is_true(refused "local till = core.now() + 5") -- timed: a sample
    assert.is_true(refused "assert.is_true(meta.seconds >= 0)") -- timed: a sample
    assert.is_true(refused "for _ = 1, 20 do core.step(nil, 0.01) end") -- timed: a sample
    assert.is_true(refused "  for _ = 1, 200 do\n    if came() then break end\n    task.sleep(0.005)\n  end")
  end)

  it("lets through what comes not before a time, dates, counts, and a line with a reason", function()
    for _, line in ipairs {
      "assert.is_true(core.now() - start >= 0.02)",
      "assert.is_true(meta.seconds >= 0.9)",
      "assert.equal(2, one:prune(os.time() + 10))",
      "assert.is_true(attempts < 20)",
      "for _ = 1, 20 do core.step() end",
      "for _ = 1, 20 do\n  core.step()\nend\ntask.sleep(0.01)",
      "-- assert.is_true(core.now() - start < 2)",
      "assert.is_true(core.now() - start < 2) -- timed: the clock is the test's own",
    } do
      assert.is_false(refused(line), line)
    end
    assert.is_false(refused("poll(&set, 1, timeout < 0 || timeout > 1000 ? 1000 : timeout);", "c"))
  end)

  it("names the line", function()
    assert.same({ { 3, "wait with tests/support/eventually.lua" } }, check("a\nb\nlocal till = now() + 1\nc", "lua")) -- timed: a sample
  end)
end)
