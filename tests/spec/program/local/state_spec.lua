require "tests.support.client"
local liveblocks = require "liveblocks"
local json = require "liveblocks.json"
local random_request = require "tests.support.random_request"
local read = require("tests.support.files").read
local seed = require "tests.support.seed"
local state = require "lbhost.local.state"
local support = require "tests.support.local_app"
local write = require("tests.support.files").write

describe("the state in a file", function()
  local path
  before_each(function()
    path = os.tmpname()
  end)
  after_each(function()
    os.execute(("chmod u+w '%s' 2>/dev/null; rm -rf '%s' '%s'.*"):format(path, path, path))
  end)

  it("comes back as it was: digits, bytes, empty lists, null, any keys", function()
    local content = {
      plain = { n = 12345678901234567, x = 1.0, list = json.array {}, map = {}, none = json.null },
      bytes = { a = "\255\0\1", ["\254"] = 1, text = "ä" }, numbers = { [3] = "three", [-1] = "minus" },
      dollar = { ["$bytes"] = "no bytes", ["$text"] = { "$pairs" } }, mixed = { "one", key = "two" },
    }
    local back = assert(state.decode(state.encode(content)))
    assert.same(content, back)
    assert.equal("float", math.type(back.plain.x))
    assert.is_true(json.is_array(back.plain.list))
    assert.is_false(json.is_array(back.plain.map))
    assert.equal(json.null, back.plain.none)
  end)

  it("may be deeper than JSON may", function()
    local content, depth = { deep = {} }, 0
    local at = content.deep
    for _ = 1, 2500 do
      at.a = {}
      at = at.a
    end
    at = assert(state.decode(state.encode(content))).deep
    while at.a do at, depth = at.a, depth + 1 end
    assert.equal(2500, depth)
  end)

  it("is refused with the reason when it is broken, and left alone", function()
    for text, reason in pairs {
      ["{"] = "not valid JSON", ["{}"] = "not a state file", ['[1]'] = "not a state file", [""] = "not valid JSON",
      ['{"format":"lbhost local state","version":99,"state":{}}'] = "version 99",
      ['{"format":"lbhost local state","version":1,"state":{"a":{"$bytes":"!"}}}'] = "not base64",
      ['{"format":"lbhost local state","version":1,"state":{"rooms":{"a'] = "not valid JSON",
    } do
      write(path, text)
      local ok, err = pcall(state.load, path)
      assert.is_false(ok, text)
      assert.matches(reason, err.message, 1, true)
      assert.matches("--reset", err.message, 1, true)
      assert.equal(text, read(path))
    end
    local ok, err = pcall(state.load, "/")
    assert.is_false(ok)
    assert.matches("cannot be used", err.message, 1, true)
    assert.is_nil(state.load(path .. ".none"))
  end)

  it("keeps all that an app holds", function()
    local app = support.new()
    support.call(app, "POST", "/v2/rooms", { id = "r", defaultAccesses = { "room:write" }, metadata = { a = { "1" } } })
    support.call(app, "POST", "/v2/rooms/r/feeds", { feedId = "f", metadata = { k = "v" } })
    support.call(app, "POST", "/v2/rooms/r/feeds/f/messages", { id = "m", data = { n = 1.5, list = json.array {} } })
    assert(state.save(path, app.state))
    local again = support.new()
    again:load(state.load(path))
    for _, target in ipairs { "/v2/rooms", "/v2/rooms/r", "/v2/rooms/r/feeds", "/v2/rooms/r/feeds/f/messages" } do
      local _, before, one = support.call(app, "GET", target)
      local _, after, other = support.call(again, "GET", target)
      assert.same(before, after)
      assert.equal(#one.body, #other.body)
    end
  end)

  it("comes back whole after thousands of random requests, down to the kind of each number", function()
    seed.start()
    local app, rows = support.new(), liveblocks.endpoints()
    for i = 1, 4000 do
      local row = rows[math.random(#rows)]
      if i % 20 == 1 then support.call(app, "POST", "/v2/rooms", { id = "r1", defaultAccesses = {} }) end
      -- a rolled key would end the rest
      if row.method ~= "DELETE" and not row.path:find("api-keys", 1, true) then
        app:handle(random_request.make(row, { roomId = { "r1" }, userId = { "ann", "bob" } }, "sk_localdev"))
      end
    end
    app.delivery:stop()
    local text = state.encode(app.state)
    assert.is_true(#text > 20000)
    local back = assert(state.decode(text))
    local function compare(one, other, where)
      assert.equal(math.type(one) or type(one), math.type(other) or type(other), where)
      if type(one) ~= "table" or one == json.null then return assert.equal(one, other, where) end
      for key, value in pairs(one) do compare(value, other[key], where .. "." .. tostring(key)) end
      for key in pairs(other) do assert.is_not_nil(one[key], where .. "." .. tostring(key)) end
    end
    compare(app.state, back, "$")
  end)
end)
