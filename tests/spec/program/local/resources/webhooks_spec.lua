require "tests.support.client"
local json = require "liveblocks.json"
local support = require "tests.support.local_app"

local TOKEN = { authorization = "Bearer lbs_localdev" }

describe("management of the local Liveblocks", function()
  local app
  local function manage(method, path, body) return support.call(app, method, "/v2/management" .. path, body, TOKEN) end
  before_each(function() app = support.new() end)

  it("needs a management token, and no other key", function()
    local status, problem = support.call(app, "GET", "/v2/management/projects")
    assert.equal(401, status)
    assert.equal("INVALID_MANAGEMENT_API_ACCESS_TOKEN", problem.error)
    status, problem = support.call(app, "GET", "/v2/management/projects", nil, { authorization = false })
    assert.equal(401, status)
    assert.equal("MISSING_MANAGEMENT_API_ACCESS_TOKEN", problem.error)
  end)

  it("takes 1,000 requests a minute, and after that none for the next minute", function()
    for _ = 1, 1000 do assert.equal(200, (manage("GET", "/projects"))) end
    app.time = app.time + 30000
    local status, problem, response = manage("GET", "/projects")
    assert.equal(429, status)
    assert.equal("60", response.headers["retry-after"])
    assert.matches("1,000 requests", problem.message, 1, true)
    assert.equal(200, (support.call(app, "GET", "/v2/rooms")))
    app.time = app.time + 59999
    assert.equal(429, (manage("GET", "/projects")))
    app.time = app.time + 1
    assert.equal(200, (manage("GET", "/projects")))
  end)

  describe("projects", function()
    it("are the server's own and those that are made", function()
      local _, page = manage("GET", "/projects")
      assert.equal("localdev", page.data[1].id)
      assert.equal("sk_localdev", page.data[1].secretKey.value)
      local status, made = manage("POST", "/projects", { type = "prod", name = "Site", versionCreationTimeout = 30 })
      assert.equal(200, status)
      assert.matches("^sk_prod_", made.secretKey.value)
      assert.matches("^pk_prod_", made.publicKey.value)
      assert.equal(30, made.versionCreationTimeout)
      assert.same(made, select(2, manage("GET", "/projects/" .. made.id)))
      local _, changed = manage("POST", "/projects/" .. made.id, { versionCreationTimeout = false, description = "d" })
      assert.is_false(changed.versionCreationTimeout)
      assert.equal("Site", changed.name)
      assert.equal(200, (manage("DELETE", "/projects/" .. made.id)))
      assert.equal(404, (manage("GET", "/projects/" .. made.id)))
    end)

    it("have a region, a description or null, and names that need not be unique, by which they are listed", function()
      local _, earth = manage("POST", "/projects", { type = "dev", name = "Same" })
      assert.equal("earth", earth.region)
      assert.equal(json.null, earth.description)
      local _, eu = manage("POST", "/projects", { type = "dev", name = "Same", region = "eu", description = "d" })
      assert.equal("eu", eu.region)
      assert.equal("d", eu.description)
      assert.equal(422, (manage("POST", "/projects", { type = "dev", region = "mars" })))
      local _, page = manage("GET", "/projects?name=Same")
      assert.same({ eu.id, earth.id }, { page.data[1].id, page.data[2].id })
      assert.equal(2, #page.data)
      assert.same({}, select(2, manage("GET", "/projects?name=same")).data)
    end)

    it("cannot be deleted while the server holds their data", function()
      assert.equal(409, (manage("DELETE", "/projects/localdev")))
    end)

    it("refuse types and timeouts that there are not", function()
      for _, body in ipairs { { type = "test" }, {}, { type = "dev", versionCreationTimeout = 29 },
        { type = "dev", versionCreationTimeout = true }, { type = "dev", name = "" } } do
        assert.equal(422, (manage("POST", "/projects", body)))
      end
    end)
  end)

  describe("keys", function()
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

  describe("webhooks", function()
    local base = "/projects/localdev/webhooks"
    local function create(changes)
      local body = { url = "https://e.example/hook", subscribedEvents = { "roomCreated" } }
      for name, value in pairs(changes or {}) do body[name] = value end
      return manage("POST", base, body)
    end

    it("are made, read, listed, changed and deleted", function()
      local status, made = create { rateLimit = 10, storageUpdatedThrottleSeconds = 5 }
      assert.equal(200, status)
      local secret = made.secret.value
      assert.matches("^whsec_[%w+/]+=*$", secret)
      assert.same({ id = made.id, url = "https://e.example/hook", subscribedEvents = { "roomCreated" }, disabled = false,
        createdAt = "2026-05-28T20:26:40.000Z", updatedAt = "2026-05-28T20:26:40.000Z", secret = { value = secret },
        rateLimit = 10, storageUpdatedThrottleSeconds = 5, yDocUpdatedThrottleSeconds = 60 }, made)
      assert.same({ made }, select(2, manage("GET", base)).data)
      local _, changed = manage("POST", base .. "/" .. made.id, { disabled = true, url = "http://other.example" })
      assert.is_true(changed.disabled)
      assert.same(changed, select(2, manage("GET", base .. "/" .. made.id)))
      assert.equal(200, (manage("DELETE", base .. "/" .. made.id)))
      local problem
      status, problem = manage("GET", base .. "/" .. made.id)
      assert.equal(404, status)
      assert.equal("WEBHOOK_NOT_FOUND", problem.error)
    end)

    it("have headers of their own, but not those of the delivery", function()
      local _, made = create { additionalHeaders = { ["X-A"] = "1" } }
      local path = base .. "/" .. made.id
      assert.same({ headers = { ["X-A"] = "1" } }, select(2, manage("GET", path .. "/additional-headers")))
      assert.same({ headers = { ["X-A"] = "2", ["X-B"] = "3" } },
        select(2, manage("POST", path .. "/additional-headers", { headers = { ["X-A"] = "2", ["X-B"] = "3" } })))
      assert.same({ headers = { ["X-B"] = "3" } },
        select(2, manage("POST", path .. "/delete-additional-headers", { headers = { "X-A", "X-none" } })))
      for _, headers in ipairs { { ["a b"] = "1" }, { ["webhook-id"] = "1" }, { Host = "x" }, { a = "b\r\nc: d" }, { a = 1 } } do
        assert.equal(422, (manage("POST", path .. "/additional-headers", { headers = headers })))
      end
    end)

    it("refuse what cannot be", function()
      for _, changes in ipairs { { url = "ftp://e.example" }, { url = "http://" }, { subscribedEvents = { "roomMade" } },
        { rateLimit = 0 }, { rateLimit = 65535 }, { storageUpdatedThrottleSeconds = -1 }, { subscribedEvents = json.null } } do
        assert.equal(422, (create(changes)))
      end
      assert.equal(404, (manage("GET", "/projects/none/webhooks")))
    end)

    it("belong to one project and go with it", function()
      local _, project = manage("POST", "/projects", { type = "dev" })
      local _, made = manage("POST", "/projects/" .. project.id .. "/webhooks",
        { url = "https://e.example", subscribedEvents = { "roomCreated" } })
      assert.equal(404, (manage("GET", base .. "/" .. made.id)))
      manage("DELETE", "/projects/" .. project.id)
      assert.is_nil(next(app.state.webhooks))
    end)
  end)
end)
