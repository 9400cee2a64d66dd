--- Local Liveblocks on ports in the process of a spec, and files for them; stop() ends and removes all.
---   local ports = local_ports.new()
---   local one, client = ports.start { data = ports.file ".json" }
local files = require "tests.support.files"
local liveblocks = require "liveblocks"
local server = require "lbhost.local.server"

local local_ports = {}

function local_ports.new()
  local self, running, made = {}, {}, {}

  function self.start(options)
    local one = server.start(options)
    running[#running + 1] = one
    return one, liveblocks.new { secret = one.app.options.secret, base_url = one.url, backoff = 0.01 }
  end

  --- The path of a new file, which is there only when `text` is given.
  function self.file(suffix, text)
    local name = os.tmpname()
    os.remove(name)
    name = name .. suffix
    made[#made + 1] = name
    if text then files.write(name, text) end
    return name
  end

  function self.stop()
    for _, one in ipairs(running) do one:stop() end
    for _, path in ipairs(made) do
      os.remove(path)
      os.remove(path .. ".lock")
    end
  end

  return self
end

return local_ports
