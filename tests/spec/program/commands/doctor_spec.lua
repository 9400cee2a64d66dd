local process = require "tests.support.process"

describe("lbhost doctor", function()
  local directory
  setup(function() directory = require("tests.support.directory").new() end)
  teardown(function() directory:remove() end)

  local function doctor(env, arguments)
    env.HOME, env.XDG_CONFIG_HOME = directory.path, false
    return process.run(arguments or { "doctor" }, { env = env })
  end

  it("finds all well with the local Liveblocks, and names what identifies the project", function()
    directory:write("seed.json", '[["create_room", {"id": "board", "defaultAccesses": []}]]')
    local out, err, status = doctor({}, { "--local=--seed " .. directory.path .. "/seed.json", "doctor" })
    assert.same({ "", 0 }, { err, status })
    assert.matches("\nok +project +its newest room is 'board'", out)
    assert.matches("\nall is well\n$", out)
  end)

  it("says that there is no key, and that nothing listens", function()
    local out, _, status = doctor { LIVEBLOCKS_SECRET_KEY = false, LIVEBLOCKS_BASE_URL = "http://127.0.0.1:9" }
    assert.equal(1, status)
    assert.matches("FAIL +secret key +none: set LIVEBLOCKS_SECRET_KEY", out)
    assert.matches("FAIL +address +http://127.0.0.1:9: .*check that a server listens there", out)
    assert.matches("\n2 of the checks failed\n$", out)
  end)

  it("says what a key is refused with, without the key", function()
    local helper = require "tests.support.client"
    local srv <close> = helper.server()
    srv:answer { path = "/v2/rooms", status = 401, json = { error = "INVALID_SECRET_KEY", message = "bad key" } }
    local out, _, status = doctor { LIVEBLOCKS_SECRET_KEY = "sk_wrong", LIVEBLOCKS_BASE_URL = srv.url,
      LIVEBLOCKS_WEBHOOK_SECRET = "nonsense" }
    assert.equal(1, status)
    assert.matches("FAIL +API +.*401 INVALID_SECRET_KEY: bad key; the key is not accepted there", out)
    assert.matches("FAIL +webhook +LIVEBLOCKS_WEBHOOK_SECRET: ", out)
    assert.is_nil(out:find("sk_wrong", 1, true))
  end)

  it("shows no password of an address, and none that the configuration fails with", function()
    directory:write("broken.lua", 'error "no connection to postgres://u:hunter2pass@db.example/x"')
    for url, problem in pairs { ["http://u:hunter2pass@127.0.0.1:9/\27"] = "contains a space or control character",
      ["http://u:hunter2pass@127.0.0.1:9"] = "FAIL +address" } do
      local out, err, status = doctor({ LIVEBLOCKS_SECRET_KEY = "sk_x", LIVEBLOCKS_BASE_URL = url },
        { "--config", directory.path .. "/broken.lua", "doctor" })
      assert.equal(1, status)
      assert.matches(problem, out)
      assert.matches("FAIL +configuration .*postgres://u:%*%*%*@db.example", out)
      assert.is_nil((out .. err):find("hunter2pass", 1, true))
    end
  end)

  it("reports what does not have the form of a secret key", function()
    for key, problem in pairs { pk_live = "has a public key (pk_...)", whsec_x = "has the secret of a webhook (whsec_...)",
      ["\"sk_x\""] = "has quotation marks around the secret", ["LIVEBLOCKS_SECRET_KEY=sk_x"] = "has a name and = in front" } do
      local out, _, status = doctor { LIVEBLOCKS_SECRET_KEY = key, LIVEBLOCKS_BASE_URL = "http://127.0.0.1:9" }
      assert.equal(1, status)
      assert.matches("FAIL  secret key     LIVEBLOCKS_SECRET_KEY " .. problem, out, 1, true)
    end
  end)

  it("notices a clock that differs", function()
    local helper = require "tests.support.client"
    local srv <close> = helper.server()
    srv:answer { path = "/v2/rooms", headers = { Date = "Sun, 06 Nov 1994 08:49:37 GMT" }, json = { data = {} } }
    local out = doctor { LIVEBLOCKS_SECRET_KEY = "sk_x", LIVEBLOCKS_BASE_URL = srv.url }
    assert.matches("warn +clock +this machine is %d+ seconds ahead of the API", out)
  end)
end)
