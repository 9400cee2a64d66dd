local sandbox = require "lbhost.util.sandbox"

-- Runs text in an environment of its own.
local function run(text, env)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  env = env or sandbox.new "plugin 'p'"
  local chunk, problem = sandbox.load_file(path, env)
  os.remove(path)
  if not chunk then return nil, problem end
  return pcall(chunk)
end

describe("lbhost.util.sandbox", function()
  it("keeps globals, and changes to libraries, inside", function()
    local one, two = sandbox.new "one", sandbox.new "two"
    assert.is_true(run("shared = 1; function helper() return shared end; string.trim = helper; assert(_G.shared == 1)", one))
    assert.same({ true, 1 }, { run("return helper()", one) })
    assert.is_false((run("return shared", two)))
    assert.is_nil(rawget(string, "trim"))
    assert.is_nil(rawget(_G, "shared"))
  end)

  it("names an undefined global, and a local that was forgotten", function()
    local _, problem = run "return undefinde"
    assert.matches("undefined global 'undefinde' in plugin 'p'", problem, 1, true)
    _, problem = run "local function f() count = 1 end f()"
    assert.matches("assignment to the undeclared global 'count' in plugin 'p'; write 'local count'", problem, 1, true)
    assert.is_true(run "count = nil; local function f() count = 1 end f() return count")
  end)

  it("loads text alone, in any way", function()
    local binary = string.dump(function() return 1 end)
    local _, problem = run(binary)
    assert.matches("attempt to load a binary chunk", problem, 1, true)
    local text = ([[
      local binary = %q
      local f, e = load(binary) assert(not f and e:find("binary"), e)
      f, e = load(binary, "x", "b") assert(not f and e:find("binary"), e)
      f, e = load(binary, "x", "bt") assert(not f and e:find("binary"), e)
      local path = os.tmpname() local file = io.open(path, "wb") file:write(binary) file:close()
      f, e = loadfile(path) assert(not f and e:find("binary"), e)
      assert(not pcall(dofile, path))
      os.remove(path)
      assert(load("return 1")() == 1)
      own = 5
      assert(load("return own")() == 5)
      assert(load("return own", "x", "t", { own = 6 })() == 6)]]):format(binary)
    local ok, failure = run(text)
    assert.is_true(ok, tostring(failure))
  end)

  it("does not let a plugin end the program, and lets it require what it needs", function()
    local _, problem = run "os.exit(0)"
    assert.matches("would end lbhost with all its plugins", problem, 1, true)
    assert.same({ true, require "liveblocks" }, { run [[return require "liveblocks"]] })
  end)

  it("says which line is wrong, after a first line for the shell, too", function()
    local chunk, problem = run "#!/usr/bin/env lbhost\nlocal x = = 1"
    assert.is_nil(chunk)
    assert.matches(":2: ", problem, 1, true)
  end)

  it("names the encoding of a file that is not UTF-8, and what to do", function()
    local utf16 = "\xff\xfe" .. ("return 1"):gsub(".", "%0\0")
    for _, text in ipairs { utf16, (("return 1"):gsub(".", "\0%0")) } do
      local chunk, problem = run(text)
      assert.is_nil(chunk)
      assert.matches("^/.*: this is not UTF%-8 %(it looks like UTF%-16%): save the file as UTF%-8$", problem)
    end
    assert.same({ true, "\xe9" }, { run "return '\xe9'" }) -- any bytes in strings, as in Lua
  end)
end)
