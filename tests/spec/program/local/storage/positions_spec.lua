local positions = require "lbhost.local.storage.positions"
local seed = require "tests.support.seed"

describe("positions in a list", function()
  it("are those of the vendor's clients", function()
    for _, case in ipairs {
      { nil, nil, "!" }, { "!", nil, "!!" }, { "!!", nil, '!"' }, { "!~", nil, '"' }, { "~", nil, "~!" }, { "~~", nil, "~~  !" },
      { nil, "!", " ~" }, { nil, " ~", " }" }, { nil, '"', "!" }, { nil, "dV", "d" }, { "H|J", nil, "H|J !" },
      { "!", '"', "!O" }, { "!", "!!", "! O" }, { "!!", '!"', "!!O" }, { "a", "c", "b" },
    } do
      assert.equal(case[3], positions.make(case[1], case[2]))
    end
  end)

  it("are made of any text: the nearest one", function()
    for text, nearest in pairs { [""] = "!", [" "] = "!", ["! "] = "!", [" !"] = " !", ["a b"] = "a b", ["a\tb "] = "a b", ["é!"] = "~!",
      ["😀"] = "~~", ["\0"] = "!", ["~\127"] = "~~" } do
      assert.equal(nearest, positions.nearest(text))
    end
    assert.equal("~!", positions.make("é", nil))
    assert.equal("m", positions.make("z", "a"))
    assert.is_nil(positions.make("", " "))
    assert.is_nil(positions.make("é", "~"))
  end)

  it("leave space between any two, before and after all, and never end in the zero digit", function()
    seed.start()
    local list = { positions.make() }
    for _ = 1, 3000 do
      local at = math.random(#list + 1)
      local made = positions.make(list[at - 1], list[at])
      assert.is_true(positions.is_valid(made))
      assert.is_true(not list[at - 1] or list[at - 1] < made)
      assert.is_true(not list[at] or made < list[at])
      table.insert(list, at, made)
    end
  end)
end)
