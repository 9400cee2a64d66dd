require "liveblocks"
local errors = require "liveblocks.errors"
local options = require "liveblocks.options"

describe("a table of options", function()
  local types = { n = "integer", x = "number", s = "string", f = "function", to = "list", any = "any" }
  local function refused(given)
    local ok, err = pcall(options.typed, "call", given, types)
    assert.is_false(ok)
    assert.is_true(errors.is(err) and err.kind == "usage")
    return err.message
  end

  it("is copied as it is, with whole floats as integers", function()
    local given = { n = 3.0, x = 1.5, s = "", f = print, to = { "a" }, any = false }
    local plain = options.typed("call", given, types)
    assert.same({ n = 3, x = 1.5, s = "", f = print, to = { "a" }, any = false }, plain)
    assert.equal("3", tostring(plain.n))
    assert.is_false(plain == given)
    assert.equal("b", options.typed("call", { to = "b" }, types).to)
    assert.same({}, options.typed("call", {}, types))
  end)

  it("has no other names, and says which one may have been meant", function()
    assert.equal("call: unknown option 'anny'; did you mean 'any'?", refused { anny = 1 })
    assert.equal("call: unknown option '1'", refused { "x" })
  end)

  it("has no other types", function()
    assert.equal("call: option 'n' must be an integer, got number", refused { n = 1.5 })
    assert.equal("call: option 'n' must be an integer, got string", refused { n = "1" })
    assert.equal("call: option 's' must be a string, got number", refused { s = 1 })
    assert.equal("call: option 'to' must be a list, got number", refused { to = 1 })
    assert.equal("call: a table of options expected, got nil", refused(nil))
  end)
end)

describe("the options of a client", function()
  local function refused(given)
    local ok, err = pcall(options.check, given, "liveblocks.new")
    assert.is_false(ok)
    return err.message
  end

  it("have limits", function()
    assert.equal(2 ^ 20, options.check({ retries = 2 ^ 20 }, "liveblocks.new").retries)
    for message, given in pairs {
      ["option 'retries' must be 0 or more"] = { retries = -1 },
      ["option 'retries' must be at most 1048576"] = { retries = 2 ^ 20 + 1 },
      ["option 'timeout' must be greater than 0"] = { timeout = 0 },
      ["option 'rate' must be greater than 0"] = { rate = 0 / 0 },
      ["option 'backoff' must be greater than 0"] = { backoff = math.huge },
      ["option 'max_response' must be at most 1099511627776"] = { max_response = 2 ^ 41 },
      ["option 'secret' contains a NUL character"] = { secret = "sk_\0" },
    } do
      assert.equal("liveblocks.new: " .. message, refused(given))
    end
  end)

  it("count attempts, of which retries are all but the first", function()
    assert.equal(1, options.check({ retries = 0 }, "with").max_attempts)
    assert.is_nil(options.check({}, "with").max_attempts)
  end)

  it("may have earlier names, of which the new one is stronger", function()
    assert.equal(5, options.check({ max_reply = 5 }, "with").max_response)
    assert.equal(7, options.check({ max_reply = 5, max_response = 7 }, "with").max_response)
    assert.matches("option 'max_response' must be an integer", refused { max_reply = "5" }, 1, true)
  end)
end)
