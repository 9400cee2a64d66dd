require "tests.support.client"
local json = require "liveblocks.json"
local live = require "tests.support.live"
local support = require "tests.support.local_app"

local list, map, object = live.list, live.map, live.object

describe("Storage of the local Liveblocks", function()
  local app
  local function call(...) return support.call(app, ...) end
  local function read() return select(2, call("GET", "/v2/rooms/r/storage")) end

  before_each(function()
    app = support.new()
    call("POST", "/v2/rooms", { id = "r", defaultAccesses = {} })
  end)

  local document = object {
    n = 1, plain = { x = json.array { 1, { liveblocksType = "LiveList", data = json.array {} } } }, none = json.null,
    list = list { 1, object { z = json.array {} }, json.null }, map = map { k = "v", deep = list { list {} } },
    text = { liveblocksType = "LiveText", data = json.array { json.array { "hi" }, json.array { "b", { bold = true } } } },
  }

  it("gives back what it was initialized with", function()
    assert.same(object {}, read())
    local status, echo = call("POST", "/v2/rooms/r/storage", document)
    assert.equal(200, status)
    assert.same(document, echo)
    assert.same(document, read())
    assert.same({
      n = 1, plain = document.data.plain, none = json.null, list = { 1, { z = {} }, json.null },
      map = { k = "v", deep = { {} } }, text = document.data.text.data,
    }, select(2, call("GET", "/v2/rooms/r/storage?format=json")))
  end)

  it("is initialized once, while it is empty", function()
    assert.equal(200, (call("POST", "/v2/rooms/r/storage", object {})))
    assert.equal(200, (call("POST", "/v2/rooms/r/storage", object { a = 1 })))
    local status, err = call("POST", "/v2/rooms/r/storage", object { a = 2 })
    assert.equal(409, status)
    assert.equal("CANNOT_UPDATE_EXISTING_STORAGE", err.error)
    assert.equal(200, (call("DELETE", "/v2/rooms/r/storage")))
    assert.equal(200, (call("POST", "/v2/rooms/r/storage", object { a = 2 })))
  end)

  it("refuses what is not a document and names the place", function()
    for _, case in ipairs {
      { list {}, "body." }, { object { a = { liveblocksType = "LiveSet", data = {} } }, "body.data.a" },
      { object { a = { liveblocksType = "LiveList", data = { x = 1 } } }, "body.data.a.data" },
      { object { a = list { { liveblocksType = "LiveMap", data = json.array {} } } }, "body.data.a.data[0].data" },
      { object { a = { liveblocksType = "LiveFile", data = { id = "fl_x" } } }, "not uploaded" },
      { object { a = { liveblocksType = "LiveText", data = json.array { "x" } } }, "segments" },
      { object { a = ("x"):rep(2 * 1024 * 1024) }, "2097152" },
    } do
      local status, err = call("POST", "/v2/rooms/r/storage", case[1])
      assert.equal(422, status)
      assert.truthy(err.message:find(case[2], 1, true), err.message)
    end
    assert.same(object {}, read())
  end)

  it("refers to files that were uploaded", function()
    local id = "fl_" .. ("x"):rep(21)
    call("PUT", "/v2/rooms/r/storage/files/" .. id .. "/upload/a.png", "bytes")
    local status, echo = call("POST", "/v2/rooms/r/storage", object { f = { liveblocksType = "LiveFile", data = { id = id } } })
    assert.equal(200, status)
    assert.same({ id = id, name = "a.png", size = 5, mimeType = "image/png" }, echo.data.f.data)
  end)

  it("sends an event for each change", function()
    call("POST", "/v2/rooms/r/storage", object { a = 1 })
    call("DELETE", "/v2/rooms/r/storage")
    local seen = {}
    for _, event in ipairs(app.events) do seen[#seen + 1] = event.type end
    assert.same({ "roomCreated", "storageUpdated", "storageUpdated" }, seen)
    assert.same({ projectId = "localdev", roomId = "r", updatedAt = app:date(app.time) }, app.events[2].data)
  end)

  describe("with JSON Patch", function()
    local function patch(operations)
      return call("PATCH", "/v2/rooms/r/storage/json-patch", json.array(operations))
    end
    before_each(function()
      call("POST", "/v2/rooms/r/storage", object {
        n = 1, plain = { x = 1 }, items = list { "a", "b", "c" }, map = map { k = "v" }, ["a/b~c"] = object { d = 1 },
        text = { liveblocksType = "LiveText", data = json.array { json.array { "Original" } } },
      })
    end)

    it("adds, and makes objects and lists live", function()
      assert.equal(200, (patch {
        { op = "add", path = "/o", value = { a = json.array { 1, { b = json.array {} } } } },
        { op = "add", path = "/items/1", value = { c = 1 } }, { op = "add", path = "/items/-", value = "z" },
        { op = "add", path = "/map/new", value = json.array { 1 } }, { op = "add", path = "/a~1b~0c/e", value = json.null },
        { op = "add", path = "/m", value = map { x = { plain = true } } },
      }))
      local data = read().data
      assert.same(object { a = list { 1, object { b = list {} } } }, data.o)
      assert.same(list { "a", object { c = 1 }, "b", "c", "z" }, data.items)
      assert.same(map { k = "v", new = list { 1 } }, data.map)
      assert.same(object { d = 1, e = json.null }, data["a/b~c"])
      assert.same(map { x = { plain = true } }, data.m)
    end)

    it("removes and replaces what is there", function()
      assert.equal(200, (patch {
        { op = "remove", path = "/plain" }, { op = "remove", path = "/items/0" }, { op = "remove", path = "/map/k" },
        { op = "replace", path = "/items/1", value = "C" }, { op = "replace", path = "/n", value = json.array {} },
      }))
      local data = read().data
      assert.is_nil(data.plain)
      assert.same(list { "b", "C" }, data.items)
      assert.same(map {}, data.map)
      assert.same(list {}, data.n)
    end)

    it("moves and copies", function()
      assert.equal(200, (patch {
        { op = "move", from = "/n", path = "/items/0" }, { op = "move", from = "/items/3", path = "/items/1" },
        { op = "copy", from = "/items", path = "/copy" }, { op = "add", path = "/copy/-", value = "only here" },
        { op = "move", from = "/plain", path = "/map/p" }, { op = "move", from = "/map/k", path = "/k" },
        { op = "move", from = "/k", path = "/k" },
      }))
      local data = read().data
      assert.same(list { 1, "c", "a", "b" }, data.items)
      assert.same(list { 1, "c", "a", "b", "only here" }, data.copy)
      assert.same(map { p = { x = 1 } }, data.map)
      assert.equal("v", data.k)
      assert.is_nil(data.n)
    end)

    it("tests plain values and live structures, in either form", function()
      assert.equal(200, (patch {
        { op = "test", path = "/n", value = 1.0 }, { op = "test", path = "/plain", value = { x = 1 } },
        { op = "test", path = "/items", value = json.array { "a", "b", "c" } },
        { op = "test", path = "/items", value = list { "a", "b", "c" } },
        { op = "replace", path = "/n", value = 2 }, { op = "test", path = "/n", value = 2 },
      }))
    end)

    it("tests and replaces a text as a whole, and leaves it a text", function()
      local function text() return read().data.text end
      local segments = json.decode '[["Hello",{"bold":true}],[" world"]]'
      assert.equal(200, (patch {
        { op = "test", path = "/text", value = json.decode '[["Original"]]' },
        { op = "replace", path = "/text", value = segments }, { op = "test", path = "/text", value = segments },
      }))
      assert.same({ liveblocksType = "LiveText", data = segments }, text())
      assert.equal(200, (patch { { op = "replace", path = "/text", value = "Hello" } }))
      assert.same({ liveblocksType = "LiveText", data = { { "Hello" } } }, text())
      assert.equal(200, (patch { { op = "replace", path = "/text", value = "" } }))
      assert.same({ liveblocksType = "LiveText", data = {} }, text())
      assert.equal(200, (patch { { op = "move", from = "/text", path = "/items/0" }, { op = "move", from = "/items/0", path = "/t" } }))
      assert.equal("LiveText", read().data.t.liveblocksType)
      assert.equal(200, (patch { { op = "remove", path = "/t" } }))
      assert.is_nil(read().data.t)
    end)

    it("refuses what no text can be, paths below one, and making one", function()
      local before = read()
      local text = { liveblocksType = "LiveText", data = json.decode '[["x"]]' }
      for _, case in ipairs {
        { { op = "replace", path = "/text/data/0/0", value = "x" }, "'text' is a LiveText, which has no paths below its own" },
        { { op = "test", path = "/text/data", value = json.decode '[["Original"]]' }, "no paths below" },
        { { op = "add", path = "/text/data/-", value = json.decode '["x"]' }, "no paths below" },
        { { op = "test", path = "/text", value = { liveblocksType = "LiveText", data = json.decode '[["Original"]]' } }, "tested for" },
        { { op = "test", path = "/text", value = "Original" }, "tested for" },
        { { op = "replace", path = "/text", value = 5 }, "a string or a list of segments" },
        { { op = "replace", path = "/text", value = json.decode '["x"]' }, "a string or a list of segments" },
        { { op = "replace", path = "/text", value = text }, "a string or a list of segments" },
        { { op = "add", path = "/new", value = text }, "a patch cannot make a LiveText" },
        { { op = "add", path = "/new", value = { deep = json.array { text } } }, "a patch cannot make a LiveText" },
        { { op = "add", path = "/new", value = map { deep = text } }, "a patch cannot make a LiveText" },
      } do
        local status, err = patch { case[1] }
        assert.equal(422, status)
        assert.truthy(err.message:find(case[2], 1, true), err.message)
      end
      assert.same(before, read())
    end)

    it("replaces the whole document", function()
      assert.equal(200, (patch { { op = "replace", path = "", value = { only = json.array { 1 } } } }))
      assert.same(object { only = list { 1 } }, read())
      assert.equal(422, (patch { { op = "replace", path = "", value = 1 } }))
      assert.equal(422, (patch { { op = "remove", path = "" } }))
    end)

    it("grows no document beyond what can be held or written", function()
      local copies = {}
      for i = 1, 60 do copies[i] = { op = "copy", from = "", path = "/x" .. i } end
      local status, err = patch(copies)
      assert.equal(422, status)
      assert.truthy(err.message:find("copies", 1, true), err.message)
      local path, deep = "/deep", 0
      repeat
        deep = deep + 1
        status, err = patch { { op = "add", path = path, value = { a = { a = { a = { a = { a = {} } } } } } } }
        path = path .. "/a/a/a/a/a/a"
      until status ~= 200
      assert.truthy(err.message:find("nested deeper", 1, true), err.message)
      assert.is_true(deep > 20)
      assert.equal(200, (call("GET", "/v2/rooms/r/storage")))
      assert.equal(200, (call("POST", "/v2/rooms/r/request-storage-mutation", {})))
    end)

    it("does nothing when one operation fails, and says which one and why", function()
      local before = read()
      local good = {
        { op = "replace", path = "/n", value = 99 }, { op = "add", path = "/items/0", value = { a = 1 } },
        { op = "remove", path = "/map" }, { op = "move", from = "/items/1", path = "/items/3" },
        { op = "replace", path = "/text", value = "x" }, { op = "remove", path = "/a~1b~0c" },
        { op = "replace", path = "/items/1", value = json.array {} },
      }
      for _, case in ipairs {
        { { op = "test", path = "/n", value = 1 }, "tested" }, { { op = "remove", path = "/none" }, "nothing at 'none'" },
        { { op = "replace", path = "/none", value = 1 }, "nothing" }, { { op = "add", path = "/plain/x", value = 1 }, "plain JSON" },
        { { op = "add", path = "/items/9", value = 1 }, "Index out of bounds: 9" },
        { { op = "add", path = "/items/edge-1", value = 1 }, "Invalid index: edge-1" },
        { { op = "add", path = "/items/01", value = 1 }, "Invalid index: 01" }, { { op = "remove", path = "/items/-" }, "Invalid index" },
        { { op = "add", path = "/no/x", value = 1 }, "nothing at 'no'" }, { { op = "move", from = "/items", path = "/items/0" }, "itself" },
        { { op = "copy", from = "/zz", path = "/y" }, "nothing" },
        { { op = "add", path = "/big", value = ("x"):rep(3000000) }, "allowed are" },
      } do
        local operations = json.array { table.unpack(good) }
        operations[#operations + 1] = case[1]
        local status, err = patch(operations)
        assert.equal(422, status)
        assert.truthy(err.message:find(case[2], 1, true), err.message)
        assert.same(before, read())
      end
      for _, case in ipairs { { op = "fly", path = "/n" }, { op = "add", path = "/n" }, { op = "add", value = 1 },
        { op = "add", path = "n", value = 1 }, { op = "add", path = "/~2", value = 1 }, { op = "move", path = "/n" } } do
        local status, err = patch { case }
        assert.equal(422, status)
        assert.equal("UNPROCESSABLE_ENTITY", err.error)
      end
      assert.same(before, read())
    end)
  end)

  describe("by operations", function()
    local function send(ops)
      return call("POST", "/v2/rooms/r/send-message", { messages = json.array { { type = 201, ops = json.array(ops) } } })
    end
    local function nodes()
      local _, text = call("POST", "/v2/rooms/r/request-storage-mutation", {})
      local out = {}
      for line in text:gmatch("[^\n]+") do out[#out + 1] = line end
      return out
    end

    it("gives each reader an actor and the nodes, parents first", function()
      call("POST", "/v2/rooms/r/storage", object { a = 1, l = list { "x", object {} } })
      local lines = nodes()
      assert.same({ actor = 1 }, json.decode(lines[1]))
      assert.same({ "root", { type = 0, data = { a = 1 } } }, json.decode(lines[2]))
      local l = json.decode(lines[3])
      assert.same({ type = 1, parentId = "root", parentKey = "l" }, l[2])
      assert.same({ type = 3, parentId = l[1], parentKey = "!", data = "x" }, json.decode(lines[4])[2])
      assert.same({ type = 0, parentId = l[1], parentKey = "!!", data = {} }, json.decode(lines[5])[2])
      assert.same({ actor = 2 }, json.decode(nodes()[1]))
    end)

    it("puts items at free positions and returns to the sender where", function()
      local status, answer = send {
        { opId = "9:1", type = 2, id = "9:1", parentId = "root", parentKey = "l" },
        { opId = "9:2", type = 8, id = "9:2", parentId = "9:1", parentKey = "!", data = "a" },
        { opId = "9:3", type = 8, id = "9:3", parentId = "9:1", parentKey = "!", data = "b" },
        { opId = "9:4", type = 8, id = "9:4", parentId = "9:1", parentKey = "!", data = "c", intent = "push" },
        { opId = "9:5", type = 8, id = "9:5", parentId = "9:1", parentKey = "!", data = "d", intent = "set", deletedId = "9:2" },
      }
      assert.equal(200, status)
      assert.same({ { type = 1, id = "9:3", parentKey = "!!" }, { type = 1, id = "9:4", parentKey = '!"' } },
        answer.messages[1][1].ops)
      assert.equal("!!", answer.messages[2][1].ops[3].parentKey)
      assert.same(list { "d", "b", "c" }, read().data.l)
      send { { opId = "9:6", type = 1, id = "9:5", parentKey = '!"' } }
      assert.same(list { "b", "c", "d" }, read().data.l)
    end)

    it("takes any text for a position, and refuses where two items at the same one leave no room", function()
      local function item(id, key, more)
        local op = { opId = "9:" .. id, type = 8, id = "9:" .. id, parentId = "9:1", parentKey = key, data = id }
        for name, value in pairs(more or {}) do op[name] = value end
        return op
      end
      local _, answer = send {
        { opId = "9:1", type = 2, id = "9:1", parentId = "root", parentKey = "l" },
        item(2, ""), item(3, "é"), item(4, "é ", { intent = "set" }), item(5, "a ", { intent = "push" }),
      }
      assert.same({ { type = 1, id = "9:2", parentKey = "!" }, { type = 1, id = "9:3", parentKey = "~" },
        { type = 1, id = "9:5", parentKey = "~!" } }, answer.messages[1][1].ops)
      assert.same(list { 2, 3, 5, 4 }, read().data.l)
      send { { opId = "9:6", type = 5, id = "9:5" } }
      local before = read()
      local status, err = send { item(7, "b"), item(8, "~") }
      assert.equal(422, status)
      assert.equal('There is no position between "~" and "é "', err.message)
      assert.same(before, read())
      send { item(9, "", { intent = "set" }), item(10, " ", { intent = "set" }), item(11, "") }
      assert.same(list { 9, 10, 2, 11, 3, 4 }, read().data.l)
    end)

    it("returns the position of an item that is pushed a second time", function()
      send {
        { opId = "9:1", type = 2, id = "9:1", parentId = "root", parentKey = "l" },
        { opId = "9:2", type = 8, id = "9:2", parentId = "9:1", parentKey = '"', data = 1 },
      }
      local push = { opId = "9:3", type = 8, id = "9:2", parentId = "9:1", parentKey = "!", data = 1, intent = "push" }
      local _, answer = send { push }
      push.parentKey = '"'
      assert.same({ push, { type = 1, id = "9:2", parentKey = '"' } }, answer.messages[1][1].ops)
    end)

    it("acknowledges what has no effect", function()
      local _, answer = send {
        { opId = "9:1", type = 4, id = "9:1", parentId = "gone", parentKey = "a", data = {} },
        { opId = "9:2", type = 8, id = "9:2", parentId = "root", parentKey = "a", data = 1 },
        { opId = "9:3", type = 1, id = "root", parentKey = "!" },
      }
      for i = 1, 3 do
        assert.same({ type = 5, id = "ACK", opId = "9:" .. i }, answer.messages[1][1].ops[i])
      end
      assert.same(object {}, read())
    end)

    it("changes objects and maps, deletes, and never deletes the root", function()
      send {
        { opId = "9:1", type = 3, id = "root", data = { a = 1, b = { c = 2 }, m = 3 } },
        { opId = "9:2", type = 7, id = "9:2", parentId = "root", parentKey = "m" },
        { opId = "9:3", type = 8, id = "9:3", parentId = "9:2", parentKey = "k", data = 1 },
        { opId = "9:4", type = 4, id = "9:4", parentId = "9:2", parentKey = "k", data = { x = 1 } },
        { opId = "9:5", type = 3, id = "9:4", data = { y = 2 } }, { opId = "9:6", type = 6, id = "root", key = "a" },
        { opId = "9:7", type = 5, id = "root" },
      }
      assert.same(object { b = { c = 2 }, m = map { k = object { x = 1, y = 2 } } }, read())
      send { { opId = "9:8", type = 5, id = "9:2" } }
      assert.same(object { b = { c = 2 } }, read())
    end)

    it("keeps a text as it was sent until it is changed", function()
      local sent = json.decode '[["a"],[""],["b",{}]]'
      send { { opId = "9:1", type = 9, id = "9:1", parentId = "root", parentKey = "t", version = 0, data = sent } }
      local _, answer = send { { opId = "9:2", type = 10, id = "9:1", baseVersion = 0, ops = json.array {} } }
      assert.same({ type = 5, id = "ACK", opId = "9:2" }, answer.messages[1][1].ops[1])
      assert.same({ { "a" }, { "" }, { "b", {} } }, read().data.t.data)
      send { { opId = "9:3", type = 10, id = "9:1", baseVersion = 0, ops = json.array { { type = "delete", index = 0, length = 1 } } } }
      assert.same({ { "b", {} } }, read().data.t.data)
    end)

    it("merges edits of a text that were made side by side", function()
      send { { opId = "9:1", type = 9, id = "9:1", parentId = "root", parentKey = "t", version = 0,
        data = json.array { json.array { "ab" } } } }
      send { { opId = "9:2", type = 10, id = "9:1", baseVersion = 0, ops = json.array { { type = "insert", index = 1, text = "ZZ" } } } }
      local _, answer = send { { opId = "9:3", type = 10, id = "9:1", baseVersion = 0,
        ops = json.array { { type = "delete", index = 0, length = 2 } } } }
      assert.same({ { type = "delete", index = 0, length = 1 }, { type = "delete", index = 2, length = 1 } },
        answer.messages[1][1].ops[1].ops)
      assert.same({ { "ZZ" } }, read().data.t.data)
      _, answer = send { { opId = "9:4", type = 10, id = "9:1", baseVersion = 7, ops = json.array {} } }
      assert.same({ type = 299, opIds = { "9:4" }, reason = "LiveText operation base version is ahead of storage" },
        answer.messages[1][1])
    end)

    it("refuses operations that are malformed and applies none of the message", function()
      for _, op in ipairs {
        { opId = "9:2", type = 77 }, { opId = "9:2", type = 3, id = "root" }, { type = 5, id = "x" },
        { opId = "9:2", type = 10, id = "9:1", baseVersion = 0, ops = json.array { { type = "insert", index = 1 } } },
      } do
        local status = send { { opId = "9:1", type = 3, id = "root", data = { a = 1 } }, op }
        assert.equal(422, status)
      end
      assert.same(object {}, read())
      assert.equal(422, (call("POST", "/v2/rooms/r/send-message", { messages = json.array { { type = 100 } } })))
    end)
  end)
end)
