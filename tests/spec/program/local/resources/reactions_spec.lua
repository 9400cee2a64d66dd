require "tests.support.client"
local comments = require "tests.support.local_comments"

describe("reactions of the local Liveblocks", function()
  local it_is, thread, path
  before_each(function()
    it_is = comments.new()
    thread = it_is.thread("ann")
    path = it_is.path(thread) .. "/comments/" .. thread.comments[1].id
    it_is.events()
  end)

  it("come and go, once per user and emoji", function()
    local reaction = it_is.call("POST", path .. "/add-reaction", { userId = "bob", emoji = "👨‍👩‍👧", createdAt = "2026-06-01T00:00:00Z" })
    assert.same({ userId = "bob", emoji = "👨‍👩‍👧", createdAt = "2026-06-01T00:00:00.000Z" }, reaction)
    local status, failure = it_is.try("POST", path .. "/add-reaction", { userId = "bob", emoji = "👨‍👩‍👧" })
    assert.equal(409, status)
    assert.equal("RESOURCE_ALREADY_EXISTS", failure.error)
    it_is.call("POST", path .. "/add-reaction", { userId = "cat", emoji = "👨‍👩‍👧" })
    it_is.call("POST", path .. "/add-reaction", { userId = "bob", emoji = "🎉" })
    assert.equal(3, #it_is.call("GET", path).reactions)
    it_is.call("POST", path .. "/remove-reaction", { userId = "bob", emoji = "👨‍👩‍👧" })
    assert.equal(404, (it_is.try("POST", path .. "/remove-reaction", { userId = "bob", emoji = "👨‍👩‍👧" })))
    assert.same({ "commentReactionAdded", "commentReactionAdded", "commentReactionAdded", "commentReactionRemoved" },
      it_is.events())
    assert.same({ "cat", "bob" }, { it_is.call("GET", path).reactions[1].userId, it_is.call("GET", path).reactions[2].userId })
  end)

  it("refuse an emoji that is empty or endless", function()
    for _, emoji in ipairs { "", ("x"):rep(65), 5, false } do
      assert.equal(422, (it_is.try("POST", path .. "/add-reaction", { userId = "bob", emoji = emoji })))
    end
  end)
end)
