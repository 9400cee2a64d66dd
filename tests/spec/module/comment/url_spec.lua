require "tests.support.client"
local comments = require "tests.support.comments"
local url = require "liveblocks.comment.url"

describe("addresses in comments", function()
  it("become links in the form that the Node SDK gives them, or stay text", function()
    for row in comments.rows "addresses" do
      assert.equal(row.output, comments.make.addresses(row.input), row.input)
    end
  end)

  it("take a fragment unless they have one", function()
    assert.equal("https://x.co/r?a=1#cm_1", url.with_fragment("https://x.co/r?a=1", "cm_1"))
    assert.equal("https://x.co/#top", url.with_fragment("https://x.co#top", "cm_1"))
    assert.equal("/rooms/1#cm_1", url.with_fragment("/rooms/1", "cm_1"))
    assert.is_nil(url.with_fragment("javascript:alert(1)", "cm_1"))
  end)
end)
