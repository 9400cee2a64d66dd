local field_check = require "lbhost.util.field_check"

describe("checks of fields", function()
  it("name the types that a value may have", function()
    local check = field_check.of_type("integer", "function")
    assert.is_nil(check(1))
    assert.is_nil(check(print))
    assert.equal("must be an integer or a function, got number", check(1.5))
    assert.equal("must be a list of strings, got number", field_check.strings { "a", 1 })
    assert.is_nil(field_check.strings { "a" })
    assert.equal("must be one line", field_check.line "a\nb")
    assert.equal("must be letters, digits, - and _", field_check.name "a b")
    assert.equal("is 2; this lbhost knows api = 1", field_check.api(1)(2))
  end)

  it("keep numbers in their range", function()
    local whole, any = field_check.range("integer", 1, 9), field_check.range("number", 0.5, 9)
    assert.is_nil(whole(9))
    assert.is_nil(any(1))
    for _, bad in ipairs { 0, 10, 1.5, 0 / 0, "1" } do assert.equal("must be an integer of 1 to 9", whole(bad)) end
    for _, bad in ipairs { 0, 10, 0 / 0, 1 / 0, "1" } do assert.equal("must be a number of 0.5 to 9", any(bad)) end
  end)

  it("find the first thing wrong, in the same order each time, with its place", function()
    local fields = { a = field_check.of_type "string", m = field_check.map(function(name)
      if name == "bad" then return "is bad" end
      return nil, name == "odd" and "is odd" or nil
    end, field_check.of_type "function"), r = field_check.record({ x = field_check.of_type "string" }, function(value)
      if not value.x then return "has no x" end
    end) }
    local warnings = {}
    local function problem(given)
      return { field_check.first_problem(given, fields, function(place, text) warnings[#warnings + 1] = place .. " " .. text end) }
    end
    assert.same({}, problem { a = "x", m = { f = print, odd = print }, r = { x = "1" } })
    assert.same({ 'm["odd"] is odd' }, warnings)
    assert.same({ "a", "must be a string, got number" }, problem { a = 1, m = 1, z = 1 })
    assert.same({ 'm["bad"]', "is bad" }, problem { m = { bad = print } })
    assert.same({ 'm["f"]', "must be a function, got number" }, problem { m = { f = 1 } })
    assert.same({ 'm["1"]', "must have a string as its key" }, problem { m = { print } })
    assert.same({ "r", "x must be a string, got number" }, problem { r = { x = 1 } })
    assert.same({ "r", "has the unknown field 'xx1'" }, problem { r = { xx1 = 1, x = "y" } })
    assert.same({ "r", "has no x" }, problem { r = {} })
    assert.same({ "z" }, problem { z = 1 })
    assert.same({ "1" }, problem { print })
  end)
end)
