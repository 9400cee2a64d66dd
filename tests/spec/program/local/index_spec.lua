local index = require "lbhost.local.index"
local seed = require "tests.support.seed"

-- All records of an iterator, by their names.
local function names(iterator)
  local list = {}
  for record in iterator do list[#list + 1] = record.name end
  return list
end

describe("the ordered index", function()
  it("iterates in both directions, from the ends and from any position", function()
    local list = index.new()
    local records = {}
    for i = 1, 5 do
      records[i] = { name = "r" .. i, created = i < 4 and 10 or 20, seq = i }
      list:insert(records[i])
    end
    assert.same({ "r5", "r4", "r3", "r2", "r1" }, names(list:newest()))
    assert.same({ "r1", "r2", "r3", "r4", "r5" }, names(list:oldest()))
    assert.same({ "r2", "r1" }, names(list:newest(10, 3)))
    assert.same({ "r4", "r5" }, names(list:oldest(10, 3)))
    assert.same({ "r3", "r2", "r1" }, names(list:newest(15, 0)))
    assert.same({ "r4", "r5" }, names(list:oldest(15, 0)))
    assert.same({}, names(list:newest(0, 0)))
    assert.same({}, names(list:oldest(99, 0)))
    assert.equal(5, list:count())
  end)

  it("takes a record once and knows whether it was there", function()
    local list, record = index.new(), { created = 1, seq = 1 }
    list:insert(record)
    list:insert(record)
    assert.equal(1, list:count())
    assert.is_false(list:remove { created = 1, seq = 1 })
    assert.is_true(list:remove(record))
    assert.is_false(list:remove(record))
    assert.same({}, names(list:newest()))
  end)

  it("is as a sorted list after thousands of random changes", function()
    seed.start()
    local list, held = index.new(function(record) return record.a, record.b end), {}
    for step = 1, 6000 do
      if #held > 0 and math.random(5) <= 2 then
        local record = table.remove(held, math.random(#held))
        assert.is_true(list:remove(record))
      else
        local record = { a = math.random(-50, 50), b = step, name = step }
        list:insert(record)
        held[#held + 1] = record
      end
      if step % 500 == 0 then
        table.sort(held, function(x, y) return x.a < y.a or (x.a == y.a and x.b < y.b) end)
        local a, b = math.random(-50, 50), math.random(step)
        local behind, before = {}, {}
        for _, record in ipairs(held) do
          if record.a > a or (record.a == a and record.b > b) then behind[#behind + 1] = record.name end
          if record.a < a or (record.a == a and record.b < b) then table.insert(before, 1, record.name) end
        end
        assert.same(behind, names(list:oldest(a, b)))
        assert.same(before, names(list:newest(a, b)))
        assert.equal(#held, list:count())
      end
    end
  end)
end)
