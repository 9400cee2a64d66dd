-- Values on their way through the client: nothing is lost, not a digit and not the kind of an empty table.
local helper = require "tests.support.client"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local same = require "tests.support.same"

local documents = dofile "tests/data/values/documents.lua"

describe("a Storage document with", function()
  local srv, client
  setup(function()
    srv = helper.server()
    client = helper.client(srv)
  end)
  teardown(function() srv:stop() end)

  for _, document in ipairs(documents) do
    local title, text = table.unpack(document)

    it(title .. " is decoded and encoded without loss", function()
      local value = json.decode(text)
      assert.is_true(same.exactly(value, json.decode(json.encode(value))))
      if math.type(1.0) == "float" then assert.equal(#text, #json.encode(value)) end -- else 1.0 is 1
    end)

    it(title .. " is sent and read without loss", function()
      srv:log()
      client:initialize_storage_document("r", { liveblocksType = "LiveObject", data = json.decode(text) })
      local sent = srv:log()[1].body
      assert.is_true(same.exactly(json.decode(text), json.decode(sent).data))
      srv:answer { path = "/v2/rooms/r/storage", method = "GET", body = sent, times = 1 }
      assert.is_true(same.exactly(json.decode(text), client:get_storage_document("r").data))
    end)
  end

  it("more than 1,000 levels is refused before anything is sent, and the place is named", function()
    local deep = "leaf"
    for _ = 1, 999 do deep = { deep } end
    srv:log()
    local _, err = client.try:initialize_storage_document("r", { liveblocksType = "LiveObject", data = { deep = deep } })
    assert.equal("usage", err.kind)
    assert.matches("$...[1][1]", err.message, 1, true)
    assert.matches("more than 1000 levels", err.message, 1, true)
    assert.equal(0, #srv:log())
    srv:answer { path = "/v2/rooms/r/storage", method = "GET", body = ("["):rep(1001) .. ("]"):rep(1001), times = 1 }
    _, err = client.try:get_storage_document("r")
    assert.equal("json", err.kind)
  end)

  it("what has no JSON form is refused, and the place is named", function()
    srv:log()
    for place, value in pairs {
      ["$.data.x"] = 0 / 0, ["$.data.x[2]"] = { 1, math.huge }, ["$.data.x.y"] = { y = "\xff" }, ["$.data.x[1]"] = { print },
    } do
      local _, err = client.try:initialize_storage_document("r", { liveblocksType = "LiveObject", data = { x = value } })
      assert.equal("usage", err.kind, place)
      assert.matches(place, err.message, 1, true)
    end
    local circle = {}
    circle.circle = circle
    local _, err = client.try:broadcast_event("r", circle)
    assert.equal("usage", err.kind)
    assert.equal(0, #srv:log())
  end)
end)

describe("a call as an argument, without parentheses around it,", function()
  local srv, client
  setup(function()
    srv = helper.server()
    client = helper.client(srv)
  end)
  teardown(function() srv:stop() end)

  it("hands on the metadata of its response where options stand, which are then none", function()
    srv:answer { path = "/v2/rooms/r", method = "GET", body = '{"id":"r"}' }
    assert.equal('{"id":"r"}', json.encode(client:get_room "r"))
    srv:answer { path = "/v2/rooms/r/storage", method = "GET", body = '{"liveblocksType":"LiveObject","data":{"a":1}}' }
    local before = { liveblocksType = "LiveObject", data = {} }
    assert.same({ { op = "add", path = "/a", value = 1 } }, liveblocks.storage.diff(before, client:get_storage_document "r"))
    srv:answer { path = "/v2/rooms/r/ydoc-binary", method = "GET", body = "\1\1\1\0\4\1\1t\2hi\0" }
    assert.same({ t = "hi" }, liveblocks.yjs.to_json(client:get_yjs_document_as_binary_update "r"))
    srv:answer { path = "/v2/any", method = "GET", body = '"{}"' }
    assert.same({}, json.decode(client:request("GET", "/v2/any")))
  end)

  it("names the parentheses where other options do not fit", function()
    assert.error_matches(function() json.encode({}, { status = 200 }) end, "parentheses", 1, true)
  end)
end)
