local process = require "tests.support.process"

describe("the directories of lbhost", function()
  local function directory(kind, env)
    return (process.run({ "-e", ("print(require('lbhost.util.xdg').directory '%s')"):format(kind) }, { env = env }):gsub("\n$", ""))
  end

  it("are those of the XDG base directories, else in the home directory", function()
    for kind, default in pairs { CONFIG = ".config", STATE = ".local/state", DATA = ".local/share", CACHE = ".cache" } do
      local name = "XDG_" .. kind .. "_HOME"
      assert.equal("/x/lbhost", directory(kind, { HOME = "/h", [name] = "/x" }))
      assert.equal(("/h/%s/lbhost"):format(default), directory(kind, { HOME = "/h", [name] = "relative" }))
      assert.equal(("/h/%s/lbhost"):format(default), directory(kind, { HOME = "/h", [name] = "" }))
    end
  end)

  it("are nowhere without a home directory", function()
    assert.equal("nil", directory("CONFIG", { HOME = "", XDG_CONFIG_HOME = "" }))
    assert.equal("nil", directory("CONFIG", { HOME = "relative", XDG_CONFIG_HOME = "" }))
  end)
end)
