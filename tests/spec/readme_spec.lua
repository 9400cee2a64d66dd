-- What README.md shows is run as it stands there, against the test server.
local helper = require "tests.support.client"
local liveblocks = require "liveblocks"
local process = require "tests.support.process"

local file = assert(io.open("README.md"))
local readme = file:read("a")
file:close()

--- The indented blocks of a section, without their indentation.
local function blocks(title)
  local _, from = readme:find("\n## " .. title .. "\n", 1, true)
  assert(from, "README.md has no section " .. title)
  local section = readme:sub(from, (readme:find("\n## ", from, true)))
  local list, block = {}, nil
  for line in (section .. "\n"):gmatch("([^\n]*)\n") do
    local code = line:match("^    (.*)$") or (block and line == "" and "")
    if code then
      block = (block or "") .. code .. "\n"
    elseif block then
      list[#list + 1], block = block, nil
    end
  end
  return list
end

describe("README.md shows", function()
  local srv, folder, env
  setup(function()
    srv = helper.server()
    folder = require("tests.support.folder").new()
    env = { LIVEBLOCKS_SECRET_KEY = "sk_readme", LIVEBLOCKS_BASE_URL = srv.url }
  end)
  teardown(function()
    srv:stop()
    folder:remove()
  end)

  it("a first script and commands that work", function()
    local shown = table.concat(blocks "A first script")
    folder:write("rooms.lua", (shown:match("^.-\n%f[$]")))
    local commands = 0
    for line in shown:gmatch("%$ (lbhost [^\n]*)\n") do
      commands = commands + 1
      local words = line:gsub("^lbhost ", ""):gsub("rooms%.lua", folder.path .. "/rooms.lua")
      local _, err, status = process.run(words, { env = env })
      assert.same({ "", 0 }, { err, status }, line)
    end
    assert.is_true(commands >= 5)
  end)

  it("Lua that works", function()
    local attachment = folder:write("plan.pdf", "a plan")
    local count = 0
    for _, title in ipairs { "Calls", "Errors", "Many calls at once" } do
      for _, code in ipairs(blocks(title)) do
        count = count + 1
        code = code:gsub("plan%.pdf", attachment):gsub("then %.%.%. end", "then error 'never' end")
        local around = { liveblocks = liveblocks, client = helper.client(srv), bytes = "\1\2", ids = { "a", "b" } }
        assert(load(code, "=README", "t", setmetatable(around, { __index = _G })))()
      end
    end
    assert.is_true(count >= 3)
  end)

  it("an edit of Storage in an empty room, and in one that has it", function()
    local script = folder:write("edit.lua", [[
      local liveblocks = require "liveblocks"
      local client = liveblocks.new()
      client:create_room { id = "my-room", defaultAccesses = {} }
      local function edit()
        ]] .. blocks("Editing Storage")[1] .. [[
      end
      edit() edit()
      local document = client:get_storage_document("my-room", { format = "json" })
      print(document.title, #document.todos, #document.done, document.done[2].text, document.board.columns[1])]])
    assert.same({ "Untitled\t0\t2\tmilk\ttodo\n", "", 0 }, { process.run { "--local", "run", script } })
  end)

  it("a session at the prompt", function()
    local inputs, shown = {}, {}
    for line in blocks("At the prompt")[1]:gmatch "([^\n]+)\n" do
      local input = line:match "^lb> (.*)$"
      if input then inputs[#inputs + 1] = input elseif not line:find "^%$" then shown[#shown + 1] = line end
    end
    local out, err, status = process.run({ "repl", "--local" }, { input = table.concat(inputs, "\n") .. "\n" })
    assert.same({ "", 1 }, { err, status }) -- 1: one of them is a mistake
    local function plain(text)
      return (text:gsub("%d+ ms", "N ms"):gsub("%d+%-%d+%-%d+T[%d:.]+Z", "DATE"):gsub("tick\t%d\n", ""))
    end
    assert.equal(plain(table.concat(shown, "\n") .. "\n"), (plain(out):gsub("task: running\n", "")))
  end)

  it("a plugin with every hook, its configuration, and one in C", function()
    local shown = blocks "Plugins"
    local board = folder:write("board.lua", (shown[1]:match("^.-\n%f[$]")))
    local out, err, status = process.run({ "--plugin", board, "board", "world" }, { env = env })
    assert.same({ "hello, world\n", "lbhost: board: ready\n", 0 }, { out, err, status })
    out = process.run({ "--plugin", board, "plugins", "board" }, { env = env })
    assert.matches("events: *, roomCreated; timers: 1h; routes: GET /board/greeting; commands: board; stores: memory; setup; stop",
      out, 1, true)

    local config = folder:write("lbhost.lua", (shown[2]:gsub("/var/log/lbhost", folder.path):gsub("files = %b{}", "files = {}")))
    folder:write("secret", "sk_readme")
    out, err, status = process.run({ "--plugin", board, "--config", config, "board" }, { env = env })
    assert.same({ "servus, nobody\n", "lbhost: board: ready\n", 0 }, { out, err, status })

    local serve = require("tests.support.serve")
    local s = serve.start { store = "memory:", words = { "--plugin", board }, env = env }
    assert.same({ 200, "hello" }, { s:get "/board/greeting" })
    assert.equal(200, (s:event("msg_1", "roomCreated", { roomId = "r9" })))
    s:wait_for "roomCreated"
    s.process:stop()

    local source = folder:write("hello.c", shown[3])
    local object = folder.path .. "/hello.so"
    assert(os.execute(("LD_PRELOAD= gcc -shared -fPIC -I/usr/include/lua5.4 '%s' -o '%s'"):format(source, object)))
    assert.same({ "hello from C\n", "", 0 }, { process.run({ "hello", "--plugin", object }, { env = env }) })
  end)

  it("C that compiles without a warning and works", function()
    local source = folder:write("readme.c", "#include <stdio.h>\n#include <string.h>\n#include \"liveblocks.h\"\n"
      .. "int main(void) {\n" .. blocks("Embedding")[1] .. "    return 0;\n}\n")
    local build = (os.getenv "LBHOST" or "build/debug/lbhost"):match("^(.*)/[^/]*$")
    local flags = build:find("asan", 1, true) and "-fsanitize=address,undefined" or ""
    local pipe = io.popen(("exec 2>&1; LD_PRELOAD=; gcc -std=c11 -Wall -Wextra -Wpedantic -Werror %s -Ibindings '%s' %s/libliveblocks.a "
      .. "-lcurl -lm -o '%s/readme' && LIVEBLOCKS_SECRET_KEY=sk_readme LIVEBLOCKS_BASE_URL=%s '%s/readme'")
      :format(flags, source, build, folder.path, srv.url, folder.path))
    local text = pipe:read("a")
    pipe:close()
    assert.equal('{"data":[],"nextCursor":null}\n', text)
  end)
end)
