local support = require "tests.support.local_app"

describe("Yjs documents of the local Liveblocks", function()
  local app
  local function call(...) return support.call(app, ...) end
  local update = "\1\1\1\0\4\1\1t\5hello\0"

  local function number(n)
    return n < 128 and string.char(n) or string.char(n & 127 | 128, n >> 7)
  end

  before_each(function()
    app = support.new()
    call("POST", "/v2/rooms", { id = "r", defaultAccesses = {} })
  end)

  it("give one update back byte for byte, also when it was sent twice", function()
    assert.equal("\0\0", select(2, call("GET", "/v2/rooms/r/ydoc-binary")))
    assert.same({ success = true }, select(2, call("PUT", "/v2/rooms/r/ydoc", update)))
    assert.same({ success = true }, select(2, call("PUT", "/v2/rooms/r/ydoc", update)))
    local status, bytes, response = call("GET", "/v2/rooms/r/ydoc-binary")
    assert.equal(200, status)
    assert.equal(update, bytes)
    assert.equal("application/octet-stream", response.headers["content-type"])
    assert.equal("ydocUpdated", app.events[#app.events].type)
    assert.equal(2, #app.events)
  end)

  it("are taken and given in the encoding v2, too", function()
    local yjs = require "liveblocks.yjs"
    local v2 = yjs.convert(update, 1, 2)
    assert.same({ success = true }, select(2, call("PUT", "/v2/rooms/r/ydoc?encoder=v2", v2)))
    assert.equal(update, select(2, call("GET", "/v2/rooms/r/ydoc-binary")))
    assert.equal(v2, select(2, call("GET", "/v2/rooms/r/ydoc-binary?encoder=v2")))
    assert.equal(422, (call("PUT", "/v2/rooms/r/ydoc?encoder=v2", update)))
  end)

  it("are kept apart by guid", function()
    call("PUT", "/v2/rooms/r/ydoc?guid=sub", update)
    assert.equal("\0\0", select(2, call("GET", "/v2/rooms/r/ydoc-binary")))
    assert.equal(update, select(2, call("GET", "/v2/rooms/r/ydoc-binary?guid=sub")))
  end)

  it("refuse what is not an update and other content types", function()
    for _, bytes in ipairs { "x", "", update .. "\0" } do
      local status, err = call("PUT", "/v2/rooms/r/ydoc", bytes)
      assert.equal(422, status)
      assert.equal("UNPROCESSABLE_ENTITY", err.error)
      assert.truthy(err.message:find("not a valid Yjs update", 1, true))
    end
    local status, err = call("PUT", "/v2/rooms/r/ydoc", update, { ["content-type"] = "text/plain" })
    assert.equal(400, status)
    assert.equal("BAD_REQUEST", err.error)
    assert.equal(400, (call("PUT", "/v2/rooms/r/ydoc", update, { ["content-type"] = "\xff/\0" })))
    assert.equal(404, (call("PUT", "/v2/rooms/none/ydoc", update)))
  end)

  it("are empty in a new room", function()
    assert.same({}, select(2, call("GET", "/v2/rooms/r/ydoc")))
  end)

  it("are joined when there are several, and read as JSON", function()
    call("PUT", "/v2/rooms/r/ydoc", "\1\1\1\5\132\1\4\1!\0") -- "!" after "hello", which comes later
    assert.same({}, select(2, call("GET", "/v2/rooms/r/ydoc")))
    call("PUT", "/v2/rooms/r/ydoc", update)
    assert.same({ t = "hello!" }, select(2, call("GET", "/v2/rooms/r/ydoc")))
    assert.same({ t = "hello!" }, select(2, call("GET", "/v2/rooms/r/ydoc?key=t")))
    assert.same({ t = "hello!" }, select(2, call("GET", "/v2/rooms/r/ydoc?key=t&type=ytext")))
    assert.same({ none = "" }, select(2, call("GET", "/v2/rooms/r/ydoc?key=none")))
    local _, bytes = call("GET", "/v2/rooms/r/ydoc-binary")
    call("PUT", "/v2/rooms/r/ydoc?guid=copy", bytes)
    assert.same({ t = "hello!" }, select(2, call("GET", "/v2/rooms/r/ydoc?guid=copy")))
  end)

  it("stay small however many updates they are made of", function()
    for i = 0, 199 do
      call("PUT", "/v2/rooms/r/ydoc", i == 0 and "\1\1\1\0\4\1\1t\1a\0"
        or "\1\1\1" .. number(i) .. "\132\1" .. number(i - 1) .. "\1a\0")
    end
    assert.same({ t = ("a"):rep(200) }, select(2, call("GET", "/v2/rooms/r/ydoc")))
    assert.is_true(#app.state.rooms.r.ydocs[""] < 65)
  end)

  it("have versions that stay as they were", function()
    call("PUT", "/v2/rooms/r/ydoc", update)
    local _, made = call("POST", "/v2/rooms/r/versions", {})
    assert.equal(200, (call("POST", "/v2/rooms/r/version")))
    call("PUT", "/v2/rooms/r/ydoc", "\1\1\1\5\132\1\4\1!\0")
    assert.equal(update, select(2, call("GET", "/v2/rooms/r/versions/" .. made.data.id .. "/yjs")))
    assert.equal(update, select(2, call("GET", "/v2/rooms/r/version/" .. made.data.id)))
    local _, page = call("GET", "/v2/rooms/r/versions?limit=1")
    assert.is_string(page.nextCursor)
    _, page = call("GET", "/v2/rooms/r/versions?cursor=" .. page.nextCursor)
    assert.same({ { type = "historyVersion", kind = "yjs", id = made.data.id, createdAt = app:date(app.time), authors = {} } },
      page.data)
    assert.equal(204, (call("DELETE", "/v2/rooms/r/versions/" .. made.data.id)))
    assert.equal(404, (call("GET", "/v2/rooms/r/versions/" .. made.data.id .. "/yjs")))
    assert.equal(404, (call("DELETE", "/v2/rooms/r/versions/" .. made.data.id)))
  end)
end)
