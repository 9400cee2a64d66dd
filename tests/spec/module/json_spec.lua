if os.getenv "LBHOST_TEST_GC" then collectgarbage("incremental", 1, 1000) end
local liveblocks = require "liveblocks"
local json = liveblocks.json
local seed = require "tests.support.seed"

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

local cases = dofile "tests/data/json/cases.lua"
local collecting = os.getenv "LBHOST_TEST_GC"

--- With a collector that runs at every step, all texts would take minutes and show nothing new.
local function each(group)
  local rows = {}
  for i, row in ipairs(cases[group]) do
    if not collecting or (#row[2] < 600 and i % 4 == 1) then rows[#rows + 1] = row end
  end
  return ipairs(rows)
end

--- A random value; floats are any bit pattern that is a number.
local function random_value(depth)
  local kind = math.random(depth > 0 and 9 or 6)
  if kind == 1 then return json.null end
  if kind == 2 then return math.random(2) == 1 end
  if kind == 3 then return math.random(0) >> math.random(0, 63) end
  if kind == 4 then
    local x = string.unpack("d", string.pack("i8", math.random(0)))
    return x - x == 0 and x or 0.5
  end
  if kind <= 6 then
    local characters = {}
    for i = 1, math.random(0, 40) do
      characters[i] = utf8.char(math.random(4) > 1 and math.random(0, 127) or math.random(0xE000, 0x10FFFF))
    end
    return table.concat(characters)
  end
  local value = kind == 7 and json.array {} or {}
  for i = 1, math.random(0, 8) do
    value[kind == 7 and i or "k" .. math.random(0, 20)] = random_value(depth - 1)
  end
  return value
end

describe("the JSON codec", function()
  it("accepts the accepted texts of the conformance set, and writes them back", function()
    for _, case in each "accepted" do
      local value, message = json.try_decode(case[2])
      assert(value ~= nil, case[1] .. ": " .. tostring(message))
      local text = json.encode(value)
      if case[3] then assert.equal(case[3], text, case[1]) end
      assert.is_true(same(value, json.decode(text)), case[1])
      assert.is_true(same(value, json.decode(json.encode(value, { pretty = true }))), case[1])
    end
  end)

  it("refuses the refused texts of the conformance set, and says where", function()
    for _, case in each "refused" do
      local value, message = json.try_decode(case[2])
      assert(value == nil, case[1])
      assert.matches("^%$.*: .* at byte %d+$", message, 1, false)
    end
  end)

  it("survives what the RFC leaves open", function()
    for _, case in each "either" do
      local value = json.try_decode(case[2])
      if value ~= nil then assert.is_true(same(value, json.decode(json.encode(value))), case[1]) end
    end
  end)

  it("gives back random values", function()
    local number = seed.start()
    for _ = 1, collecting and 30 or 300 do
      local value = random_value(5)
      assert.is_true(same(value, json.decode(json.encode(value))), "seed " .. number)
      assert.is_true(same(value, json.decode(json.encode(value, { pretty = true }))), "seed " .. number)
    end
  end)

  it("agrees with lua-cjson on what both can read", function()
    local cjson = require "cjson"
    local function like(a, b)
      if type(a) == "number" and type(b) == "number" then return a + 0.0 == b + 0.0 end
      if type(a) ~= "table" or type(b) ~= "table" then return a == b end
      for k, v in pairs(a) do if not like(v, b[k]) then return false end end
      for k in pairs(b) do if a[k] == nil then return false end end
      return true
    end
    for _, case in each "accepted" do
      local ok, theirs = pcall(cjson.decode, case[2])
      if ok then assert.is_true(like(json.decode(case[2]), theirs), case[1]) end
    end
  end)

  it("prints the fewest digits that read back", function()
    for _, row in ipairs { { 19.99, "19.99" }, { 0.1, "0.1" }, { 100.25, "100.25" }, { 1e23, "1e+23" }, { 5e-324, "5e-324" },
      { 1e16, "10000000000000000.0" }, { 1e17, "1e+17" }, { 0.00001, "0.00001" }, { 1e-6, "1e-6" }, { 1.5e300, "1.5e+300" },
      { 2.0 ^ 53, "9007199254740992.0" }, { 0.1 + 0.2, "0.30000000000000004" }, { -2.5, "-2.5" } } do
      assert.equal(row[2], json.encode(row[1]))
    end
  end)

  it("sorts the keys of pretty text and refuses unknown options", function()
    assert.equal('{\n  "a": [],\n  "b": [\n    1,\n    {}\n  ],\n  "c": 2\n}',
      json.encode({ c = 2, a = json.array {}, b = { 1, {} } }, { pretty = true }))
    assert.has_error(function() json.encode({}, { prety = true }) end)
  end)

  it("reads objects that begin alike and differ in size, and takes the last of equal keys", function()
    local fields = {}
    for i = 1, 100 do fields[i] = ('"key%d":%d'):format(i, i) end
    local large = '{"kind":0,' .. table.concat(fields, ",") .. "}"
    local list = json.decode("[" .. large .. ',{"kind":1},' .. large .. ',{"kind":2,"kind":{"kind":3},"a":4}]')
    assert.same({ kind = 1 }, list[2])
    assert.same({ kind = { kind = 3 }, a = 4 }, list[4])
    for _, i in ipairs { 1, 3 } do
      assert.equal(0, list[i].kind)
      for n = 1, 100 do assert.equal(n, list[i]["key" .. n]) end
    end
    json.decode(large)
    collectgarbage()
    local before = collectgarbage("count")
    list = json.decode("[" .. ('{"kind":1},'):rep(300) .. "0]")
    collectgarbage()
    assert.is_true(collectgarbage("count") - before < 100, "small objects have room for a large one")
    assert.equal(301, #list)
  end)

  it("reads each key as it is written, whichever keys came behind the one before in earlier objects", function()
    local number = seed.start()
    local words = {} -- many that begin alike, of all lengths that are remembered and longer ones
    for i = 1, 400 do words[i] = ("abcdefghijklmnopqrstuvwxyz0123456789"):sub(1, 1 + i % 36) .. (i % 7 == 0 and "" or i % 13) end
    for _ = 1, 3000 do
      local from, want, parts = math.random(#words), {}, {}
      for i = 0, math.random(0, 6) do
        local key = words[(from + i * math.random(0, 2)) % #words + 1]
        want[key] = i
        parts[#parts + 1] = ('"%s":%d'):format(key, i)
      end
      local text = "{" .. table.concat(parts, ",") .. "}"
      assert.is_true(same(want, json.decode(text)), text .. ", seed " .. number)
      assert.is_nil((json.try_decode(text:sub(1, math.random(#text - 1)))))
    end
  end)

  it("keeps an empty array apart from an empty object", function()
    assert.equal("[]", json.encode(json.array {}))
    assert.equal("[]", json.encode(json.array()))
    assert.equal("{}", json.encode {})
    assert.equal("{}", json.encode(json.object()))
    assert.is_true(json.is_array(json.decode "[]"))
    assert.is_false(json.is_array(json.decode "{}"))
    assert.is_nil(getmetatable(json.decode "{}"))
  end)

  it("writes a list whose keys are stored out of order", function()
    local list = {}
    for i = 40, 1, -1 do list[i] = i end
    assert.equal("[1,2,3]", json.encode(json.decode "[1,2,3]"))
    local expected = {}
    for i = 1, 40 do expected[i] = i end
    assert.equal("[" .. table.concat(expected, ",") .. "]", json.encode(list))
  end)

  it("runs no metamethods", function()
    local function trap() error "a metamethod ran" end
    local value = setmetatable({ a = 1 }, { __index = trap, __pairs = trap, __len = trap, __tostring = trap, __name = "x" })
    assert.equal('{"a":1}', json.encode(value))
  end)

  it("writes keys that are no identifiers in brackets, and cuts long paths", function()
    local _, message = json.try_decode '{"a b":[{"x\\"y":!}]}'
    assert.matches([=[$["a b"][0]["x\"y"]: a value expected]=], message, 1, true)
    local _, deep = json.try_decode(("["):rep(900) .. "x")
    assert.matches("^%$%.%.%.%[0%]", deep)
    assert.is_true(#deep < 256)
    _, deep = pcall(json.encode, { [("k"):rep(1000)] = { print } })
    assert.matches("%$%.k+%.%.%.%[1%]: a function", deep)
  end)

  it("works in a coroutine and at any depth of it", function()
    local text = ("["):rep(1000) .. ("]"):rep(1000)
    for _ = 1, 20 do
      assert.equal(text, coroutine.wrap(function() return json.encode(json.decode(text)) end)())
    end
  end)

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
    seed.start()
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
