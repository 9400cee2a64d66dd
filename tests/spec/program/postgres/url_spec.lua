local url = require "lbhost.postgres.url"

describe("the URL of PostgreSQL", function()
  it("gives its own parameters to lbhost, and the others to libpq", function()
    local rest, settings = url.split "postgres://u@a,b/db?lease=5&target_session_attrs=read-write&listen=off&timeout=2.5"
    assert.equal("postgres://u@a,b/db?target_session_attrs=read-write", rest)
    assert.same({ lease = 5, listen = false, timeout = 2.5 }, settings)
    assert.equal("postgres://a/db", (url.split "postgres://a/db?prepare=on"))
    assert.same({ journal = "add-due.2_b" }, (select(2, url.split "postgres://a/db?journal=add-due.2_b")))
    assert.same({ "postgres://a/db", {} }, { url.split "postgres://a/db" })
    assert.equal("postgres://a/db?x=1#f", (url.split "postgres://a/db?x=1&listen=on#f"))
  end)

  it("refuses values that mean nothing", function()
    for text, expected in pairs { ["listen=maybe"] = "listen must be on or off, not 'maybe'", ["lease=0"] = "lease must be a number",
      ["timeout=nan"] = "timeout must be", ["lease=x"] = "lease must be", ["journal=a b"] = "journal must be letters, digits" } do
      local ok, problem = pcall(url.split, "postgres://h/db?" .. text)
      assert.is_false(ok)
      assert.matches(expected, problem.message, 1, true)
    end
  end)

  it("names the servers in their order", function()
    assert.same({ { host = "a", address = "", port = "1" }, { host = "b", address = "", port = "2" } },
      url.servers { host = "a,b", port = "1,2" })
    assert.same({ { host = "a", address = "", port = "9" }, { host = "b", address = "", port = "9" } },
      url.servers { host = "a,b", port = "9" })
    assert.same({ { host = "", address = "::1", port = "" } }, url.servers { hostaddr = "::1" })
    assert.same({ { host = "", address = "", port = "" } }, url.servers {})
    local ok, problem = pcall(url.servers, { host = "a,b,c", port = "1,2" })
    assert.is_false(ok)
    assert.matches("names 3 hosts, and 2 in port", problem.message, 1, true)
  end)
end)
