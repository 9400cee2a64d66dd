require "tests.support.client"
local json = require "liveblocks.json"
local support = require "tests.support.local_app"

describe("projects of the local Liveblocks", function()
  local app
  local function manage(...) return support.manage(app, ...) end
  before_each(function() app = support.new() end)

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
