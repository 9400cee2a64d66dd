local helper = require "tests.support.client"

-- Runs lbhost with arguments; returns its output, its errors and its exit status.
local function lbhost(environment, arguments, input)
  local out, err = os.tmpname(), os.tmpname()
  local program = os.getenv "LBHOST" or "build/debug/lbhost"
  local feed = input and ("printf %%s '%s' | "):format(input) or ""
  local _, _, status = os.execute(("%senv -u LD_PRELOAD %s %s %s >%s 2>%s"):format(feed, environment, program, arguments, out, err))
  local texts = {}
  for i, path in ipairs { out, err } do
    local file = assert(io.open(path))
    texts[i] = file:read("a")
    file:close()
    os.remove(path)
  end
  return texts[1], texts[2], status
end

describe("lbhost", function()
  local srv, env
  setup(function()
    srv = helper.server()
    env = "LIVEBLOCKS_SECRET_KEY=sk_t LIVEBLOCKS_BASE_URL=" .. srv.url
  end)
  teardown(function() srv:stop() end)

  it("runs a line and a script from standard input", function()
    assert.equal("2\n", (lbhost(env, "-e 'print(1+1)'")))
    assert.equal("a b\n", (lbhost(env, "run - a b", "print(table.concat(arg, \" \"))")))
  end)

  it("reports a script error with its traceback and status 1", function()
    local _, err, status = lbhost(env, "-e 'error(\"boom\")'")
    assert.equal(1, status)
    assert.matches("boom", err)
    assert.matches("stack traceback", err)
  end)

  it("reports a task that failed unnoticed", function()
    local _, err, status = lbhost(env, "-e 'require(\"liveblocks\").task.spawn(error, \"lost\")'")
    assert.equal(1, status)
    assert.matches("lost", err)
  end)

  it("says so when a script waits for what cannot happen", function()
    for _, code in ipairs { "a:wait()", "" } do
      local _, err, status = lbhost(env .. " timeout 10",
        "-e 'local t, a, b = require(\"liveblocks\").task a = t.spawn(function() b:wait() end) " ..
        "b = t.spawn(function() a:wait() end) " .. code .. "'")
      assert.equal(1, status)
      assert.matches("cannot happen", err)
    end
  end)

  it("makes a call and prints compact JSON into a pipe", function()
    local out, err, status = lbhost(env, "call get_rooms limit=5")
    assert.equal(0, status, err)
    assert.is_nil(out:find("\n."))
    assert.matches('"data":[]', out, 1, true)
  end)

  it("prints every page as JSON Lines with --all", function()
    local paged = "LIVEBLOCKS_SECRET_KEY=sk_t LIVEBLOCKS_BASE_URL=" .. srv:base("pages,n=45,size=20", "host1")
    local out = lbhost(paged, "call get_rooms --all")
    local lines = 0
    for _ in out:gmatch("\n") do lines = lines + 1 end
    assert.equal(45, lines)
  end)

  it("explains a mistake in one line, with status 2", function()
    for arguments, expected in pairs {
      ["call get_room"] = "needs the path argument 'room_id'", ["call get_rom x"] = "did you mean 'get_room'",
      ["call get_rooms limti=1"] = "did you mean 'limit'", ["rnu x"] = "did you mean 'run'",
      ["run /nonexistent.lua"] = "cannot read the script", ["--timeout x call get_rooms"] = "takes a number",
    } do
      local out, err, status = lbhost(env, arguments)
      assert.equal(2, status, arguments)
      assert.equal("", out)
      assert.matches(expected, err, 1, true)
      assert.is_nil(err:find("\n."))
    end
  end)

  it("names the environment variable when the secret is missing", function()
    local _, err, status = lbhost("-u LIVEBLOCKS_SECRET_KEY", "call get_rooms")
    assert.equal(2, status)
    assert.matches("LIVEBLOCKS_SECRET_KEY", err, 1, true)
  end)

  it("shows help from the table, and its version", function()
    assert.matches("POST /v2/rooms", lbhost(env, "help create_room"), 1, true)
    assert.matches("create_thread", lbhost(env, "help comments"), 1, true)
    assert.matches("^lbhost %d", (lbhost(env, "version")))
    local list = lbhost(env, "call --list")
    assert.equal(124, select(2, list:gsub("\n", "")))
  end)

  it("stops at once on an interrupt", function()
    local silent = "LIVEBLOCKS_SECRET_KEY=sk_t LIVEBLOCKS_BASE_URL=" .. srv:base("silent", "host2")
    local _, err, status = lbhost(silent .. " timeout -s INT 1", "call get_room r")
    assert.matches("interrupted", err)
    assert.is_true(status == 130 or status == 124)
    _, err = lbhost(env .. " timeout -s INT 1", "-e 'while true do end'")
    assert.matches("interrupted", err)
  end)
end)
