local directory = require "tests.support.directory"
local process = require "tests.support.process"
local server = require "tests.support.server"
local terminal = require "tests.support.terminal"

describe("lbhost repl in a terminal", function()
  local t
  after_each(function()
    if t then t:stop() end
    t = nil
  end)

  local function start(options)
    t = terminal.start("repl", options)
    t:wait_for "lb>"
    return t
  end

  it("greets, prints values, keeps the last one in _, and leaves on Ctrl-D", function()
    start()
    t:wait_for("help shows what there is; Tab completes; Ctrl-D leaves", true)
    t:wait_for("no client: LIVEBLOCKS_SECRET_KEY is not set", true)
    t:enter "6 * 7"
    t:wait_for "\n42\nlb>"
    t:enter "_ + 1"
    t:wait_for "\n43\nlb>"
    t:press "C-d"
    t:wait_for "status 0"
  end)

  it("continues incomplete input, and gives it up on Ctrl-C", function()
    start()
    t:enter "for i = 1, 2 do"
    t:wait_for "\n%.%.>"
    t:enter "print('turn', i) end"
    t:wait_for "turn\t?%s*1\nturn%s+2\nlb>"
    t:enter "f("
    t:wait_for "f%(\n%.%.>$"
    t:press "C-c"
    t:wait_for "%.%.> ^?%^C\nlb>"
    t:enter "local x = 5"
    t:enter "x + 1"
    t:wait_for "\n6\nlb>"
  end)

  it("takes pasted text as it is: tabs, blank lines, and what follows the last line break", function()
    local one <close> = start()
    one:wait_for "lb>"
    one:paste "function f(x)\n\tlocal y = x\n\n\treturn y * 2\nend\nf(2"
    one:wait_for "lb> f%(2"
    one:type "1)"
    one:press "Enter"
    one:wait_for "\n42\n"
    one:paste "print('a\tb')"
    one:press "Enter"
    one:wait_for "a +b\n"
    assert.is_nil(one:screen():find("error", 1, true), one:screen())
  end)

  it("takes what is pasted to its end when bytes in it are no character", function()
    local one <close> = start()
    one:wait_for "lb>"
    one:paste "print('a\xffb')\nprint(40 + 2)\n"
    one:wait_for "a\u{fffd}b\n.*\n42\n"
  end)

  it("indents by Tab where a line begins, and goes on after a blank line", function()
    local one <close> = start()
    one:wait_for "lb>"
    one:enter "for i = 1, 1 do"
    one:press "Tab"
    one:enter "print('indented')"
    one:enter ""
    one:enter "end"
    one:wait_for "\nindented"
    one:wait_for "%.%.>   print"
  end)

  it("leaves on exit and quit", function()
    for _, word in ipairs { "exit", "quit()", "exit ()" } do
      local one <close> = start()
      one:wait_for "lb>"
      one:enter(word)
      one:wait_for "status 0"
    end
  end)

  it("completes calls, fields, globals and keys of values", function()
    start { env = { LIVEBLOCKS_SECRET_KEY = "sk_x", LIVEBLOCKS_BASE_URL = "http://127.0.0.1:9" } }
    t:type "client:get_roo"
    t:press "Tab"
    t:wait_for "lb> client:get_room$"
    t:press "Tab"
    t:wait_for("get_rooms                       List rooms", true)
    t:wait_for "lb> client:get_room$"
    t:type "s"
    t:press "Tab"
    t:wait_for "lb> client:get_rooms {$"
    t:type "li"
    t:press "Tab"
    t:wait_for "lb> client:get_rooms { limit =$"
    t:type "5, start"
    t:press "Tab"
    t:wait_for "lb> client:get_rooms { limit = 5, startingAfter =$"
    t:press "C-c"
    t:enter "value = { colour = { red = 1, reed = 2 } }"
    t:type "val"
    t:press "Tab"
    t:type ".c"
    t:press "Tab"
    t:type ".r"
    t:press "Tab"
    t:wait_for "lb> value.colour.re$"
    t:press "Tab"
    t:wait_for "red +reed\nlb> value.colour.re$"
  end)

  it("interrupts what runs on Ctrl-C: a loop, a wait, a coroutine that waits; and goes on", function()
    start()
    for _, code in ipairs { "while true do end", "task.sleep(1000)",
      "coroutine.wrap(function() task.sleep(1000) end)()",
      "coroutine.wrap(function() while true do end end)()" } do
      t:enter("print 'begun' " .. code .. " print 'not reached'")
      t:wait_for "\nbegun$"
      t:press "C-c"
      t:wait_for "%^C\ninterrupted\nlb>$"
      t:press "C-l"
    end
    t:enter "print 'begun' while true do pcall(task.sleep, 1000) end"
    t:wait_for "\nbegun$"
    repeat t:press "C-c" until t:screen():find "interrupted: it does not end, and goes on in the background\nlb>$"
    t:enter "'still ' .. 'here'"
    t:wait_for '\n"still here"\nlb>'
    assert.is_nil(t:screen():find("\nnot reached"))
  end)

  it("keeps background tasks going, above the line that is being typed", function()
    start()
    t:enter "go = liveblocks.task.event()"
    t:enter "task.spawn(function() task.sleep(0.3) for i = 1, 3 do print('tick ' .. i) end io.write('no end') error 'late' end)"
    t:wait_for "task: running\nlb>"
    t:type "1 + "
    local screen = t:wait_for "tick 3\nno end\nerror in a background task: input:1: late\nlb> 1 %+$"
    assert.matches("task: running\ntick 1\ntick 2\n", screen, 1, true)
    t:enter "1"
    t:wait_for "lb> 1 %+ 1\n2\nlb>"
  end)

  it("keeps a line that is longer than the screen whole while others print", function()
    start { columns = 40 }
    t:enter "task.spawn(function() task.sleep(0.3) print 'meanwhile' end)"
    t:wait_for "running\nlb>"
    local long = "'" .. ("abcdefghij"):rep(9) .. "'"
    t:type(long)
    local screen = t:wait_for("running\nmeanwhile\nlb> " .. long, true)
    assert.equal(1, select(2, screen:gsub("lb> 'abc", "")))
    t:press "Enter"
    t:wait_for(('"' .. ("abcdefghij"):rep(9) .. '"'), true)
  end)

  it("shows errors as one block, with a hint, where it happened, and in _err", function()
    start()
    t:enter "valeu = 1; local function f(a) return a.b.c end"
    t:enter "value.x = 1"
    t:wait_for("error: input:1: attempt to index a nil value (global 'value')\n  did you mean 'valeu'?", true)
    t:enter "function f(a) return a.b.c end"
    t:enter "f { } .. ''"
    t:wait_for "error: input:1: attempt to index a nil value %(field 'b'%)\n  at input:1: in %w+ 'f'\nlb>"
    t:enter "error { code = 5 }"
    t:enter "_err.code"
    t:wait_for "\n5\nlb>"
    t:enter "x = = 1"
    t:wait_for "error: input:1: unexpected symbol near '='\nlb>"
  end)

  it("keeps the history, without secrets, for the next session", function()
    local home <close> = directory.new()
    start { home = home }
    t:enter "first = 1"
    t:enter "client = liveblocks.new { secret = 'sk_prod_12345' }"
    t:enter "hook = 'whsec_12345'"
    t:wait_for "12345'\nlb>$"
    t:enter "for i = 1, 2 do"
    t:enter "end"
    t:wait_for "%.%.> end\nlb>$"
    t:enter "last = 1"
    t:wait_for "last = 1\nlb>$"
    t:press "C-d"
    t:wait_for "status 0"
    t:stop()
    assert.equal("first = 1\nfor i = 1, 2 do end\nlast = 1\n", home:read ".local/state/lbhost/history")
    start { home = home }
    t:press("Up", "Up")
    t:wait_for "lb> for i = 1, 2 do end$"
    t:press "C-c"
    t:type "fi"
    t:press "Up"
    t:wait_for "lb> first = 1$"
    t:press "C-c"
    t:wait_for "first = 1%^C\nlb>$"
    t:enter "task.spawn(function() while true do task.sleep(0.01) if stop then stop = nil print 'seen' end end end)"
    t:press "C-r"
    for _, written in ipairs { "", "l", "la" } do
      t:wait_for("bck:" .. written .. "$")
      t:type(("las"):sub(#written + 1, #written + 1))
    end
    t:wait_for "last = 1%s+bck:las$"
    t:press "C-c"
    t:wait_for "%^C\nlb>$"
    t:enter "'on ' .. 'again'"
    t:wait_for '"on again"\nlb>'

  end)

  it("has colours, but not where NO_COLOR says so", function()
    start()
    t:enter "'text'"
    t:wait_for '\n"text"\nlb>'
    assert.matches('\27[32m"text"', t:screen(true), 1, true)
    t:stop()
    start { env = { NO_COLOR = "1" } }
    t:enter "'text'"
    t:wait_for '\n"text"\nlb>'
    assert.is_nil(t:screen(true):find("\27%[[13]"))
  end)

  it("reads plain lines where the terminal cannot edit", function()
    start { env = { TERM = "dumb" } }
    t:wait_for("lines cannot be edited: this terminal cannot edit lines", true)
    t:enter "40 + 2"
    t:wait_for "\n42\nlb>"
    t:enter "print 'begun' while true do end"
    t:wait_for "\nbegun$"
    t:press "C-c"
    t:wait_for "interrupted\nlb>"
    t:press "C-d"
    t:wait_for "status 0"
  end)

  it("reads plain lines where libedit is not installed", function()
    local libraries <close> = directory.new()
    for _, name in ipairs { "libedit.so.2", "libedit.so.0", "libedit.so" } do libraries:write(name, "") end
    start { env = { LD_LIBRARY_PATH = libraries.path } }
    t:wait_for("lines cannot be edited: libedit is not installed (Debian: libedit2)", true)
    t:enter "40 + 2"
    t:wait_for "\n42\nlb>"
  end)

  it("leaves the terminal as it was, also when it is ended from outside", function()
    for signal, status in pairs { TERM = 143, QUIT = 131 } do
      start()
      t:enter "io.popen('echo pid $PPID'):read('l')"
      local pid = t:wait_for('"pid %d+"\nlb>'):match "pid (%d+)"
      os.execute(("kill -%s %s"):format(signal, pid))
      t:wait_for("status " .. status)
      t:type "echoed"
      t:wait_for "echoed"
      t:stop()
    end
    t = nil
  end)

  it("fits the line to a window that changes its size", function()
    start { columns = 100 }
    local long = "'" .. ("0123456789"):rep(7) .. "'"
    t:type(long)
    t:wait_for(long, true)
    t:tmux "resize-window -t t -x 50 -y 40"
    t:wait_for("lb> " .. long, true)
    t:type ".x"
    t:wait_for(long .. ".x", true)
    t:press "C-c"
    t:wait_for(long .. ".x^C", true)
    t:enter "1 + 1"
    t:wait_for "\n2\nlb>"
  end)
end)

describe("lbhost repl through a pipe", function()
  local function repl(input, env)
    return process.run({ "repl" }, { input = input, env = env or { LIVEBLOCKS_SECRET_KEY = false } })
  end

  it("runs its input without prompts, waits for background tasks, and says by its status whether all went well", function()
    local out, err, status = repl("x = 1\nfor i = 1, 2 do\n  x = x + i\nend\nx\n"
      .. "task.spawn(function() task.sleep(0.05) print 'late' end)\n'last line'")
    assert.equal('4\ntask: running\n"last line"\nlate\n', out)
    assert.equal("", err)
    assert.equal(0, status)
    out, err, status = repl "nil + 1\n2\n"
    assert.equal("", err)
    assert.equal("error: input:1: attempt to perform arithmetic on a nil value\n2\n", out)
    assert.equal(1, status)
    out = repl "client:get_rooms()\n"
    assert.matches("no client: LIVEBLOCKS_SECRET_KEY is not set", out, 1, true)
  end)

  it("says when the input ends in the middle, and when a wait cannot end", function()
    local out, _, status = repl "for i = 1, 2 do\n"
    assert.equal("error: the input ends before its last statement does\n", out)
    assert.equal(1, status)
    out, _, status = repl "liveblocks.task.event():wait()\n1\n"
    assert.matches("^error: .*cannot happen", out)
    assert.matches("\n1\n$", out)
    assert.equal(1, status)
  end)

  it("leaves with the status of os.exit", function()
    local out, _, status = repl "os.exit(7)\nprint 'not reached'\n"
    assert.equal("", out)
    assert.equal(7, status)
  end)

  it("explains calls and functions", function()
    local out = repl "help(task.map)\nhelp 'create_room'\nhelp 'threads'\nhelp\nhelp 'get_rom'\n"
    assert.matches("function task.map(items, fn, options)", out, 1, true)
    assert.matches("POST /v2/rooms", out, 1, true)
    assert.matches("mark_thread_as_resolved", out, 1, true)
    assert.matches("Tab completes", out, 1, true)
    assert.matches("did you mean 'get_room'?", out, 1, true)
    out = repl("help(client.get_room)\nhelp(client)\n", { LIVEBLOCKS_SECRET_KEY = "sk_x" })
    assert.matches("GET /v2/rooms/{roomId}", out, 1, true)
    assert.matches("comments +%d+ calls", out)
  end)

  it("shows a page as rows, with how the call went", function()
    local srv <close> = server.start()
    srv:answer { path = "/v2/rooms", json = { nextCursor = "abc", data = {
      { type = "room", id = "r1", createdAt = "2024-01-01T00:00:00.000Z", metadata = { color = "blue" }, usersAccesses = {} },
      { type = "room", id = "r2", createdAt = "2024-01-02T00:00:00.000Z", metadata = {}, usersAccesses = {} } } } }
    local out = repl("client:get_rooms()\n_.data[1].id\nclient:get_room 'x'\n",
      { LIVEBLOCKS_SECRET_KEY = "sk_x", LIVEBLOCKS_BASE_URL = srv.url })
    assert.matches("^id  type  createdAt                 metadata\n"
      .. "r1  room  2024%-01%-01T00:00:00.000Z  { color = \"blue\" }\n"
      .. "r2  room  2024%-01%-02T00:00:00.000Z  {}\n"
      .. "%-%- empty: usersAccesses\n%-%- 2 rows, nextCursor = abc\n%-%- 200, %d+ ms\n\"r1\"\n", out)
  end)

  it("takes no arguments", function()
    local _, err, status = process.run { "repl", "x.lua" }
    assert.matches("a script is run with lbhost run", err)
    assert.equal(2, status)
  end)
end)
