require "liveblocks"
local json = require "liveblocks.json"
local outcome = require "liveblocks.storage.outcome"
local value = require "liveblocks.storage.value"

local function decode(text) return json.decode(text) end

describe("the outcome of a patch whose answer was lost", function()
  local before = decode '{"n":1,"o":{"a":1,"b":2},"l":[1,2,3],"other":0}'
  local after = decode '{"n":2,"o":{"a":1,"c":2},"l":[2,3,4],"other":0}'
  local patch = decode [[ [{"op":"test","path":"/other","value":0}, {"op":"replace","path":"/n","value":2},
    {"op":"move","from":"/o/b","path":"/o/c"}, {"op":"remove","path":"/l/0"}, {"op":"add","path":"/l/-","value":4}] ]]
  local places = outcome.places(patch, before, after)

  it("is told by the places it changes, lists as a whole", function()
    local paths = {}
    for i, place in ipairs(places) do paths[i] = place.path end
    assert.same({ "/n", "/o/c", "/o/b", "/l" }, paths)
  end)

  it("is made or not made, whatever others have changed beside it", function()
    assert.equal("made", outcome.judge(places, after))
    assert.equal("not made", outcome.judge(places, before))
    assert.equal("made", outcome.judge(places, decode '{"n":2.0,"o":{"x":9,"c":2},"l":[2,3,4],"other":7,"new":1}'))
    assert.equal("not made", outcome.judge(places, decode '{"n":1,"o":{"b":2},"l":[1,2,3]}'))
  end)

  it("is unknown when others have changed the same places", function()
    assert.equal("unknown", outcome.judge(places, decode '{"n":3,"o":{"a":1,"c":2},"l":[2,3,4]}'))
    assert.equal("unknown", outcome.judge(places, decode '{"n":2,"o":{"a":1,"b":2},"l":[1,2,3]}'))
    assert.equal("unknown", outcome.judge(places, decode '{}'))
  end)

  it("needs only short prints", function()
    local function hash(text) return tostring(#text) end
    local short = outcome.places(decode '[{"op":"add","path":"/t","value":"xyz"}]', decode '{}', decode '{"t":"xyz"}', hash)
    assert.same({ { path = "/t", before = "", after = hash(value.canonical "xyz") } }, short)
    assert.equal("made", outcome.judge(short, decode '{"t":"xyz"}', hash))
  end)

  it("does not take different values for the same", function()
    local seen = {}
    for _, text in ipairs { "1", '"1"', "true", '"true"', "null", "[]", "{}", "[1]", "[[1]]", '["1"]', "[1,2]", "[12]", '{"a":1}',
      '{"a":"1"}', '["a",1]', '["ab","c"]', '["a","bc"]', '{"a":{"b":1}}', '{"a":null}', '{"ab":1}', '[1,[2]]', '[[1],2]' } do
      local canonical = value.canonical(decode(text))
      assert.is_nil(seen[canonical], text)
      seen[canonical] = text
    end
    for one, other in pairs { ['{"a":1,"b":[1.0]}'] = '{"b":[1],"a":1.0}', ["1"] = "1.0", ["-0.0"] = "0",
      ['{"a":[10.0,-20.0,0.5]}'] = '{"a":[10,-20,0.5]}' } do
      assert.equal(value.canonical(decode(one)), value.canonical(decode(other)))
    end
    for one, other in pairs { ['"1.0"'] = '"1"', ["0.1234567890123456"] = "0.1234567890123457", ["10"] = "1",
      ['"a\\n1.0"'] = '"a\\n1"', ["1.0e-7"] = "1" } do
      assert.not_equal(value.canonical(decode(one)), value.canonical(decode(other)))
    end
  end)
end)
