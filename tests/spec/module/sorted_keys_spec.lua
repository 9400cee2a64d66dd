require "liveblocks"
local sorted_keys = require "liveblocks.sorted_keys"

describe("sorted keys", function()
  it("are in the order of their bytes", function()
    assert.same({ "", "A", "a", "ab", "b", "é" }, sorted_keys { b = 1, a = 1, ["é"] = 1, A = 1, ab = 1, [""] = 1 })
    assert.same({}, sorted_keys {})
  end)

  it("may be of different types: each by its text", function()
    assert.same({ 1, 10, 2, "a", true }, sorted_keys { [10] = 1, a = 1, [2] = 1, [true] = 1, [1] = 1 })
  end)
end)
