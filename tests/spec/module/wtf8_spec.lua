require "liveblocks"
local wtf8 = require "liveblocks.wtf8"

-- The three bytes of a code point from U+0800 to U+FFFF, surrogates included.
local function three(code)
  return string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

describe("WTF-8 as UTF-8", function()
  it("is the same where there are no surrogates", function()
    for _, text in ipairs { "", "plain", "é日😀", "\0", three(0xD7FF) .. three(0xE000), "\255 no UTF-8" } do
      assert.equal(text, wtf8.to_utf8(text))
    end
  end)

  it("has U+FFFD for each half of a pair", function()
    local mark = three(0xFFFD)
    assert.equal("a" .. mark .. "b", wtf8.to_utf8("a" .. three(0xD800) .. "b"))
    assert.equal(mark .. mark, wtf8.to_utf8(three(0xDC00) .. three(0xD800)))
    assert.equal(mark .. mark .. "x", wtf8.to_utf8(three(0xDBFF) .. three(0xD800) .. "x"))
  end)

  it("has the character for two halves that follow each other", function()
    assert.equal("😀", wtf8.to_utf8(three(0xD83D) .. three(0xDE00)))
    assert.equal(three(0xFFFD) .. "😀" .. three(0xFFFD), wtf8.to_utf8(three(0xD83D) .. three(0xD83D) .. three(0xDE00) .. three(0xDE00)))
    assert.equal("\240\144\128\128", wtf8.to_utf8(three(0xD800) .. three(0xDC00)))
    assert.equal("\244\143\191\191", wtf8.to_utf8(three(0xDBFF) .. three(0xDFFF)))
  end)
end)
