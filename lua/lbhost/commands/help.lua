--- lbhost help [TOPIC]: all commands; a command; a call, a group of calls, or a word to look for in the endpoint table.
local endpoint_help = require "lbhost.cli.endpoint_help"
local errors = require "liveblocks.errors"
local plugins = require "lbhost.plugin.registry"
local usage = require "lbhost.cli.usage"

local function run(arguments)
  local name = arguments[1]
  if not name then
    io.stdout:write(usage.page())
    return 0
  end
  local command = plugins.find_command(name)
  local text = command and usage.of(name, command) or endpoint_help.about(name)
  if not text then
    local topics = endpoint_help.topics()
    for other in pairs(usage.names()) do topics[other] = true end
    errors.usage("no help about '%s'%s", name, errors.hint(name, topics))
  end
  io.stdout:write(text)
  return 0
end

return {
  api = 1, name = "help", about = "Explains commands and calls",
  commands = {
    help = { about = "all commands; a command, a call, or a group of calls", usage = "help [TOPIC]", run = run },
  },
}
