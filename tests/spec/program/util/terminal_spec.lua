local display_text = require "lbhost.util.display_text"
local terminal = require "lbhost.util.terminal"

describe("text that is wrapped", function()
  it("breaks between words, and keeps its lines and its last newline", function()
    assert.equal("one two\nthree\n\nfour\n", terminal.wrap("one two three\n\nfour\n", 8))
    assert.equal("short", terminal.wrap("short", 40))
  end)

  it("goes on below the second column of a line that has two", function()
    assert.equal("  -x  first second\n      third", terminal.wrap("  -x  first second third", 20))
  end)

  it("is indented where it would look like another command", function()
    assert.equal("  lbhost run a.lua\n      bb c", terminal.wrap("  lbhost run a.lua bb c", 20))
  end)

  it("keeps a word that is too long whole", function()
    assert.equal("aaaaaaaaaaaa\nb", terminal.wrap("aaaaaaaaaaaa b", 8))
  end)

  it("is measured in columns", function()
    for line in (terminal.wrap("日本 日本 日本 日本", 10) .. "\n"):gmatch "([^\n]*)\n" do
      assert.is_true(display_text.width(line) <= 10, line)
    end
    assert.equal("日本 日本\n日本 日本", terminal.wrap("日本 日本 日本 日本", 10))
    assert.equal("a\xff b", terminal.wrap("a\xff b", 40))
  end)

  it("has the lines of a paragraph joined, and those that are code or rows of two columns as they are", function()
    assert.equal("one two\n\nthree\n  code\nname  what\nfour five",
      terminal.paragraphs("one\ntwo\n\nthree\n  code\nname  what\nfour\nfive\n"))
  end)

  it("has at least 40 columns when nothing says how many there are", function()
    assert.is_true(terminal.width() >= 40)
  end)
end)
