-- What docs/calls.md shows, run against the test server.
local documentation = require "tests.support.documentation"
local directory = require "tests.support.directory"
local helper = require "tests.support.client"
local liveblocks = require "liveblocks"

local page = documentation.page "docs/calls.md"

describe("docs/calls.md shows", function()
  local srv, dir
  setup(function()
    srv = helper.server()
    dir = directory.new()
  end)
  teardown(function()
    srv:stop()
    dir:remove()
  end)

  it("calls that work", function()
    local attachment = dir:write("plan.pdf", "a plan")
    local printed = {}
    local around = { client = helper.client(srv), bytes = "\1\2", print = function(...) printed[#printed + 1] = { ... } end }
    for _, section in ipairs { "Arguments", "Results", "Pages", "Calls without waiting", "A connection in advance",
      "The pace", "Uploads", "Calls that the table lacks",
      "Tokens for users", "Hooks" } do
      documentation.load((page:block(section):gsub("plan%.pdf", attachment)), around)()
    end
    assert.same({ 200, 1 }, { printed[1][2], printed[1][3] })
  end)

  it("how a client is made", function()
    dir:write("client.lua", page:block "A client")
    assert.same({ "", 0 }, { documentation.run("lbhost run client.lua", { cwd = dir.path, env = { LIVEBLOCKS_SECRET_KEY = "sk_x" } }) })
  end)

  it("how a webhook is verified", function()
    local secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    local code, count = page:block "Verifying a webhook":gsub("whsec_%.%.%.", secret)
    assert.equal(1, count)
    local body, now = '{"type":"roomCreated","data":{"roomId":"r"}}', os.time()
    local headers = { ["webhook-id"] = "msg_1", ["webhook-timestamp"] = tostring(now),
      ["webhook-signature"] = liveblocks.webhook.sign(secret, "msg_1", now, body) }
    local event = documentation.load(code .. "return event, err", { headers = headers, raw_body = body })()
    assert.equal("roomCreated", event.type)
    local _, err = documentation.load(code .. "return event, err", { headers = headers, raw_body = body .. " " })()
    assert.equal("WRONG_SIGNATURE", err.code)
  end)

  it("a request to another service", function()
    local code, count = page:block "Requests to other services":gsub("https://chat%.example", srv:base("status,code=200", "chat"))
    assert.equal(1, count)
    documentation.load(code)()
    assert.equal('{"text":"hi"}', srv:log("chat")[1].body)
  end)

  it("nothing that is not tested", function() assert.same({}, page:untested()) end)

  it("every option of a client", function()
    local section = page.text:match "\n## Client options\n(.-)\n## "
    local meta = assert(io.open "lua/meta/types.lua")
    local class = meta:read("a"):match "%-%-%-@class liveblocks%.Options\n(.-)\n\n"
    meta:close()
    local count = 0
    for name in class:gmatch "@field ([%w_]+)" do
      count = count + 1
      assert.is_truthy(section:find("| `" .. name .. "` |", 1, true), name)
    end
    assert.is_true(count > 10)
  end)
end)
