local errors = require "liveblocks.errors"
local recorder = require "lbhost.migrate.recorder"

describe("what an item changes", function()
  local changes, client, called
  -- Stands for a client: each call returns its name, `fails` raises.
  local real = setmetatable({}, { __index = function(_, name)
    if name == "base_url" then return "https://x" end
    if name == "with" then return function(self) return self end end
    if name == "mutate_storage" then
      return function(_, _, patch) return patch, { sent = patch[1] ~= nil } end
    end
    return function(_, first)
      called[#called + 1] = name
      if first == "fails" then error(errors.new("http", "no", { status = 500 }), 0) end
      return name, { status = 200 }
    end
  end, __tostring = function() return "a client" end })
  before_each(function()
    changes, called = {}, {}
    client = recorder.client(real, changes, "r")
  end)

  it("is each call that writes and that went well, with the ids of its path", function()
    assert.equal("get_room", (client:get_room "r"))
    local value, meta = client:update_room("r", { metadata = { secret = "s" } })
    assert.same({ "update_room", 200 }, { value, meta.status })
    assert.has_error(function() client:delete_room "fails" end)
    assert.same({ 500 }, { select(2, client.try:delete_room "fails").status })
    assert.equal("delete_thread", (client.try:delete_thread("r", "th")))
    client:submit("get_room", "r")
    client:submit("delete_comment", "r", "th", "cm")
    client:request("GET", "/v2/rooms")
    client:request("POST", "/v2/x")
    client:with({}):delete_room "other"
    assert.same({ "update_room r", "delete_thread r th", "delete_comment r th cm", "POST /v2/x", "delete_room other" }, changes)
    assert.same({ "a client", "https://x" }, { tostring(client), client.base_url })
  end)

  it("is each operation on Storage that was sent, without its value", function()
    client:mutate_storage("r", { { op = "test", path = "/a" }, { op = "replace", path = "/a", value = 1 },
      { op = "add", path = "/x\ny", value = 2 } })
    client:mutate_storage("other", { { op = "remove", path = "/b" } })
    client:mutate_storage("r", {})
    assert.same({ "replace /a", "add /x\\ny", "Storage of other: remove /b" }, changes)
  end)

  it("is bounded", function()
    for i = 1, 50 do client:delete_room(("x"):rep(500) .. i) end
    assert.equal(20, #changes)
    assert.equal("... and 31 more", changes[20])
    assert.is_true(#changes[1] < 220)
  end)
end)
