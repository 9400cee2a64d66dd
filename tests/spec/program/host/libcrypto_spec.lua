local process = require "tests.support.process"

describe("libcrypto", function()
  local directory, missing
  setup(function()
    directory = require("tests.support.directory").new()
    directory:write("libcrypto.so.3", "no library")
    missing = { LD_LIBRARY_PATH = directory.path, LIVEBLOCKS_WEBHOOK_SECRET = "whsec_" .. ("A"):rep(32) }
  end)
  teardown(function() directory:remove() end)

  local function run(code)
    return process.run({ "-e", code }, { env = missing })
  end

  it("is not needed by a script that uses nothing of it", function()
    assert.same({ "[1]\n", "", 0 }, { run "print(require('liveblocks').json.encode { 1 })" })
  end)

  for what, code in pairs {
    ["a document of Yjs"] = "require('liveblocks').yjs.open()",
    ["an identifier"] = "require('liveblocks.crypto').random_id(8)",
    ["base64"] = "require('liveblocks.crypto').base64_encode 'a'",
    ["the text that base64 stands for"] = "require('liveblocks.crypto').base64_decode 'YQ=='",
    ["an HMAC"] = "require('liveblocks.crypto').hmac_sha256('a', 'b')",
    ["a comparison"] = "require('liveblocks.crypto').equal('a', 'b')",
    ["a signature"] = "require('liveblocks.webhook').sign('whsec_QUJD', 'id', '1700000000', 'body')",
  } do
    it("is missed by " .. what .. " in a sentence that says what to install", function()
      local out, err, status = run(code)
      assert.same({ "", 1 }, { out, status })
      assert.matches("libcrypto cannot be loaded %(.*libcrypto%.so%.3.*%); the Debian package is libssl3", err)
    end)
  end

  it("is missed by serve before it listens", function()
    local handlers = directory:write("handlers.lua", "return { on = {} }")
    local out, err, status = process.run({ "serve", handlers, "--port", "0", "--store", directory.path .. "/events.db" },
      { env = missing, timeout = 20 })
    assert.same({ "", 2 }, { out, status })
    assert.matches("libcrypto cannot be loaded %(.*libcrypto%.so%.3.*%); the Debian package is libssl3", err)
  end)
end)
