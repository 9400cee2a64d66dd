if os.getenv "LBHOST_TEST_GC" then collectgarbage("incremental", 1, 1000) end
local liveblocks = require "liveblocks"
local json = liveblocks.json
local query = liveblocks.query
local refused = require "tests.support.refused"

describe("the query language", function()
  it("takes a string as it is", function()
    assert.equal("roomId^'x' AND whatever", query.format "roomId^'x' AND whatever")
    assert.equal("", query.format "")
  end)

  it("is written from plain values, in the order of their names", function()
    assert.equal("a:'x' b:2 c:true d:null e:-1.5", query.format { b = 2, d = json.null, a = "x", c = true, e = -1.5 })
    assert.equal("", query.format {})
    assert.equal("n:3", query.format { n = 3.0 })
    if math.type(1.0) == "float" then assert.equal("n:9007199254740993", query.format { n = 9007199254740993 }) end
  end)

  it("is written from comparisons", function()
    assert.equal("roomId^'eng:'", query.format { roomId = { startsWith = "eng:" } })
    assert.equal("n<5 n>1 n>=2 n<=4", query.format { n = { lt = 5, gt = 1, gte = 2, lte = 4 } })
  end)

  it("is written from the fields of metadata, plain values first", function()
    assert.equal("metadata['a']:1 metadata['z']:'x' metadata['m']>2",
      query.format { metadata = { z = "x", m = { gt = 2 }, a = 1 } })
    assert.equal("resolved:true roomId^'r' metadata['k']:null",
      query.format { metadata = { k = json.null }, roomId = { startsWith = "r" }, resolved = true })
  end)

  it("keeps a value inside its quotes, whatever is in it", function()
    for value, text in pairs {
      ["it's"] = [["it's"]], ['say "hi"'] = [['say "hi"']], [ [[it's "both"]] ] = [["it's \"both\""]],
      [ [[a\b]] ] = [['a\\b']], ["a\nb\0"] = [['a\nb\u0000']], ["x' OR a:'"] = [["x' OR a:'"]],
      ["größe 🎉"] = "'größe 🎉'",
    } do
      assert.equal("metadata['k']:" .. text, query.format { metadata = { k = value } })
      assert.equal("metadata[" .. text .. "]:1", query.format { metadata = { [value] = 1 } })
    end
  end)

  it("refuses what it cannot say", function()
    for expected, fields in pairs {
      ["'a-b' is not a valid field name"] = { ["a-b"] = 1 }, ["'1a' is not a valid field name"] = { ["1a"] = 1 },
      ["must be a string that is not empty"] = { [""] = 1 }, ["n.gt must be a number"] = { n = { gt = "3" } },
      ["roomId.startsWith must be a string"] = { roomId = { startsWith = 3 } },
      ["metadata.k is neither a value nor a comparison"] = { metadata = { k = { deeper = 1 } } },
      ["f is a function"] = { f = print },
    } do
      assert.matches(expected, refused(query.format, fields), 1, true)
    end
    assert.matches("a field name must be a string", refused(query.format, { "a" }))
    assert.matches("must be a string or a table", refused(query.format, 7))
    assert.matches("must be a string or a table", refused(query.format, nil))
  end)

  it("never becomes wider when a value is misspelled", function()
    assert.matches("metadata.k", refused(query.format, { metadata = { k = { startswith = "x" } } }))
    assert.matches("metadata.k", refused(query.format, { metadata = { k = json.array { "a" } } }))
  end)
end)
