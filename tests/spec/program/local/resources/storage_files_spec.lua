require "tests.support.client"
local support = require "tests.support.local_app"

describe("files of the local Liveblocks", function()
  local app
  local ID = "fl_" .. ("a"):rep(21)
  local base = "/v2/rooms/r/storage/files/" .. ID
  local function call(...) return support.call(app, ...) end

  before_each(function()
    app = support.new { base_url = "http://localhost:1" }
    call("POST", "/v2/rooms", { id = "r", defaultAccesses = {} })
  end)

  local function download(link)
    return call("GET", link:sub(#"http://localhost:1" + 1), nil, { authorization = false })
  end

  it("are uploaded in one piece and downloaded byte for byte", function()
    local bytes = ("\0\255é\r\n"):rep(1000)
    local status, file = call("PUT", base .. "/upload/a%20b.png?fileSize=" .. #bytes, bytes)
    assert.equal(200, status)
    assert.same({ id = ID, name = "a b.png", size = #bytes, mimeType = "image/png" }, file)
    local _, shown = call("GET", base)
    local code, got, response = download(shown.url)
    assert.equal(200, code)
    assert.equal(bytes, got)
    assert.equal("image/png", response.headers["content-type"])
    assert.equal(app:date(app.time + 3600000), shown.expiresAt)
    app.time = app.time + 3600001
    assert.equal(403, (download(shown.url)))
  end)

  it("keep a URL to the file it was made for", function()
    call("PUT", base .. "/upload/a.png", "one")
    local _, shown = call("GET", base)
    assert.equal(403, (download((shown.url:gsub(ID, "fl_" .. ("b"):rep(21))))))
  end)

  it("answer the same upload again, and 409 to another one under the same id", function()
    assert.equal(200, (call("PUT", base .. "/upload/a.png", "one")))
    assert.equal(200, (call("PUT", base .. "/upload/a.png", "one")))
    local status, err = call("PUT", base .. "/upload/b.png", "one")
    assert.equal(409, status)
    assert.equal("RESOURCE_ALREADY_EXISTS", err.error)
  end)

  it("are uploaded in parts", function()
    local _, started = call("POST", base .. "/multipart/a.bin?fileSize=6")
    assert.equal(ID, started.fileId)
    local at = base .. "/multipart/" .. started.uploadId
    local _, second = call("PUT", at .. "/2", "def")
    local _, first = call("PUT", at .. "/1", "abc")
    assert.equal(422, (call("POST", at .. "/complete", { parts = { first, { partNumber = 2, etag = "no" } } })))
    local _, file = call("POST", at .. "/complete", { parts = { first, second } })
    assert.equal(6, file.size)
    assert.same(file, select(2, call("POST", at .. "/complete", { parts = { first, second } })))
    local _, shown = call("GET", base)
    assert.equal("abcdef", select(2, download(shown.url)))
  end)

  it("are gone when an upload in parts is aborted", function()
    local _, started = call("POST", base .. "/multipart/a.bin")
    local at = base .. "/multipart/" .. started.uploadId
    assert.equal(204, (call("DELETE", at)))
    assert.equal(404, (call("PUT", at .. "/1", "abc")))
  end)

  it("have limits", function()
    app.options.max_file = 10
    assert.equal(413, (call("PUT", base .. "/upload/a.png", ("x"):rep(11))))
    assert.equal(422, (call("PUT", base .. "/upload/a.png?fileSize=5", "xxxx")))
    assert.equal(400, (call("PUT", "/v2/rooms/r/storage/files/fl_short/upload/a.png", "x")))
    assert.equal(404, (call("GET", "/v2/rooms/r/storage/files/" .. ID)))
  end)
end)
