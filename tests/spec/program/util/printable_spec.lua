local json = require "liveblocks.json"
local printable = require "lbhost.util.printable"

-- What a terminal would obey, or what would change the order of what is shown.
local hostile = { ["\27[31m"] = "\\x1b[31m", ["\27]0;t\7"] = "\\x1b]0;t\\a", ["\r"] = "\\r", ["\0"] = "\\x00", ["\127"] = "\\x7f",
  ["\u{9b}2J"] = "\\u{9b}2J", ["\x9b"] = "\\x9b", ["\u{202e}x"] = "\\u{202e}x", ["\u{2066}"] = "\\u{2066}",
  ["\u{2028}"] = "\\u{2028}", ["\u{200f}"] = "\\u{200f}", ["\u{61c}"] = "\\u{61c}", ["\xed\xa0\x80"] = "\\xed\\xa0\\x80",
  ["\xc0\x8a"] = "\\xc0\\x8a", ["\xf5\x80\x80\x80"] = "\\xf5\\x80\\x80\\x80", ["\xe2\x82"] = "\\xe2\\x82" }

describe("printable text", function()
  it("shows what a terminal would obey", function()
    for given, shown in pairs(hostile) do
      assert.equal("a" .. shown .. "b", printable.line("a" .. given .. "b"))
      assert.equal("a" .. shown .. "b", printable.block("a" .. given .. "b"))
    end
    assert.equal("a\\nb\\tc", printable.line "a\nb\tc")
    assert.equal("a\nb\tc", printable.block "a\nb\tc")
  end)

  it("leaves all other text as it is", function()
    for _, text in ipairs { "", "plain \\ text", "Grüße, 日本語, 👩‍👩‍👧, שלום", ("x"):rep(100000), "\u{a0}\u{10ffff}" } do
      assert.equal(text, printable.line(text))
    end
    assert.equal("nil", printable.line(nil))
  end)

  it("keeps the value of JSON", function()
    local value = { text = "\u{9b}\127\u{202e}é\n" }
    local text = printable.json(json.encode(value, { pretty = true }))
    assert.same(value.text, json.decode(text).text)
    assert.matches('"\\u009b\\u007f\\u202eé\\n"', text, 1, true)
    assert.matches("^{\n", text)
  end)

  it("leaves no control in random bytes, and is the same when it is shown again", function()
    math.randomseed(tonumber(os.getenv "LBHOST_SEED" or 1))
    for _ = 1, 2000 do
      local bytes = {}
      for i = 1, math.random(0, 60) do bytes[i] = string.char(math.random(0, 255)) end
      local shown = printable.line(table.concat(bytes))
      assert.is_number(utf8.len(shown))
      assert.is_nil(shown:find "%c" or shown:find "\xC2[\x80-\x9F]")
      assert.equal(shown, printable.line(shown))
    end
  end)
end)
