-- What docs/embedding-engines.md shows, compiled without a warning and run.
local c_compiler = require "tests.support.c_compiler"
local documentation = require "tests.support.documentation"
local directory = require "tests.support.directory"
local local_server = require "tests.support.local_server"
local read = require("tests.support.files").read

local page = documentation.page "docs/embedding-engines.md"

describe("docs/embedding-engines.md shows", function()
  it("an engine that steps the module once a frame", function()
    local server = local_server.start()
    server:client():create_room { id = "my-room", defaultAccesses = {} }
    local dir <close> = directory.new()
    local said = c_compiler.run(dir, "", page:block "In an engine",
      "LIVEBLOCKS_SECRET_KEY=sk_localdev LIVEBLOCKS_BASE_URL=" .. server.url)
    server:stop()
    assert.equal("my-room\n", said)
  end)

  it("an engine that gives only Lua", function()
    local server = local_server.start()
    server:client():create_room { id = "my-room", defaultAccesses = {} }
    local dir <close> = directory.new()
    dir:write("engine.lua", page:block "In an engine that gives only Lua" .. "while liveblocks.pending() > 0 do update() end")
    local module = (os.getenv "LBHOST" or "build/debug/lbhost"):gsub("[^/]*$", "liveblocks.so")
    dir:write("liveblocks.so", read(module))
    local env = { LIVEBLOCKS_SECRET_KEY = "sk_localdev", LIVEBLOCKS_BASE_URL = server.url }
    local sanitizer = module:find("/asan/", 1, true) and "LD_PRELOAD=$(gcc -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 " or ""
    assert.same({ "my-room\n", 0 }, { documentation.run(sanitizer .. "LUA_CPATH='./?.so;;' lua5.4 engine.lua",
      { cwd = dir.path, env = env }) })
    server:stop()
  end)

  it("the module in a stock Lua", function()
    local dir <close> = directory.new()
    local module = (os.getenv "LBHOST" or "build/debug/lbhost"):gsub("[^/]*$", "liveblocks.so")
    dir:write("lib/lua/5.4/liveblocks.so", read(module))
    local shown = documentation.commands(page:block "In a stock Lua")[1]
    local sanitizer = module:find("/asan/", 1, true) and "LD_PRELOAD=$(gcc -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 " or ""
    assert.same({ shown.output, 0 }, { documentation.run(sanitizer .. shown.command, { env = { PREFIX = dir.path } }) })
  end)

  it("what another Lua says of the module", function()
    local dir <close> = directory.new()
    local module = (os.getenv "LBHOST" or "build/debug/lbhost"):gsub("[^/]*$", "liveblocks.so")
    dir:write("lib/lua/5.4/liveblocks.so", read(module))
    local sanitizer = module:find("/asan/", 1, true) and "LD_PRELOAD=$(gcc -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 " or ""
    local command = [[LUA_CPATH="$PREFIX/lib/lua/5.4/?.so" luajit -e 'print(select(2, pcall(require, "liveblocks")))']]
    local said, status = documentation.run(sanitizer .. command, { env = { PREFIX = dir.path } })
    assert.same({ page:block("In a stock Lua", 2), 0 }, { (said:gsub("^.-/lib/lua/", "/usr/local/lib/lua/")), status })
  end)

  it("how an engine that gives only Lua waits", function()
    local server = local_server.start()
    server:client():create_room { id = "my-room", defaultAccesses = {} }
    local slept, room = 0, nil
    local engine = { in_coroutine = coroutine.isyieldable, sleep = function() slept = slept + 1 coroutine.yield() end }
    local liveblocks = require "liveblocks"
    assert(load(page:block("In an engine that gives only Lua", 2), "=page", "t", { liveblocks = liveblocks, engine = engine }))()
    local co = coroutine.create(function() room = server:client():get_room "my-room" end)
    while coroutine.status(co) ~= "dead" do assert(coroutine.resume(co)) end
    liveblocks.on_wait(nil)
    server:stop()
    assert.equal("my-room", room.id)
    assert.is_true(slept > 0)
  end)

  it("a turn that is divided, and a client that is ready before the first frame", function()
    local server = local_server.start()
    local liveblocks = require "liveblocks"
    local drawn, rooms = 0, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }
    documentation.load(page:block "Frames", { rooms = rooms, redraw = function() drawn = drawn + 1 end })()
    liveblocks.step(0) -- has run it to its first checkpoint
    assert.equal(1, drawn)
    while liveblocks.pending() > 0 do liveblocks.step(0) end
    assert.equal(#rooms, drawn)
    local given = setmetatable({ new = function() return server:client() end }, { __index = liveblocks })
    assert(load(page:block("Frames", 2), "=page", "t", { liveblocks = given }))()
    server:stop()
  end)

  it("every function of the header", function()
    for name in read "bindings/liveblocks_lua.h":gmatch "LB_API [%w_ *]-(lblua_[%l_]+)%(" do
      if not (" lblua_running lblua_usage lblua_set_error lblua_is_closing "):find(" " .. name .. " ", 1, true) then -- for hosts
        assert.is_truthy(page.text:find("`" .. name .. "(", 1, true), name)
      end
    end
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
