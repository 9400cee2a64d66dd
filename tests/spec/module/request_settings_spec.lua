local helper = require "tests.support.client"
local json = require("liveblocks").json
local refused = require "tests.support.refused"

describe("a call that the table lacks", function()
  local srv, client
  setup(function()
    srv = helper.server()
    client = helper.client(srv)
  end)
  teardown(function() srv:stop() end)
  before_each(function() srv:reset() end)

  it("goes after the base URL with the client's secret", function()
    helper.client(srv, nil, { base_url = srv.url .. "/pre/fix/" }):request("GET", "/v2/new", { query = { ["a b"] = "c&d é" } })
    local sent = srv:log()[1]
    assert.equal("/pre/fix/v2/new?a+b=c%26d+%C3%A9", sent.target)
    assert.equal("Bearer sk_test", sent.header.authorization)
    assert.is_nil(sent.header.accept) -- which means anything
    assert.is_nil(sent.header["content-type"])
  end)

  it("sends a value, bytes or a file", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "wb"))
    file:write("\0\1\2")
    file:close()
    client:request("POST", "/v2/new", { json = { list = json.array {}, n = 1.5 } })
    client:request("PUT", "/v2/new", { body = "\255", content_type = "application/octet-stream" })
    client:request("PATCH", "/v2/new", { file = path, content_type = "image/png" })
    client:request("POST", "/v2/new")
    os.remove(path)
    local log = srv:log()
    assert.is_true(log[1].body == '{"list":[],"n":1.5}' or log[1].body == '{"n":1.5,"list":[]}')
    for i, want in ipairs { { "POST", log[1].body, "application/json" }, { "PUT", "\255", "application/octet-stream" },
      { "PATCH", "\0\1\2", "image/png" }, { "POST", "", nil } } do
      assert.same(want, { log[i].method, log[i].body, log[i].header["content-type"] })
    end
  end)

  it("adds headers, and one of a default name replaces the default", function()
    client:request("GET", "/v2/new", { headers = { ["X-More"] = "1", ["User-Agent"] = "mine", accept = "text/plain" } })
    local sent = srv:log()[1]
    assert.equal("1", sent.header["x-more"])
    local seen = {}
    for _, pair in ipairs(sent.headers) do
      local name = pair[1]:lower()
      assert.is_nil(seen[name], name)
      seen[name] = pair[2]
    end
    assert.equal("mine", seen["user-agent"])
    assert.equal("text/plain", seen.accept)
  end)

  it("returns what the response is said to be", function()
    srv:answer { path = "/v2/new", method = "GET", body = '{"a":1}' }
    assert.equal(1, client:request("GET", "/v2/new").a)
    for _, kind in ipairs { "text", "binary" } do
      local value, meta = client:request("GET", "/v2/new", { response = kind })
      assert.equal('{"a":1}', value)
      assert.equal(200, meta.status)
    end
    srv:answer { path = "/v2/new", method = "GET", body = "no JSON" }
    assert.is_true((client:request("GET", "/v2/new", { response = "none" })))
    local _, err = client.try:request("GET", "/v2/new")
    assert.equal("json", err.kind)
    srv:answer { path = "/v2/new", method = "GET", body = "" }
    assert.is_true((client:request("GET", "/v2/new")))
    assert.equal("", (client:request("GET", "/v2/new", { response = "binary" })))
    assert.equal("", (client:request("GET", "/v2/new", { reply = "binary" }))) -- its earlier name
  end)

  it("is retried as its method says, unless an option says otherwise", function()
    for method, attempts in pairs { GET = 2, PUT = 2, DELETE = 2, POST = 1, PATCH = 1 } do
      local failing, id = helper.client(srv, "status,code=503")
      failing.try:request(method, "/v2/new", { retries = 1 })
      assert.equal(attempts, #srv:log(id), method)
    end
    local failing, id = helper.client(srv, "status,code=503")
    failing.try:request("POST", "/v2/new", { retries = 2, idempotent = true })
    assert.equal(3, #srv:log(id))
  end)

  it("takes a float with an integral value where an integer is wanted", function()
    local failing, id = helper.client(srv, "status,code=503")
    failing.try:request("GET", "/v2/new", { retries = 2.0 })
    assert.equal(3, #srv:log(id))
  end)

  it("has a deadline of its own", function()
    local _, err = helper.client(srv, "silent").try:request("GET", "/v2/new", { timeout = 0.2 })
    assert.equal("timeout", err.kind)
    assert.equal("GET", err.method)
    assert.equal("/v2/new", err.path:match("/v2/new$"))
  end)

  it("is refused before anything is sent when it is not valid", function()
    for expected, arguments in pairs {
      ["the method must be a string"] = { nil, "/v2/a" }, ["the path must be a string"] = { "GET" },
      ["the path must begin with /"] = { "GET", "v2/a" }, ["the path contains a space"] = { "GET", "/v2/a b" },
      ["is not a valid HTTP method"] = { "GET\r\nX: y", "/v2/a" }, ["did you mean 'query'"] = { "GET", "/v2/a", { qurey = {} } },
      ["'response' must be"] = { "GET", "/v2/a", { response = "xml" } }, ["'query' must be a table"] = { "GET", "/v2/a", { query = "a" } },
      ["a value of 'query' is a table"] = { "GET", "/v2/a", { query = { a = {} } } },
      ["'retries' must be an integer"] = { "GET", "/v2/a", { retries = 1.5 } },
      ["'retries' must be at most 1048576"] = { "GET", "/v2/a", { retries = 2 ^ 32 } },
      ["'idempotent' must be a boolean"] = { "GET", "/v2/a", { idempotent = "yes" } },
      ["'timeout' must be greater than 0"] = { "GET", "/v2/a", { timeout = -1 } },
      ["the value of header 'A' has a line break"] = { "GET", "/v2/a", { headers = { A = "b\n" } } },
      ["contains a NUL"] = { "GET", "/v2/a", { headers = { A = "b\0c" } } },
      ["'' is not a valid header name"] = { "GET", "/v2/a", { headers = { [""] = "b" } } },
    } do
      assert.matches(expected, refused(client.request, client, table.unpack(arguments, 1, 3)), 1, true)
    end
    assert.equal(0, #srv:log())
  end)
end)
