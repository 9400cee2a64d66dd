local parser = require "lbhost.cli.parser"

local function greet()
  local self = parser.new("greet", "Greets.")
  self:argument "name"
  self:option("--times", parser.with_default("How often.", 2)):argname "N":convert(tonumber)
  return self
end

local function refusal(arguments, hint)
  local ok, err = pcall(parser.parse, greet(), arguments, "greet", hint)
  assert.is_false(ok)
  assert.equal("usage", err.kind)
  return err.message
end

describe("the arguments of a command", function()
  it("are read into a table", function()
    assert.same({ name = "ann", times = 3 }, parser.parse(greet(), { "ann", "--times", "3" }, "greet"))
  end)

  it("are refused with what is wrong and where the help is", function()
    assert.equal("greet: missing argument 'name' (lbhost help greet)", refusal {})
    assert.matches("^greet: unknown option '%-%-time'.*did you mean '%-%-times'%? %(lbhost help greet%)$", refusal { "ann", "--time" })
    assert.equal("greet: unknown option '-x' (lbhost help greet)", refusal { "ann", "-x" })
  end)

  it("are refused with what a command adds to that", function()
    assert.matches("too many arguments; write it once %(lbhost help greet%)$", refusal({ "a", "b" }, function(problem)
      return problem:find "too many" and "; write it once"
    end))
  end)

  it("show their defaults", function()
    assert.equal("How often. (default: 2)", parser.with_default("How often.", 2.0))
    assert.equal("How often.", parser.with_default("How often.", nil))
  end)
end)
