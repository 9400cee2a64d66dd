--- What `lbhost help` shows of commands: all of them on a page, or one with its options, examples and environment.
local globals = require "lbhost.cli.global_options"
local plugins = require "lbhost.plugin.registry"
local terminal = require "lbhost.util.terminal"
local variables = require "lbhost.cli.environment_variables"

local usage = {}

-- The order of the commands on the page; the others follow by name.
local order = { "run", "repl", "call", "serve", "queue", "send", "migrate", "local", "doctor", "plugins", "new", "help", "version" }

--- All commands that are not switched off, in the order of the page.
---@return { name: string, command: table }[]
function usage.commands()
  local rows, position = {}, {}
  for i, name in ipairs(order) do position[name] = i end
  for _, plugin in ipairs(plugins.load_all().list) do
    for name, command in pairs(not plugin.off and plugin.commands or {}) do
      rows[#rows + 1] = { name = name, command = command, position = position[name] or #order + 1 }
    end
  end
  table.sort(rows, function(a, b)
    if a.position ~= b.position then return a.position < b.position end
    return a.name < b.name
  end)
  return rows
end

--- The names of all commands, as a set.
---@return table<string, boolean>
function usage.names()
  local names = {}
  for _, row in ipairs(usage.commands()) do names[row.name] = true end
  return names
end

--- The whole page.
---@return string
function usage.page()
  local out = { "lbhost - Liveblocks automations in Lua\n\n" }
  for _, row in ipairs(usage.commands()) do out[#out + 1] = ("  %-12s %s\n"):format(row.name, row.command.about) end
  out[#out + 1] = "\nlbhost FILE.lua, lbhost -e CODE and lbhost - (standard input) run scripts. lbhost help COMMAND shows the options of "
    .. "a command, lbhost help TOPIC a call, a function of the module, an event type or a page of the documentation; lbhost help "
    .. "topics lists them.\n"
  out[#out + 1] = "\nGlobal options, before the command or among its arguments:\n" .. globals.help
  for _, refusal in ipairs(plugins.load_all().refused) do
    out[#out + 1] = ("\nrefused plugin: %s\n"):format(tostring(refusal))
  end
  return terminal.wrap(table.concat(out))
end

local function examples_of(command)
  if not command.examples then return "" end
  return "\nExamples:\n  " .. table.concat(command.examples, "\n  ") .. "\n"
end

local function environment_of(command)
  local out = {}
  for i, name in ipairs(command.environment or {}) do out[i] = ("  %-26s %s\n"):format(name, variables[name] or "") end
  return out[1] and "\nEnvironment:\n" .. table.concat(out) or ""
end

--- About one command.
---@param name string
---@param command table
---@return string
function usage.of(name, command)
  local out = { ("lbhost %s\n  %s\n"):format(command.usage or name, command.about) }
  local more = type(command.help) == "function" and command.help() or command.help
  if more then out[#out + 1] = "\n" .. terminal.paragraphs(more):gsub("\n*$", "\n") end
  if command.parser then out[#out + 1] = "\n" .. command.parser():get_help() .. "\n" end
  out[#out + 1] = examples_of(command) .. environment_of(command)
  return terminal.wrap(table.concat(out))
end

--- About an action of a command, such as `queue list`; nil when the command has none of that name.
---@param command table
---@param action string
---@return string?
function usage.of_action(command, action)
  for _, parser in ipairs(command.parser and command.parser()._commands or {}) do
    if parser._name == action then return terminal.wrap(parser:get_help() .. "\n" .. environment_of(command)) end
  end
end

return usage
