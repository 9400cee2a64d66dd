local liveblocks = require "liveblocks"
local errors = require "liveblocks.errors"

describe("an error object", function()
  it("has a kind, a message and more, and is printed as one line", function()
    local err = errors.new("http", "no", { status = 404 })
    assert.is_true(errors.is(err))
    assert.same({ "http", "no", 404 }, { err.kind, err.message, err.status })
    assert.matches("no", tostring(err), 1, true)
    assert.is_nil(tostring(err):find("\n", 1, true))
  end)

  it("is one of the module, whatever else has the same fields", function()
    assert.is_false(errors.is { kind = "http", message = "no" })
    assert.is_false(errors.is "no")
    assert.is_false(errors.is(nil))
    assert.is_false(errors.is(setmetatable({}, {})))
  end)

  it("of wrong arguments is raised with its message formatted, and without a position", function()
    local ok, err = pcall(errors.usage, "%s: option '%s' must be %s", "new", "retries", errors.a "integer")
    assert.is_false(ok)
    assert.is_true(errors.is(err))
    assert.same({ "usage", "new: option 'retries' must be an integer" }, { err.kind, err.message })
  end)

  it("names kinds with their article", function()
    for kind, text in pairs { string = "a string", integer = "an integer", ["function"] = "a function", ["nil"] = "nil" } do
      assert.equal(text, errors.a(kind))
    end
  end)
end)

describe("the nearest name", function()
  local names = { get_room = true, get_rooms = true, create_room = true, id = true }

  it("is found when letters are missing, added, wrong or swapped", function()
    for wrong, right in pairs { get_rom = "get_room", get_roomm = "get_room", gte_room = "get_room", create_romo = "create_room",
      getroom = "get_room", GET_ROOM = "get_room", getRooms = "get_rooms" } do
      assert.equal(right, errors.nearest(wrong, names), wrong)
      assert.equal(("; did you mean '%s'?"):format(right), errors.hint(wrong, names))
    end
  end)

  it("is none when all are too far, or the name is too short or no string", function()
    for _, other in ipairs { "delete_thread", "xy", "", ("x"):rep(81), 5, false, {} } do
      assert.is_nil(errors.nearest(other, names), tostring(other))
      assert.equal("", errors.hint(other, names))
    end
    assert.is_nil(errors.nearest("x", {}))
  end)

  it("is the first in order of several that are as near, and a list will do", function()
    assert.equal("aab", errors.nearest("aaa", { "aac", "aab", "aad" }))
    assert.equal("b_c", errors.nearest("bc_", { "b_c" }))
  end)

  it("is what a client says of a call that it does not have", function()
    local ok, err = pcall(function() return liveblocks.new({ secret = "sk_x" }).get_rom end)
    assert.is_true(ok and err == nil or tostring(err):find("get_room", 1, true) ~= nil)
  end)
end)
