require "tests.support.client"
local json = require "liveblocks.json"
local support = require "tests.support.local_app"

describe("feeds of the local Liveblocks", function()
  local app
  local function call(...) return support.call(app, ...) end
  local base = "/v2/rooms/r/feeds"
  before_each(function()
    app = support.new()
    call("POST", "/v2/rooms", { id = "r", defaultAccesses = {} })
  end)

  it("have dates in milliseconds, their own or those of the request", function()
    local status, feed = call("POST", base, { feedId = "f", metadata = { name = "chat" } })
    assert.equal(200, status)
    assert.same({ feedId = "f", metadata = { name = "chat" }, createdAt = 1780000000000, updatedAt = 1780000000000 }, feed)
    local _, old = call("POST", base, { feedId = "old", timestamp = 5 })
    assert.same({ feedId = "old", metadata = {}, createdAt = 5, updatedAt = 5 }, old)
    assert.same(feed, select(2, call("GET", base .. "/f")))
    status, old = call("POST", base, { feedId = "f" })
    assert.equal(409, status)
    assert.equal("RESOURCE_ALREADY_EXISTS", old.error)
  end)

  it("merge metadata, and null deletes", function()
    call("POST", base, { feedId = "f", metadata = { a = "1", b = { "x", "y" } } })
    local _, feed = call("PATCH", base .. "/f", { metadata = { a = json.null, c = "3" } })
    assert.same({ b = { "x", "y" }, c = "3" }, feed.metadata)
    assert.equal(422, (call("PATCH", base .. "/f", { metadata = { a = 1 } })))
    assert.equal(422, (call("PATCH", base .. "/f", {})))
  end)

  it("keep messages, which are listed newest first in pages", function()
    call("POST", base, { feedId = "f" })
    for i = 1, 25 do
      app.time = app.time + 1
      call("POST", base .. "/f/messages", { id = "m" .. i, data = { n = i } })
    end
    local _, page = call("GET", base .. "/f/messages")
    assert.equal(20, #page.data)
    assert.same({ id = "m25", data = { n = 25 }, createdAt = 1780000000025, updatedAt = 1780000000025 }, page.data[1])
    _, page = call("GET", base .. "/f/messages?cursor=" .. page.nextCursor)
    assert.equal(5, #page.data)
    assert.equal(json.null, page.nextCursor)
    _, page = call("GET", base .. "/f/messages?since=1780000000024")
    assert.equal("m25", page.data[1].id)
    assert.equal(1, #page.data)
  end)

  it("change and delete messages; a change does not count for `since`, which is about when they were created", function()
    call("POST", base, { feedId = "f" })
    local _, message = call("POST", base .. "/f/messages", { data = {} })
    assert.same({}, message.data)
    app.time = app.time + 10
    local _, changed = call("PATCH", base .. "/f/messages/" .. message.id, { data = { a = json.null } })
    assert.same({ id = message.id, data = { a = json.null }, createdAt = 1780000000000, updatedAt = 1780000000010 }, changed)
    assert.equal(0, #select(2, call("GET", base .. "/f/messages?since=1780000000000")).data)
    assert.equal(1, #select(2, call("GET", base .. "/f/messages?since=1779999999999")).data)
    assert.equal(0, #select(2, call("GET", base .. "?since=1780000000000")).data)
    assert.equal(1, #select(2, call("GET", base .. "?since=1779999999999")).data)
    assert.equal(1780000000010, select(2, call("GET", base .. "/f")).updatedAt)
    assert.equal(204, (call("DELETE", base .. "/f/messages/" .. message.id)))
    assert.equal(404, (call("DELETE", base .. "/f/messages/" .. message.id)))
    assert.equal(422, (call("PATCH", base .. "/f/messages/" .. message.id, {})))
  end)

  it("go with their room, and along with it when it is renamed", function()
    call("POST", base, { feedId = "f" })
    call("POST", "/v2/rooms/r/update-room-id", { newRoomId = "s" })
    assert.equal(200, (call("GET", "/v2/rooms/s/feeds/f")))
    assert.equal(404, (call("GET", base .. "/f")))
    call("DELETE", "/v2/rooms/s")
    call("POST", "/v2/rooms", { id = "s", defaultAccesses = {} })
    assert.equal(404, (call("GET", "/v2/rooms/s/feeds/f")))
    assert.same({}, select(2, call("GET", "/v2/rooms/s/feeds")).data)
  end)

  it("refuse strange ids and times", function()
    for _, body in ipairs { { feedId = "" }, { feedId = ("x"):rep(129) }, { feedId = 1 }, { feedId = "f", timestamp = -1 },
      { feedId = "f", timestamp = 1e300 }, { feedId = "f", timestamp = "now" }, { feedId = "f", metadata = { a = 1 } } } do
      assert.equal(422, (call("POST", base, body)))
    end
    assert.equal(404, (call("GET", "/v2/rooms/none/feeds")))
  end)
end)
