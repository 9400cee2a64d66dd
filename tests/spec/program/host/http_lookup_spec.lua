-- libcurl's resolver wakes it by descriptors that libcurl closes without saying so: whatever gets their numbers next is watched.
local http = require "liveblocks.http"
local http_server = require "lbhost.http_server"
local task = require "liveblocks.task"

describe("a server that is started after a name could not be looked up", function()
  it("answers, and so do those before it", function()
    local servers = {}
    for round = 1, 4 do
      task.run(function()
        local ok, err = pcall(http.request, { url = "http://no-such-host.invalid/", retries = 0, timeout = 60 })
        assert.is_false(ok)
        assert.equal("network", err.kind)
      end)
      for i = 1, 8 do
        servers[#servers + 1] = http_server.start { handler = function() return { body = ("%d %d"):format(round, i) } end }
      end
      task.run(function()
        for _, server in ipairs(servers) do
          assert.matches("^%d %d$", http.request({ url = server.url, retries = 0, timeout = 60 }).body)
        end
      end)
    end
    for _, server in ipairs(servers) do server:stop() end
  end)
end)
