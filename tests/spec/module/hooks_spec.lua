local helper = require "tests.support.client"
local http = require "liveblocks.http"
local liveblocks = require "liveblocks"
local refused = require "tests.support.refused"

describe("hooks", function()
  local srv
  setup(function() srv = helper.server() end)
  teardown(function() srv:stop() end)

  it("give options to clients that are made, the later hook first", function()
    local seen = {}
    local remove_first = liveblocks.hook { options = function(given)
      seen[#seen + 1] = "first " .. given.user_agent
      given.base_url = "https://first.test"
      return given
    end }
    local remove_second = liveblocks.hook { options = function(given)
      seen[#seen + 1] = "second"
      given.user_agent = "changed"
      return given
    end }
    local given = { secret = "sk_x", user_agent = "own" }
    assert.matches("first.test", tostring(liveblocks.new(given)), 1, true)
    assert.same({ "second", "first changed" }, seen)
    assert.same({ secret = "sk_x", user_agent = "own" }, given)
    remove_first()
    remove_second()
    assert.matches("api.liveblocks.io", tostring(liveblocks.new { secret = "sk_x" }), 1, true)
    assert.equal(2, #seen)
  end)

  it("put another client in the place of one", function()
    local remove = liveblocks.hook { client = function(client) return { real = client } end }
    local made = liveblocks.new { secret = "sk_x" }
    remove()
    assert.matches("liveblocks.client", tostring(made.real), 1, true)
  end)

  it("stand around requests to other services", function()
    local url = srv.url .. "/there"
    srv:reset()
    local remove = liveblocks.hook { request = function(options, send)
      if options.method == "DELETE" then return { status = 0 } end
      return send { url = options.url, headers = { ["X-Hooked"] = "yes" } }
    end }
    assert.equal(0, http.request({ url = url, method = "DELETE" }).status)
    http.request { url = url }
    remove()
    http.request { url = url }
    local log = srv:log()
    assert.same({ 2, "yes" }, { #log, log[1].header["x-hooked"] })
    assert.is_nil(log[2].header["x-hooked"])
  end)

  it("that cannot be are refused", function()
    assert.matches("a table of functions expected, got nil", refused(liveblocks.hook), 1, true)
    assert.matches("unknown hook 'option'; did you mean 'options'?", refused(liveblocks.hook, { option = print }), 1, true)
    assert.matches("'client' must be a function, got boolean", refused(liveblocks.hook, { client = true }), 1, true)
  end)
end)
