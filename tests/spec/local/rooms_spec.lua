require "tests.support.client"
local json = require "liveblocks.json"
local support = require "tests.support.local_app"

describe("rooms of the local Liveblocks", function()
  local app
  local function call(...) return support.call(app, ...) end
  before_each(function() app = support.new() end)

  it("are made, read, changed and deleted", function()
    local status, room = call("POST", "/v2/rooms", { id = "a/b c", defaultAccesses = { "room:write" } })
    assert.equal(200, status)
    assert.same({ type = "room", id = "a/b c", organizationId = "default", createdAt = "2026-05-28T20:26:40.000Z",
      metadata = {}, defaultAccesses = { "room:write" }, usersAccesses = {}, groupsAccesses = {} }, room)
    status, room = call("POST", "/v2/rooms/a%2Fb%20c", { metadata = { color = "blue", tags = { "x", "y" } } })
    assert.equal(200, status)
    assert.equal("blue", room.metadata.color)
    assert.same(room, select(2, call("GET", "/v2/rooms/a%2Fb%20c")))
    assert.equal(204, (call("DELETE", "/v2/rooms/a%2Fb%20c")))
    assert.equal(404, (call("GET", "/v2/rooms/a%2Fb%20c")))
  end)

  it("lose what null names", function()
    call("POST", "/v2/rooms", { id = "r", defaultAccesses = {}, usersAccesses = { ann = { "room:write" }, bob = {} },
      metadata = { a = "1", b = "2" } })
    local _, room = call("POST", "/v2/rooms/r", { usersAccesses = { ann = json.null }, metadata = { a = json.null } })
    assert.same({ bob = {} }, room.usersAccesses)
    assert.same({ b = "2" }, room.metadata)
    _, room = call("POST", "/v2/rooms/r", { usersAccesses = json.null })
    assert.same({}, room.usersAccesses)
  end)

  it("are listed newest first, and cursors stay right while rooms come and go", function()
    for i = 1, 30 do
      app.time = app.time + i % 2
      call("POST", "/v2/rooms", { id = "r" .. i, defaultAccesses = {} })
    end
    local _, page = call("GET", "/v2/rooms?limit=10")
    assert.equal("r30", page.data[1].id)
    assert.equal("r21", page.data[10].id)
    call("DELETE", "/v2/rooms/r21")
    call("DELETE", "/v2/rooms/r19")
    call("POST", "/v2/rooms", { id = "new", defaultAccesses = {} })
    _, page = call("GET", "/v2/rooms?limit=10&startingAfter=" .. page.nextCursor)
    assert.equal("r20", page.data[1].id)
    assert.equal("r18", page.data[2].id)
    _, page = call("GET", "/v2/rooms?limit=100&startingAfter=" .. page.nextCursor)
    assert.equal("r1", page.data[#page.data].id)
    assert.equal(json.null, page.nextCursor)
  end)

  it("refuse a cursor that is none of theirs", function()
    assert.equal(422, (call("GET", "/v2/rooms?startingAfter=xyz")))
  end)
end)
