local json = require "liveblocks.json"
local samples = require "lbhost.util.sample_events"
local types = require "liveblocks.types"

describe("sample events", function()
  local options = { now = "2026-01-02T03:04:05.000Z", project_id = "p", room_id = "r" }

  it("are there for each type that the module knows", function()
    local known = { table.unpack(types.events) }
    table.sort(known)
    assert.same(known, samples.types())
  end)

  it("are valid JSON, of the project and the room that were asked for", function()
    for _, kind in ipairs(samples.types()) do
      local event = samples.make(kind, options)
      assert.equal(kind, event.type)
      assert.equal("p", event.data.projectId)
      assert.is_not_nil(event.data.roomId)
      assert.same(event, json.decode(json.encode(event)))
    end
  end)

  it("of notifications have the fields of their kind", function()
    local function data(kind)
      local all = { notification_kind = kind }
      for name, value in pairs(options) do all[name] = value end
      return samples.make("notification", all).data
    end
    assert.same({ "thread", "r" }, { data(nil).kind, data(nil).roomId })
    assert.is_not_nil(data("textMention").mentionId)
    assert.equal(json.null, data("$custom").roomId)
    assert.is_not_nil(data("$custom").subjectId)
  end)

  it("are none for another type", function()
    assert.is_nil(samples.make("roomExploded", options))
  end)
end)
