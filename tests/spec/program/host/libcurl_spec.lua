local helper = require "tests.support.client"
local process = require "tests.support.process"

describe("libcurl", function()
  local srv, directory, missing
  setup(function()
    srv = helper.server()
    directory = require("tests.support.directory").new()
    for _, name in ipairs { "libcurl.so.4", "libcurl-gnutls.so.4" } do directory:write(name, "no library") end
    missing = { LIVEBLOCKS_SECRET_KEY = "sk_t", LIVEBLOCKS_BASE_URL = srv.url, LD_LIBRARY_PATH = directory.path }
  end)
  teardown(function()
    srv:stop()
    directory:remove()
  end)

  it("is not needed by a script that makes no client", function()
    local out, err, status = process.run({ "-e", "print(require('liveblocks').json.encode { 1 })" }, { env = missing })
    assert.same({ "[1]\n", "", 0 }, { out, err, status })
  end)

  it("is missed in one line that says what to install", function()
    local out, err, status = process.run({ "call", "get_room", "r" }, { env = missing })
    assert.same({ "", 1 }, { out, status })
    assert.matches("^lbhost: libcurl cannot be loaded %(.*libcurl%.so%.4.*%); the Debian package is libcurl4\n$", err)
  end)

  it("is missed by each client that is made", function()
    local out = process.run({ "-e", [[local liveblocks = require "liveblocks"
      for _ = 1, 2 do
        local ok, err = pcall(liveblocks.new, { secret = "sk_x" })
        print(ok, err.kind, err.message:match "^libcurl cannot be loaded")
      end]] }, { env = missing })
    assert.equal(("false\tnetwork\tlibcurl cannot be loaded\n"):rep(2), out)
  end)

  it("is taken from the library with GnuTLS where the other one cannot be loaded", function()
    local here <close> = require("tests.support.directory").new()
    here:write("libcurl.so.4", "no library")
    local path = [["$(LD_PRELOAD= /sbin/ldconfig -p | awk '/libcurl[.]so[.]4 /{ print $NF; exit }')"]]
    assert.is_true(os.execute(("cp -L %s '%s/libcurl-gnutls.so.4'"):format(path, here.path)))
    local env = { LIVEBLOCKS_SECRET_KEY = "sk_t", LIVEBLOCKS_BASE_URL = srv:base "ok", LD_LIBRARY_PATH = here.path }
    local _, err, status = process.run({ "call", "get_room", "r" }, { env = env, timeout = 20 })
    assert.same({ "", 0 }, { err, status })
  end)

  for name, reached in pairs { http_proxy = true, all_proxy = true, https_proxy = false } do
    it("goes through what " .. name .. " names" .. (reached and "" or ", only for https"), function()
      srv:log() -- empties it
      local env = { LIVEBLOCKS_SECRET_KEY = "sk_t", LIVEBLOCKS_BASE_URL = "http://rooms.invalid/base", [name] = srv.url }
      process.run({ "call", "get_room", "a b/c" }, { env = env, timeout = 20 })
      local rows = srv:log()
      assert.equal(reached, #rows > 0)
      if reached then assert.equal("/base/v2/rooms/a%20b%2Fc", rows[#rows].path) end
    end)
  end
end)
