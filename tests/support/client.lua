-- What specs of the client share: a test server and clients that talk to it.
if os.getenv "LBHOST_TEST_GC" then collectgarbage("incremental", 1, 1000) end
local liveblocks = require "liveblocks"
local server = require "tests.support.server"

local helper = { count = 0 }

function helper.server()
  return server.start {}
end

--- A client of the server; with a scenario, one that meets it, and the id under which the server logs it.
function helper.client(srv, scenario, options)
  local all = { secret = "sk_test", base_url = srv.url, backoff = 0.01 }
  local id
  if scenario then
    helper.count = helper.count + 1
    id = ("case%d"):format(helper.count)
    all.base_url = srv:base(scenario, id)
  end
  for name, value in pairs(options or {}) do all[name] = value end
  return liveblocks.new(all), id
end

return helper
