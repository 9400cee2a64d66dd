local client = require "liveblocks.client"
local endpoint_help = require "lbhost.cli.endpoint_help"

describe("help about calls", function()
  it("has name, method, path, query, body and an example that can be pasted", function()
    local text = endpoint_help.call(client.rows.create_room)
    for _, part in ipairs { "create_room\n  Create a room;", "client:create_room({ ... })\n  POST /v2/rooms\n", "body: {id: string",
      "returns json\n", "$ lbhost call create_room id=" } do
      assert.is_truthy(text:find(part, 1, true), part)
    end
    assert.matches("all pages: client:iter_rooms", endpoint_help.call(client.rows.get_rooms))
    assert.matches("%-%-body @FILE", endpoint_help.call(client.rows.send_yjs_binary_update))
  end)

  it("finds calls by their names, other names, groups and words", function()
    assert.equal(endpoint_help.exact "get_yjs_versions", endpoint_help.exact "get_version_history")
    assert.matches("^get_rooms +List rooms", endpoint_help.exact "rooms")
    assert.matches("presence", endpoint_help.found "presence")
    assert.is_nil(endpoint_help.exact "nothing")
    assert.is_nil(endpoint_help.found "xyzzy")
    assert.matches("^client:iter_rooms\n", endpoint_help.iterator "rooms")
    assert.is_nil(endpoint_help.iterator "storage_document")
  end)

  it("has an example without a required field left out, for every call", function()
    for _, row in pairs(client.rows) do
      local text = endpoint_help.call(row)
      local words = text:match("%$ lbhost call " .. row.name .. "([^\n]*)")
      assert.is_truthy(words, row.name)
      for _, field in ipairs(row.query) do
        if field.required then assert.is_truthy(words:find(field.name .. "=", 1, true), row.name .. " " .. field.name) end
      end
    end
  end)
end)
