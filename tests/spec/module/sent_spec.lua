require "tests.support.client"
local sent = require "liveblocks.sent"

describe("what was sent", function()
  it("has the path and the query as they went, the body and the caller's headers", function()
    assert.same({ method = "POST", path = "/v2/rooms/a%2Fb?x=%C3%A9&y=", body = "{}",
      headers = { ["content-type"] = "application/json", ["x-a"] = "1" } },
      sent.describe({ method = "POST", path = "/v2/rooms/{roomId}" },
        { query = { "x", "é", "y", "" }, headers = { "x-a", "1" }, body = "{}" }, { "a/b" }))
  end)

  it("is the path as it is, where a request has no row", function()
    assert.same({ method = "GET", path = "/a%20b?c&d=e", headers = {} },
      sent.describe({ method = "GET", path = "/a%20b?c" }, { query = { "d", "e" } }))
  end)

  it("names a file, and the type of a body that has one", function()
    local described = sent.describe({ method = "PUT", path = "/x" }, { file = "f.bin", body = "b", content_type = "text/plain" })
    assert.equal("f.bin", described.file)
    assert.equal("text/plain", described.headers["content-type"])
  end)
end)
