local check = require "tests.words"

describe("the lint of words", function()
  it("refuses words that are not those of the field, in messages, names and comments", function()
    for line, language in pairs {
      ["errors.usage(\"'%s' is no number\", text)"] = "lua", ["host.list_folder(path)"] = "lua", ["the folder of plugins"] = "md",
      ["-- the name behind it"] = "lua", ["/* moves behind the quote */"] = "c", ["it is loaded anew"] = "md",
      ["'to' must be a text, got nil"] = "lua", ["HOST_SELDOM static int f(void)"] = "c",
    } do
      assert.equal(1, #check("\n" .. line, language), line)
    end
  end)

  it("lets through what is meant as it stands, and a line with a reason", function()
    for line, language in pairs {
      ["there is no room 'x'"] = "lua", ["local behind = 1"] = "lua", ["the client behind a proxy"] = "md",
      ["it is no longer there"] = "c", ["-- a folder; words: the API says so"] = "lua",
    } do
      assert.equal(0, #check(line, language), line)
    end
  end)
end)
