--- The global options: of the command line, and where that says nothing, of the configuration.
---
---   globals.values        what was given: base_url, secret_file, timeout, rate, max_response, ca_file, config,
---                         verbose, inside, plugins (list)
---   globals.command_line  all arguments of the program, from 0
---   globals.config()      the configuration, read at the first use
---   globals.client(given) options for liveblocks.new: given, else the command line's, else the configuration's
local errors = require "liveblocks.errors"

local globals = { values = { plugins = {} }, command_line = {} }

local function number(option, what)
  return function(values, text)
    values[option] = tonumber(text) or errors.usage("--%s takes %s, got '%s'", option, what, text)
  end
end

-- Bytes, or with a suffix K, M or G (powers of 1024).
local UNITS = { [""] = 1, K = 1024, M = 0x100000, G = 0x40000000 }

local function size(option)
  return function(values, text)
    local digits, unit = text:match "^(%d+)([KMG]?)$"
    values[option] = digits and math.tointeger(tonumber(digits) * UNITS[unit])
      or errors.usage("--%s takes a number of bytes, such as 200M, got '%s'", option:gsub("_", "-"), text)
  end
end

local function text(option)
  return function(values, value) values[option] = value end
end

-- Options with a value, and flags: what each does.
local with_value = {
  ["--base-url"] = text "base_url", ["--secret-file"] = text "secret_file", ["--config"] = text "config",
  ["--ca-file"] = text "ca_file", ["--max-response"] = size "max_response",
  ["--timeout"] = number("timeout", "a number of seconds"), ["--rate"] = number("rate", "a number"),
  ["--plugin"] = function(values, value) table.insert(values.plugins, value) end,
  ["--local"] = text "inside", -- with a value only as --local="OPTIONS"
}
local renamed = { ["--max-reply"] = "--max-response" } -- earlier names
local flags = {
  ["--local"] = function(values) values.inside = true end,
  ["-v"] = function(values) values.verbose = values.verbose and 2 or 1 end,
  ["-vv"] = function(values) values.verbose = 2 end,
}

--- The names of the options, as a set.
globals.names = { ["-e"] = true, ["--help"] = true, ["--version"] = true }
for name in pairs(with_value) do globals.names[name] = true end
for name in pairs(flags) do globals.names[name] = true end

globals.help = [[
  --local              start the local Liveblocks inside, and use it; with options of `lbhost local`:
                       --local="--seed rooms.lua --faults 429=10%"
  --base-url URL       instead of LIVEBLOCKS_BASE_URL or https://api.liveblocks.io
  --secret-file FILE   the secret key, instead of LIVEBLOCKS_SECRET_KEY
  --timeout SECONDS    for a call with its retries (30)
  --rate N             requests a second
  --max-response BYTES maximum size of a response (64M); with a suffix K, M or G
  --ca-file FILE       certificate authorities to trust instead of the system's (PEM)
  --plugin NAME|FILE   switch a plugin on, or load one; may be repeated
  --config FILE        instead of ~/.config/lbhost/lbhost.lua
  -v, -vv              a line on standard error for each call; with headers and bodies, without secrets
]]

-- Takes the option at arguments[i]; returns the index after it, or nil when it is not an option.
local function take(arguments, i)
  local argument = arguments[i]
  if flags[argument] then
    flags[argument](globals.values)
    return i + 1
  end
  local name, value = argument:match("^(%-%-[%w-]+)=(.*)$")
  name = name or argument
  local set = with_value[renamed[name] or name]
  if not set then return nil end
  if not value then
    i = i + 1
    value = arguments[i]
    if not value then errors.usage("%s needs a value", argument) end
  end
  set(globals.values, value)
  return i + 1
end

--- Takes the options in front of the command; returns the index of the first argument that is not one.
---@param arguments string[]
---@return integer
function globals.take_first(arguments)
  local i = 1
  while arguments[i] do
    local after = take(arguments, i)
    if not after then break end
    i = after
  end
  return i
end

-- Takes the options for which wanted(name) holds, up to "--" or an argument for which ends(argument) holds; returns the rest.
local function take_among(arguments, wanted, ends)
  local rest, i = {}, 1
  while arguments[i] do
    local argument = arguments[i]
    if argument == "--" or ends(argument) then return table.move(arguments, i, #arguments, #rest + 1, rest) end
    local after = wanted(argument:match("^[^=]+")) and take(arguments, i)
    if not after then rest[#rest + 1] = argument end
    i = after or i + 1
  end
  return rest
end

--- Takes those options among a command's arguments that say where commands come from.
---@param arguments string[]
---@return string[] rest
function globals.take_sources(arguments)
  return take_among(arguments, function(name) return name == "--plugin" or name == "--config" end, function() return false end)
end

--- Takes the options among a command's arguments.
---@param arguments string[]
---@param command table with own_options and raw, see lua/lbhost/plugin/contract.lua
---@return string[] rest
function globals.take_rest(arguments, command)
  local own = {}
  for _, name in ipairs(command.own_options or {}) do own[name] = true end
  return take_among(arguments, function(name) return not own[name] end, function(argument)
    return command.raw and (argument:sub(1, 1) ~= "-" or argument == "-" or argument == "-e")
  end)
end

-- ---- Configuration and clients -------------------------------------------------------------------

local configuration

local function default_path()
  local directory = require("lbhost.util.xdg").directory "CONFIG"
  local file = directory and io.open(directory .. "/lbhost.lua", "rb")
  if not file then return nil end
  file:close()
  return directory .. "/lbhost.lua"
end

function globals.config()
  if configuration then return configuration end
  local path = globals.values.config or default_path()
  -- What reads it is loaded only then: a script should start at once.
  configuration = path and require("lbhost.cli.config").read(path) or { plugins = {}, files = {} }
  return configuration
end

function globals.forget_config()
  configuration = nil
end

local warned = {}
local function warn(message)
  if warned[message] then return end
  warned[message] = true
  local hidden = require("lbhost.util.secrets").hide(message)
  io.stderr:write("lbhost: warning: ", require("lbhost.util.printable").line(hidden), "\n")
end

-- -v: a line for each call. -vv: what was sent and received as well.
local function log(_, meta, request, value)
  local trace = require "lbhost.cli.trace"
  io.stderr:write(trace.line(meta, request), globals.values.verbose > 1 and trace.details(meta, request, value) or "")
end

-- Refuses a value of LIVEBLOCKS_SECRET_KEY that is a secret of another kind, or not the secret alone.
local function check_key_of_environment()
  local key = os.getenv "LIVEBLOCKS_SECRET_KEY"
  if not key or key:find "^sk_" then return end
  local problem = require("lbhost.cli.secret_file").problem_of_key(key)
  if not problem then return end
  errors.usage("LIVEBLOCKS_SECRET_KEY %s: it must be the secret key alone, sk_... (in the dashboard, API keys)", problem)
end

--- The options of a client that a script makes.
---@param given table?
---@return table
function globals.client(given)
  local values, settings = globals.values, globals.config()
  local secret_file = values.secret_file or settings.secret_file
  local all = {
    warn = warn, log = values.verbose and log or nil, secret = values.secret,
    base_url = values.base_url or not os.getenv "LIVEBLOCKS_BASE_URL" and settings.base_url or nil,
  }
  for _, name in ipairs { "timeout", "rate", "max_response", "ca_file" } do all[name] = values[name] or settings[name] end
  -- A secret in the environment takes precedence over one in the configuration.
  if not all.secret and secret_file and (values.secret_file or not os.getenv "LIVEBLOCKS_SECRET_KEY") then
    all.secret = require("lbhost.cli.secret_file").key(secret_file)
  end
  for name, value in pairs(given or {}) do all[name] = value end
  if not all.secret then check_key_of_environment() end
  return all
end

return globals
