-- What docs/configuration.md shows, and that it is complete.
local documentation = require "tests.support.documentation"
local directory = require "tests.support.directory"
local process = require "tests.support.process"

local page = documentation.page "docs/configuration.md"

-- Lines of a command.
local function lines(command)
  local list = {}
  local pipe <close> = assert(io.popen(command))
  for line in pipe:lines() do list[#list + 1] = line end
  return list
end

describe("docs/configuration.md shows", function()
  it("a configuration that lbhost reads", function()
    local dir <close> = directory.new()
    local config = dir:write("lbhost.lua", (page:block "The configuration file"
      :gsub("handlers/chat.lua", "handler.lua"):gsub("/var/log/lbhost", dir.path)))
    dir:write("secret", "sk_configured")
    dir:write("handler.lua", "return { api = 1 }")
    local out, err, status = process.run({ "--config", config, "plugins" }, { env = { HOME = dir.path } })
    assert.same({ "", 0 }, { err, status })
    assert.matches("journal +active", out)
    assert.matches("handler +active", out)
  end)

  it("every global option", function()
    local count = 0
    for option in process.run { "help" }:match "Global options.*$":gmatch "\n  (%-%-?%l[%l-]*)" do
      count = count + 1
      assert.is_truthy(page.text:find("| `" .. option, 1, true), option)
    end
    assert.is_true(count >= 8)
  end)

  it("every environment variable that is read", function()
    local count = 0
    for _, line in ipairs(lines [[grep -rhoE 'getenv *\(?"[A-Za-z_]+"|env = "[A-Z_]+"' lua/lbhost lua/liveblocks host bindings]]) do
      local name = line:match '"(.-)"'
      if name ~= "CHAT_URL" and not name:find "_$" then -- not an example in a comment, nor a prefix
        count = count + 1
        assert.is_truthy(page.text:find(("`%s`"):format(name), 1, true), line)
      end
    end
    assert.is_true(count > 10)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
