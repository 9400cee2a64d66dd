if os.getenv "LBHOST_TEST_GC" then collectgarbage("incremental", 1, 1000) end
local liveblocks = require "liveblocks"
local json = liveblocks.json

local function same(a, b)
  if math.type(a) ~= math.type(b) or type(a) ~= type(b) then return false end
  if type(a) == "table" then
    if json.is_array(a) ~= json.is_array(b) then return false end
    for k, v in pairs(a) do if not same(v, b[k]) then return false end end
    for k in pairs(b) do if a[k] == nil then return false end end
    return true
  end
  return a == b and (a ~= 0 or 1 / a == 1 / b)
end

describe("the JSON codec", function()
  it("gives back what it was given", function()
    for _, text in ipairs { "[]", "{}", '{"a":[],"b":{}}', "9223372036854775807", "-9223372036854775808", "1.0", "-0.0",
      "1e-308", "0.1", "12345678901234567", "0.30000000000000004", "1e300", '"\\u0000"', '"\\ud83d\\ude00"', "[null,true,false]",
      "4.35", "123456.789", "1e22", "5e-324", "1.7976931348623157e308", "-1.5" } do
      local value = json.decode(text)
      assert.is_true(same(value, json.decode(json.encode(value))), text)
    end
  end)

  it("keeps integers, floats and the sign of zero apart", function()
    assert.equal("integer", math.type(json.decode("1")))
    assert.equal("float", math.type(json.decode("1.0")))
    assert.equal("float", math.type(json.decode("9223372036854775808")))
    assert.equal(-math.huge, 1 / json.decode("-0"))
    assert.equal("1.0", json.encode(1.0))
    assert.equal("-0.0", json.encode(-0.0))
  end)

  it("survives random doubles", function()
    math.randomseed(7)
    for _ = 1, os.getenv "LBHOST_TEST_GC" and 2000 or 100000 do
      local x = string.unpack("d", string.pack("i8", math.random(0)))
      if x == x and x ~= math.huge and x ~= -math.huge then assert(json.decode(json.encode(x)) == x) end
      local y = math.random(-10 ^ 6, 10 ^ 6) / 10 ^ math.random(0, 8)
      assert(json.decode(json.encode(y)) == y)
    end
  end)

  it("takes 1,000 levels and not 1,001", function()
    local deep = ("["):rep(1000) .. ("]"):rep(1000)
    assert.equal(deep, json.encode(json.decode(deep)))
    assert.is_false((pcall(json.decode, "[" .. deep .. "]")))
    assert.is_false((pcall(json.encode, { json.decode(deep) })))
  end)

  it("names the path of what it refuses", function()
    local cycle = {}
    cycle.a = { cycle }
    for _, case in ipairs {
      { { a = { b = { 1, 0 / 0 } } }, "$.a.b[2]: NaN" }, { { x = math.huge }, "$.x: infinity" }, { { "\255" }, "$[1]: invalid UTF-8" },
      { { a = { 1, nil, 3 } }, "$.a: a list with holes" }, { { 1, x = 2 }, "named keys" }, { { f = print }, "$.f: a function" },
      { { [true] = 1 }, "a key of type boolean" }, { cycle, "a cycle" },
    } do
      local ok, message = pcall(json.encode, case[1])
      assert.is_false(ok)
      assert.matches(case[2], message, 1, true)
    end
    for text, expected in pairs { ['{"data":{"items":[1,2,x]}}'] = "$.data.items[2]", ['{"a":"\255"}'] = "$.a: invalid UTF-8",
      ["[1] x"] = "more text" } do
      local _, message = json.try_decode(text)
      assert.matches(expected, message, 1, true)
    end
  end)

  it("refuses what RFC 8259 does not allow", function()
    for _, text in ipairs { "", " ", "[1,]", "[,1]", "{,}", '{"a":1,}', "{a:1}", "{'a':1}", "01", "-", "1.", ".5", "1e", "+1", "0x1",
      "NaN", "Infinity", "nul", "tru", "[1", '{"a"', '"a', '"\\x"', '"\\u12"', '"\\ud800"', '"\\udc00"', '"\1"', "\239\187\191[]",
      "[] []", "// x", "1e999", '"\192\128"', '"\237\160\128"', '"\244\144\128\128"', "[1 2]", '{"a" 1}', "]", "}", "-01", "--1" } do
      assert.is_nil((json.try_decode(text)), text)
      assert.is_string((select(2, json.try_decode(text))), text)
    end
  end)

  it("uses the null of cjson", function()
    assert.equal(require("cjson").null, liveblocks.null)
    assert.equal("null", json.encode(liveblocks.null))
  end)
end)
