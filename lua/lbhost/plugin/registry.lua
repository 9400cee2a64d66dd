--- Finds and loads plugins. Sources, in this order; the first that has a name keeps it:
---
---   built-in        the modules lbhost.commands.NAME and lbhost.plugins.NAME inside the program
---   --plugin        FILE on the command line (NAME switches one on that is found elsewhere)
---   configuration   `files` of the configuration
---   directory          *.lua and *.so in $XDG_CONFIG_HOME/lbhost/plugins
---   Lua path        lbhost/plugins/*.lua and *.so below package.path and package.cpath
---
--- Commands and stores are there once a plugin is found. Events, timers and routes take part in `lbhost serve` when
--- the plugin is active: given as a file, lying in the directory, or switched on by --plugin NAME or by `plugins` in
--- the configuration. `plugins.NAME = false` there switches it off altogether.
---
---   plugins.load_all()              -> { list = plugins, refused = refusals }, loaded once
---   plugins.active()                -> the active ones, and the refusals
---   plugins.find_command(name)      -> command, plugin
---   plugins.open_store(url, options) -> store, plugin
---   plugins.load_file(path, given)  -> plugin with options | nil, refusal: loads again each time
---   plugins.start(plugin, services) -> host | nil, refusal: runs its setup
---   plugins.stop(plugin)            -> true | nil, message: runs its stop
---   plugins.reset()                 forgets what was loaded, and the configuration
---
--- A plugin has name, about, version, file, origin, active, warnings, options, env (nil in C), setup, stop and the
--- tables events, timers, routes, commands, stores (never nil). A refusal has file, field (or nil) and reason.
local built_in = require "lbhost.plugin.built_in"
local contract = require "lbhost.plugin.contract"
local errors = require "liveblocks.errors"
local globals = require "lbhost.cli.global_options"
local host = require "lbhost.host"
local plugin_host = require "lbhost.plugin.host"
local module_path = require "lbhost.util.module_path"
local sandbox = require "lbhost.util.sandbox"
local xdg = require "lbhost.util.xdg"

local plugins = {}

-- Names of the handler files that were loaded by themselves: the configuration may have options for them.
local handler_names = {}

-- ---- Loading one ---------------------------------------------------------------------------------

local function stem_of(path)
  return path:match("([^/]+)%.%w+$") or path
end

local function load_lua(path)
  local env = sandbox.new(("plugin '%s'"):format(stem_of(path)))
  local chunk, problem = module_path.load_file(path, env)
  if not chunk then return nil, problem end
  return chunk, env
end

local function load_c(path)
  local symbol = "luaopen_" .. stem_of(path):gsub("%-", "_")
  -- without a slash, the system's library paths would be searched
  local open, problem = package.loadlib(path:find("/") and path or "./" .. path, symbol)
  return open, problem
end

local function is_file(path)
  return path:find("%.lua$") or path:find("%.so$")
end

local function check_result(ok, given, path)
  if not ok then return nil, contract.refusal(path, nil, "fails when it is loaded: " .. tostring(given)) end
  return contract.check(given, path)
end

--- Loads a plugin or a handler file without giving it options.
---@param path string
---@return lbhost.Plugin?
---@return lbhost.Refusal?
function plugins.open_file(path)
  local in_c = path:find("%.so$")
  local chunk, env = (in_c and load_c or load_lua)(path)
  if not chunk then return nil, contract.refusal(path, nil, "cannot be loaded: " .. tostring(env)) end
  local ok, given = pcall(chunk, stem_of(path))
  local plugin, refusal = check_result(ok, given, path)
  if plugin then plugin.env = not in_c and env or nil end
  return plugin, refusal
end

local function open_built_in(module)
  local file = "built-in " .. module
  local ok, given = pcall(require, module)
  local plugin, refusal = check_result(ok, given, file)
  if plugin then plugin.origin = "built-in" end
  return plugin, refusal
end

--- Loads a plugin or a handler file and gives it its options.
---@param path string
---@param given table? options; when absent, those of the configuration
---@return lbhost.Plugin?
---@return lbhost.Refusal?
function plugins.load_file(path, given)
  local plugin, refusal = plugins.open_file(path)
  if not plugin then return nil, refusal end
  plugin.origin, plugin.active = "command line", true
  handler_names[plugin.name] = true
  local setting = given or plugins.config().plugins[plugin.name]
  local ok, problem = contract.configure(plugin, type(setting) == "table" and setting or nil)
  if not ok then return nil, problem end
  return plugin
end

-- ---- Sources -------------------------------------------------------------------------------------

--- The configuration, read once; raises a usage error when it is wrong.
function plugins.config()
  return globals.config()
end

local function files_in(directory, out, origin, pattern)
  for _, name in ipairs(host.list_directory(directory) or {}) do
    if name:find(pattern) then out[#out + 1] = { origin = origin, file = directory .. "/" .. name } end
  end
end

-- The directories lbhost/plugins of a search path such as "/usr/share/lua/5.4/?.lua".
local function files_on_path(path, extension, out)
  for template in path:gmatch("[^;]+") do
    local base = template:match("^(/.*)/%?%." .. extension .. "$")
    if base then files_in(base .. "/lbhost/plugins", out, "Lua path", "%." .. extension .. "$") end
  end
end

local function sources(settings)
  local list = {}
  for _, module in ipairs(built_in.modules()) do list[#list + 1] = { module = module } end
  for _, given in ipairs(globals.values.plugins) do
    if is_file(given) then list[#list + 1] = { origin = "--plugin", file = given } end
  end
  for _, file in ipairs(settings.files) do list[#list + 1] = { origin = "configuration", file = file } end
  local directory = xdg.directory "CONFIG"
  if directory then
    files_in(directory .. "/plugins", list, "directory", "%.lua$")
    files_in(directory .. "/plugins", list, "directory", "%.so$")
  end
  files_on_path(package.path, "lua", list)
  files_on_path(package.cpath, "so", list)
  -- PREFIX/lib/lua/5.4 belongs to PREFIX/bin/lbhost, wherever that is.
  local prefix = (host.program_path() or ""):match "^(.*)/bin/[^/]+$"
  local beside = prefix and prefix .. "/lib/lua/5.4/?.so"
  if beside and not (";" .. package.cpath .. ";"):find(";" .. beside .. ";", 1, true) then files_on_path(beside, "so", list) end
  return list
end

-- ---- Loading all ---------------------------------------------------------------------------------

local loaded

-- A command or a scheme belongs to the first plugin that has it.
local function check_taken(plugin, taken)
  if taken.names[plugin.name] then return "name", ("'%s' is taken by %s"):format(plugin.name, taken.names[plugin.name]) end
  for _, kind in ipairs { "commands", "stores" } do
    for name in pairs(plugin[kind]) do
      local owner = taken[kind][name]
      if owner then return ("%s[%q]"):format(kind, name), ("is taken by %s"):format(owner) end
    end
  end
  taken.names[plugin.name] = plugin.file
  for _, kind in ipairs { "commands", "stores" } do
    for name in pairs(plugin[kind]) do taken[kind][name] = plugin.file end
  end
end

local function is_active(plugin, setting, switched_on)
  if setting == false then return false end
  if setting ~= nil or switched_on[plugin.name] then return true end
  return plugin.origin ~= "built-in" and plugin.origin ~= "Lua path"
end

local function add(source, settings, taken, switched_on)
  local plugin, refusal = (source.module and open_built_in or plugins.open_file)(source.module or source.file)
  if not plugin then return nil, refusal end
  plugin.origin = plugin.origin or source.origin
  local field, reason = check_taken(plugin, taken)
  if field then return nil, contract.refusal(plugin.file, field, reason) end
  local setting = settings.plugins[plugin.name]
  plugin.off = setting == false
  plugin.active = is_active(plugin, setting, switched_on)
  if plugin.active then
    local ok, problem = contract.configure(plugin, type(setting) == "table" and setting or nil)
    if not ok then return nil, problem end
  end
  return plugin
end

-- What was asked for by name and is not there.
local function check_named(by_name, wanted, refused, file, field)
  for name, setting in pairs(wanted) do
    if setting and not by_name[name] then
      local found = {}
      for other in pairs(by_name) do found[other] = true end
      refused[#refused + 1] = contract.refusal(file, field:format(name),
        ("names no plugin that is found%s"):format(errors.hint(name, found)))
    end
  end
end

--- All plugins, loaded once. One that is refused does not hinder the others; nor does the configuration, which is
--- then `problem`.
---@return { list: lbhost.Plugin[], refused: lbhost.Refusal[], problem: liveblocks.Error? }
function plugins.load_all()
  if loaded then return loaded end
  local result = { list = {}, refused = {} }
  local read, settings = pcall(plugins.config)
  if not read then
    if not errors.is(settings) then error(settings, 0) end
    result.problem = settings
    result.refused[1] = contract.refusal("configuration", nil, settings.message)
    settings = { plugins = {}, files = {} }
  end
  local taken, switched_on, known = { names = {}, commands = {}, stores = {} }, {}, {}
  for _, name in ipairs(globals.values.plugins) do
    if not is_file(name) then switched_on[name] = true end
  end
  for _, source in ipairs(sources(settings)) do
    local plugin, refusal = add(source, settings, taken, switched_on)
    if plugin then
      result.list[#result.list + 1] = plugin
    else
      result.refused[#result.refused + 1] = refusal
    end
    known[plugin and plugin.name or source.module and source.module:match("[^.]+$") or stem_of(source.file)] = true
  end
  check_named(known, switched_on, result.refused, "command line", "--plugin %s")
  for name in pairs(handler_names) do known[name] = true end
  check_named(known, settings.plugins, result.refused, settings.path, "plugins.%s")
  loaded = result
  return result
end

function plugins.reset()
  loaded, handler_names = nil, {}
  -- Built-in ones keep their state in locals: the new one must not share it with the one that is still running.
  for _, module in ipairs(built_in.modules()) do package.loaded[module] = nil end
  globals.forget_config()
end

--- The plugins whose events, timers and routes take part. Raises what is wrong with the configuration.
---@return lbhost.Plugin[]
---@return lbhost.Refusal[]
function plugins.active()
  local all, list = plugins.load_all(), {}
  if all.problem then error(all.problem, 0) end
  for _, plugin in ipairs(all.list) do
    if plugin.active then list[#list + 1] = plugin end
  end
  return list, all.refused
end

-- ---- Using them ----------------------------------------------------------------------------------

-- Gives a plugin its options that is used without being active.
local function configure(plugin)
  if plugin.options then return true end
  if not next(plugin.option_rows) then -- the configuration need not be read
    plugin.options = {}
    return true
  end
  local setting = plugins.config().plugins[plugin.name]
  return contract.configure(plugin, type(setting) == "table" and setting or nil)
end

--- The command of a name. Built-in ones lie in a module of their own name, so that nothing else need be loaded.
---@param name string
---@return table? command
---@return lbhost.Plugin?
function plugins.find_command(name)
  local module = built_in.module_of(name)
  if module then
    local plugin, refusal = open_built_in(module)
    if not plugin then errors.usage("%s", tostring(refusal)) end
    if plugin.commands[name] then return plugin.commands[name], plugin end
  end
  for _, plugin in ipairs(plugins.load_all().list) do
    if plugin.commands[name] and not plugin.off then return plugin.commands[name], plugin end
  end
end

--- Gives the plugin its options, where it has none yet, and runs its setup, unless it has been started already.
---@param plugin lbhost.Plugin
---@param services table? of lbhost.plugin_host
---@return table? host
---@return lbhost.Refusal?
function plugins.start(plugin, services)
  local configured, refusal = configure(plugin)
  if not configured then return nil, refusal end
  if plugin.started then -- one that handles events may give the store as well
    plugin.users = plugin.users + 1
    return plugin.started
  end
  local offered = plugin_host.make(plugin, services)
  if plugin.setup then
    local ok, problem = pcall(plugin.setup, offered, plugin.options)
    if not ok then return nil, contract.refusal(plugin.file, "setup", "fails: " .. tostring(problem)) end
  end
  plugin.started, plugin.users = offered, 1
  return offered
end

--- Opens the event store that a URL names, such as postgres://host/database.
---@param url string
---@param options { lock: boolean? }? lock: refuse a store that another process has locked
---@param services table? of lbhost.plugin_host
---@return table store what the plugin's function has returned
---@return lbhost.Plugin plugin started; to be stopped after the store was closed
function plugins.open_store(url, options, services)
  local scheme, schemes = url:match("^([%w_-]+):"), {}
  for _, plugin in ipairs(plugins.load_all().list) do
    local open = not plugin.off and plugin.stores[scheme]
    if open then
      local started, refusal = plugins.start(plugin, services)
      if not started then errors.usage("%s", tostring(refusal)) end
      local ok, store, reason = pcall(open, url, options)
      if ok and store ~= nil then return store, plugin end
      plugins.stop(plugin)
      if not ok then error(store, 0) end
      errors.usage("%s: the store '%s:' was not opened%s", plugin.file, scheme, reason and ": " .. tostring(reason)
        or ", its function returns nothing")
    end
    for name in pairs(plugin.stores) do schemes[name] = true end
  end
  errors.usage("no plugin has a store for '%s:'%s; lbhost plugins shows which were found, --plugin FILE adds one", scheme or url,
    errors.hint(scheme or "", schemes))
end

--- Runs the plugin's stop, when it was started no more often than it is stopped now.
---@param plugin lbhost.Plugin
---@return boolean? ok
---@return string? message
function plugins.stop(plugin)
  plugin.users = (plugin.users or 1) - 1
  if plugin.users > 0 then return true end
  plugin.started = nil
  if not plugin.stop then return true end
  local ok, problem = pcall(plugin.stop)
  if not ok then return nil, ("%s: stop fails: %s"):format(plugin.file, tostring(problem)) end
  return true
end

return plugins
