-- What holds for the module in every Lua, tried from outside in each that is here.
local process = require "tests.support.process"

local BUILD = os.getenv("LBHOST"):match("^(.*)/[^/]*$")
local modules = { luajit = "/lua/5.1", ["lua5.2"] = "/lua/5.2", ["lua5.3"] = "/lua/5.3", ["lua5.4"] = "", ["lua5.5"] = "/lua/5.5" }

local function is_there(lua) return os.execute(("command -v %s >/dev/null"):format(lua)) end

-- 5.5 is in no Debian: a build has its module where its headers were given.
local function is_built(directory)
  local module = io.open(BUILD .. directory .. "/liveblocks.so", "rb")
  if module then module:close() end
  return module ~= nil
end
if not is_built(modules["lua5.5"]) then modules["lua5.5"] = nil end

-- Runs code in a Lua; returns its output, what it complained of and its status.
local function run(lua, code, directory)
  return process.run({ "-e", code }, { program = lua, env = { LUA_CPATH = BUILD .. (directory or modules[lua]) .. "/?.so",
    LUA_PATH = ";", LD_PRELOAD = os.getenv "LD_PRELOAD", ASAN_OPTIONS = "detect_leaks=0" } }) -- a sanitizer's library comes first
end

describe("the module", function()
  for lua, directory in pairs(modules) do
    if is_there(lua) then
      it("opens in " .. lua .. " where the engine hides parts of the libraries, under strict globals, and writes none", function()
        local out, err, status = run(lua, ([[
          local open = assert(package.loadlib("%s/liveblocks.so", "luaopen_liveblocks"))
          local print, tostring, pairs, pcall, error, setmetatable = print, tostring, pairs, pcall, error, setmetatable
          local G = _G
          for _, name in pairs { "require", "package", "debug", "io", "os", "module", "jit", "bit", "utf8", "dofile", "loadfile" } do
            G[name] = nil
          end
          local before = {}
          for name, value in pairs(G) do before[name] = value end
          setmetatable(G, {
            __index = function(_, name) error("undeclared global " .. tostring(name), 2) end,
            __newindex = function(_, name) error("new global " .. tostring(name), 2) end,
          })
          local liveblocks = open()
          local client = liveblocks.new { secret = "sk_x", base_url = "http://127.0.0.1:1", retries = 0 }
          local room, err = client.try:get_room "r"
          print(room, err.kind)
          print(liveblocks.task.run(function() return select(2, client.try:get_room "r").kind end))
          local ok, problem = pcall(liveblocks.task.run, function() error("in a task", 0) end)
          print(ok, problem)
          print(pcall(liveblocks.new, { sekret = 1 }))
          print(liveblocks.comment.to_text(liveblocks.comment.from_markdown "a *b*"))
          print(liveblocks.storage.list({ 1, 2 }):length(), liveblocks.json.encode { liveblocks.null })
          for _, kind in pairs(liveblocks.editor.kinds) do
            local doc = liveblocks.yjs.open()
            local note = liveblocks.editor.open(doc, { kind = kind })
            note:set_content "# One\n\n- two **three** \240\159\152\128\n"
            note:update(function(node)
              if node.text then node.text = node.text:gsub("two", "2") end
            end)
            print(kind, (note:get_text():gsub("\n+$", ""):gsub("\n+", " ")))
          end
          for name, value in pairs(before) do
            if rawget(G, name) ~= value then print("changed", name) end
          end]]):format(BUILD .. directory))
        assert.equal("", err)
        assert.equal([[
nil	network
network
false	in a task
false	liveblocks.new: unknown option 'sekret'; did you mean 'secret'?
a b
2	[null]
blocknote	One 2 three 😀
lexical	One 2 three 😀
prosemirror	One 2 three 😀
quill	One two three 😀
slate	One 2 three 😀
tiptap	One 2 three 😀
]], out)
        assert.equal(0, status)
      end)

      it("opens in " .. lua .. " where the engine has its globals behind a metatable", function()
        local out, err, status = run(lua, [[
          local globals = setmetatable({}, { __index = _G })
          if setfenv then setfenv(0, globals) else debug.getregistry()[2] = globals end
          local liveblocks = require "liveblocks"
          local client = liveblocks.new { secret = "sk_x", base_url = "http://127.0.0.1:1", retries = 0 }
          print(liveblocks.task.run(function() return select(2, client.try:get_room "r").kind end))
          print(liveblocks.json.encode { a = 1.5 }, next(globals))]])
        assert.same({ 'network\n{"a":1.5}\tnil\n', "", 0 }, { out, err, status })
      end)

      it("says what it needs, in " .. lua .. " without a part of the standard libraries", function()
        local out, err, status = run(lua, [[
          local G, keep, pcall, require, write = _G, {}, pcall, require, io.write
          local names = { "pcall", "rawget", "setmetatable", "string", "table", "coroutine", "math", "select", "tostring" }
          for _, name in ipairs(names) do keep[name] = G[name] end
          for _, name in ipairs(names) do
            G[name] = nil
            local ok, message = pcall(require, "liveblocks")
            G[name] = keep[name]
            package.loaded.liveblocks = nil
            if ok or not message:find("liveblocks needs '" .. name .. "' of Lua's standard libraries", 1, true) then
              write(name, ": ", tostring(message), "\n")
            end
          end
          write(type(require("liveblocks").new), "\n")]])
        assert.same({ "function\n", "", 0 }, { out, err, status })
      end)

      it("waits in pcall, in coroutines and in metamethods of " .. lua, function()
        local out, err, status = run(lua, [[
          local liveblocks = require "liveblocks"
          local task = liveblocks.task
          local other = 0
          task.run(function()
            local ticking = task.spawn(function() while true do task.sleep(0) other = other + 1 end end)
            assert(pcall(function() task.sleep(0.01) end))
            assert(select("#", xpcall(function(...) task.sleep(0.01) return ... end, print, 1, 2)) == 3)
            local adds = setmetatable({}, { __add = function() task.sleep(0.01) return 5 end })
            assert(adds + 1 == 5)
            for _ in (function() task.sleep(0.01) return nil end) do end
            assert(coroutine.wrap(function() task.sleep(0.01) return "done" end)() == "done")
            ticking:cancel()
          end)
          print(other > 0)]])
        assert.same({ "true\n", "", 0 }, { out, err, status })
      end)
    end
  end

  if is_there "luajit" then
    it("walks tables in LuaJIT with a next() that is not compiled, since compiled it may crash", function()
      local out, err, status = run("luajit", [[
        local environment = debug.getfenv(require("liveblocks").new)
        local step, walked = environment.pairs {}
        print(environment.next ~= next, step == environment.next, type(walked))
        print((select(2, pcall(environment.pairs, 1)):gsub("^.*: ", "")))]])
      assert.same({ "true\ttrue\ttable\nbad argument #1 to 'pairs' (table expected, got number)\n", "", 0 }, { out, err, status })
    end)
  end

  local names = { luajit = "LuaJIT", ["lua5.1"] = "Lua 5.1", ["lua5.2"] = "Lua 5.2", ["lua5.3"] = "Lua 5.3", ["lua5.4"] = "Lua 5.4",
    ["lua5.5"] = "Lua 5.5" }
  local directories = { luajit = "lua/5.1", ["lua5.2"] = "lua/5.2", ["lua5.3"] = "lua/5.3", ["lua5.4"] = "lua/5.4", ["lua5.5"] = "lua/5.5" }

  for lua, name in pairs(names) do
    for other, directory in pairs(modules) do
      if lua ~= other and is_there(lua) then
        it(("that was built for %s says in %s what is wrong, also when it is tried again"):format(names[other], name), function()
          local file = ("%s%s/liveblocks.so"):format(BUILD, directory)
          local out, err, status = run(lua, ([[
            print(pcall(require, "liveblocks"))
            print(pcall(assert(package.loadlib("%s", "luaopen_liveblocks"))))]]):format(file), directory)
          local expected = directories[lua] and ("%s is the module for %s; this is %s, whose module is %s/liveblocks.so")
            :format(file, names[other], name, directories[lua])
            or "liveblocks needs LuaJIT or Lua 5.2 to 5.5: in Lua 5.1 a call in pcall() could not wait"
          assert.same({ ("false\t%s\n"):format(expected):rep(2), "", 0 }, { out, err, status })
        end)
      end
    end
  end
end)
