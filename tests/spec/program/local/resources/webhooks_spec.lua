require "tests.support.client"
local json = require "liveblocks.json"
local support = require "tests.support.local_app"

describe("management of the local Liveblocks", function()
  local app
  local function manage(...) return support.manage(app, ...) end
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
