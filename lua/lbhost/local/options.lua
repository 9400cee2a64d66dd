--- The options of `lbhost local`, and of --local="OPTIONS" in front of any command.
local command_line = require "lbhost.cli.parser"
local errors = require "liveblocks.errors"

local options_of = { PORT = 1154 }

local function webhook_secret()
  return require("lbhost.local.server").WEBHOOK_SECRET
end

local function number_of(name)
  return function(text)
    local value = tonumber(text)
    return value, not value and ("%s takes a number, not '%s'"):format(name, text) or nil
  end
end

local function port_of(text)
  local port = math.tointeger(tonumber(text))
  if port and port >= 0 and port <= 65535 then return port end
  return nil, ("--port must be 0 to 65535, not '%s'"):format(text)
end

--- The parser of the options.
---@return table
function options_of.parser()
  local p = command_line.new("local", "Serves the whole Liveblocks REST API from memory: a stand-in for development and tests.")
  p:option("--port", command_line.with_default("port to listen on; 0 takes any that is free", options_of.PORT)):argname "N":convert(port_of)
  p:option("--host", "address to listen on; 127.0.0.1 unless you say otherwise: anyone who reaches it can do anything"):argname "ADDRESS"
  p:option("--allow-host", "a name by which it may be called besides localhost and addresses, or *; may be repeated"):argname "NAME"
    :count "*"
  p:option("--secret", command_line.with_default("secret key to accept", "sk_localdev")):argname "KEY"
  p:option("--data", "keep the data in this file, over restarts"):argname "FILE"
  p:flag("--reset", "begin without what is in the data file")
  p:option("--seed", "data to begin with, JSON or Lua, when there are none yet"):argname "FILE"
  p:option("--webhook", "send events there, signed; may be repeated"):argname "URL[=EVENT,...]":count "*"
  p:option("--webhook-secret", command_line.with_default("signs them", webhook_secret())):argname "WHSEC"
  p:option("--batch", "collect the activities of this kind of notification in one, for each subject"):argname "$KIND":count "*"
  p:option("--notification-delay", command_line.with_default("seconds until an unread notification becomes an event", 1800))
    :argname "SECONDS":convert(number_of "--notification-delay")
  p:option("--time-scale", command_line.with_default("delays and retries of events are this many times shorter", 1)):argname "N"
    :convert(number_of "--time-scale")
  p:flag("--log", "a line on standard error for each request")
  p:option("--faults", "inject faults, such as latency=50ms~20ms,429=5%,drop=1%,seed=7"):argname "PLAN"
  return p
end

--- Reads options; what is wrong with them is a usage error.
---@param arguments string[]
---@param who string for messages: "local" or "--local"
---@return table options of server.start
function options_of.parse(arguments, who)
  local options = command_line.parse(options_of.parser(), arguments, who)
  if options.secret and not options.secret:find "^sk_[%w_-]+$" then
    errors.usage("%s: --secret must begin with sk_, then letters, digits, - and _: the SDKs take no other", who)
  end
  if options.reset and not options.data then errors.usage("%s: --reset needs --data FILE", who) end
  options.webhooks, options.allow_hosts = options.webhook, options.allow_host
  require("lbhost.web.origin").check(options.allow_hosts, who .. ": --allow-host")
  return options
end

return options_of
