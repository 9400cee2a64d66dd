--- lbhost version
local liveblocks = require "liveblocks"

local function run()
  io.stdout:write(("lbhost %s (%s)\n"):format(liveblocks.version, _VERSION))
  return 0
end

return {
  api = 1, name = "version", about = "Prints the version",
  commands = { version = { about = "the version of lbhost and of Lua", usage = "version", run = run, examples = { "lbhost version" } } },
}
