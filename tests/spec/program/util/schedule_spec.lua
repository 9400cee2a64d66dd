local schedule = require "lbhost.util.schedule"

describe("lbhost.util.schedule", function()
  it("reads intervals and times of the day", function()
    assert.same({ every = 30 }, schedule.parse "30s")
    assert.same({ every = 900 }, schedule.parse "15m")
    assert.same({ every = 86400 }, schedule.parse "1d")
    assert.same({ at = 8 * 3600 + 30 * 60 }, schedule.parse "08:30")
    for _, text in ipairs { "", "15", "m", "0s", "1.5h", "-1m", "24:00", "8:30", "08:60", "99999999999999999999d" } do
      local parsed, reason = schedule.parse(text)
      assert.is_nil(parsed, text)
      assert.is_string(reason)
    end
  end)

  it("is due at whole multiples, whenever the program was started", function()
    assert.equal(900, schedule.next({ every = 900 }, 0))
    assert.equal(900, schedule.next({ every = 900 }, 899.9))
    assert.equal(1800, schedule.next({ every = 900 }, 900))
    local at = schedule.parse "08:30"
    assert.equal(30600, schedule.next(at, 0))
    assert.equal(30600 + 86400, schedule.next(at, 30600))
  end)
end)
