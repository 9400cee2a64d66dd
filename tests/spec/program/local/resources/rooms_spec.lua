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

  it("refuse a cursor of another list", function()
    assert.equal(422, (call("GET", "/v2/rooms?startingAfter=xyz")))
  end)

  local function ids(target)
    local status, page = call("GET", target)
    assert.equal(200, status)
    local list = {}
    for i, room in ipairs(page.data) do list[i] = room.id end
    return table.concat(list, " ")
  end

  it("exist once: 409 for a second creation, the same room with the flag", function()
    local _, room = call("POST", "/v2/rooms", { id = "r", defaultAccesses = { "*:read" } })
    local status, err = call("POST", "/v2/rooms", { id = "r", defaultAccesses = {} })
    assert.equal(409, status)
    assert.equal("ROOM_ALREADY_EXISTS", err.error)
    assert.is_string(err.message)
    assert.is_string(err.suggestion)
    for _, flag in ipairs { "?idempotent", "?idempotent=true", "?idempotent=false" } do
      assert.same(room, select(2, call("POST", "/v2/rooms" .. flag, { id = "r", defaultAccesses = {} })))
    end
    assert.equal(1, #app.events)
  end)

  it("are updated or created by an upsert, all or nothing", function()
    local status, room = call("POST", "/v2/rooms/r/upsert", {
      update = { metadata = { a = "1", gone = json.null }, usersAccesses = { ann = { "room:read" }, bob = json.null } },
      create = { defaultAccesses = { "room:write" }, metadata = { b = "2", gone = "x" }, usersAccesses = { bob = {} } },
    })
    assert.equal(200, status)
    assert.same({ a = "1", b = "2" }, room.metadata)
    assert.same({ ann = { "room:read" } }, room.usersAccesses)
    assert.same({ "room:write" }, room.defaultAccesses)
    room = select(2, call("POST", "/v2/rooms/r/upsert", { update = { metadata = { a = "3" } }, create = { defaultAccesses = {} } }))
    assert.same({ a = "3", b = "2" }, room.metadata)
    assert.same({ "room:write" }, room.defaultAccesses)
    assert.equal(422, (call("POST", "/v2/rooms/s/upsert", { update = { metadata = { a = ("x"):rep(257) } } })))
    assert.equal(404, (call("GET", "/v2/rooms/s")))
  end)

  it("take all that is in them along when they are renamed", function()
    call("POST", "/v2/rooms", { id = "r", defaultAccesses = {} })
    call("POST", "/v2/rooms", { id = "other", defaultAccesses = {} })
    call("POST", "/v2/rooms/r/storage", { liveblocksType = "LiveObject", data = { a = 1 } })
    assert.equal(409, (call("POST", "/v2/rooms/r/update-room-id", { newRoomId = "other" })))
    local status, room = call("POST", "/v2/rooms/r/update-room-id", { newRoomId = "new" })
    assert.equal(200, status)
    assert.equal("new", room.id)
    assert.equal(404, (call("GET", "/v2/rooms/r")))
    assert.equal(1, select(2, call("GET", "/v2/rooms/new/storage")).data.a)
    assert.equal("other new", ids("/v2/rooms"))
  end)

  it("move between organizations when they are where they are thought to be", function()
    call("POST", "/v2/rooms", { id = "r", defaultAccesses = {}, organizationId = "a" })
    local move = "/v2/rooms/r/update-organization-id"
    assert.equal(422, (call("POST", move, { fromOrganizationId = "x", toOrganizationId = "b" })))
    assert.equal("b", select(2, call("POST", move, { fromOrganizationId = "a", toOrganizationId = "b" })).organizationId)
    assert.equal("r", ids("/v2/rooms?organizationId=b"))
    assert.equal("", ids("/v2/rooms?organizationId=a"))
  end)

  it("are filtered by user or group, metadata and the query language", function()
    for _, room in ipairs {
      { id = "x:1", usersAccesses = { ann = { "room:write" } }, metadata = { color = "blue", tags = { "a", "b" } } },
      { id = "x:2", groupsAccesses = { eng = { "room:write" } }, metadata = { color = "blue" } },
      { id = "y:3", groupsAccesses = { ops = { "room:write" } }, metadata = { color = "red" } },
    } do
      room.defaultAccesses = {}
      assert.equal(200, (call("POST", "/v2/rooms", room)))
    end
    assert.equal("x:1", ids("/v2/rooms?userId=ann"))
    assert.equal("y:3 x:2 x:1", ids("/v2/rooms?userId=ann&groupIds=eng%2Cops"))
    assert.equal("x:2 x:1", ids("/v2/rooms?metadata.color=blue"))
    assert.equal("x:1", ids("/v2/rooms?metadata.color=blue&metadata.tags=b"))
    assert.equal("x:2 x:1", ids("/v2/rooms?query=" .. "roomId%5E%22x%3A%22"))
    local status, err = call("GET", "/v2/rooms?query=roomId%5E")
    assert.equal(422, status)
    assert.equal("INVALID_QUERY", err.error)
  end)

  it("keep to the limits", function()
    local function status(changes)
      local room = { id = "limits", defaultAccesses = {} }
      for name, value in pairs(changes) do room[name] = value end
      return (call("POST", "/v2/rooms?idempotent", room))
    end
    local function entries(count, value)
      local map = {}
      for i = 1, count do map["k" .. i] = value end
      return map
    end
    assert.equal(200, status { id = ("é"):rep(128) })
    assert.equal(200, status { id = "m", metadata = entries(50, ("x"):rep(256)) })
    assert.equal(200, status { id = "u", usersAccesses = entries(1000, {}) })
    for _, changes in ipairs {
      { id = "" }, { id = ("x"):rep(129) }, { id = "a*" }, { id = 5 }, { defaultAccesses = { "room:fly" } },
      { defaultAccesses = "room:write" }, { metadata = entries(51, "x") }, { metadata = { [("k"):rep(41)] = "x" } },
      { metadata = { a = ("x"):rep(257) } }, { metadata = { a = 5 } }, { metadata = { a = { "x", 5 } } }, { metadata = { [""] = "x" } },
      { usersAccesses = entries(1001, {}) }, { groupsAccesses = { [("g"):rep(257)] = {} } }, { usersAccesses = { a = "x" } },
      { engine = 3 }, { organizationId = "" },
    } do
      local got = status(changes)
      assert.equal(422, got, json.encode(changes):sub(1, 60))
    end
    for _, query in ipairs { "limit=0", "limit=101", "limit=x", "limit=1.5" } do
      assert.equal(422, (call("GET", "/v2/rooms?" .. query)))
    end
  end)
end)
