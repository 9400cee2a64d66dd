local json = require "liveblocks.json"
local live = require "tests.support.live"
local storage = require("liveblocks").storage
local walk = require "lbhost.migrate.walk"

describe("a walk through Storage", function()
  local object = live.object
  local root = storage.open(object {
    columns = { liveblocksType = "LiveList", data = json.array { object { cards = { liveblocksType = "LiveMap",
      data = json.object { ["a/b"] = object { n = 1 }, c = object { n = 2 } } } }, object {}, "scalar" } }, plain = { x = 1 },
  }).root

  local function paths(path)
    local list = {}
    local count = walk(root, path, function(_, at) list[#list + 1] = at end)
    assert.equal(#list, count)
    return list
  end

  it("finds the parts that a path names, in their order", function()
    assert.same({ "" }, paths "")
    assert.same({ "/columns/0", "/columns/1" }, paths "/columns/*")
    assert.same({ "/columns/0/cards/a~1b", "/columns/0/cards/c" }, paths "/columns/*/cards/*")
    assert.same({ "/columns/0/cards/a~1b" }, paths "/columns/*/cards/a~1b")
  end)

  it("leaves out what is not there, scalars and plain JSON", function()
    assert.same({}, paths "/none/*")
    assert.same({}, paths "/plain")
    assert.same({}, paths "/columns/*/cards/a~1b/n")
  end)

  it("reports an invalid path", function()
    assert.matches("is not a path such as", select(2, pcall(walk, root, "columns", print)).message)
    assert.matches("'/columns' is a list: write %* for its items", select(2, pcall(walk, root, "/columns/0", print)).message)
  end)
end)
