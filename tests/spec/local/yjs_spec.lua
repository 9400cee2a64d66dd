local support = require "tests.support.local_app"

describe("Yjs documents of the local Liveblocks", function()
  local app
  local function call(...) return support.call(app, ...) end
  local update = "\1\1\1\0\4\1\1t\5hello\0"

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

  it("are kept apart by guid", function()
    call("PUT", "/v2/rooms/r/ydoc?guid=sub", update)
    assert.equal("\0\0", select(2, call("GET", "/v2/rooms/r/ydoc-binary")))
    assert.equal(update, select(2, call("GET", "/v2/rooms/r/ydoc-binary?guid=sub")))
  end)

  it("refuse what is no update and other content types", function()
    assert.equal(422, (call("PUT", "/v2/rooms/r/ydoc", "x")))
    local status, err = call("PUT", "/v2/rooms/r/ydoc", update, { ["content-type"] = "text/plain" })
    assert.equal(400, status)
    assert.equal("BAD_REQUEST", err.error)
    assert.equal(404, (call("PUT", "/v2/rooms/none/ydoc", update)))
  end)

  it("are empty in a new room", function()
    assert.same({}, select(2, call("GET", "/v2/rooms/r/ydoc")))
  end)

  it("have versions that stay as they were", function()
    call("PUT", "/v2/rooms/r/ydoc", update)
    local _, made = call("POST", "/v2/rooms/r/versions", {})
    assert.equal(200, (call("POST", "/v2/rooms/r/version")))
    call("PUT", "/v2/rooms/r/ydoc", update .. "\0")
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
