-- What docs/deployment.md says about the program: options, metrics, the unit of systemd.
local documentation = require "tests.support.documentation"
local directory = require "tests.support.directory"
local process = require "tests.support.process"
local quote = require "tests.support.quote"
local read = require("tests.support.files").read

local page = documentation.page "docs/deployment.md"

describe("docs/deployment.md shows", function()
  it("commands with options that they have", function()
    local help = process.run { "help", "serve" } .. process.run { "help" }
    local unit, container = page:block "A systemd service", page:block "A container"
    local count = 0
    for option in (unit:match "ExecStart=([^\n]+)" .. container:match "CMD ([^\n]+)"):gmatch "%-%-[%l-]+" do
      count = count + 1
      assert.is_truthy(help:find(option, 1, true), option)
    end
    assert.is_true(count >= 5)
  end)

  it("the unit that is installed", function()
    assert.equal(read "scripts/systemd/lbhost.service", page:block "A systemd service")
  end)

  it("a unit that systemd accepts", function()
    if not os.execute "command -v systemd-analyze >/dev/null 2>&1" then return pending "no systemd-analyze" end
    local dir <close> = directory.new()
    local program = io.popen "pwd":read "l" .. "/" .. process.program
    if process.program:find "^/" then program = process.program end
    os.execute(("ln -s %s %s/lbhost"):format(quote(program), dir.path))
    local unit = dir:write("lbhost.service", (page:block "A systemd service":gsub("/usr/local/bin/lbhost", dir.path .. "/lbhost")))
    local pipe = io.popen(("systemd-analyze verify --man=no '%s' 2>&1"):format(unit))
    local said = pipe:read "a"
    pipe:close()
    local ours = {}
    for line in said:gmatch "[^\n]+" do
      if line:find("lbhost.service", 1, true) then ours[#ours + 1] = line end
    end
    assert.same({}, ours)
  end)

  it("a configuration of nginx that nginx accepts", function()
    if not os.execute "command -v nginx >/dev/null 2>&1" then return pending "no nginx" end
    local dir <close> = directory.new()
    local upstream, location
    for _, text in ipairs(page:section "Several hosts") do
      upstream = upstream or text:match "^upstream .*"
      location = location or text:match "^location .*"
    end
    dir:write("nginx.conf", ("pid %s/pid; error_log stderr; events {} http { access_log off; client_body_temp_path %s; %s server { %s } }")
      :format(dir.path, dir.path, upstream, "listen unix:" .. dir.path .. "/socket;" .. location))
    local said = io.popen(("nginx -t -q -e stderr -p %s -c %s/nginx.conf 2>&1"):format(dir.path, dir.path)):read "a"
    assert.equal("", said)
  end)

  it("every metric with its type", function()
    local count = 0
    for name, kind in read "lua/lbhost/serve/metrics.lua":gmatch '{ "([%l_]+)", "(%l+)", "' do
      count = count + 1
      assert.is_truthy(page.text:find(("| `%s` | %s |"):format(name, kind), 1, true), name)
    end
    assert.is_true(count >= 13)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
