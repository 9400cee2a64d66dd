local process = require "tests.support.process"

local function help(...) return process.run({ "help", ... }, { env = { COLUMNS = "80" } }) end

describe("lbhost help", function()
  for topic, expected in pairs {
    create_room = "%$ lbhost call create_room id=my%-room 'defaultAccesses=%[\"room:write\"%]'",
    iter_rooms = "for item in client:iter_rooms%(%) do",
    ["task.map"] = "function task%.map", ["storage.open"] = "document%.root%.title", ["webhook.verify"] = "WRONG_SIGNATURE",
    mutate_storage = "JSON Patch", task = "task%.spawn%(fn, %.%.%.%)", config = "%-%-secret%-file FILE",
    configuration = "%-%-secret%-file FILE", faults = "500=2%%@after", commentCreated = "lbhost send commentCreated",
    threads = "create_thread", comments = "create_comment", topics = "commentCreated", migrations = "Fields of a migration",
    migrate = "Examples:\n  lbhost migrate due.lua %-%-dry%-run", serve = "Environment:\n.*LIVEBLOCKS_WEBHOOK_SECRET",
  } do
    it("explains " .. topic, function()
      local out, err, status = help(topic)
      assert.same({ "", 0 }, { err, status })
      assert.matches(expected, out)
    end)
  end

  it("shows a page and the calls of the group that has the same name", function()
    for topic, call in pairs { yjs = "get_yjs_document", storage = "get_storage_document" } do
      local out = help(topic)
      assert.matches("^%u%w+ ?%w* %- ", out)
      assert.matches("\nCalls:\n\n" .. call, out)
    end
  end)

  it("fits into 80 columns, except for code", function()
    for _, topic in ipairs { "topics", "serve", "migrate", "local", "send", "queue", "call", "create_room", "get_rooms" } do
      for line in help(topic):gmatch "[^\n]+" do assert.is_true(utf8.len(line) <= 80, topic .. ": " .. line) end
    end
    for line in process.run({ "help" }, { env = { COLUMNS = "60" } }):gmatch "[^\n]+" do
      assert.is_true(utf8.len(line) <= 60, line)
    end
  end)

  it("shows of each command examples, and no option with a made-up name of its value or a default twice", function()
    for name in help():match "^.-\n\n(.-)\n\n":gmatch "%f[^\n%z]  (%l+) +%S" do
      local text = help(name)
      assert.matches("\nExamples:\n  %S", text, name)
      assert.is_nil(text:match "%-%-[%w-]+ <[^>]*>", name)
      assert.is_nil(text:match "%b() %(default: [^\n]*", name)
    end
  end)

  it("says so where there is nothing, with the nearest topic", function()
    local out, err, status = help "storage.opne"
    assert.same({ "", 2 }, { out, status })
    assert.matches("no help about 'storage.opne'; did you mean 'storage.open'?", err, 1, true)
    for _, word in ipairs { "xyzzy", "nope", "f" } do assert.is_nil(select(2, help(word)):find "did you mean", word) end
    for _, letters in ipairs { "x", "z", "g" } do assert.same({ "", 2 }, { (help(letters)), (select(3, help(letters))) }) end
  end)
end)
