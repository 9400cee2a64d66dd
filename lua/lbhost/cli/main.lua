--- The command line: finds the command among the plugins, gives it its arguments, returns the exit status.
--- What few commands or only failures need is required where it is used: a short script should start at once.
local built_in = require "lbhost.plugin.built_in"
local errors = require "liveblocks.errors"
local globals = require "lbhost.cli.global_options"
local host = require "lbhost.host"
local liveblocks = require "liveblocks"
local module_path = require "lbhost.util.module_path"
local task = require "liveblocks.task"

local function fail(message)
  local hidden = require("lbhost.util.secrets").hide(message)
  io.stderr:write("lbhost: ", require("lbhost.util.printable").message(hidden), "\n")
  return 2
end

-- Options that stand for commands.
local commands_of = {
  ["-e"] = { "run", "-e" }, ["-"] = { "run", "-" }, ["--help"] = { "help" }, ["-h"] = { "help" }, ["--version"] = { "version" },
  ["-V"] = { "version" },
}

-- Options of the stand-alone Lua that are written otherwise here.
local lua_options = { ["-i"] = "the prompt is: lbhost repl", ["-l"] = "a module is loaded by: lbhost -e 'require \"NAME\"'" }

local function unknown(name)
  if lua_options[name] then return fail(("unknown option '%s'; %s"):format(name, lua_options[name])) end
  if name:sub(1, 1) == "-" then
    return fail(("unknown option '%s'%s (lbhost help shows all)"):format(name, errors.hint(name, globals.names)))
  end
  -- It may be one of a plugin that could not be loaded.
  for _, refusal in ipairs(require("lbhost.plugin.registry").load_all().refused) do fail("refused: " .. tostring(refusal)) end
  if host.real_path(name) and not host.list_directory(name) then
    return fail(("unknown command '%s'; a script of that name is run by: lbhost run %s"):format(name, name))
  end
  local hint = errors.hint(name, require("lbhost.cli.usage").names())
  local call = hint == "" and require("lbhost.cli.endpoint_help").nearest(name)
  if call then return fail(("unknown command '%s'; a call of the API is made by: lbhost call %s"):format(name, call)) end
  return fail(("unknown command '%s'%s (lbhost help shows all)"):format(name, hint))
end

-- Clients made by scripts take the global options as their defaults.
local function add_defaults()
  liveblocks.hook { options = globals.client }
end

local function start_local()
  local server = require("lbhost.local.inside").start(globals.values)
  globals.values.base_url = server.base_url or globals.values.base_url
  globals.values.secret = server.secret or globals.values.secret
end

-- A built-in command whose plugin has no options and no setup needs nothing else to be loaded, so that it starts
-- at once.
local function find_simple(name)
  local module = built_in.module_of(name)
  local plugin = module and require(module)
  local command = plugin and plugin.commands[name]
  if command and not (plugin.options or plugin.setup or plugin.stop) then
    return command, { name = plugin.name, options = {} }
  end
end

local function perform(plugin, command, rest)
  local plugins = require "lbhost.plugin.registry"
  local ctx, refusal = plugins.start(plugin)
  if not ctx then errors.usage("%s", tostring(refusal)) end
  local ok, status = xpcall(command.run, require("lbhost.util.traceback").handler, rest, ctx)
  local stopped, problem = plugins.stop(plugin)
  if not ok then error(status, 0) end
  if not stopped then errors.usage("%s", problem) end
  return math.type(status) == "integer" and status or 0
end

-- A script by its name alone, as in a first line for the shell.
local function is_script(name)
  return name:find("/", 1, true) or name:find("%.lua$")
end

local HELP = { ["--help"] = true, ["-h"] = true }

-- Where a command is asked for help among its arguments.
local function position_of_help(rest)
  for i, argument in ipairs(rest) do
    if argument == "--" then return nil end
    if HELP[argument] then return i end
  end
end

local function main(arguments)
  globals.command_line = arguments
  module_path.install()
  add_defaults()
  local first = globals.take_first(arguments)
  local name = arguments[first]
  if not name then
    io.stderr:write(require("lbhost.cli.usage").page())
    return 2
  end
  local rest = table.move(arguments, first + 1, #arguments, 1, {})
  if commands_of[name] then
    rest = table.move(rest, 1, #rest, #commands_of[name], table.move(commands_of[name], 2, #commands_of[name], 1, {}))
    name = commands_of[name][1]
  end
  if is_script(name) then
    table.insert(rest, 1, name)
    name = "run"
  end
  local asked = name ~= "run" and position_of_help(rest) or rest[1] and HELP[rest[1]] and 1
  if asked then name, rest = "help", table.move(rest, 1, asked - 1, 2, { name }) end
  local command, plugin = find_simple(name)
  local simple = command ~= nil
  if not simple then
    if not built_in.module_of(name) then rest = globals.take_sources(rest) end
    command, plugin = require("lbhost.plugin.registry").find_command(name)
  end
  if not command then return unknown(name) end
  rest = globals.take_rest(rest, command)
  if globals.values.inside then start_local() end
  if simple then return command.run(rest, require("lbhost.plugin.host").make(plugin)) end
  return perform(plugin, command, rest)
end

return function(arguments)
  local ok, result = pcall(main, arguments)
  if host.interrupted() then task.close_all() end
  if ok then return result end
  -- An interrupt is reported by the program itself.
  if not host.interrupted() then fail(tostring(result)) end
  return errors.is(result) and result.kind == "usage" and 2 or 1
end
