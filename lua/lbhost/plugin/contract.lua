--- The contract of a plugin: the one table that a handler file, a Lua plugin or a C plugin returns. Every field
--- is checked; what does not hold is refused with file, field and reason.
---
---   api       1, the version of this contract
---   name      letters, digits, - and _; the file's name when absent
---   about     one line                       version   text
---   options   typed options, see lua/lbhost/util/option_schema.lua
---   setup     function(host, options)        once, before anything else of the plugin is called
---   stop      function()                     once, at the end
---   events    { [event type or "*"] = function(event, ctx) }
---   timers    { ["15m" or "08:30"] = function(ctx) }, see lua/lbhost/util/schedule.lua
---   routes    { ["GET /path"] = function(request, ctx) return response end }
---   commands  { [name] = { about, usage, run = function(arguments, ctx) return exit_status end, ... } }
---   stores    { [scheme] = function(url, options) return store end }, see lua/lbhost/serve/store.lua
---
--- A command also has: help (more text, or a function that returns it), help_about (a
--- function of the arguments in front of --help: text about what they name, or nil), parser (a function that returns argparse's parser:
--- help, completion and manual pages show its options), examples (list of command lines), environment (list of variables that
--- it reads), own_options (list of global options that it reads itself) and raw (true: arguments after the first one that is
--- not an option belong to a script).
local errors = require "liveblocks.errors"
local field_check = require "lbhost.util.field_check"
local options = require "lbhost.util.option_schema"
local schedule = require "lbhost.util.schedule"

local plugin = {}

plugin.API = 1

--- The types of events that are known; others may come and are passed on.
plugin.event_types = {}
for _, name in ipairs(require("liveblocks.types").events) do plugin.event_types[name] = true end

local methods = { GET = true, HEAD = true, POST = true, PUT = true, PATCH = true, DELETE = true, OPTIONS = true }

local is_function, is_string = field_check.of_type "function", field_check.of_type "string"

local function is_event(name)
  if name == "*" or plugin.event_types[name] then return end
  if not name:find("^%a%w*$") then return "is not a valid event name" end
  return nil, "is not an event that is known today" .. errors.hint(name, plugin.event_types)
end

local function is_timer(name)
  local parsed, reason = schedule.parse(name)
  return not parsed and reason or nil
end

local function is_route(name)
  local method, path = name:match("^(%S+) (/%S*)$")
  if not method then return "must be a method and a path, such as 'GET /status'" end
  if not methods[method] then return ("has the unknown method '%s'%s"):format(method, errors.hint(method, methods)) end
  if path:find("[?#]") then return "must be a path alone, without ? and #" end
end

local command_fields = { about = field_check.line, usage = field_check.line, run = is_function,
  own_options = field_check.strings, raw = field_check.of_type "boolean", parser = is_function, help_about = is_function,
  examples = field_check.strings, environment = field_check.strings,
  help = field_check.of_type("string", "function") }

local is_command = field_check.record(command_fields, function(command)
  if not command.run then return "has no function 'run'" end
  if not command.about then return "has no 'about', the line that help shows" end
end)

local fields = {
  api = field_check.api(plugin.API), name = field_check.name, about = field_check.line, version = is_string,
  setup = is_function, stop = is_function, options = field_check.of_type "table",
  events = field_check.map(is_event, is_function), timers = field_check.map(is_timer, is_function),
  routes = field_check.map(is_route, is_function), commands = field_check.map(field_check.name, is_command),
  stores = field_check.map(field_check.name, is_function),
}

--- The fields of a plugin, and those of a command.
plugin.fields, plugin.command_fields = fields, command_fields

--- The fields that hold what lbhost calls, in the order in which they are listed.
plugin.hooks = { "events", "timers", "routes", "commands", "stores" }

-- Returns field and reason of the first thing wrong.
local function check_fields(given, warnings)
  if given.api == nil then return "api", ("is missing; write api = %d"):format(plugin.API) end
  local field, reason = field_check.first_problem(given, fields, function(place, warning)
    warnings[#warnings + 1] = ("%s %s"):format(place, warning)
  end)
  if field and not reason then reason = "is not a field of a plugin" .. errors.hint(field, fields) end
  return field, reason
end

local refusal_mt = {
  __tostring = function(self)
    return ("%s: %s%s"):format(self.file, self.field and self.field .. " " or "", self.reason)
  end,
}

--- Why a plugin was refused.
---@class lbhost.Refusal
---@field file string
---@field field string?
---@field reason string
---@return lbhost.Refusal
function plugin.refusal(file, field, reason)
  return setmetatable({ file = file, field = field, reason = reason }, refusal_mt)
end

--- Checks what a plugin's file has returned.
---@param given any
---@param file string
---@return lbhost.Plugin?
---@return lbhost.Refusal?
function plugin.check(given, file)
  if type(given) ~= "table" then
    return nil, plugin.refusal(file, nil, ("must return a table (the plugin), returned %s"):format(type(given)))
  end
  if given.each ~= nil then
    return nil, plugin.refusal(file, "each", "belongs to a migration, which is run by lbhost migrate")
  end
  local warnings = {}
  local field, reason = check_fields(given, warnings)
  if field then return nil, plugin.refusal(file, field, reason) end
  local name = given.name or file:match("([^/]+)%.%w+$")
  if not given.name and (not name or field_check.name(name)) then
    return nil, plugin.refusal(file, "name", "is missing, and the file's name is not a valid name of a plugin")
  end
  local rows, wrong, problem = options.declare(given.options or {})
  if not rows then return nil, plugin.refusal(file, "options." .. wrong, problem) end
  ---@class lbhost.Plugin
  local self = { name = name, about = given.about or "", version = given.version or "", file = file, table = given,
    option_rows = rows, warnings = warnings, setup = given.setup, stop = given.stop }
  for _, hook in ipairs(plugin.hooks) do self[hook] = given[hook] or {} end
  return self
end

--- Gives a plugin its options.
---@param self lbhost.Plugin
---@param given table?
---@return boolean? ok
---@return lbhost.Refusal?
function plugin.configure(self, given)
  local values, name, reason = options.resolve(self.option_rows, given)
  if not values then return nil, plugin.refusal(self.file, "options." .. name, reason) end
  self.options = values
  return true
end

return plugin
