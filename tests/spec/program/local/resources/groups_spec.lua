require "tests.support.client"
local json = require "liveblocks.json"
local comments = require "tests.support.local_comments"

describe("groups of the local Liveblocks", function()
  local it_is
  before_each(function() it_is = comments.new() end)

  local function members(group)
    local ids = {}
    for i, member in ipairs(group.members) do ids[i] = member.id end
    return ids
  end

  local function create(id, ids) return it_is.call("POST", "/v2/groups", { id = id, memberIds = ids }) end

  it("are made, read and deleted", function()
    local group = it_is.call("POST", "/v2/groups", { id = "eng", groupId = "eng", memberIds = { "ann", "bob", "ann" },
      organizationId = "acme" })
    local at = "2026-05-28T20:26:40.000Z"
    assert.same({ type = "group", id = "eng", organizationId = "acme", createdAt = at, updatedAt = at,
      scopes = { mention = true }, members = { { id = "ann", addedAt = at }, { id = "bob", addedAt = at } } }, group)
    assert.same(group, it_is.call("GET", "/v2/groups/eng"))
    local status, failure = it_is.try("POST", "/v2/groups", { id = "eng" })
    assert.equal(409, status)
    assert.equal("RESOURCE_ALREADY_EXISTS", failure.error)
    it_is.call("DELETE", "/v2/groups/eng")
    assert.equal(404, (it_is.try("GET", "/v2/groups/eng")))
    assert.same({}, it_is.call("GET", "/v2/users/ann/groups").data)
    assert.same({}, create("empty").members)
  end)

  it("gain and lose members; what changes nothing leaves the date alone", function()
    create("eng", { "ann" })
    it_is.wait(1000)
    assert.equal("2026-05-28T20:26:40.000Z", it_is.call("POST", "/v2/groups/eng/add-members", { memberIds = { "ann" } }).updatedAt)
    local group = it_is.call("POST", "/v2/groups/eng/add-members", { memberIds = { "cat", "bob" } })
    assert.same({ "ann", "cat", "bob" }, members(group))
    assert.equal("2026-05-28T20:26:41.000Z", group.members[2].addedAt)
    group = it_is.call("POST", "/v2/groups/eng/remove-members", { memberIds = { "cat", "nobody" } })
    assert.same({ "ann", "bob" }, members(group))
    assert.same({}, it_is.call("GET", "/v2/users/cat/groups").data)
    assert.equal(404, (it_is.try("POST", "/v2/groups/none/add-members", { memberIds = { "x" } })))
  end)

  it("are listed newest first, all or those of a user", function()
    for i = 1, 5 do create("g" .. i, i % 2 == 1 and { "ann" } or {}) end
    local page = it_is.call("GET", "/v2/groups?limit=3")
    assert.equal("g5", page.data[1].id)
    page = it_is.call("GET", "/v2/groups?startingAfter=" .. page.nextCursor)
    assert.equal("g2", page.data[1].id)
    assert.equal(json.null, page.nextCursor)
    page = it_is.call("GET", "/v2/users/ann/groups?limit=2")
    assert.equal("g3", page.data[2].id)
    assert.equal("g1", it_is.call("GET", "/v2/users/ann/groups?startingAfter=" .. page.nextCursor).data[1].id)
    it_is.reload()
    assert.equal(3, #it_is.call("GET", "/v2/users/ann/groups").data)
  end)

  it("refuse what is not an id", function()
    for _, body in ipairs { {}, { id = "" }, { id = ("x"):rep(129) }, { id = 5 }, { id = "x", memberIds = { "" } },
      { id = "x", memberIds = "ann" }, { id = "x", scopes = { mention = 1 } } } do
      assert.equal(422, (it_is.try("POST", "/v2/groups", body)), json.encode(body))
    end
  end)
end)
