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
--- function of the words in front of --help: text about what they name, or nil), parser (a function that returns argparse's parser:
--- help, completion and manual pages show its options), examples (list of command lines), environment (list of variables that
--- it reads), own_options (list of global options that it reads itself) and raw (true: arguments after the first one that is
--- not an option belong to a script).
local errors = require "liveblocks.errors"
local options = require "lbhost.util.option_schema"
local schedule = require "lbhost.util.schedule"

local plugin = {}

plugin.API = 1

--- The types of events that are known; others may come and are passed on.
plugin.event_types = {}
for _, name in ipairs(require("liveblocks.types").events) do plugin.event_types[name] = true end

local methods = { GET = true, HEAD = true, POST = true, PUT = true, PATCH = true, DELETE = true, OPTIONS = true }

-- Checks return a reason, or nothing when the value is good; some return a second value, a warning.

local function of_type(wanted)
  local article = wanted:find("^[aeiou]") and "an " or "a "
  return function(value)
    if type(value) ~= wanted then return ("must be %s%s, got %s"):format(article, wanted, type(value)) end
  end
end

local is_function, is_table, is_string = of_type "function", of_type "table", of_type "string"

local function one_line(value)
  return is_string(value) or (value:find("%c") and "must be one line") or nil
end

local function is_name(value)
  return is_string(value) or (not value:find("^%a[%w_-]*$") and "must be letters, digits, - and _") or nil
end

local function is_api(value)
  if value ~= plugin.API then
    return ("is %s; this lbhost knows api = %d"):format(tostring(value), plugin.API)
  end
end

local function is_event(name)
  if name == "*" or plugin.event_types[name] then return end
  if not name:find("^%a%w*$") then return "is no name of an event" end
  return nil, "is no event that is known today" .. errors.hint(name, plugin.event_types)
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

local function is_list_of_strings(value)
  local reason = is_table(value)
  if reason then return reason end
  for _, one in ipairs(value) do
    if type(one) ~= "string" then return ("must be a list of strings, got %s"):format(type(one)) end
  end
end

local command_fields = { about = one_line, usage = one_line, run = is_function, own_options = is_table,
  raw = of_type "boolean", parser = is_function, help_about = is_function, examples = is_list_of_strings, environment = is_list_of_strings,
  help = function(value)
    if type(value) ~= "string" then return is_function(value) end
  end }

local function is_command(value)
  local reason = is_table(value)
  if reason then return reason end
  for field, given in pairs(value) do
    if not command_fields[field] then
      return ("has the unknown field '%s'%s"):format(tostring(field), errors.hint(field, command_fields))
    end
    reason = command_fields[field](given)
    if reason then return ("%s %s"):format(field, reason) end
  end
  if not value.run then return "has no function 'run'" end
  if not value.about then return "has no 'about', the line that help shows" end
end

-- field -> check of the value; or { check of each key, check of each value }
local fields = {
  api = is_api, name = is_name, about = one_line, version = is_string, setup = is_function, stop = is_function,
  options = is_table,
  events = { is_event, is_function }, timers = { is_timer, is_function }, routes = { is_route, is_function },
  commands = { is_name, is_command }, stores = { is_name, is_function },
}

--- The fields of a plugin, and those of a command.
plugin.fields, plugin.command_fields = fields, command_fields

--- The fields that hold what lbhost calls, in the order in which they are listed.
plugin.hooks = { "events", "timers", "routes", "commands", "stores" }

local function check_map(map, checks, field, warnings)
  local reason = is_table(map)
  if reason then return field, reason end
  for key, value in pairs(map) do
    local where = ("%s[%q]"):format(field, tostring(key))
    if type(key) ~= "string" then return where, "must have a text as its key" end
    local bad_key, warning = checks[1](key)
    if bad_key then return where, bad_key end
    if warning then warnings[#warnings + 1] = ("%s %s"):format(where, warning) end
    local bad_value = checks[2](value)
    if bad_value then return where, bad_value end
  end
end

-- Returns field and reason of the first thing wrong, in an order that does not change from run to run.
local function check_fields(given, warnings)
  if given.api == nil then return "api", ("is missing; write api = %d"):format(plugin.API) end
  local names = {}
  for name in pairs(given) do names[#names + 1] = tostring(name) end
  table.sort(names)
  for _, name in ipairs(names) do
    local check = fields[name]
    if not check then
      return name, "is no field of a plugin" .. errors.hint(name, fields)
    elseif type(check) == "function" then
      local reason = check(given[name])
      if reason then return name, reason end
    else
      local field, reason = check_map(given[name], check, name, warnings)
      if field then return field, reason end
    end
  end
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
  if not given.name and (not name or is_name(name)) then
    return nil, plugin.refusal(file, "name", "is missing, and the file's name is none for a plugin")
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
