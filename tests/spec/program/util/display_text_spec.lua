local display_text = require "lbhost.util.display_text"
local process = require "tests.support.process"

describe("text on a terminal", function()
  it("has the columns that the terminal gives its characters", function()
    for s, columns in pairs { [""] = 0, abc = 3, ["é"] = 1, ["e\u{301}"] = 1, ["日本"] = 4, ["가나"] = 4, ["😀"] = 2, ["─│"] = 2,
      ["\u{200B}"] = 0, ["a\tb"] = 2, ["a\0b"] = 2, ["ａ"] = 2, ["☺\u{FE0F}"] = 1 } do
      assert.equal(columns, display_text.width(s), ("%q"):format(s))
    end
  end)

  it("has a column for each byte that is not UTF-8", function()
    assert.equal(3, display_text.width "a\xffb")
    assert.equal(3, display_text.width "\xf0\x9f\x98")
    assert.equal(6, display_text.width "\xe6\x97日本")
  end)

  it("is cut where it fits, at a whole character", function()
    for _, case in ipairs { { "日本語", 4, "日…" }, { "日本語", 5, "日本…" }, { "日本語", 6, "日本語" }, { "abc", 3, "abc" },
      { "abcd", 3, "ab…" }, { "abc", 0, "…" }, { "e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…" }, { "a\xffbc", 3, "a\xff…" } } do
      assert.equal(case[3], display_text.cut(case[1], case[2]))
    end
    assert.equal(6, display_text.fitting("日本語", 5))
    assert.equal(0, display_text.fitting("日本語", 1))
    assert.equal(0, display_text.fitting("a\xff", -1))
  end)

  it("is filled up to a width", function()
    assert.equal("日  ", display_text.pad("日", 4))
    assert.equal("日… ", display_text.pad("日本語", 4))
  end)

  it("is as wide in a locale without UTF-8", function()
    local out = process.run({ "-e", "print(require 'lbhost.util.display_text'.width '日本')" }, { env = { LC_ALL = "C" } })
    assert.equal("4\n", out)
  end)
end)
