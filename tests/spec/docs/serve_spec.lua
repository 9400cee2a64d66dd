-- What docs/serve.md shows, run, on ports that are free.
local documentation = require "tests.support.documentation"
local directory = require "tests.support.directory"
local get_page = require "tests.support.page_client"
local process = require "tests.support.process"
local quote = require "tests.support.quote"
local socket = require "socket"

local page = documentation.page "docs/serve.md"

local SECRETS = "export LIVEBLOCKS_WEBHOOK_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw LIVEBLOCKS_SECRET_KEY=sk_x\n"

-- Ports that were free a moment ago.
local function ports(count)
  local sockets, numbers = {}, {}
  for i = 1, count do
    sockets[i] = assert(socket.bind("127.0.0.1", 0))
    numbers[i] = select(2, sockets[i]:getsockname())
  end
  for i = 1, count do sockets[i]:close() end
  return table.unpack(numbers)
end

describe("docs/serve.md shows", function()
  local dir
  setup(function() dir = directory.new() end)
  teardown(function() dir:remove() end)

  it("how a handler is written, started and given an event", function()
    local port = ports(1)
    local lines = {}
    for line in page:block "Running the service":gmatch "[^\n]+" do lines[#lines + 1] = line:match "^(.-)%s*#" or line end
    assert.equal(5, #lines)
    assert.matches("^export LIVEBLOCKS_WEBHOOK_SECRET=whsec_%.%.%. LIVEBLOCKS_SECRET_KEY=sk_%.%.%.$", lines[1])
    local output, status = documentation.run(lines[2], { cwd = dir.path })
    assert.equal(0, status, output)
    local store = " --store " .. dir.path .. "/events.db"
    local env = { LIVEBLOCKS_WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", LIVEBLOCKS_SECRET_KEY = "sk_x" }
    local arguments = lines[3]:match "^lbhost (serve greet%.lua)$" .. (" --port %d"):format(port) .. store
    local server <close> = process.start(arguments, { cwd = dir.path, env = env })
    server:wait_for("listening", true)
    output, status = documentation.run(SECRETS .. lines[4] .. (" --to http://127.0.0.1:%d/"):format(port))
    assert.equal(0, status, output)
    server:wait_for("commentCreated", true)
    server:signal "TERM"
    server:wait()
    output, status = documentation.run((lines[5]:gsub("queue", "queue" .. store)))
    assert.equal(0, status, output)
  end)

  it("how the operator's page is switched on", function()
    local page_port = ports(1)
    dir:write("admin.lua", 'return { api = 1, name = "greet", events = { ["*"] = function() end } }')
    local arguments = page:block "The operator's page":match "^lbhost (serve greet%.lua .-)%s*#":gsub("greet", "admin", 1)
    arguments = arguments:gsub(":8788", ":" .. page_port) .. " --port 0 --store " .. dir.path .. "/admin.db"
    local server <close> = process.start(arguments, { cwd = dir.path,
      env = { LIVEBLOCKS_WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" } })
    server:wait_for("operator's page is at http://127.0.0.1:" .. page_port .. "/", true)
    local status, body = get_page(("http://127.0.0.1:%d"):format(page_port), "/migrations")
    assert.equal(200, status, body)
    assert.matches("There is no such journal yet", body, 1, true)
  end)

  it("the way from nothing to a received event", function()
    local api, hook, chat = ports(3)
    local shown = page:section "From nothing to a received event"
    for i, text in ipairs(shown) do
      shown[i] = text:gsub("1154", tostring(api)):gsub("8787", tostring(hook)):gsub("port = 9000", "port = " .. chat)
        :gsub(":9000", ":" .. chat)
    end
    local checkout = io.popen "pwd"
    local root = checkout:read "l"
    checkout:close()
    local home = { HOME = dir.path }
    local liveblocks <close> = process.start(shown[1]:match "^lbhost (.*)\n$" .. " --port " .. api, { env = home })
    liveblocks:wait_for "http://127%.0%.0%.1"
    local receiver <close> = process.start(shown[2]:match "^lbhost (.*)\n$", { env = home })
    local env = { HOME = dir.path }
    for name, value in shown[3]:gmatch "([%u_]+)=(%S+)" do env[name] = value end
    local command = shown[3]:match "\nlbhost (serve %S+) &\n$"
    local server <close> = process.start(command:gsub("scripts/", quote(root .. "/scripts/")) .. " --port " .. hook, { env = env })
    server:wait_for("listening", true)
    local output, status = documentation.run(shown[4], { env = env })
    assert.equal(0, status, output)
    local expected = page.text:match "The second terminal prints `([^`]+)`"
    receiver:wait_for((expected:gsub("%p", "%%%0")))
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)
end)
