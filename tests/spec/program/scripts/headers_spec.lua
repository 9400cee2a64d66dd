-- What docs/serve.md and the headers of scripts/ say about the scripts.
local local_server = require "lbhost.local.server"
local plugin = require "lbhost.plugin.contract"
local process = require "tests.support.process"
local read = require("tests.support.files").read
local sandbox = require "lbhost.util.sandbox"

local function scripts()
  local pipe <close> = assert(io.popen "ls scripts/webhooks/*.lua scripts/notifications/*.lua")
  local list = {}
  for path in pipe:lines() do list[#list + 1] = path end
  assert.is_true(#list >= 6)
  return list
end

local function load(path)
  local chunk = assert(sandbox.load_file(path, sandbox.new(path)))
  return assert(plugin.check(chunk(), path))
end

describe("scripts/", function()
  local page = read "docs/serve.md"

  it("are all listed in docs/serve.md, under the names that they have", function()
    for _, path in ipairs(scripts()) do
      assert.is_truthy(page:find(("| `%s` |"):format(path:match("^scripts/(.*)$")), 1, true), path)
      assert.equal(path:match("([^/]+)%.lua$"), load(path).name)
    end
  end)

  it("say in their headers how they are run, and name every option and variable", function()
    for _, path in ipairs(scripts()) do
      local header = read(path):match("^(.-)\n[^-]")
      assert.is_truthy(header:find("lbhost serve " .. path, 1, true), path)
      for name, row in pairs(load(path).option_rows) do
        assert.is_truthy(header:find("%f[%w_]" .. name .. "%f[^%w_]"), ("%s: %s"):format(path, name))
        if row.env then assert.is_truthy(header:find(row.env, 1, true), ("%s: %s"):format(path, row.env)) end
      end
    end
  end)

  it("are shown with the secrets and ports that the programs have", function()
    local section = page:match "\n## From nothing to a received event\n(.*)$"
    assert.is_truthy(section:find("LIVEBLOCKS_WEBHOOK_SECRET=" .. local_server.WEBHOOK_SECRET .. " ", 1, true))
    for command, port in pairs { ["serve"] = "8787", ["local"] = "1154" } do
      local help = process.run { "help", command }
      assert.is_truthy(help:find("%f[%d]" .. port .. "%f[%D]"), help)
      assert.is_truthy(section:find("127.0.0.1:" .. port, 1, true))
    end
  end)
end)
