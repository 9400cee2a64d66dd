local liveblocks = require "liveblocks"
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local json = liveblocks.json
local seed = require "tests.support.seed"
local yjs = require "liveblocks.yjs"

-- Documents that several clients edited at once, and what Yjs makes of them: tests/peers/yjs/cases.mjs.
local cases = {}
for line in io.lines "tests/data/yjs/cases.jsonl" do
  local case = json.decode(line)
  for i, text in ipairs(case.updates) do case.updates[i] = core.base64_decode(text) end
  cases[#cases + 1] = case
end

local function assert_shown(case, update)
  for name, wanted in pairs(case.shown) do
    local got = yjs.to_json(update, { key = name, type = wanted.type })
    local empty = wanted.value == "" or type(wanted.value) == "table" and next(wanted.value) == nil
    if not (empty and type(got) == "table" and got[name] == "") then assert.same(wanted.value, got) end
  end
end

local hello = "\1\1\1\0\4\1\1t\5hello\0" -- client 1: the text "hello" in the shared type "t"

describe("Yjs updates", function()
  it("are joined in any order to what Yjs makes of them", function()
    for _, case in ipairs(cases) do
      local backwards = {}
      for i, update in ipairs(case.updates) do backwards[#case.updates + 1 - i] = update end
      assert_shown(case, yjs.merge(case.updates))
      assert_shown(case, yjs.merge(backwards))
      assert_shown(case, backwards)
    end
  end)

  it("are strings, not what a call returns after them", function()
    for name, fn in pairs { merge = yjs.merge, to_json = yjs.to_json } do
      local _, err = pcall(fn, { hello, { status = 200 } })
      assert.equal("yjs." .. name .. ": update 2 must be a string of bytes, got a table", tostring(err))
    end
  end)

  it("joined again with their parts say the same", function()
    for _, case in ipairs(cases) do
      local joined = yjs.merge(case.updates)
      assert_shown(case, yjs.merge { joined, table.unpack(case.updates) })
    end
  end)

  it("are returned byte for byte when there is only one", function()
    assert.equal(hello, yjs.merge { hello })
    assert.equal(yjs.empty, yjs.merge {})
    assert.equal(hello, yjs.merge { hello, yjs.empty, hello })
  end)

  it("overlap by parts: each clock is written once", function()
    local longer = "\1\1\1\0\4\1\1t\7hello!!\0"
    assert.same({ t = "hello!!" }, yjs.to_json(yjs.merge { hello, longer }))
    assert.same({ t = "hello!!" }, yjs.to_json(yjs.merge { longer, hello }))
    -- the last two characters alone, after clock 4
    local tail = "\1\1\1\5\132\1\4\2!!\0"
    assert.same({ t = "hello!!" }, yjs.to_json(yjs.merge { tail, hello }))
    assert.same({ t = "hello!!" }, yjs.to_json(yjs.merge { yjs.merge { longer, tail }, hello }))
  end)

  it("wait for what is missing", function()
    local tail = "\1\1\1\5\132\1\4\2!!\0"
    assert.same({}, yjs.to_json(tail))
    local gap = yjs.merge { "\1\1\1\0\4\1\1t\1h\0", tail }
    assert.same({ t = "h" }, yjs.to_json(gap))
    assert.same({ t = "hello!!" }, yjs.to_json(yjs.merge { gap, hello }))
  end)

  it("are shown by name, by type, and with the formats of a text", function()
    -- [bold]ab[/bold]c in the shared type "t"
    local bold = "\1\4\7\0\6\1\1t\4bold\4true\132\7\0\2ab\134\7\2\4bold\4null\132\7\3\1c\0"
    assert.same({ t = "abc" }, yjs.to_json(bold))
    assert.same({ t = "abc" }, yjs.to_json(bold, { key = "t" }))
    assert.equal("abc", yjs.to_json(bold, { key = "t", type = "ytext" }))
    assert.equal("<bold>ab</bold>c", yjs.to_json(bold, { key = "t", type = "yxmltext" }))
    assert.same({ none = "" }, yjs.to_json(bold, { key = "none" }))
    for kind, empty in pairs { ytext = '""', yxmltext = '""', yxmlfragment = '""', ymap = "{}", yarray = "[]" } do
      assert.equal(empty, json.encode(yjs.to_json(bold, { key = "none", type = kind })))
    end
    assert.same({ t = { { key = "bold", value = true }, "ab", { key = "bold", value = json.null }, "c" } },
      yjs.to_json(bold, { formatting = true }))
  end)

  it("are refused when they are invalid, and whatever is wrong with them breaks nothing", function()
    for _, bytes in ipairs { "", "x", "zz", hello:sub(1, -2), hello .. "\0", "\1\1\1\0\31\1\1t\5hello\0", ("\255"):rep(20),
      "\1\1\1\0\4\1\1t\1\255\0" } do
      local good, problem = pcall(yjs.check, bytes)
      assert.is_false(good)
      assert.is_true(errors.is(problem))
      assert.equal("yjs", problem.kind)
    end
    -- a type in a type in a type: shown up to a thousand deep
    local deep = { "\1\176\9\1\0\7\1\1t\0" }
    for i = 0, 1198 do
      local clock = i < 128 and string.char(i) or string.char(i % 128 + 128, math.floor(i / 128))
      deep[#deep + 1] = "\7\0\1" .. clock .. "\0"
    end
    local ok, err = pcall(yjs.to_json, table.concat(deep) .. "\0")
    assert.is_false(ok)
    assert.equal("yjs", err.kind)
    assert.equal("the document cannot be shown: it has more than 1000 levels of shared types", err.message)
    deep[1] = "\1\230\7\1\0\7\1\1t\0" -- 998 in "t", which is in the object with the names
    assert.is_true(pcall(json.encode, yjs.to_json(table.concat(deep, "", 1, 998) .. "\0")))
    seed.start()
    for _ = 1, 3000 do
      local case = cases[math.random(#cases)]
      local bytes = { case.updates[math.random(#case.updates)]:byte(1, -1) }
      for _ = 1, math.random(3) do bytes[math.random(#bytes)] = math.random(0, 255) end
      if math.random(3) == 1 then bytes[#bytes] = nil end
      local text = string.char(table.unpack(bytes))
      ok, err = pcall(function()
        local joined = yjs.merge { text, case.updates[1] }
        yjs.check(joined)
        json.encode(yjs.to_json(joined))
      end)
      if not ok then assert.is_true(errors.is(err), tostring(err)) end
    end
  end)
end)
