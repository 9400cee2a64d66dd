require "liveblocks"
local trim = require "liveblocks.trim"

describe("liveblocks.trim", function()
  it("takes whitespace from both ends, and leaves it in the middle", function()
    assert.equal("a \n b", trim.both "\t a \n b\r\n ")
    assert.equal("", trim.both "")
    assert.equal("", trim.both " \n\t ")
    assert.equal("é", trim.both " é ")
  end)

  it("takes other characters from the end alone", function()
    assert.equal("\n\na\n\nb", trim.ending("\n\na\n\nb\n\n", "\n"))
    assert.equal("", trim.ending("##", "#"))
    assert.equal(" a", trim.ending " a ")
  end)
end)
