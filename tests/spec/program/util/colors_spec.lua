local colors = require "lbhost.util.colors"

describe("colours", function()
  it("are added where they are on, and nothing where they are off", function()
    local on, off = colors.make(true), colors.make(false)
    assert.matches("^\27%[[%d;]+ma\27%[0m$", on("error", "a"))
    assert.equal("a", off("error", "a"))
  end)
end)
