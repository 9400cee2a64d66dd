local directory = require "lbhost.directory"
local handlers = require "tests.support.handlers"

describe("directory.resolver", function()
  local people

  before_each(function() people = handlers.directory { alice = { name = "Alice" }, ["a&b=c d"] = { name = "Odd" }, bob = {} } end)
  after_each(function() people:stop() end)

  it("returns what is known of each, in the order of the ids, and false for an unknown one", function()
    local resolve = directory.resolver { url = people.url .. "/users", parameter = "userIds", token = "t" }
    assert.same({ { name = "Odd" }, false, { name = "Alice" }, {}, { name = "Alice" } },
      resolve { "a&b=c d", "nobody", "alice", "bob", "alice" })
    assert.equal("userIds=a%26b%3Dc%20d&userIds=nobody&userIds=alice&userIds=bob", people.requests[1].query)
    assert.equal("Bearer t", people.requests[1].headers.authorization)
  end)

  it("keeps what it got, also of those who are unknown", function()
    local resolve = directory.resolver { url = people.url, parameter = "userIds" }
    resolve { "alice", "nobody" }
    assert.same({ false, { name = "Alice" } }, resolve { "nobody", "alice" })
    resolve { "bob" }
    assert.equal(2, #people.requests)
    assert.equal("userIds=bob", people.requests[2].query)
  end)

  it("asks about many in parts", function()
    local ids = {}
    for i = 1, 120 do ids[i] = "u" .. i end
    assert.equal(120, #directory.resolver { url = people.url, parameter = "userIds" }(ids))
    assert.equal(3, #people.requests)
  end)

  it("keeps the parameters that the address has", function()
    directory.resolver { url = people.url .. "/users?team=1", parameter = "userIds" } { "alice" }
    assert.equal("team=1&userIds=alice", people.requests[1].query)
  end)

  it("knows nobody without an address", function()
    assert.same({ false }, directory.resolver { parameter = "userIds" } { "alice" })
  end)

  it("fails when the response does not fit, and when there is none", function()
    local resolve = directory.resolver { url = people.url, parameter = "userIds" }
    for _, value in ipairs { { name = "Alice" }, {}, { 1, 2 }, "x" } do
      people.response = handlers.json_response(value)
      local ok, message = pcall(resolve, { "alice" })
      assert.is_false(ok)
      assert.matches("must respond with a list of 1 entries, one for each id", message)
    end
    people.response = { status = 404 }
    local ok, err = pcall(resolve, { "alice" })
    assert.is_false(ok)
    assert.equal(404, err.status)
  end)
end)
