local series = require "lbhost.web.series"

describe("what happened in each minute", function()
  local now, one
  before_each(function()
    now = 1000 * 60
    one = series.new(function() return now end)
  end)

  it("is summed by name, the minute that runs last", function()
    one:add("a", 1)
    one:add("a", 2)
    now = now + 60
    one:add("a", 5)
    one:add("b", 7)
    local values = one:values "a"
    assert.equal(60, #values)
    assert.same({ 0, 3, 5 }, { values[58], values[59], values[60] })
    assert.equal(8, one:sum "a")
    assert.equal(7, one:sum "b")
    assert.equal(0, one:sum "c")
  end)

  it("is forgotten after an hour", function()
    one:add("a", 1)
    now = now + 59 * 60
    assert.equal(1, one:sum "a")
    now = now + 60
    assert.equal(0, one:sum "a")
    one:add("a", 1)
    local kept = 0
    for _ in pairs(one.rows) do kept = kept + 1 end
    assert.equal(1, kept)
  end)

  it("is forgotten when it lies in the future, because the clock was set", function()
    one:add("a", 1)
    now = now - 3600 * 5
    assert.equal(0, one:sum "a")
    one:add("a", 2)
    assert.equal(2, one:sum "a")
  end)
end)
