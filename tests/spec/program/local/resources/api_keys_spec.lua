require "tests.support.client"
local support = require "tests.support.local_app"

describe("keys of the local Liveblocks", function()
  local app
  local function manage(...) return support.manage(app, ...) end
  before_each(function() app = support.new() end)

  local function status_with(key)
    return (support.call(app, "GET", "/v2/rooms", nil, { authorization = "Bearer " .. key }))
  end

  it("are replaced at once, or the old one works for a while", function()
    local _, rolled = manage("POST", "/projects/localdev/api-keys/secret/roll", {})
    local second = rolled.secretKey.value
    assert.equal(403, status_with("sk_localdev"))
    assert.equal(200, status_with(second))
    _, rolled = manage("POST", "/projects/localdev/api-keys/secret/roll", { expirationIn = "24 hours" })
    assert.equal(200, status_with(second))
    app.time = app.time + 24 * 3600 * 1000
    assert.equal(403, status_with(second))
    assert.equal(200, status_with(rolled.secretKey.value))
  end)

  it("take the documented words for how long they live, and no others", function()
    for text, minutes in pairs { ["3 minutes"] = 3, ["5min"] = 5, ["1 hour"] = 60, ["48hrs"] = 48 * 60, ["21days"] = 21 * 1440,
      ["1year"] = 365 * 1440, ["one year"] = 365 * 1440 } do
      local status = manage("POST", "/projects/localdev/api-keys/secret/roll", { newKeyExpirationIn = text })
      assert.equal(200, status)
      assert.equal(app.time + minutes * 60000, app.state.projects.localdev.secretKey.till, text)
    end
    for _, text in ipairs { "two years", "2h", "1 week", "", "ONE YEAR" } do
      assert.equal(422, (manage("POST", "/projects/localdev/api-keys/secret/roll", { newKeyExpirationIn = text })), text)
    end
    assert.equal(422, (manage("POST", "/projects/localdev/api-keys/secret/roll", { expirationIn = "1 year" })))
  end)

  it("of another project open nothing, and that is said", function()
    local _, made = manage("POST", "/projects", { type = "dev" })
    local status, problem = support.call(app, "GET", "/v2/rooms", nil, { authorization = "Bearer " .. made.secretKey.value })
    assert.equal(403, status)
    assert.matches("the key of the project '" .. made.id, problem.message, 1, true)
    assert.matches("sk_localdev", problem.suggestion, 1, true)
  end)

  it("end by themselves when they are made for a time", function()
    local _, rolled = manage("POST", "/projects/localdev/api-keys/secret/roll", { newKeyExpirationIn = "1h" })
    assert.equal(200, status_with(rolled.secretKey.value))
    app.time = app.time + 3600 * 1000
    assert.equal(403, status_with(rolled.secretKey.value))
  end)

  it("that are public are switched off and on", function()
    assert.equal(200, (manage("POST", "/projects/localdev/api-keys/public/deactivate")))
    assert.is_false(select(2, manage("GET", "/projects/localdev")).publicKey.activated)
    local _, rolled = manage("POST", "/projects/localdev/api-keys/public/roll", { expirationIn = "3d" })
    assert.is_false(rolled.publicKey.activated)
    assert.matches("^pk_dev_", rolled.publicKey.value)
    manage("POST", "/projects/localdev/api-keys/public/activate")
    assert.is_true(select(2, manage("GET", "/projects/localdev")).publicKey.activated)
  end)

  it("refuse invalid times", function()
    for _, body in ipairs { { newKeyExpirationIn = "soon" }, { newKeyExpirationIn = "-1h" }, { expirationIn = "2h" },
      { newKeyExpirationIn = "999999999999y" } } do
      assert.equal(422, (manage("POST", "/projects/localdev/api-keys/secret/roll", body)))
    end
  end)
end)
