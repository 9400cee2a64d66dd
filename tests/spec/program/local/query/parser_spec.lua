local parser = require "lbhost.local.query.parser"
local responses = require "lbhost.local.http.response"

local function parse(text) return parser.parse { text = text, suggestion = "s", at = 1 } end

local function refusal(text)
  local ok, failure = pcall(parse, text)
  assert.is_false(ok, text)
  assert.is_true(responses.is_failure(failure), tostring(failure))
  return failure.message
end

describe("a query as it is written", function()
  it("becomes clauses with name, key, operator, value and type", function()
    local clauses = parse "roomId^'eng:' AND metadata[\"n\"]>=1.5 -resolved:true"
    assert.same({ "roomId", "^", "eng:", "string" }, { clauses[1].name, clauses[1].operator, clauses[1].value, clauses[1].type })
    assert.same({ "metadata", "n", ">=", 1.5, "number" },
      { clauses[2].name, clauses[2].key, clauses[2].operator, clauses[2].value, clauses[2].type })
    assert.same({ true, "resolved", true }, { clauses[3].negated, clauses[3].name, clauses[3].value })
    assert.equal(3, #clauses)
  end)

  it("may have alternatives, which are read as one clause", function()
    assert.same({ { at = 1, alternatives = true } }, parse "(roomId:'a' OR roomId:'b')")
  end)

  it("is refused with what is expected, and its line and column", function()
    assert.matches("Expected .*\"%^\"", refusal "roomId")
    assert.matches("but end of input found", refusal "roomId:")
    assert.matches("Expected OR", refusal "(roomId:'a')")
    assert.matches("<identifier>", refusal "roomId:'a' AND")
  end)
end)
