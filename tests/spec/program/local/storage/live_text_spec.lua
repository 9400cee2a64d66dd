local divided = require "liveblocks.storage.divided"
local json = require "liveblocks.json"
local live_text = require "lbhost.local.storage.live_text"

local function insert(index, text, attributes) return { type = "insert", index = index, text = text, attributes = attributes } end
local function delete(index, length) return { type = "delete", index = index, length = length } end
local function format(index, length, attributes) return { type = "format", index = index, length = length, attributes = attributes } end

local function data(text) return json.decode(text) end

-- What is expected was seen of applyLiveTextOperations and transformTextOperations of @liveblocks/core.
describe("LiveText", function()
  it("is changed by operations, in segments of equal attributes", function()
    local start = data '[["ab"],["cd",{"b":true}]]'
    for _, case in ipairs {
      { insert(2, "X"), '[["abX"],["cd",{"b":true}]]' }, { insert(2, "X", { b = true }), '[["ab"],["Xcd",{"b":true}]]' },
      { insert(3, "X"), '[["ab"],["c",{"b":true}],["X"],["d",{"b":true}]]' },
      { insert(9, "X"), '[["ab"],["cd",{"b":true}],["X"]]' }, { delete(1, 2), '[["a"],["d",{"b":true}]]' },
      { delete(3, 20), '[["ab"],["c",{"b":true}]]' }, { format(1, 2, { b = true }), '[["a"],["bcd",{"b":true}]]' },
      { format(0, 9, { b = json.null }), '[["abcd"]]' },
    } do
      assert.same(data(case[2]), (live_text.apply(start, { case[1] })))
    end
    assert.same(data '[]', (live_text.apply(data '[["a"]]', { delete(0, 1) })))
    assert.same(data '[["x"]]', (live_text.apply(data '[]', { insert(0, "x") })))
  end)

  it("joins neighbours and drops what is empty only where it is changed, and keeps no attributes apart from empty ones", function()
    local touch = { insert(0, "") }
    for before, after in pairs {
      ['[["a"],[""],["b"]]'] = '[["ab"]]', ['[["a",{"b":1,"c":2}],["b",{"c":2,"b":1}]]'] = '[["ab",{"b":1,"c":2}]]',
      ['[["a",{}],["b",{}],["c"]]'] = '[["ab",{}],["c"]]', ['[["a",{"b":null}],["b"]]'] = '[["a",{"b":null}],["b"]]',
      ['[["a",{"c":{"d":1}}],["b",{"c":{"d":1}}]]'] = '[["a",{"c":{"d":1}}],["b",{"c":{"d":1}}]]', ['[["",{"b":1}]]'] = "[]",
    } do
      assert.same(data(after), (live_text.apply(data(before), touch)))
    end
    assert.same(data '[["x",{}],["ab"]]', (live_text.apply(data '[["ab"]]', { insert(0, "x", json.object {}) })))
    assert.same(data '[["ab"]]', (live_text.apply(data '[["ab",{}]]', { format(0, 2, { b = json.null }) })))
    local nested = (live_text.apply(data '[["ab"]]', { format(0, 2, { c = { d = 1 } }), insert(1, "x"), delete(1, 1) }))
    assert.same(data '[["ab",{"c":{"d":1}}]]', nested)
  end)

  it("counts as JavaScript does and splits no character", function()
    local emoji = data '[["a😀b"]]'
    assert.same(data '[["a😀xb"]]', (live_text.apply(emoji, { insert(3, "x") })))
    assert.same(data '[["ab"]]', (live_text.apply(emoji, { delete(2, 1) })))
    assert.same(emoji, (live_text.apply(emoji, { delete(2, 0), format(2, 0, { b = 1 }) })))
    local _, applied = live_text.apply(emoji, { delete(2, 0), format(0, 2, { b = json.null }) })
    assert.same({ delete(1, 0), format(0, 3, { b = json.null }) }, applied)
    _, applied = live_text.apply(emoji, { insert(2, "x"), delete(99, 5) })
    assert.same({ insert(1, "x"), delete(5, 0) }, applied)
  end)

  it("transforms operations that were made without knowing of others", function()
    for _, case in ipairs {
      { insert(2, "x"), insert(2, "yy"), { insert(4, "x") } }, { insert(2, "x"), insert(3, "yy"), { insert(2, "x") } },
      { insert(2, "x"), delete(1, 3), { insert(1, "x") } }, { delete(1, 3), insert(2, "yy"), { delete(1, 1), delete(3, 2) } },
      { delete(1, 3), insert(1, "yy"), { delete(3, 3) } }, { delete(1, 3), delete(0, 2), { delete(0, 2) } },
      { delete(1, 3), delete(0, 9), {} }, { delete(1, 3), format(0, 9, { b = 1 }), { delete(1, 3) } },
      { format(1, 3, { b = 2 }), insert(2, "yy"), { format(1, 1, { b = 2 }), format(4, 2, { b = 2 }) } },
      { format(1, 3, { b = 2 }), delete(2, 1), { format(1, 2, { b = 2 }) } },
    } do
      assert.same(case[3], live_text.transform({ case[1] }, { case[2] }, 1))
    end
    assert.same({ insert(3, "a"), delete(2, 2) },
      live_text.transform({ insert(1, "a"), delete(0, 2) }, { insert(0, "zz"), delete(3, 1) }, 4))
  end)

  it("transforms no more than it may, counting the parts of what others have split", function()
    local inside, spans = {}, {}
    for i = 1, 100 do
      inside[i] = insert(2 * i, "x")
      spans[i] = format(0, 300, { b = i })
    end
    local first = live_text.transform({ spans[1] }, inside, 10000)
    assert.equal(101, #first)
    assert.is_nil(live_text.transform(spans, inside, 100 * 100))
    assert.is_nil(live_text.transform({ insert(0, "a") }, inside, 99))
    assert.same({ insert(0, "a") }, live_text.transform({ insert(0, "a") }, inside, 100))
  end)

  it("knows what its segments look like", function()
    for _, good in ipairs { "[]", '[["a"]]', '[["a",{}],["",{"b":1}]]' } do assert.is_true(live_text.is_valid(data(good))) end
    for _, bad in ipairs { "{}", '["a"]', "[[]]", '[[1]]', '[["a",1]]', '[["a",[]]]', '[["a",{},1]]', '"a"' } do
      assert.is_false(live_text.is_valid(data(bad)))
    end
  end)

  it("has points where others run in each part of its work", function()
    local long = data(('[["%s"]]'):format(("a"):rep(1000)))
    local segments, many = json.array {}, {}
    for i = 1, 1000 do
      segments[i] = json.array { "a", { n = i } }
      many[i] = insert(i, "")
    end
    local function pauses_of(fn, ...)
      local pauses = 0
      divided.enter(function() pauses = pauses + 1 end)
      local _ <close> = setmetatable({}, { __close = divided.leave })
      fn(...)
      return pauses
    end
    local function apply(op) return pauses_of(live_text.apply, long, { op }) end
    local unchanged = apply(delete(0, 0)) -- the text is taken apart and put together
    assert.is_true(unchanged > 50)
    assert.is_true(apply(insert(0, ("b"):rep(1000))) > unchanged + 50)
    assert.is_true(apply(delete(0, 1000)) > 50) -- nothing is left to put together
    assert.is_true(apply(format(0, 1000, { b = 1 })) > unchanged + 25)
    assert.is_true(pauses_of(live_text.apply, data "[]", many) > 25)
    assert.is_true(pauses_of(live_text.is_valid, segments) > 25)
    assert.is_true(pauses_of(live_text.transform, { delete(0, 9) }, many, 1e6) > 25)
    assert.is_true(pauses_of(live_text.transform, many, { delete(0, 9) }, 1e6) > 25)
  end)
end)
