local hint = require "lbhost.util.global_hint"

describe("the hint for a global variable that is not there", function()
  local function of(name, env) return hint(("x.lua:1: attempt to call a nil value (global '%s')"):format(name), env or {}) end

  it("says how one gets what the name stands for", function()
    assert.equal('write local liveblocks = require "liveblocks"', of "liveblocks")
    assert.equal('write local client = require("liveblocks").new()', of "client")
  end)

  it("names the one that may have been meant, of Lua's and of the script's", function()
    assert.equal("did you mean 'print'?", of "pritn")
    assert.equal("did you mean 'my_function'?", of("my_functoin", { my_function = print }))
  end)

  it("is nil where nothing is near, where it is there, and for other errors", function()
    assert.is_nil(of "qqqqqqqq")
    assert.is_nil(of("client", { client = 1 }))
    assert.is_nil(hint("x.lua:1: boom", {}))
    assert.is_nil(hint({ kind = "usage" }, {}))
    assert.is_nil(hint(nil, {}))
  end)
end)
