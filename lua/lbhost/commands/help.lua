--- lbhost help [TOPIC]: all commands; a command; or what the topics of lua/lbhost/cli/topics.lua say.
local errors = require "liveblocks.errors"
local plugins = require "lbhost.plugin.registry"
local terminal = require "lbhost.util.terminal"
local topics = require "lbhost.cli.topics"
local usage = require "lbhost.cli.usage"

-- `lbhost help call get_rooms`: what the command says about the arguments after its name.
local function about_command(name, arguments)
  local command = plugins.find_command(name)
  if not command then return nil end
  local text = arguments[1] and command.help_about and command.help_about(arguments)
  if text then return terminal.wrap(text) end
  return arguments[1] and usage.of_action(command, arguments[1]) or usage.of(name, command)
end

local function run(arguments)
  local name = arguments[1]
  local text = not name and usage.page() or about_command(name, table.move(arguments, 2, #arguments, 1, {}))
    or topics.about(table.concat(arguments, " "))
  if not text then
    local names = topics.names()
    for other in pairs(usage.names()) do names[other] = true end
    errors.usage("no help about '%s'%s (lbhost help lists the commands; lbhost help topics the rest)", name, errors.hint(name, names))
  end
  io.stdout:write(text)
  return 0
end

return {
  api = 1, name = "help", about = "Explains commands and calls",
  commands = {
    help = { about = "a command, a call, a function, an event type, a page", usage = "help [TOPIC]", run = run,
      examples = { "lbhost help serve", "lbhost help get_rooms", "lbhost help storage.open", "lbhost help migrations",
        "lbhost help commentCreated", "lbhost help topics" } },
  },
}
