local timers = require "lbhost.local.timers"

describe("timers", function()
  local now, list, ran
  before_each(function()
    now, ran = 0, {}
    list = timers.new(function() return now end)
  end)
  local function note(name) ran[#ran + 1] = name end

  it("run when they are due, in the order of their times and then of their making", function()
    list:at(20, note, "c")
    list:at(10, note, "a")
    list:at(10, note, "b")
    assert.equal(10, list:next())
    list:run()
    assert.same({}, ran)
    now = 15
    list:run()
    assert.same({ "a", "b" }, ran)
    now = 20
    list:run()
    assert.same({ "a", "b", "c" }, ran)
    assert.is_nil(list:next())
  end)

  it("may set and cancel others while they run", function()
    local later = list:at(10, note, "never")
    list:at(5, function()
      list:cancel(later)
      list:at(6, note, "at once")
      list:at(99, note, "later")
    end)
    now = 50
    list:run()
    assert.same({ "at once" }, ran)
    list:cancel(later)
    list:cancel(nil)
    assert.equal(99, list:next())
  end)

  it("report when one is set that is due before all others", function()
    local calls = 0
    list.on_sooner = function() calls = calls + 1 end
    list:at(10, note, "a")
    list:at(20, note, "b")
    list:at(5, note, "c")
    assert.equal(2, calls)
  end)
end)
