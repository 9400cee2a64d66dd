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
  for _, group in ipairs { "accepted", "lenient" } do
    it("accepts the " .. group .. " texts of the conformance set, and writes them back", function()
      for _, case in each(group) do
        local value, message = json.try_decode(case[2])
        assert(value ~= nil, case[1] .. ": " .. tostring(message))
        local text = json.encode(value)
        if case[3] then assert.equal(case[3], text, case[1]) end
        assert.is_true(same(value, json.decode(text)), case[1])
        assert.is_true(same(value, json.decode(json.encode(value, { pretty = true }))), case[1])
      end
    end)
  end

  it("reads strictly where it is asked to", function()
    for _, case in each "accepted" do
      assert.is_true(same(json.decode(case[2]), json.decode(case[2], { strict = true })), case[1])
    end
    for _, case in each "lenient" do
      local value, message = json.try_decode(case[2], { strict = true })
      assert.is_nil(value, case[1])
      assert.matches("^%$.*: .* at byte %d+$", message)
    end
    assert.is_true(same({ a = 1 }, json.decode('{"a":1}', { strict = false })))
    assert.error_matches(function() json.decode("1", { strcit = true }) end, "unknown option", 1, true)
    assert.error_matches(function() json.decode("1", true) end, "table expected", 1, true)
  end)

  it("reads in steps of any size what it reads in one go, and refuses it with the same words", function()
    local function in_steps(text, units)
      local step = json.decoder(text)
      while true do
        local done, value = step(units)
        if done then return value end
      end
    end
    for _, group in ipairs { "accepted", "lenient", "refused" } do
      for i, case in each(group) do
        local value, message = json.try_decode(case[2])
        for _, units in ipairs { 1, 7 + i % 50, 4096, #case[2] + 1 } do
          local ok, stepped = pcall(in_steps, case[2], units)
          if message then assert.equal("invalid JSON: " .. message, stepped:match "invalid JSON.*") end
          assert.is_true(ok == not message and (not ok or same(value, stepped)), case[1])
        end
      end
    end
  end)

  it("reads a long string in pieces, with escapes and characters across their borders", function()
    local units = { "a", "\u{e9}", "\u{1f600}", "\\n", "\\ud83d\\ude00", "\\ud83d", "\\\\" }
    local number = seed.start()
    for _ = 1, collecting and 3 or 60 do
      local parts = {}
      for i = 1, math.random(2000, 12000) do parts[i] = units[math.random(#units)] end
      local text = '{"' .. table.concat(parts) .. '":["' .. table.concat(parts, "b") .. '",1]}'
      local step, steps = json.decoder(text), 0
      repeat
        local done, value = step(math.random(1, 5000))
        steps = steps + 1
        assert.is_true(not done or same(json.decode(text), value), "seed " .. number)
      until done
      assert.is_true(steps > 4)
      assert.error_matches(function() step(1) end, "has ended", 1, true)
    end
    local step = json.decoder '"a'
    assert.error_matches(function() step(100) end, "invalid JSON: $: the string does not end at byte 2", 1, true)
    assert.error_matches(function() step(100) end, "has ended", 1, true)
    assert.error_matches(function() json.decoder "1" (0) end, "a number of bytes expected", 1, true)
    assert.is_nil((select(2, json.decoder '"\\ud83d"' (100))):find "d83d")
    assert.error_matches(function() json.decoder('["\\ud83d"]', { strict = true })(100) end, "$[0]: \\u escape of half", 1, true)
  end)

  it("takes steps from any coroutine, many texts at a time", function()
    local text = json.encode { list = { 1, 2, { a = { "b", { c = json.null } } } }, map = { x = { y = { z = 1.5 } } } }
    local steps = {}
    for i = 1, 20 do steps[i] = json.decoder(text) end
    local values = {}
    while #values < 20 do
      for i, step in pairs(steps) do
        local done, value = coroutine.wrap(function(...)
          local function deeper(n, ...) if n > 0 then return deeper(n - 1, n, ...) end return step(3) end
          return deeper(i, ...)
        end)(i)
        if done then
          values[#values + 1] = value
          steps[i] = nil
        end
        if i % 5 == 0 then collectgarbage() end
      end
    end
    for _, value in ipairs(values) do assert.equal(text, json.encode(value)) end
  end)

  it("joins the halves of a pair that a script has joined, as JavaScript does", function()
    local high, low = json.decode '"\\ud83d"', json.decode '"\\ude00"'
    assert.equal("\xed\xa0\xbd", high)
    assert.equal('"\u{1f600}"', json.encode(high .. low))
    assert.equal('"\\ude00\\ud83d"', json.encode(low .. high))
    local all = { ["a" .. high .. low .. "b"] = high .. high .. low .. low .. '"' }
    assert.equal('{"a\u{1f600}b":"\\ud83d\u{1f600}\\ude00\\""}', json.encode(all))
    assert.has_error(function() json.encode(high:sub(1, 2)) end)
    local _, message = pcall(json.encode, { [high] = { print } })
    assert.matches([=[$["\ud83d"][1]]=], message, 1, true)
  end)

  it("keeps the digits of a number that neither an integer nor a float holds", function()
    local large = json.decode "[12345678901234567890123,1e400,18446744073709551615,-9223372036854775809]"
    assert.equal("12345678901234567890123", tostring(large[1]))
    assert.equal("id 18446744073709551615", "id " .. large[3])
    assert.equal("[12345678901234567890123,1e400,18446744073709551615,-9223372036854775809]", json.encode(large))
    assert.is_true(json.is_number(large[2]) and json.is_number(1) and not json.is_number "1" and not json.is_number(io.stdout))
    assert.equal(1.2345678901234568e+22, json.tonumber(large[1]))
    assert.equal(math.huge, json.tonumber(large[2]))
    assert.equal(7, json.tonumber(7))
    assert.is_nil(json.tonumber "7")
    assert.has_error(function() return large[1] + 1 end)
  end)

  it("compares such numbers by their values", function()
    local n = json.number
    assert.equal(18446744073709551616.0, n "18446744073709552000")
    assert.equal("integer", math.type(n "7"))
    assert.equal(n "1e400", n(n "1e400"))
    for _, row in ipairs { { "1e400", "10e399" }, { "1e400", "1" .. ("0"):rep(400) }, { "12345678901234567890123.0e400",
      "1234567890123456789012.30e401" }, { "0.00001e500", "1E+495" } } do
      assert.is_true(n(row[1]) == n(row[2]), row[1])
      assert.is_true(n(row[1]) <= n(row[2]) and n(row[1]) >= n(row[2]), row[1])
      assert.is_false(n(row[1]) < n(row[2]), row[1])
    end
    local sorted = { "-1e500", "-1e400", "-9223372036854775809", "9223372036854775808", "9223372036854775809", "18446744073709551615",
      "123456789012345678901", "1e400", "1.5e400", "2e400", "1e401", "1e99999999999999999998", "1e99999999999999999999" }
    for i = 1, #sorted do
      for j = 1, #sorted do
        local a, b = n(sorted[i]), n(sorted[j])
        assert.equal(i == j, a == b, sorted[i] .. " " .. sorted[j])
        assert.equal(i < j, a < b, sorted[i] .. " " .. sorted[j])
        assert.equal(i <= j, a <= b, sorted[i] .. " " .. sorted[j])
      end
      assert.equal(i > 3, n(sorted[i]) > 0)
      assert.is_true(n(sorted[i]) < math.huge and n(sorted[i]) > -math.huge)
      assert.is_false(n(sorted[i]) < 0 / 0)
    end
    assert.is_true(1 < n "1e400" and n "-1e400" < 1.5 and 9.5 <= n "1e400")
    assert.is_false(n "1e400" <= 9.5)
    assert.is_false(n "1e400" == json.array {})
    assert.has_error(function() return n "1e400" < "2" end)
    for _, text in ipairs { "", "x", "1e", "01", " 1", "1 ", "0x10", "1e400x" } do assert.has_error(function() n(text) end) end
  end)

  it("orders keys by their bytes", function()
    assert.equal('{"":0,"A":1,"a":2,"aa":3,"ab":4,"b":5,"\u{e9}":6}',
      json.encode { a = 2, b = 5, A = 1, aa = 3, ab = 4, [""] = 0, ["\u{e9}"] = 6 })
    for _, count in ipairs { 1, 2, 31, 32, 33, 34, 500 } do
      local map, keys, expected = {}, {}, {}
      for i = 1, count do keys[i] = ("same beginning %x"):format(i * 2654435761 % 2 ^ 32):sub(1, 12 + i % 12) end
      for i, key in ipairs(keys) do map[key] = i end
      keys = {}
      for key in pairs(map) do keys[#keys + 1] = key end
      table.sort(keys)
      for i, key in ipairs(keys) do expected[i] = ('"%s":%d'):format(key, map[key]) end
      assert.equal("{" .. table.concat(expected, ",") .. "}", json.encode(map))
      assert.equal("[{" .. table.concat(expected, ",") .. "},7]", json.encode { map, 7 })
    end
    local nested, inner = "", {}
    for i = 1, 100 do -- more open objects than are sorted on the stack
      inner = { b = inner, a = i }
      nested = nested .. ('{"a":%d,"b":'):format(101 - i)
    end
    assert.equal(nested .. "{}" .. ("}"):rep(100), json.encode(inner))
  end)

  it("writes what a table held when it came to it, whatever finalizers do meanwhile", function()
    local pretty, encode, ran = { pretty = true }, json.encode, 0
    collectgarbage "generational" -- each step is a whole young collection
    local function when_collected(fn)
      setmetatable({}, { __gc = function()
        ran = ran + 1
        fn()
      end })
    end
    for round = 1, 60 do
      collectgarbage()
      collectgarbage "stop" -- no finalizer runs before the first allocation of encode
      local large, small = {}, { b = 1, a = "x" }
      for i = 1, 30 + round * 10 do large["key " .. i] = ("v"):rep(i) end
      local value = { large, small, { large, large }, "end" }
      local before = ran
      when_collected(function()
        for key in pairs(round % 3 == 0 and large or {}) do large[key] = nil end
        for i = 1, 800 do large["later " .. i] = i end
        for i = 1, 40 do small["later " .. i] = i end
        if round % 5 == 0 then value[3] = nil end
      end)
      collectgarbage "restart"
      local ok, text = pcall(encode, value, round % 2 == 0 and pretty or nil)
      assert.is_true(ran > before or _VERSION == "Lua 5.5") -- whose collector begins later
      if ok then assert.equal("table", type(json.decode(text))) else assert.matches("^.*cannot encode", text) end
    end
    collectgarbage "incremental"
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

  it("writes decimals of few digits as people write them, whatever their size", function()
    seed.start()
    for _, text in ipairs { "0.001", "0.0005", "0.002", "0.999", "1.001", "123.45", "999999999999.999", "999999999999.5",
      "1000000000000.5", "9999999999999.25", "999999999.001", "4503599627370495.5", "0.0", "1000000000000.0", "999999999999.0" } do
      assert.equal(text, json.encode(json.decode(text)))
      assert.equal("-" .. text, json.encode(json.decode("-" .. text)))
    end
    for _ = 1, os.getenv "LBHOST_TEST_GC" and 2000 or 50000 do
      local whole, places = math.random(0, math.tointeger(10 ^ math.random(0, 11))), math.random(1, 4)
      local fraction = ("%0" .. places .. "d"):format(math.random(0, math.tointeger(10 ^ places) - 1)):gsub("0+$", "")
      local text = ("%d.%s"):format(whole, fraction == "" and "0" or fraction)
      if text ~= "0.0" and json.encode(json.decode(text)) ~= text then error(text .. " is " .. json.encode(json.decode(text))) end
    end
    for _, n in ipairs { 0, 9, 10, 99, 100, 12345678, 99999999, 100000000, 10 ^ 16, math.maxinteger, math.mininteger } do
      n = math.tointeger(n)
      assert.equal(("%d"):format(n), json.encode(n))
    end
  end)

  it("writes keys of any length, and with escapes, first and later in an object", function()
    for length = 1, 70 do
      local key = ("k"):rep(length)
      for _, other in ipairs { key, key .. '"', key .. "\n", key .. "\u{e9}" } do
        local text = json.encode(other)
        assert.equal(("{%s:1}"):format(text), json.encode { [other] = 1 })
        assert.equal(('{"!":[],%s:{"a":2}}'):format(text), json.encode { [other] = { a = 2 }, ["!"] = json.array {} })
        assert.equal(("{\n  %s: 1\n}"):format(text), json.encode({ [other] = 1 }, { pretty = true }))
      end
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

  it("reads each key as it is written, whichever keys came after the one before in earlier objects", function()
    local number = seed.start()
    local words = {} -- many that begin alike, of all lengths that are remembered and longer ones
    for i = 1, 400 do words[i] = ("abcdefghijklmnopqrstuvwxyz0123456789"):sub(1, 1 + i % 36) .. (i % 7 == 0 and "" or i % 13) end
    for _ = 1, collecting and 200 or 3000 do
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

  it("writes keys that are not identifiers in brackets, and cuts long paths", function()
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
    assert.equal("float", math.type(json.decode("9223372036854776000")))
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
      "NaN", "Infinity", "nul", "tru", "[1", '{"a"', '"a', '"\\x"', '"\\u12"', '"\1"', "\239\187\191[]",
      "[] []", "// x", '"\192\128"', '"\237\160\128"', '"\244\144\128\128"', "[1 2]", '{"a" 1}', "]", "}", "-01", "--1" } do
      assert.is_nil((json.try_decode(text)), text)
      assert.is_string((select(2, json.try_decode(text))), text)
    end
  end)

  it("uses the null of cjson", function()
    assert.equal(require("cjson").null, liveblocks.null)
    assert.equal("null", json.encode(liveblocks.null))
  end)
end)
