--- The local Liveblocks inside of another command: --local.
local task = require "liveblocks.task"

local inside = {}

--- Starts it on a free port of this machine; the program does not wait for it to end.
---@return { base_url: string, secret: string }
function inside.start()
  local server = task.run(function()
    task.background()
    return require("lbhost.local.server").start {}
  end)
  return { base_url = server.url, secret = server.app.options.secret }
end

return inside
