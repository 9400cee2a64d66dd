if os.getenv "LBHOST_TEST_GC" then collectgarbage("incremental", 1, 1000) end
local liveblocks = require "liveblocks"
local json = liveblocks.json
local types = liveblocks.types

local null = json.null

describe("a type of the table", function()
  local function accepts(source, ...)
    local check = types.compile(source)
    for _, value in ipairs { ... } do
      local _, message = check(value, "field")
      assert.is_nil(message)
    end
  end
  local function refuses(source, value, expected)
    local checked, message = types.compile(source)(value, "field")
    assert.is_nil(checked)
    assert.matches(expected, message, 1, true)
  end

  it("of a simple kind takes that kind", function()
    accepts("string", "", "é")
    refuses("string", 1, "field must be a string, got integer")
    refuses("string", null, "field must be a string, got null")
    accepts("number", 1, 1.5)
    accepts("boolean", true)
    accepts("any", 1, "x", {}, null)
    accepts("null", null)
    refuses("null", 0, "field must be null")
    accepts("object", {}, { a = 1 })
    refuses("object", { 1 }, "field must be a table of names and values, got list")
    refuses("object", json.array {}, "got list")
    assert.is_nil((select(2, types.compile "false"(false, "field"))))
    refuses("false", true, "field must be false")
  end)

  it("of a range says what is allowed", function()
    accepts("integer(2..3599)", 2, 3599, 60.0)
    assert.equal("integer", math.type(types.compile "integer(2..3599)"(60.0, "field")))
    refuses("integer(2..3599)", 1, "field is 1, allowed is 2 to 3599")
    refuses("integer(2..3599)", 3600, "field is 3600")
    refuses("integer", 1.5, "field must be an integer, got number")
    refuses("integer", "5", "got string")
    accepts("string(..4)", "ééé🎉")
    refuses("string(..4)", "éééé🎉", "field has 5 characters, allowed is 0 to 4")
    accepts("string[](1..2)", { "a" }, { "a", "b" })
    refuses("string[](1..2)", {}, "field has 0 elements, allowed is 1 to 2")
  end)

  it("of a list names the element", function()
    accepts("string[]", {}, { "a" }, json.array {})
    refuses("string[]", { "a", 2 }, "field[2] must be a string, got integer")
    refuses("string[]", { a = 1 }, "field must be a list, got table")
    refuses("string[]", null, "field must be a list, got null")
    refuses("string[]", "a", "field must be a list, got string")
    refuses("integer(1..9)[][]", { { 1 }, { 10 } }, "field[2][1] is 10")
  end)

  it("of an empty table decides what is sent", function()
    assert.equal("[]", json.encode((types.compile "string[]"({}, "field"))))
    assert.equal("{}", json.encode((types.compile "map<string>"(json.object {}, "field"))))
    assert.equal('{"a":[]}', json.encode((types.compile "map<string[]>"({ a = {} }, "field"))))
    assert.equal('{"tags":[]}', json.encode((types.compile "{tags: string[]}"({ tags = {} }, "field"))))
  end)

  it("never changes the caller's table", function()
    local inner = {}
    local value = { a = inner }
    types.compile "map<string[]>"(value, "field")
    assert.is_false(json.is_array(inner))
    assert.equal(inner, value.a)
  end)

  it("of a record names unknown and missing fields", function()
    accepts("{id: string, tags?: string[]}", { id = "x" }, { id = "x", tags = {} })
    refuses("{id: string, tags?: string[]}", {}, "field.id is required")
    refuses("{id: string, tags?: string[]}", { id = "x", tag = {} }, "unknown field 'tag' in field; did you mean 'tags'?")
    refuses("{id: string}", { id = 1 }, "field.id must be a string")
    accepts("{id: string, ...}", { id = "x", more = 1 })
    refuses("{a: {b: {c: boolean}}}", { a = { b = { c = 1 } } }, "field.a.b.c must be a boolean, got integer")
  end)

  it("of a map names the key", function()
    accepts("map<string|string[]|null>", { a = "x", b = { "y" }, c = null, d = {} })
    refuses("map<string>", { a = 1 }, "field.a must be a string")
    refuses("map<string>", { [1.5] = "x" }, "field has a key that is not a string")
  end)

  it("of several says which there are, or what is wrong inside", function()
    accepts("string|number|null", "a", 1, null)
    refuses("string|number", true, "field must be string or number, got boolean")
    refuses("string(..2)|null", "abc", "field has 3 characters")
    accepts("'public'|'private'", "public")
    refuses("'public'|'private'", "pubilc", "field must be one of public, private, got 'pubilc'; did you mean 'public'?")
    refuses("'LiveObject'", "LiveMap", "field must be 'LiveObject', got 'LiveMap'")
  end)

  it("of a format says what it looks like", function()
    accepts("date", "2026-01-31T12:00:00.000Z", "2026-01-31T12:00:00+02:00")
    refuses("date", "31.1.2026", "field must be a date such as")
    refuses("date", 1769860800, "field must be a date such as")
    accepts("uri", "https://x.example/?a=1", "mailto:a@b")
    refuses("uri", "x.example", "field must be a URL")
    accepts("kind", "$myKind")
    refuses("kind", "myKind", "field must be a kind such as $myKind")
    refuses("event[]", { "roomCraeted" }, "did you mean 'roomCreated'")
    refuses("permission[]", { "room:wirte" }, "did you mean 'room:write'")
  end)

  it("of Storage keeps an empty list a list and an empty object an object", function()
    local check = types.compile "LsonFields"
    local value = { list = { liveblocksType = "LiveList", data = {} }, map = { liveblocksType = "LiveMap", data = {} },
      deep = { { liveblocksType = "LiveList", data = { { liveblocksType = "LiveList", data = {} } } } } }
    local sent = json.decode(json.encode((check(value, "data"))))
    assert.is_true(json.is_array(sent.list.data))
    assert.is_false(json.is_array(sent.map.data))
    assert.is_true(json.is_array(sent.deep[1].data[1].data))
    assert.is_false(json.is_array(value.list.data))
  end)

  it("is compiled once, and a mistake in the table is found at once", function()
    assert.equal(types.compile "{a: string}", (types.compile "{a: string}"))
    assert.has_error(function() types.compile "{a: strnig}" end)
    assert.has_error(function() types.compile "map<string" end)
  end)

  it("raises an error that names the call", function()
    local ok, err = pcall(types.check, "string", 1, "'id'", "create_room")
    assert.is_false(ok)
    assert.equal("create_room: 'id' must be a string, got integer", err.message)
  end)
end)
