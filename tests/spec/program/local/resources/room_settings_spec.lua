require "tests.support.client"
local json = require "liveblocks.json"
local comments = require "tests.support.local_comments"

describe("settings of rooms", function()
  local it_is
  before_each(function() it_is = comments.new() end)

  it("have defaults, are changed in part, and are reset", function()
    local path = "/v2/rooms/r/users/ann/subscription-settings"
    local defaults = { threads = "replies_and_mentions", textMentions = "mine" }
    assert.same(defaults, it_is.call("GET", path))
    assert.same({ threads = "all", textMentions = "mine" }, it_is.call("POST", path, { threads = "all" }))
    assert.same({ threads = "all", textMentions = "none" }, it_is.call("POST", path, { textMentions = "none" }))
    assert.same({ threads = "all", textMentions = "none" }, it_is.call("GET", path))
    it_is.call("DELETE", path)
    it_is.call("DELETE", path)
    assert.same(defaults, it_is.call("GET", path))
  end)

  it("are reached by their old name, too", function()
    local old, new = "/v2/rooms/r/users/ann/notification-settings", "/v2/rooms/r/users/ann/subscription-settings"
    assert.same({ threads = "none", textMentions = "mine" }, it_is.call("POST", old, { threads = "none" }))
    assert.same(it_is.call("GET", new), it_is.call("GET", old))
    it_is.call("DELETE", old)
    assert.equal("replies_and_mentions", it_is.call("GET", new).threads)
  end)

  it("are listed by user, page by page, and follow their rooms", function()
    for i = 1, 5 do
      it_is.call("POST", "/v2/rooms", { id = "s" .. i, defaultAccesses = {}, organizationId = i == 5 and "acme" or nil })
      it_is.call("POST", ("/v2/rooms/s%d/users/ann/subscription-settings"):format(i), { threads = "all" })
    end
    it_is.call("POST", "/v2/rooms/s2/update-room-id", { newRoomId = "renamed" })
    it_is.call("DELETE", "/v2/rooms/s3")
    local function list(query) return it_is.call("GET", "/v2/users/ann/room-subscription-settings" .. query) end
    local page = list "?limit=2"
    assert.same({ roomId = "s5", threads = "all", textMentions = "mine" }, page.data[1])
    page = list("?limit=2&startingAfter=" .. page.nextCursor)
    assert.equal("renamed", page.data[1].roomId)
    assert.equal("s1", page.data[2].roomId)
    assert.equal(json.null, page.nextCursor)
    assert.equal("s5", list("?organizationId=acme").data[1].roomId)
    assert.same({}, it_is.call("GET", "/v2/users/nobody/room-subscription-settings").data)
    it_is.reload()
    assert.equal(4, #list("").data)
  end)

  it("refuse other values, and unknown rooms", function()
    for _, body in ipairs { { threads = "some" }, { textMentions = "all" }, { threads = 1 }, { threads = json.null } } do
      assert.equal(422, (it_is.try("POST", "/v2/rooms/r/users/ann/subscription-settings", body)))
    end
    assert.equal(404, (it_is.try("GET", "/v2/rooms/none/users/ann/subscription-settings")))
  end)
end)
