local javascript = require "lbhost.local.rules.javascript"
local seed = require "tests.support.seed"

describe("JavaScript's strings and numbers", function()
  it("are written in its form", function()
    for expected, x in pairs {
      ["0"] = -0.0, ["1"] = 1.0, ["-1.5"] = -1.5, ["100"] = 100, ["0.1"] = 0.1, ["12.25"] = 12.25, ["0.000001"] = 1e-6, ["1e-7"] = 1e-7,
      ["1.25e-7"] = 1.25e-7, ["-0.0000125"] = -1.25e-5, ["100000000000000000000"] = 1e20, ["1e+21"] = 1e21,
      ["123456789012345680000"] = 123456789012345678901, ["1.2345678901234568e+29"] = 1.2345678901234568e29,
      ["9007199254740992"] = 9007199254740993, ["9223372036854776000"] = math.maxinteger, ["5e-324"] = 5e-324,
      ["1.7976931348623157e+308"] = 1.7976931348623157e308, ["null"] = math.huge,
    } do
      assert.equal(expected, javascript.number(x))
    end
    assert.equal("null", javascript.number(0 / 0))
  end)

  it("give back every number", function()
    seed.start()
    for _ = 1, 20000 do
      local x = string.unpack("d", string.pack("i8", math.random(0)))
      if x - x == 0 then assert.equal(x, tonumber(javascript.number(x)) + 0.0) end
      x = math.random(-10 ^ 6, 10 ^ 6) / 10 ^ math.random(0, 12)
      assert.equal(x, tonumber(javascript.number(x)) + 0.0)
    end
  end)

  it("count units of UTF-16", function()
    for text, length in pairs { [""] = 0, a = 1, ["é"] = 1, ["\u{FFFF}"] = 1, ["\u{10000}"] = 2, ["a😀é"] = 4, ["\xff\xf0"] = 2 } do
      assert.equal(length, javascript.length(text))
    end
  end)
end)
