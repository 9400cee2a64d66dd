local config = require "lbhost.cli.config"
local directory = require "tests.support.directory"

describe("the configuration", function()
  local dir
  before_each(function() dir = directory.new() end)
  after_each(function() dir:remove() end)

  local function read(text) return config.read(dir:write("lbhost.lua", text)) end
  local function refusal(text)
    local ok, err = pcall(read, text)
    assert.is_false(ok, text)
    assert.equal("usage", err.kind)
    return err.message
  end

  it("has the global options, plugins and files, with paths beside the file", function()
    local values = read [[return { base_url = "http://x", secret_file = "key", ca_file = "/ca.pem", timeout = 5, rate = 0.5,
      max_response = 2 ^ 20, files = { "a.lua", "/b.lua" }, plugins = { serve = { port = 1 }, journal = true } }]]
    assert.same({ "http://x", 5, 0.5, 1048576 }, { values.base_url, values.timeout, values.rate, values.max_response })
    assert.same({ dir.path .. "/key", "/ca.pem" }, { values.secret_file, values.ca_file })
    assert.same({ dir.path .. "/a.lua", "/b.lua" }, values.files)
    assert.same({ serve = { port = 1 }, journal = true }, values.plugins)
    assert.equal(dir.path .. "/lbhost.lua", values.path)
  end)

  it("takes the earlier name of max_response, and may be empty", function()
    assert.equal(7, read("return { max_reply = 7 }").max_response)
    assert.same({ {}, {} }, { read("return {}").files, read("return {}").plugins })
  end)

  it("is refused with the file and what is wrong in it", function()
    for text, expected in pairs {
      ["return 1"] = "lbhost.lua: must return a table, returned number",
      ["return { tiemout = 1 }"] = "unknown field 'tiemout'; did you mean 'timeout'",
      ["return { timeout = '5' }"] = "lbhost.lua: timeout ", ["return { plugins = 1 }"] = "plugins must be a table, got number",
      ["return { plugins = { serve = 1 } }"] = "plugins.serve must be a table of options, true or false",
      ["return {"] = "cannot read the configuration: ", ["error 'no'"] = "the configuration fails: ",
      ["x = y"] = "the configuration fails: ",
    } do
      assert.is_truthy(refusal(text):find(expected, 1, true), refusal(text))
    end
    local ok, err = pcall(config.read, dir.path .. "/none.lua")
    assert.is_false(ok)
    assert.matches("cannot read the configuration: .*none.lua", err.message)
  end)
end)
