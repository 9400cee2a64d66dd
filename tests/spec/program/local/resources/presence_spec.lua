local json = require "liveblocks.json"
local support = require "tests.support.local_app"

describe("presence in the local Liveblocks", function()
  local app
  local function call(...) return support.call(app, ...) end
  local function users() return select(2, call("GET", "/v2/rooms/r/active-users")).data end
  local function events()
    local seen = {}
    for _, event in ipairs(app.events) do seen[#seen + 1] = event.type end
    return table.concat(seen, " ")
  end

  before_each(function()
    app = support.new()
    call("POST", "/v2/rooms", { id = "r", defaultAccesses = {} })
  end)

  it("lasts as long as was asked for, and is prolonged by being set again", function()
    assert.same({}, users())
    assert.equal(204, (call("POST", "/v2/rooms/r/presence", { userId = "ann", data = {}, userInfo = { name = "Ann" }, ttl = 10 })))
    assert.equal(204, (call("POST", "/v2/rooms/r/presence", { userId = "bob", data = {}, userInfo = {} })))
    assert.same({ { type = "user", id = "ann", connectionId = 0, info = { name = "Ann" } },
      { type = "user", id = "bob", connectionId = 1, info = {} } }, users())
    app.time = app.time + 9000
    call("POST", "/v2/rooms/r/presence", { userId = "ann", data = { x = 1 }, userInfo = { name = "Ann" }, ttl = 10 })
    app.time = app.time + 9999
    assert.equal(2, #users())
    app.time = app.time + 1
    assert.equal("bob", users()[1].id)
    app.time = app.time + 60000
    assert.same({}, users())
    assert.equal("roomCreated userEntered userEntered userLeft userLeft", events())
    local left = app.events[#app.events].data
    assert.same({ projectId = "localdev", roomId = "r", connectionId = 1, userId = "bob", userInfo = {},
      leftAt = app:date(app.time), numActiveUsers = 0 }, left)
  end)

  it("is refused when its time is out of range, its info too large or its user missing", function()
    local info = { name = "A" }
    for _, body in ipairs { { userId = "a", data = {}, userInfo = info, ttl = 1 }, { userId = "a", data = {}, userInfo = info, ttl = 3600 },
      { data = {}, userInfo = info }, { userId = "a", userInfo = info }, { userId = "a", data = {} },
      { userId = "", data = {}, userInfo = info }, { userId = "a", data = {}, userInfo = { name = ("x"):rep(1025) } } } do
      assert.equal(422, (call("POST", "/v2/rooms/r/presence", body)))
    end
  end)

  it("ends with the room", function()
    call("POST", "/v2/rooms/r/presence", { userId = "ann", data = {}, userInfo = {}, ttl = 10 })
    call("DELETE", "/v2/rooms/r")
    app.time = app.time + 20000
    app:tick()
    assert.equal("roomCreated userEntered roomDeleted", events())
  end)

  it("goes on after the state was loaded", function()
    call("POST", "/v2/rooms/r/presence", { userId = "ann", data = {}, userInfo = {}, ttl = 10 })
    app:load(app.state)
    assert.equal(1, #users())
    app.time = app.time + 10000
    assert.same({}, users())
  end)

  it("receives broadcasts of any JSON value, which can be looked at", function()
    for _, event in ipairs { { type = "E" }, json.null, 5, false, json.array { 1 }, "text" } do
      assert.equal(204, (call("POST", "/v2/rooms/r/broadcast-event", json.encode(event))))
    end
    assert.equal(204, (call("POST", "/v2/rooms/r/broadcast_event", "1")))
    assert.equal(400, (call("POST", "/v2/rooms/r/broadcast-event", "")))
    assert.equal(422, (call("POST", "/v2/rooms/r/broadcast-event", json.encode(("x"):rep(1024 * 1024)))))
    local _, sent = call("GET", "/local/broadcasts?roomId=r", nil, { authorization = false })
    assert.equal(7, #sent.data)
    assert.same({ type = "E" }, sent.data[7].event)
    assert.equal(json.null, sent.data[6].event)
  end)
end)
