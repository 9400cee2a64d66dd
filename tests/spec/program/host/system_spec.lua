local directory = require "tests.support.directory"
local host = require "lbhost.host"

describe("lbhost.host", function()
  local home
  before_each(function() home = directory.new() end)
  after_each(function() home:remove() end)

  it("lists a directory in order, hidden files too, and says why it cannot", function()
    for _, name in ipairs { "b.lua", "a.lua", ".hidden", "Z", "é" } do home:write(name, "") end
    assert.same({ ".hidden", "Z", "a.lua", "b.lua", "é" }, host.list_directory(home.path))
    local list, message = host.list_directory(home.path .. "/none")
    assert.is_nil(list)
    assert.matches("none: No such file or directory", message, 1, true)
    assert.is_nil((host.list_directory(home.path .. "/a.lua")))
  end)

  it("makes directories with those above them, for the owner alone", function()
    assert.is_true(host.make_directory(home.path .. "/a/b/c"))
    assert.is_true(host.make_directory(home.path .. "/a/b/c"))
    local pipe = io.popen(("stat -c %%a '%s/a/b'"):format(home.path))
    assert.equal("700", pipe:read "l")
    pipe:close()
    home:write("file", "")
    local ok, message = host.make_directory(home.path .. "/file")
    assert.is_nil(ok)
    assert.matches("Not a directory", message)
    assert.is_nil((host.make_directory(home.path .. "/file/below")))
  end)

  it("creates files, and never writes over one", function()
    local text = ("\0\xff"):rep(100000)
    assert.is_true(host.create_file(home.path .. "/new", text))
    assert.equal(text, home:read "new")
    local ok, message = host.create_file(home.path .. "/new", "other")
    assert.is_nil(ok)
    assert.matches("File exists", message)
    assert.equal(text, home:read "new")
  end)

  it("shows the source of what is compiled in", function()
    assert.matches("^%-%-%- Tasks", host.embedded_source "lua/liveblocks/task.lua")
    assert.matches("^%-%-%- The command line", host.embedded_source "lua/lbhost/cli/main.lua")
    assert.is_nil(host.embedded_source "lua/nothing.lua")
  end)

  it("knows no width of what is not a terminal", function()
    home:write("file", "")
    assert.is_nil(host.terminal_width(99))
    assert.is_false(host.isatty(99))
  end)
end)

describe("the history of the REPL", function()
  local history = require "lbhost.repl.history"
  local getenv = os.getenv
  local home
  before_each(function()
    home = directory.new()
    function os.getenv(name) -- luacheck: ignore 122
      if name == "XDG_STATE_HOME" then return home.path end
      return getenv(name)
    end
  end)
  after_each(function()
    os.getenv = getenv -- luacheck: ignore 122
    home:remove()
  end)

  it("gives back the last lines, and is cut when it has grown long", function()
    assert.same({}, history.load())
    assert.is_true(history.add "first")
    assert.same({ "first" }, history.load())
    local lines = {}
    for i = 1, 2500 do lines[i] = "line " .. i end
    home:write("lbhost/history", table.concat(lines, "\n") .. "\n")
    local loaded = history.load()
    assert.same({ 1000, "line 1501", "line 2500" }, { #loaded, loaded[1], loaded[1000] })
    assert.equal(1000, select(2, home:read("lbhost/history"):gsub("\n", "")))
  end)

  it("can be read by its owner alone, also when it was there before, and after it is cut", function()
    local function mode()
      local pipe <close> = io.popen(("stat -c %%a '%s/lbhost/history'"):format(home.path))
      return pipe:read "l"
    end
    history.add "first"
    assert.equal("600", mode())
    home:write("lbhost/history", ("line\n"):rep(2500))
    os.execute(("chmod 644 '%s/lbhost/history'"):format(home.path))
    history.load()
    assert.equal("600", mode())
    os.execute(("chmod 644 '%s/lbhost/history'"):format(home.path))
    history.add "more"
    assert.equal("600", mode())
  end)

  it("keeps nothing with a secret: keys, passwords in URLs, addresses of a chat's webhook, what an option has said to be one", function()
    require("lbhost.util.secrets").add "registered-token-1"
    for _, line in ipairs { "c = 'sk_prod_x'", "store 'postgres://u:pw@h/db'", "'https://h/?password=x1'", "x = 'registered-token-1'",
      "post 'https://hooks.slack.com/services/T0/B0/xyz'" } do
      assert.is_nil((history.add(line)))
    end
    assert.same({}, history.load())
  end)

  it("does without a directory that it cannot write", function()
    home:write("lbhost", "a file")
    local ok, message = history.add "x"
    assert.is_nil(ok)
    assert.is_string(message)
    assert.same({}, history.load())
  end)
end)
