local check = require "tests.words"

describe("the lint of words", function()
  it("refuses words that are not those of the field, in messages, names and comments", function()
    for line, language in pairs {
      ["errors.usage(\"'%s' is no number\", text)"] = "lua", ["host.list_folder(path)"] = "lua", ["the folder of plugins"] = "md",
      ["-- the name behind it"] = "lua", ["/* moves behind the quote */"] = "c", ["it is loaded anew"] = "md",
      ["'to' must be a text, got nil"] = "lua", ["HOST_SELDOM static int f(void)"] = "c",
      ["-- the loop is told of it"] = "lua", ["/* the reader tells the writer */"] = "c", ["an answer of the API"] = "md",
      ["size_t count, size_t room);"] = "c", ["an address, or nil when it is none"] = "md", ["-- the run that has begun"] = "lua",
      ["enum { MOST_NESTED = 50 };"] = "c", ["-- Who asks waits a moment."] = "lua", ["a list for who receives many"] = "md",
    } do
      assert.equal(1, #check("\n" .. line, language), line)
    end
  end)

  it("lets through what is meant as it stands, and a line with a reason", function()
    for line, language in pairs {
      ["there is no room 'x'"] = "lua", ["local behind = 1"] = "lua", ["the client behind a proxy"] = "md",
      ["it is no longer there"] = "c", ["-- a folder; words: the API says so"] = "lua",
      ["get_room(client, room, &response)"] = "c", ["there is none"] = "md",
      ["**Who closes a connection?** libcurl"] = "md", ["at most = 3"] = "md",
      ["local answer = ask(question)"] = "lua",
    } do
      assert.equal(0, #check(line, language), line)
    end
  end)
end)
