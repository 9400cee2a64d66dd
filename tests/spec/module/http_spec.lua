local helper = require "tests.support.client"
local liveblocks = require "liveblocks"
local refused = require "tests.support.refused"
local server = require "tests.support.server"

local http = liveblocks.http

describe("a request to another service", function()
  local srv
  setup(function() srv = helper.server() end)
  teardown(function() srv:stop() end)
  before_each(function() srv:reset() end)

  it("is a GET without a body and a POST with one", function()
    http.request { url = srv.url .. "/a" }
    http.request { url = srv.url .. "/a", body = "x" }
    http.request { url = srv.url .. "/a", json = { a = {} } }
    http.request { url = srv.url .. "/a", method = "PUT", json = liveblocks.null }
    http.request { url = srv.url .. "/a", method = "DELETE" }
    local log = srv:log()
    for i, want in ipairs { { "GET", "" }, { "POST", "x" }, { "POST", '{"a":{}}', "application/json" },
      { "PUT", "null", "application/json" }, { "DELETE", "" } } do
      assert.equal(want[1], log[i].method)
      assert.equal(want[2], log[i].body)
      assert.equal(want[3], log[i].header["content-type"])
    end
  end)

  it("carries no secret, whatever the environment says", function()
    http.request { url = srv.url .. "/a", json = 1 }
    local head = srv:log()[1].head
    assert.is_nil(head:lower():find("authorization", 1, true))
    assert.is_nil(head:find("sk_", 1, true))
  end)

  it("sends its headers, its query and a file", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "wb"))
    file:write("\0bytes\255")
    file:close()
    http.request { url = srv.url .. "/a?x=1", query = { ["a b"] = "c&d", n = 5, f = 1.5, t = true }, file = path,
      headers = { ["X-Key"] = "v", ["Content-Type"] = "image/png" } }
    os.remove(path)
    local sent = srv:log()[1]
    assert.equal("v", sent.header["x-key"])
    assert.equal("image/png", sent.header["content-type"])
    assert.equal("\0bytes\255", sent.body)
    assert.matches("x=1&", sent.target, 1, true)
    for _, pair in ipairs { "a+b=c%26d", "n=5", "f=1.5", "t=true" } do assert.matches(pair, sent.query, 1, true) end
  end)

  it("returns status, headers and body, and the body as a value", function()
    srv:answer { path = "/a", status = 201, headers = { ["X-Thing"] = "yes" }, json = { list = { 1, 2 } } }
    local answer = http.request { url = srv.url .. "/a" }
    assert.equal(201, answer.status)
    assert.equal("yes", answer.headers["x-thing"])
    assert.equal('{"list":[1,2]}', answer.body)
    assert.same({ 1, 2 }, { table.unpack(answer:json().list) })
    srv:answer { path = "/a", body = "\0\255 no JSON" }
    answer = http.request { url = srv.url .. "/a" }
    assert.equal("\0\255 no JSON", answer.body)
    assert.has_error(function() answer:json() end)
  end)

  it("raises for a status that is not 2xx; try_request returns it", function()
    srv:answer { path = "/a", status = 404, body = "gone" }
    local ok, err = pcall(http.request, { url = srv.url .. "/a" })
    assert.is_false(ok)
    assert.equal("http", err.kind)
    assert.equal(404, err.status)
    assert.equal("gone", err.body)
    local none, same = http.try_request { url = srv.url .. "/a" }
    assert.is_nil(none)
    assert.equal(404, same.status)
    assert.has_error(function() http.try_request(setmetatable({}, { __pairs = function() error "a fault" end })) end)
  end)

  it("shows in its errors neither the query nor a password of its URL", function()
    srv:answer { path = "/hook", status = 500, body = "" }
    local host = srv.url:match("//(.*)$")
    local _, err = http.try_request { url = "http://user:pass@" .. host .. "/hook?token=secret#x", retries = 0 }
    assert.equal(500, err.status)
    assert.equal(host .. "/hook", err.path)
    assert.equal("Basic dXNlcjpwYXNz", srv:log()[1].header.authorization)
    _, err = http.try_request { url = srv.url .. "/hook?a=@b", retries = 0 }
    assert.equal(srv.url .. "/hook", err.path)
  end)

  it("names the host once and first, as its URL does or as its headers say", function()
    local port = srv.url:match(":(%d+)$")
    for url, want in pairs {
      ["127.0.0.1:" .. port] = "127.0.0.1:" .. port, ["LocalHost:" .. port] = "LocalHost:" .. port,
      ["127.1:0" .. port] = "127.0.0.1:" .. port, ["a:b@127.0.0.1:" .. port] = "127.0.0.1:" .. port,
    } do
      for own, host in pairs { [""] = want, ["x.example:1"] = "x.example:1" } do
        srv:reset()
        http.request { url = "http://" .. url .. "/a", headers = own ~= "" and { hOst = own } or nil }
        local head = srv:log()[1].head
        assert.equal("Host: " .. host, head:match("\r\n([^\r]*)"), url)
        assert.equal(1, select(2, head:lower():gsub("\nhost:", "")))
      end
    end
  end)

  it("is repeated only where that is safe, or said to be", function()
    local function attempts(id, options)
      options.url = srv:base("status,code=503", id) .. "/a"
      local _, err = http.try_request(options)
      assert.equal(503, err.status)
      return #srv:log(id)
    end
    assert.equal(2, attempts("h1", { retries = 1, timeout = 5 }))
    assert.equal(1, attempts("h2", { retries = 1, timeout = 5, json = 1 }))
    assert.equal(2, attempts("h3", { retries = 1, timeout = 5, json = 1, idempotent = true }))
    assert.equal(1, attempts("h4", { retries = 1, timeout = 5, idempotent = false }))
    assert.equal(1, attempts("h5", { retries = 0, timeout = 5 }))
  end)

  it("keeps its deadline and follows no redirect", function()
    local _, err = http.try_request { url = srv:base("silent", "h6"), timeout = 0.2 }
    assert.equal("timeout", err.kind)
    _, err = http.try_request { url = srv:base("redirect", "h7") }
    assert.equal(302, err.status)
    assert.equal(1, #srv:log("h7"))
  end)

  it("trusts the certificates of ca_file", function()
    local nginx = server.nginx { upstream = srv.port }
    finally(function() nginx:stop() end)
    assert.equal(200, http.request({ url = nginx:url("good") .. "/a", ca_file = nginx.ca }).status)
    local _, err = http.try_request { url = nginx:url("good") .. "/a", retries = 0 }
    assert.equal("tls", err.kind)
    _, err = http.try_request { url = nginx:url("good") .. "/a", ca_file = "/nonexistent.pem", retries = 0 }
    assert.equal("tls", err.kind)
  end)

  it("is refused before anything is sent when it is not valid", function()
    for expected, options in pairs {
      ["'url' is required"] = {}, ["did you mean 'headers'"] = { url = srv.url, header = {} },
      ["'url' must be a string"] = { url = 5 }, ["http:// or https://"] = { url = "ftp://x/" },
      ["'timeout' must be a number"] = { url = srv.url, timeout = "5" },
      ["'timeout' must be greater than 0"] = { url = srv.url, timeout = 0 },
      ["'body' must be a string"] = { url = srv.url, body = {} }, ["one of 'json', 'body' and 'file'"] =
        { url = srv.url, body = "x", json = 1 }, ["'file' must be a string"] = { url = srv.url, file = {} },
      ["cannot read the file '/nonexistent'"] = { url = srv.url, file = "/nonexistent" },
      ["is not a regular file"] = { url = srv.url, file = "/tmp" },
      ["'headers' must be a table of names"] = { url = srv.url, headers = { "x" } },
      ["a value of 'headers' is a table"] = { url = srv.url, headers = { x = {} } },
      ["the value of header 'X-A' has a line break"] = { url = srv.url, headers = { ["X-A"] = "b\r\nEvil: 1" } },
      ["is not a valid header name"] = { url = srv.url, headers = { ["X-A: b\r\nEvil"] = "1" } },
      ["the URL contains a space"] = { url = srv.url .. "/a\r\nEvil: 1" },
      ["is not a valid HTTP method"] = { url = srv.url, method = "GET / HTTP/1.1\r\nEvil: 1" },
      ["contains a NUL"] = { url = srv.url .. "/\0" },
      ["the content type has a line break"] = { url = srv.url, body = "x", content_type = "a\r\nEvil: 1" },
      ["$.x"] = { url = srv.url, json = { x = print } },
    } do
      assert.matches(expected, refused(http.request, options), 1, true)
    end
    assert.matches("a table of options", refused(http.request))
    assert.equal(0, #srv:log())
  end)
end)
