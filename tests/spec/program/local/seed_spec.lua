require "tests.support.client"
local local_ports = require "tests.support.local_ports"
local state = require "lbhost.local.state"

describe("seed data", function()
  local ports, start, file
  before_each(function()
    ports = local_ports.new()
    start, file = ports.start, ports.file
  end)
  after_each(function() ports.stop() end)

  it("come from a Lua file, a list of calls or a state", function()
    local lua = file(".lua", [[
      local client = ...
      client:create_room { id = "seeded", defaultAccesses = {} }
      client:create_thread("seeded", { comment = { userId = "ann", body = { version = 1, content = {} } } })]])
    local one, client = start { seed = lua }
    assert.equal(1, #client:get_threads("seeded").data)
    local own = file(".lua", [[
      require("liveblocks").new():create_room { id = "own", defaultAccesses = {} }]])
    assert.equal("own", select(2, start { seed = own }):get_room("own").id)
    local saved = file(".json", state.encode(one.app.state))
    client = select(2, start { seed = saved })
    assert.equal("seeded", client:get_room("seeded").id)
    local calls = file(".json", '[["create_room", {"id": "r", "defaultAccesses": []}], ["create_feed", "r", {"feedId": "f"}]]')
    client = select(2, start { seed = calls })
    assert.equal("f", client:get_feed("r", "f").feedId)
  end)

  it("that failed leave nothing, and are tried again", function()
    local data = file ".json"
    local bad = file(".json", '[["create_room", {"id": "r", "defaultAccesses": []}], ["get_room", "none"]]')
    assert.is_false(pcall(start, { data = data, seed = bad }))
    local good = file(".json", '[["create_room", {"id": "good", "defaultAccesses": []}]]')
    local _, client = start { data = data, seed = good }
    assert.same({ "good" }, { client:get_rooms().data[1].id })
  end)

  it("are used only when there are no data yet", function()
    local data = file ".json"
    local calls = file(".json", '[["create_room", {"id": "r", "defaultAccesses": []}]]')
    start({ data = data, seed = calls }):stop()
    local _, client = start { data = data, seed = calls }
    assert.equal("r", client:get_room("r").id)
  end)

  it("are refused with the place that is wrong", function()
    for text, expected in pairs {
      ['[["create_rom", {}]]'] = "call 1: there is no call 'create_rom'", ['[["create_room", {"id": 1}]]'] = "call 1: create_room",
      ["[1]"] = "call 1: a list with the name", ["{"] = "not valid JSON", ["{}"] = "neither a list of calls nor a state",
      ['[["get_room", "none"]]'] = "ROOM_NOT_FOUND",
    } do
      local path = file(".json", text)
      local ok, err = pcall(start, { seed = path })
      assert.is_false(ok)
      assert.matches(expected, err.message, 1, true)
      assert.matches(path, err.message, 1, true)
    end
    for text, expected in pairs { ["x ="] = "has a mistake", ["error 'boom'"] = "boom" } do
      local path = file(".lua", text)
      local ok, err = pcall(start, { seed = path })
      assert.is_false(ok)
      assert.matches(expected == "boom" and "boom" or path, err.message, 1, true)
    end
  end)
end)
