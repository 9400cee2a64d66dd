--- lbhost version
local liveblocks = require "liveblocks"

return function()
  io.stdout:write(("lbhost %s (%s)\n"):format(liveblocks.version, _VERSION))
  return 0
end
