local helper = require "tests.support.client"
local process = require "tests.support.process"

describe("lbhost run", function()
  local srv, env, directory
  setup(function()
    srv = helper.server()
    env = { LIVEBLOCKS_SECRET_KEY = "sk_t", LIVEBLOCKS_BASE_URL = srv.url }
    directory = require("tests.support.directory").new()
  end)
  teardown(function()
    srv:stop()
    directory:remove()
  end)

  local function run(list, input)
    return process.run(list, { env = env, input = input, cwd = directory.path })
  end

  local arguments = 'print(arg[0], #arg, table.concat(arg, "|"), select("#", ...), (...))'

  it("runs a file with its arguments", function()
    local path = directory:write("script.lua", "#!/usr/bin/env lbhost\n" .. arguments)
    local out, err, status = run { "run", path, "a b", "--flag", "-v", "--", "é" }
    assert.same({ path .. "\t5\ta b|--flag|-v|--|é\t5\ta b\n", "", 0 }, { out, err, status })
  end)

  it("runs standard input, and a line", function()
    assert.equal("-\t2\ta|b\t2\ta\n", (run({ "run", "-", "a", "b" }, arguments)))
    assert.equal("-e\t2\ta|b\t2\ta\n", (run { "-e", arguments, "a", "b" }))
    assert.equal("", (run({ "run", "-" }, "")))
  end)

  it("runs a file by its name alone, as a first line for the shell does", function()
    local path = directory:write("executable.lua", "#!/usr/bin/env lbhost\n" .. arguments)
    for _, list in ipairs { { path, "a", "-e" }, { "./executable.lua", "a", "-e" }, { "executable.lua", "a", "-e" } } do
      local out, err, status = run(list)
      assert.same({ list[1] .. "\t2\ta|-e\t2\ta\n", "", 0 }, { out, err, status })
    end
    assert.equal("-\t1\ta\t1\ta\n", (run({ "-", "a" }, arguments)))
    local _, err, status = run { "none.lua" }
    assert.same({ "lbhost: cannot read the script: none.lua: No such file or directory\n", 2 }, { err, status })
  end)

  it("runs each -e in its order, none when one does not compile", function()
    assert.equal("1\ta\n2\ta\n", (run { "-e", "x = 1 print(x, ...)", "-e", "print(x + 1, ...)", "a" }))
    local out, err, status = run { "-e", "print(1)", "-e", "x =" }
    assert.same({ "", 1 }, { out, status })
    assert.matches("%(command line%):1: ", err)
  end)

  it("gives the arguments in front of the script at negative indices, as the stand-alone Lua does", function()
    local path = directory:write("arg.lua", "print(arg[-3], arg[-2], arg[-1], arg[0], arg[1])")
    local out = run { "-v", "run", path, "x" }
    assert.equal(("%s\t-v\trun\t%s\tx\n"):format(process.program, path), out)
    assert.equal(("nil\tnil\t%s\targ.lua\tnil\n"):format(process.program), (run { "arg.lua" }))
  end)

  it("finds modules beside the script, wherever it is run, and only as text", function()
    directory:write("lib/rules.lua", "return { name = 'rules', from = ... }")
    directory:write("lib/deep/init.lua", "return 'deep'")
    directory:write("lib/binary.lua", string.dump(function() end))
    local path = directory:write("lib/main.lua", "print(require('rules').name, require 'deep', pcall(require, 'binary'))")
    for _, list in ipairs { { "run", path }, { "run", "lib/main.lua" }, { "lib/main.lua" } } do
      local out, err = run(list)
      assert.equal("", err)
      assert.matches("^rules\tdeep\tfalse\t.*attempt to load a binary chunk", out)
    end
  end)

  it("says which entries of LUA_PATH are not searched", function()
    directory:write("evil.lua", "print 'evil'")
    local _, err = process.run({ "-e", "require 'evil'" }, { cwd = directory.path, env = { LUA_PATH = "./?.lua;/nonexistent/?.lua" } })
    assert.matches("no file '/nonexistent/evil.lua'", err, 1, true)
    assert.matches("not searched, since relative to the current directory: './?.lua'", err, 1, true)
  end)

  it("says so when modules beside a script cannot be found for the name of its directory", function()
    assert(os.execute(("mkdir '%s/a;b'"):format(directory.path)))
    directory:write("a;b/script.lua", "require 'beside'")
    directory:write("a;b/beside.lua", "return 1")
    local _, err = process.run({ "run", "a;b/script.lua" }, { cwd = directory.path })
    assert.matches("not searched, since a path cannot have ';' or '?' in a directory: '", err, 1, true)
  end)

  it("says what a misspelled or missing global may have been", function()
    for code, expected in pairs { ["prnt(1)"] = "did you mean 'print'?", ["x = jsn.y"] = "",
      ["liveblocks.new()"] = 'write local liveblocks = require "liveblocks"', ["strin.rep('a', 2)"] = "did you mean 'string'?" } do
      local _, err, status = run { "-e", code }
      assert.equal(1, status)
      assert.matches("^lbhost: [^\n]*global '%w+'%)[^\n]*\n", err)
      assert.matches(expected, err:match("^[^\n]*"), 1, true)
    end
  end)

  it("shows the frames of the script alone, also without a key", function()
    local path = directory:write("frames.lua",
      "local function make()\n  return require('liveblocks').new():get_rooms()\nend\nlocal x = make()\nreturn x")
    local _, err, status = process.run({ "run", path }, { env = { LIVEBLOCKS_SECRET_KEY = false, HOME = directory.path } })
    assert.equal(1, status)
    assert.is_nil(err:find("lua/", 1, true), err)
    assert.is_nil(err:find("[C]", 1, true), err)
    assert.matches("frames.lua:4: in main chunk", err, 1, true)
  end)

  it("has the module, cjson and the standard libraries, and one null", function()
    local out = run { "-e", [[local lb, cjson = require "liveblocks", require "cjson"
      print(lb.null == cjson.null, lb.task.in_task(), lb.new(), io and os and utf8 and debug and true)]] }
    assert.equal(("true\ttrue\tliveblocks.client: %s\ttrue\n"):format(srv.url), out)
  end)

  it("ends when all tasks have ended", function()
    local out, _, status = run { "-e", [[local task = require("liveblocks").task
      task.spawn(function() task.sleep(0.05) print "second" task.spawn(function() task.sleep(0.05) print "third" end) end)
      print "first"]] }
    assert.same({ "first\nsecond\nthird\n", 0 }, { out, status })
  end)

  it("does not wait for what has been cancelled", function()
    local out, _, status = process.run({ "-e", [[local task = require("liveblocks").task
      print(pcall(task.timeout, 0.02, task.sleep, 60))
      print(pcall(task.all, { function() task.sleep(60) end, function() error("early", 0) end }))]] },
      { env = env, timeout = 20 })
    assert.same({ "false\tthe task took more than 0.02 seconds\nfalse\tearly\n", 0 }, { out, status })
  end)

  it("reports an error with its place and a traceback of the script, and status 1", function()
    local path = directory:write("fails.lua", "local function inner()\n  error 'boom'\nend\nlocal function outer() inner() end\nouter()")
    local out, err, status = run { "run", path }
    assert.same({ "", 1 }, { out, status })
    assert.equal(("lbhost: %s:2: boom\n"):format(path), err:match("^[^\n]*\n"))
    for _, place in ipairs { "fails.lua:2: in .*inner", "fails.lua:4: in .*outer", "fails.lua:5: in main chunk" } do
      assert.matches(place, err)
    end
    assert.is_nil(err:find("lbhost/", 1, true), err)
  end)

  it("reports an error of the API as one clear line, and where it came about", function()
    srv:answer { path = "/v2/rooms/gone", status = 404, json = { error = "ROOM_NOT_FOUND", message = "no such room" } }
    local path = directory:write("gone.lua", "local client = require('liveblocks').new()\nclient:get_room('gone')")
    local _, err, status = run { "run", path }
    assert.equal(1, status)
    assert.equal("lbhost: GET /v2/rooms/gone: 404 ROOM_NOT_FOUND: no such room\n", err:match("^[^\n]*\n"))
    assert.matches("gone.lua:2: in main chunk", err, 1, true)
  end)

  it("reports errors that are not strings", function()
    for code, expected in pairs { ["error({ a = 1 })"] = 'the error is a table: {"a":1}',
      ["error({ print })"] = "the error is a table: table: ", ["error(nil)"] = "nil", ["error(5)"] = "5",
      ["error(setmetatable({}, {__tostring = function() return 'mine' end}))"] = "mine" } do
      local _, err, status = run { "-e", code }
      assert.equal(1, status)
      assert.matches("lbhost: .*" .. expected, err)
    end
  end)

  it("reports a task that failed unnoticed, but not one that was waited for", function()
    local _, err, status = run { "-e", "local task = require('liveblocks').task task.spawn(error, 'lost')" }
    assert.equal(1, status)
    assert.matches("lbhost: lost", err)
    _, err, status = run { "-e", "local task = require('liveblocks').task pcall(task.run, error, 'seen')" }
    assert.same({ "", 0 }, { err, status })
  end)

  it("says so when a script waits for what cannot happen", function()
    for _, code in ipairs { "a:wait()", "" } do
      local _, err, status = process.run({ "-e", "local t, a, b = require('liveblocks').task "
        .. "a = t.spawn(function() b:wait() end) b = t.spawn(function() a:wait() end) " .. code }, { env = env, timeout = 20 })
      assert.equal(1, status)
      assert.matches("cannot happen", err)
    end
  end)

  it("says what is wrong with a script that cannot be run", function()
    local broken = directory:write("broken.lua", "local x = = 1")
    local binary = directory:write("binary.lua", string.dump(function() end))
    for expected, case in pairs {
      ["broken.lua:1: unexpected symbol near '='"] = { 1, "run", broken },
      ["attempt to load a binary chunk"] = { 1, "run", binary },
      ["(command line):1: "] = { 1, "-e", "x =" },
      ["cannot read the script: /nonexistent.lua"] = { 2, "run", "/nonexistent.lua" },
      ["cannot read the script"] = { 2, "run", directory.path },
      ["run needs a file, or - for standard input"] = { 2, "run" },
      ["-e needs a line of Lua"] = { 2, "-e" },
      ["did you mean 'run'"] = { 2, "rnu", "x" },
      ["--timeout takes a number"] = { 2, "--timeout", "x", "run", broken },
      ["--base-url needs a value"] = { 2, "--base-url" },
      ["/dev/null' is empty: it holds the secret key alone"] = { 2, "--secret-file", "/dev/null", "call", "get_rooms" },
      ["has more than a key"] = { 2, "--secret-file", broken, "call", "get_rooms" },
      ["cannot read the secret file: /nonexistent"] = { 2, "--secret-file", "/nonexistent",
        "call", "get_rooms" },
    } do
      local out, err, status = run { table.unpack(case, 2) }
      assert.same({ "", case[1] }, { out, status }, expected .. err)
      assert.matches(expected, err, 1, true)
    end
  end)

  it("says how a file is run that was taken for a command", function()
    directory:write("chore", "print(1)")
    local _, err, status = process.run({ "chore" }, { cwd = directory.path })
    assert.same({ "lbhost: unknown command 'chore'; a script of that name is run by: lbhost run chore\n", 2 }, { err, status })
    os.execute(("mkdir '%s/tools'"):format(directory.path))
    _, err = process.run({ "tools" }, { cwd = directory.path })
    assert.equal("lbhost: unknown command 'tools' (lbhost help shows all)\n", err)
  end)

  it("says how a call is made that was taken for a command, and what the options of Lua are here", function()
    for expected, argument in pairs {
      ["unknown command 'get_rooms'; a call of the API is made by: lbhost call get_rooms"] = "get_rooms",
      ["a call of the API is made by: lbhost call get_room\n"] = "get-room", ["lbhost call delete_room\n"] = "remove_room",
      ["did you mean 'version'? (lbhost help shows all)"] = "versoin", ["the prompt is: lbhost repl"] = "-i",
      ["lbhost -e 'require \"NAME\"'"] = "-l",
    } do
      local out, err, status = process.run { argument }
      assert.same({ "", 2 }, { out, status })
      assert.matches(expected, err, 1, true)
    end
  end)

  it("reads the secret file as people write it", function()
    for text, expected in pairs { ["sk_a\n"] = "sk_a", ["\xEF\xBB\xBFsk_a\r\n"] = "sk_a", ["'sk_a'"] = "sk_a", ['"sk_a"\n\n'] = "sk_a",
      ["# the key\nLIVEBLOCKS_SECRET_KEY=sk_a\n"] = "sk_a", ['OTHER=1\nexport LIVEBLOCKS_SECRET_KEY="sk_a"\n'] = "sk_a" } do
      local secret = directory:write("secret", text)
      srv:reset()
      local _, err = run { "--secret-file", secret, "-e", "require('liveblocks').new():get_rooms()" }
      assert.equal("", err)
      assert.equal("Bearer " .. expected, srv:log()[1].header.authorization)
    end
    for text, expected in pairs { ["pk_a"] = "has a public key", ["OTHER=1\n"] = "has no LIVEBLOCKS_SECRET_KEY",
      ["sk_a sk_b"] = "has more than a key",
      ["sk_a\nsk_b"] = "has more than a key", ["\n\n"] = "is empty" } do
      local _, err, status = run { "--secret-file", directory:write("secret", text), "call", "get_rooms" }
      assert.equal(2, status)
      assert.matches(expected, err, 1, true)
      assert.is_nil(err:find("sk_[ab]"), err)
    end
  end)

  it("takes a longer answer where an option or the configuration says so", function()
    srv:answer { path = "/v2/rooms/big", json = { id = ("x"):rep(3000) } }
    local script = directory:write("big.lua", "print(#require('liveblocks').new():get_room('big').id)")
    local config = directory:write("config.lua", "return { max_response = 4 * 2^10 }")
    assert.equal("3000\n", (run { "--max-response", "4K", "run", script }))
    assert.equal("3000\n", (run { "--max-reply", "4K", "run", script })) -- its earlier name
    assert.equal("3000\n", (run { "--config", config, "run", script }))
    local _, err, status = run { "--max-response", "1K", "run", script }
    assert.equal(1, status)
    assert.matches("larger than max_response allows", err, 1, true)
    assert.matches("max-response takes a number of bytes, such as 200M, got '1x'",
      (select(2, run { "--max-response", "1x", "run", script })), 1, true)
  end)

  it("takes options of the command line for the clients of the script", function()
    local secret = directory:write("secret", "sk_from_file\n")
    srv:reset()
    process.run({ "--secret-file", secret, "--base-url=" .. srv.url .. "/pre", "-v", "-e",
      "require('liveblocks').new():get_rooms()" }, { env = { LIVEBLOCKS_SECRET_KEY = "sk_t" } })
    local sent = srv:log()[1]
    assert.equal("Bearer sk_from_file", sent.header.authorization)
    assert.equal("/pre/v2/rooms", sent.target)
  end)

  it("loads nothing from the directory one happens to be in", function()
    directory:write("evil.lua", "print 'evil'")
    local out, err, status = run { "-e", "require 'evil'" }
    assert.same({ "", 1 }, { out, status })
    assert.matches("module 'evil' not found", err)
  end)

  it("stops at once and cleanly on an interrupt, wherever it is", function()
    for _, code in ipairs { "while true do end", "require('liveblocks').task.sleep(60)",
      "while true do pcall(error) end", "require('liveblocks').new{base_url='" .. srv:base("silent", "x") .. "'}:get_room('r')",
      "local t = require('liveblocks').task t.spawn(t.sleep, 60)",
      "table.sort({1,2}, function() while true do end end)", "coroutine.wrap(function() while true do end end)()" } do
      -- not under timeout(1), which passes a signal on twice
      local one <close> = process.start({ "-e", "print 'on' io.stdout:flush() " .. code }, { env = env })
      one:wait_for("on\n")
      one:signal("INT")
      local _, err, status = one:wait()
      assert.same({ "lbhost: interrupted\n", 130 }, { err, status }, code)
    end
  end)

  it("ends in order on SIGTERM, also as the first process of a container", function()
    for _, code in ipairs { "while true do end", "require('liveblocks').task.sleep(60)" } do
      local one <close> = process.start({ "-e", "print 'on' io.stdout:flush() " .. code }, { env = env })
      one:wait_for("on\n")
      one:signal("TERM")
      local _, err, status = one:wait()
      assert.same({ "lbhost: terminated\n", 143 }, { err, status }, code)
    end
  end)

  it("closes variables and runs finalizers on SIGTERM and SIGINT, also of tasks that wait", function()
    local script = directory:write("close.lua", [[
      local task = require("liveblocks").task
      local function closing(name) return setmetatable({}, { __close = function() print("closed " .. name) end }) end
      finalized = setmetatable({}, { __gc = function() print "finalized" end })
      task.spawn(function()
        local _ <close> = closing "background"
        task.sleep(60)
      end)
      local _ <close> = closing "main"
      print "on"
      io.stdout:flush()
      task.sleep(60)]])
    for signal, expected in pairs { TERM = { "lbhost: terminated\n", 143 }, INT = { "lbhost: interrupted\n", 130 } } do
      local one <close> = process.start({ "run", script }, { env = env })
      one:wait_for "on\n"
      one:signal(signal)
      local out, err, status = one:wait()
      assert.same(expected, { err, status })
      for _, line in ipairs { "closed background\n", "closed main\n", "finalized\n" } do assert.matches(line, out, 1, true) end
    end
  end)

  it("keeps the descriptors 0 to 2 from becoming its own when they were closed", function()
    -- Its children have the descriptor, too. They may be looked at, lbhost may not.
    local out, err, status = process.run("-e 'print(io.read(1)) print(io.popen(\"readlink /proc/self/fd/0\"):read())' <&-",
      { env = env })
    assert.same({ "", 0 }, { err, status })
    assert.equal("nil\n/dev/null\n", out)
    assert.equal(0, (select(3, process.run("-e 'print(1)' >&-", { env = env }))))
  end)

  it("gives its own exit status with os.exit", function()
    local out, _, status = run { "-e", "io.write 'written' os.exit(7)" }
    assert.same({ "written", 7 }, { out, status })
  end)
end)

describe("lbhost help and version", function()
  local function run(...) return process.run { ... } end

  it("show all commands, a command, a call, a group and the version", function()
    local page, err, status = run "help"
    assert.same({ "", 0 }, { err, status })
    for _, name in ipairs { "run", "call", "help", "version" } do assert.matches("\n  " .. name .. " +%l", page) end
    assert.equal(page, (run "--help"))
    assert.equal(page, (run "-h"))
    assert.matches("%-%-body", (run("help", "call")))
    assert.equal((run("help", "call")), (run("call", "--help")))
    assert.matches("POST /v2/rooms", run("help", "create_room"), 1, true)
    assert.matches("defaultAccesses", run("help", "create_room"), 1, true)
    assert.matches("create_thread", run("help", "comments"), 1, true)
    assert.matches("^lbhost %d+%.%d+%.%d+ %(Lua 5%.4%)\n$", (run "version"))
    assert.equal((run "version"), (run "--version"))
    assert.equal((run "version"), (run "-V"))
  end)

  it("name the nearest topic, and list the commands for a bare lbhost", function()
    local out, err, status = run("help", "creat_room")
    assert.same({ "", 2 }, { out, status })
    assert.matches("did you mean 'create_room'", err, 1, true)
    out, err, status = process.run {}
    assert.same({ "", 2 }, { out, status })
    assert.matches("\n  run +run a script", err)
  end)
end)
