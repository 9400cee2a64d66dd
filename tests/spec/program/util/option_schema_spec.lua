local option_schema = require "lbhost.util.option_schema"
local secrets = require "lbhost.util.secrets"

describe("a declaration of options", function()
  it("names a type, or has a row", function()
    local rows = option_schema.declare { a = "string", b = { type = "integer", default = 3, min = 1, max = 9, about = "how many" } }
    assert.equal("string", rows.a.type)
    assert.equal("integer, default 3: how many", option_schema.describe(rows.b))
  end)

  it("is refused with the name of the option that is wrong", function()
    for reason, declared in pairs {
      ["has the unknown type 'strng'; did you mean 'string'?"] = "strng", ["must be the name of a type or a table, got number"] = 5,
      ["has the unknown field 'requird'; did you mean 'required'?"] = { type = "string", requird = true },
      ["required must be a boolean"] = { type = "string", required = 1 }, ["default must be an integer, got string"] =
        { type = "integer", default = "1" }, ["has min or max, which are for numbers"] = { type = "string", min = 1 },
      ["has one_of, which is a list of the strings that an option of type string may be"] = { type = "number", one_of = { "1" } },
      ["default must be one of a, b, got 'c'"] = { type = "string", default = "c", one_of = { "a", "b" } },
      ["default is 0, allowed is 1 to any"] = { type = "number", default = 0, min = 1 },
    } do
      local rows, name, problem = option_schema.declare { x = declared }
      assert.same({ "x", reason }, { name, problem })
      assert.is_nil(rows)
    end
    assert.same({ "a b", "is not a valid name; use letters, digits and _" },
      { select(2, option_schema.declare { ["a b"] = "string" }) })
  end)

  it("is described for people", function()
    local rows = option_schema.declare { a = { type = "string", required = true, env = "A" },
      b = { type = "list", default = { "x", "y" } }, c = { type = "string", default = "" },
      d = { type = "string", default = "x", one_of = { "x", "y" } } }
    assert.equal("string, required, or A in the environment", option_schema.describe(rows.a))
    assert.equal("list, default x, y", option_schema.describe(rows.b))
    assert.equal("string, default empty", option_schema.describe(rows.c))
    assert.equal("x|y, default x", option_schema.describe(rows.d))
  end)
end)

describe("the values of options", function()
  local rows = option_schema.declare { name = { type = "string", required = true },
    n = { type = "integer", default = 20, min = 1, max = 100 }, on = "boolean",
    kinds = { type = "list", default = {} }, value = "json", path = { type = "integer", env = "PATH" },
    home = { type = "string", env = "HOME" }, format = { type = "string", one_of = { "text", "html" } } }

  it("are those given, else of the environment, else the defaults", function()
    local without = option_schema.declare { n = { type = "integer", default = 20 },
      home = { type = "string", env = "HOME", default = "/" } }
    local values = option_schema.resolve(without, {})
    assert.equal(20, values.n)
    assert.equal(os.getenv "HOME" or "/", values.home)
    values = option_schema.resolve(without, { n = 5, home = "x" })
    assert.same({ 5, "x" }, { values.n, values.home })
  end)

  it("are refused with the name of the option", function()
    local function wrong(given)
      given.path = given.path or 1
      local values, name, reason = option_schema.resolve(rows, given)
      assert.is_nil(values)
      return name .. " " .. reason
    end
    assert.matches("n is 0, allowed is 1 to 100", wrong { name = "x", n = 0 }, 1, true)
    assert.matches("n must be an integer, got string", wrong { name = "x", n = "1" }, 1, true)
    assert.matches("kinds must be a list of strings, got table", wrong { name = "x", kinds = { 1 } }, 1, true)
    assert.matches("format must be one of text, html, got 'htm'; did you mean 'html'?", wrong { name = "x", format = "htm" }, 1, true)
    assert.matches("name", wrong {})
    assert.matches("nam", wrong { name = "x", nam = 1 })
    local values, name, reason = option_schema.resolve(rows, { name = "x" })
    assert.is_nil(values)
    assert.equal("path", name)
    assert.matches("in the environment (PATH) must be an integer", reason, 1, true)
  end)

  it("are read from text", function()
    for text, value in pairs { ["true"] = true, ["0"] = false } do assert.equal(value, option_schema.parse(rows.on, text)) end
    assert.is_nil(option_schema.parse(rows.on, "maybe"))
    assert.equal(5, option_schema.parse(rows.n, "5"))
    assert.is_nil(option_schema.parse(rows.n, "5.5"))
    assert.same({ "a", "b c" }, option_schema.parse(rows.kinds, " a, b c ,"))
    assert.same({ x = 1 }, option_schema.parse(rows.value, '{"x":1}'))
  end)

  it("that are secret are hidden from then on", function()
    local secret = option_schema.declare { token = { type = "string", secret = true } }
    option_schema.resolve(secret, { token = "verysecrettoken" })
    assert.equal("it is ***", secrets.hide "it is verysecrettoken")
  end)
end)
