local origin = require "lbhost.web.origin"

local function outcome(names, host, from)
  local problem = origin.checker(names) { headers = { host = host, origin = from } }
  return problem and problem.code or "passes", problem
end

describe("what listens on this machine, and web pages,", function()
  it("takes requests that name this machine, or any address", function()
    for _, host in ipairs { "localhost:1154", "LOCALHOST", "app.localhost:80", "127.0.0.1:1154", "127.1.2.3", "[::1]:1154",
      "192.168.1.5:1154",
      "localhost.", "" } do
      assert.equal("passes", (outcome(nil, host)), host)
    end
    assert.equal("passes", (outcome(nil, nil)))
  end)

  it("refuses a name that may lead here by somebody else's DNS", function()
    for _, host in ipairs { "evil.example:1154", "localhost.evil.example", "127.0.0.1.evil.example", "notlocalhost", "0x7f.1", "local_host",
      "[evil]:1154" } do
      local what, problem = outcome(nil, host)
      assert.equal("FORBIDDEN_HOST", what, host)
      assert.matches("a web page from elsewhere could be asking", problem.message, 1, true)
    end
    local _, problem = outcome(nil, "liveblocks:1154")
    assert.matches("--allow-host liveblocks", problem.advice, 1, true)
    assert.equal("passes", (outcome({ "liveblocks" }, "liveblocks:1154")))
    assert.equal("passes", (outcome({ "*" }, "evil.example")))
  end)

  it("refuses what a page of another origin sends", function()
    for from, expected in pairs { ["http://localhost:3000"] = "passes", ["http://127.0.0.1:1154"] = "passes",
      ["http://[::1]:5173"] = "passes",
      ["https://evil.example"] = "FORBIDDEN_ORIGIN", ["null"] = "FORBIDDEN_ORIGIN", ["http://192.168.1.7"] = "FORBIDDEN_ORIGIN",
      ["file://"] = "FORBIDDEN_ORIGIN", ["http://localhost.evil.example"] = "FORBIDDEN_ORIGIN", [""] = "FORBIDDEN_ORIGIN" } do
      assert.equal(expected, (outcome(nil, "127.0.0.1:1154", from)), from)
    end
    assert.equal("passes", (outcome(nil, "192.168.1.5:1154", "http://192.168.1.5:1154"))) -- its own page
    assert.equal("passes", (outcome({ "app.test" }, "localhost", "https://app.test")))
  end)
end)
