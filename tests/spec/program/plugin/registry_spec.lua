local directory = require "tests.support.directory"
local process = require "tests.support.process"

local GREETER = [[
  local word
  return { api = 1, name = "greeter", about = "Greets", options = { word = { type = "string", default = "hello" } },
    setup = function(host, options) word = options.word host.log("info", "set up", { a = 1 }) end,
    stop = function() print("stopped") end,
    commands = { greet = { about = "greets", usage = "greet NAME", run = function(arguments, ctx)
      print(word, arguments[1], ctx.name, ctx.options.word)
      return 3
    end } } }]]

describe("plugins", function()
  local home
  before_each(function() home = directory.new() end)
  after_each(function() home:remove() end)

  local function lbhost(arguments, env)
    local all = { HOME = home.path, XDG_CONFIG_HOME = false, LIVEBLOCKS_SECRET_KEY = "sk_t" }
    for name, value in pairs(env or {}) do all[name] = value end
    return process.run(arguments, { env = all, cwd = home.path })
  end

  it("in the directory of plugins add commands, with setup, stop and exit status", function()
    home:write(".config/lbhost/plugins/greeter.lua", GREETER)
    local out, err, status = lbhost { "greet", "world" }
    assert.equal("hello\tworld\tgreeter\thello\nstopped\n", out)
    assert.equal("lbhost: greeter: set up a=1\n", err)
    assert.equal(3, status)
    assert.matches("\n  greet +greets\n", (lbhost { "help" }))
    assert.equal("lbhost greet NAME\n  greets\n", (lbhost { "help", "greet" }))
    assert.equal("lbhost greet NAME\n  greets\n", (lbhost { "greet", "--help" }))
    assert.matches("did you mean 'greet'", select(2, lbhost { "gret" }), 1, true)
  end)

  it("take their options from the configuration, by default and with --config", function()
    home:write(".config/lbhost/plugins/greeter.lua", GREETER)
    home:write(".config/lbhost/lbhost.lua", "return { plugins = { greeter = { word = 'hi' } } }")
    assert.matches("^hi\tyou", (lbhost { "greet", "you" }))
    home:write("other.lua", "return { plugins = { greeter = { word = 'servus' } } }")
    assert.matches("^servus\tyou", (lbhost { "greet", "you", "--config", "other.lua" }))
    assert.matches("^servus\tyou", (lbhost { "--config=other.lua", "greet", "you" }))
  end)

  it("are found by --plugin, in the configuration, below XDG_CONFIG_HOME and on the Lua paths", function()
    local file = "return { api = 1, events = { roomCreated = print } }"
    home:write("by-option.lua", file)
    home:write("conf/by-file.lua", file)
    home:write("conf/lbhost.lua", "return { files = { 'by-file.lua' } }")
    home:write("xdg/lbhost/plugins/by-directory.lua", file)
    home:write("share/lbhost/plugins/by-path.lua", file)
    local out, err, status = lbhost({ "plugins", "--plugin", "by-option.lua", "--config", "conf/lbhost.lua" },
      { XDG_CONFIG_HOME = home.path .. "/xdg", LUA_PATH = home.path .. "/share/?.lua;;" })
    assert.equal(0, status, err)
    assert.matches("by%-option +active +%-%-plugin +events: roomCreated\n +by%-option.lua\n", out)
    assert.matches("by%-file +active +configuration +events: roomCreated\n +conf/by%-file.lua\n", out)
    assert.matches("by%-directory +active +directory +events: roomCreated\n +/.*/xdg/lbhost/plugins/by%-directory.lua\n", out)
    assert.matches("by%-path +found +Lua path +events: roomCreated\n", out)
    assert.matches("run +found +built%-in +commands: run\n", out)
    -- one on the Lua path takes part once it is named
    out = lbhost({ "plugins", "--plugin", "by-path" }, { LUA_PATH = home.path .. "/share/?.lua" })
    assert.matches("by%-path +active", out)
  end)

  it("are refused one by one, with file, field and reason, and the others go on", function()
    local dir = ".config/lbhost/plugins/"
    home:write(dir .. "a-syntax.lua", "return {")
    home:write(dir .. "b-fails.lua", "error('no luck')")
    home:write(dir .. "c-field.lua", "return { api = 1, evnets = {} }")
    home:write(dir .. "d-binary.lua", string.dump(function() return {} end))
    home:write(dir .. "e-option.lua", "return { api = 1, options = { url = { type = 'string', required = true } } }")
    home:write(dir .. "f-global.lua", "return { api = 1, about = abuot }")
    home:write(dir .. "g-command.lua", "return { api = 1, commands = { run = { about = 'x', run = print } } }")
    home:write(dir .. "greeter.lua", GREETER)
    home:write(dir .. "h-twice.lua", "return { api = 1, name = 'greeter' }")
    home:write(dir .. "i-not.so", "no shared object")
    local out, _, status = lbhost { "plugins" }
    assert.equal(1, status)
    for name, reason in pairs {
      ["a-syntax.lua"] = "cannot be loaded: ", ["b-fails.lua"] = "fails when it is loaded: ",
      ["c-field.lua"] = "evnets is not a field of a plugin; did you mean 'events'?",
      ["d-binary.lua"] = "cannot be loaded: ", ["e-option.lua"] = "options.url is required",
      ["f-global.lua"] = "fails when it is loaded: ", ["g-command.lua"] = 'commands["run"] is taken by built-in',
      ["h-twice.lua"] = "name 'greeter' is taken by ", ["i-not.so"] = "cannot be loaded: ",
    } do
      assert.matches(dir .. name .. ": " .. reason, out, 1, true)
    end
    assert.matches("undefined global 'abuot'", out, 1, true)
    assert.matches("no luck", out, 1, true)
    assert.matches("^hello\tyou", (lbhost { "greet", "you" }))
    assert.equal("2\n", (lbhost { "-e", "print(1 + 1)" }))
  end)

  it("can be switched off, and naming one that is not there is reported", function()
    home:write(".config/lbhost/plugins/greeter.lua", GREETER)
    home:write(".config/lbhost/lbhost.lua", "return { plugins = { greeter = false, greter = {}, absent = false } }")
    local out = lbhost { "plugins" }
    assert.matches("greeter +off", out)
    assert.is_nil(out:find "absent")
    assert.matches("lbhost.lua: plugins.greter names no plugin that is found; did you mean 'greeter'?", out, 1, true)
    local _, err, status = lbhost { "greet", "you" }
    assert.matches("unknown command 'greet'", err)
    assert.matches("refused: [^\n]*plugins.greter names no plugin", err)
    assert.equal(2, status)
    assert.matches("--plugin greter names no plugin", (lbhost { "plugins", "--plugin", "greter" }), 1, true)
  end)

  it("are stopped, and the reason is named, when their store is not opened", function()
    local file = home:write("st.lua", [[return { api = 1, name = "st", stop = function() io.stderr:write "stopped\n" end, stores = {
      why = function() return nil, "the disk is away" end, none = function() end, bad = function() error("no luck", 0) end } }]])
    for scheme, expected in pairs { why = "st.lua: the store 'why:' was not opened: the disk is away", bad = "no luck",
      none = "st.lua: the store 'none:' was not opened, its function returns nothing" } do
      local _, err, status = lbhost { "--plugin", file, "queue", "list", "--store", scheme .. ":x" }
      assert.matches("^stopped\nlbhost: ", err)
      assert.matches(expected, err, 1, true)
      assert.not_equal(0, status)
    end
  end)

  it("find modules that lie beside them", function()
    home:write("shared/rules.lua", "return { word = 'beside' }")
    home:write("shared/p.lua", "local rules = require 'rules' return { api = 1, commands = { x = { about = 'x', "
      .. "run = function() print(rules.word) end } } }")
    home:write("shared/m.lua", "local rules = require 'rules' return { api = 1, name = rules.word, ids = { 'a' }, each = print }")
    assert.equal("beside\n", (lbhost { "x", "--plugin", "shared/p.lua" }))
    local out, err = lbhost { "--local", "migrate", "shared/m.lua", "--dry-run" }
    assert.matches("beside: dry run", out .. err, 1, true)
  end)

  it("whose setup fails say so", function()
    home:write("p.lua", "return { api = 1, setup = function() error('no database') end,"
      .. " commands = { x = { about = 'x', run = print } } }")
    local _, err, status = lbhost { "x", "--plugin", "p.lua" }
    assert.matches("^lbhost: p.lua: setup fails: p.lua:1: no database\n", err)
    assert.equal(2, status)
  end)

  it("whose command fails say where", function()
    home:write("p.lua", "local function f(a) return a.b end\nreturn { api = 1, commands = { x = { about = 'x',"
      .. " run = function() return f(nil) + 1 end } } }")
    local _, err, status = lbhost { "x", "--plugin", "p.lua" }
    assert.matches("^lbhost: p.lua:1: attempt to index a nil value %(local 'a'%)\nstack traceback:\n.*p.lua:2: in function", err)
    assert.is_nil(err:find "main.lua")
    assert.equal(1, status)
  end)

  it("show their options", function()
    home:write(".config/lbhost/plugins/greeter.lua", GREETER)
    assert.matches("options  word         string, default hello", (lbhost { "plugins", "greeter" }), 1, true)
    assert.matches("did you mean 'greeter'", select(2, lbhost { "plugins", "greetr" }), 1, true)
  end)

  it("never come from the directory one happens to be in", function()
    home:write("cjson.lua", "error 'from here'")
    home:write("evil.lua", "print 'from here'")
    for _, path in ipairs { "./?.lua;;", "?.lua", "lua/?.lua;./?.lua;/nonexistent/?.lua" } do
      local out, err = lbhost({ "-e", "print(package.path, package.cpath) pcall(require, 'evil')" },
        { LUA_PATH = path, LUA_CPATH = "./?.so;x/?.so" })
      assert.equal("", err)
      assert.is_nil(out:find("from here"))
      for entry in (out:gsub("[\n\t]", ";")):gmatch("[^;]+") do assert.equal("/", entry:sub(1, 1)) end
    end
  end)
end)

describe("the configuration", function()
  local home
  before_each(function() home = directory.new() end)
  after_each(function() home:remove() end)

  local function lbhost(config, arguments)
    local path = home:write("lbhost.lua", config)
    return process.run({ "--config", path, table.unpack(arguments) }, { env = { LIVEBLOCKS_SECRET_KEY = false,
      LIVEBLOCKS_BASE_URL = false }, cwd = home.path })
  end

  it("names the file and what is wrong in it", function()
    for config, expected in pairs {
      ["return 1"] = "lbhost.lua: must return a table, returned number",
      ["return { base_urll = 'x' }"] = "lbhost.lua: unknown field 'base_urll'; did you mean 'base_url'?",
      ["return { timeout = 'x' }"] = "lbhost.lua: timeout must be a number, got string",
      ["return { plugins = { a = 1 } }"] = "lbhost.lua: plugins.a must be a table of options, true or false",
      ["return {"] = "cannot read the configuration: ", ["error 'x'"] = "the configuration fails: ",
      ["return { timeout = timeuot }"] = "undefined global 'timeuot' in the configuration",
    } do
      local _, err, status = lbhost(config, { "-e", "require('liveblocks').new { secret = 'sk_x' }" })
      assert.matches(expected, err, 1, true)
      assert.equal(1, status)
      -- what does not need it goes on
      local out, _, fine = lbhost(config, { "version" })
      assert.matches("^lbhost %d", out)
      assert.equal(0, fine)
      assert.matches(expected, (lbhost(config, { "plugins" })), 1, true)
    end
  end)

  it("gives clients their defaults, and reads the secret from a file beside it", function()
    home:write("secret", "sk_from_file\n")
    local out = lbhost("return { base_url = 'http://127.0.0.1:9', timeout = 5, secret_file = 'secret' }",
      { "-e", "print(require('liveblocks').new())" })
    assert.equal("liveblocks.client: http://127.0.0.1:9\n", out)
    out = lbhost("return { base_url = 'http://127.0.0.1:9', secret_file = 'secret' }",
      { "-e", "print(require('liveblocks').new())", })
    assert.equal("liveblocks.client: http://127.0.0.1:9\n", out)
    local _, err = lbhost("return { secret_file = 'nix' }", { "call", "get_rooms" })
    assert.matches("cannot read the secret file: .*nix", err)
  end)
end)

describe("global options", function()
  it("stand before the command or among its arguments, but not among those of a script", function()
    local function base(...)
      return (process.run({ ... }, { env = { LIVEBLOCKS_SECRET_KEY = "sk_t" } }))
    end
    local code = "print(require('liveblocks').new(), ...)"
    assert.equal("liveblocks.client: http://a\n", base("--base-url", "http://a", "-e", code))
    assert.equal("liveblocks.client: http://a\t--base-url\thttp://b\n",
      base("--base-url=http://a", "-e", code, "--base-url", "http://b"))
    assert.equal("liveblocks.client: http://b\n", base("run", "--base-url", "http://b", "-e", code))
    local _, unknown = process.run { "--base-ulr", "http://a", "version" }
    assert.equal("lbhost: unknown option '--base-ulr'; did you mean '--base-url'? (lbhost help shows all)\n", unknown)
    local _, err, status = process.run({ "call", "get_rooms", "--timeout" }, { env = { LIVEBLOCKS_SECRET_KEY = "sk_t" } })
    assert.equal("lbhost: --timeout needs a value\n", err)
    assert.equal(2, status)
    _, err = process.run({ "call", "get_rooms", "--base-url", "http://127.0.0.1:9", "--timeout", "20" },
      { env = { LIVEBLOCKS_SECRET_KEY = "sk_t" } })
    assert.matches("127.0.0.1", err, 1, true)
  end)
end)

describe("an installed program", function()
  it("finds the plugins beside itself, wherever it was installed", function()
    local prefix <close> = directory.new()
    local build = process.program:match "^(.*)/[^/]+$"
    os.execute(("mkdir -p '%s/bin' '%s/lib/lua/5.4/lbhost/plugins'"):format(prefix.path, prefix.path))
    os.execute(("cp '%s' '%s/bin/lbhost' && cp '%s/plugins/postgres.so' '%s/lib/lua/5.4/lbhost/plugins/'")
      :format(process.program, prefix.path, build, prefix.path))
    local pipe <close> = assert(io.popen(("'%s/bin/lbhost' plugins postgres 2>&1"):format(prefix.path)))
    assert.matches(prefix.path .. "/lib/lua/5.4/lbhost/plugins/postgres.so", pipe:read "a", 1, true)
  end)
end)
