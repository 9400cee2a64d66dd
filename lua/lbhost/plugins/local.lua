--- lbhost local: the local Liveblocks on a port, until it is interrupted.
local argparse = require "argparse"
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local signals = require "lbhost.signals"
local task = require "liveblocks.task"

local PORT <const> = 1154

local GRACE <const> = 2 -- seconds for requests in progress

local function webhook_secret()
  return require("lbhost.local.server").WEBHOOK_SECRET
end

local function parser()
  local p = argparse("lbhost local", "Answers the whole Liveblocks REST API from memory: a stand-in for development and tests.")
  p:option("--port", ("port to listen on; 0 takes any that is free (%d)"):format(PORT)):convert(math.tointeger)
  p:option("--host", "address to listen on; 127.0.0.1 unless you say otherwise: whoever reaches it can do anything")
  p:option("--secret", "secret key to accept (sk_localdev)")
  p:option("--data", "keep the data in this file, over restarts"):argname "FILE"
  p:flag("--reset", "begin without what is in the data file")
  p:option("--seed", "data to begin with, JSON or Lua, when there are none yet"):argname "FILE"
  p:option("--webhook", "send events there, signed; may be repeated"):argname "URL[=EVENT,...]":count "*"
  p:option("--webhook-secret", "signs them (" .. webhook_secret() .. ")"):argname "WHSEC"
  p:option("--batch", "collect the activities of this kind of notification in one, for each subject"):argname "$KIND":count "*"
  p:option("--notification-delay", "seconds until an unread notification becomes an event (1800)"):argname "SECONDS"
    :convert(tonumber)
  p:option("--time-scale", "delays and retries of events are this many times shorter (1)"):argname "N":convert(tonumber)
  p:option("--faults", "answer with faults, such as latency=50ms~20ms,429=5%,drop=1%,seed=7"):argname "PLAN"
  return p
end

local function parse(arguments)
  local ok, options = parser():pparse(arguments)
  if not ok then errors.usage("local: %s (lbhost help local)", options:gsub("\n", "; ")) end
  if options.port and (options.port < 0 or options.port > 65535) then errors.usage("local: --port must be 0 to 65535") end
  if options.secret and not options.secret:find "^sk_[%w_-]+$" then
    errors.usage("local: --secret must begin with sk_, then letters, digits, - and _: the SDKs take no other")
  end
  if options.reset and not options.data then errors.usage("local: --reset needs --data FILE") end
  return options
end

local function greet(server, options)
  local url, secret = server.url, server.app.options.secret
  local webhooks = #options.webhook > 0 and ("  webhooks sign  %s\n"):format(options.webhook_secret or webhook_secret()) or ""
  io.stdout:write(([[
The local Liveblocks listens on %s
It is a stand-in for development and tests, without accounts or limits of speed. Ctrl-C ends it.

  look into it   %s/
  secret key     %s        management token  %s
%s
  shell    export LIVEBLOCKS_BASE_URL=%s LIVEBLOCKS_SECRET_KEY=%s
  Lua      liveblocks.new { base_url = "%s", secret = "%s" }
  Node.js  new Liveblocks({ baseUrl: "%s", secret: "%s" })
  Python   Liveblocks(base_url="%s", secret="%s")
]]):format(url, url, secret, server.app.options.management_token, webhooks, url, secret, url, secret, url, secret, url, secret))
  io.stdout:flush()
end

local function serve(options)
  options.port, options.webhooks = options.port or PORT, options.webhook
  options.warn = function(message) io.stderr:write("lbhost local: ", message, "\n") end
  options.on_error = function(err, request)
    options.warn(("%s %s: %s"):format(request.method, request.path, tostring(err)))
  end
  local server = require("lbhost.local.server").start(options)
  local ended = core.event()
  for _, name in ipairs { "INT", "TERM" } do
    signals.on(name, function() ended:set() end)
  end
  greet(server, options)
  ended:wait_event()
  local saved = server:stop(GRACE)
  signals.off "INT"
  signals.off "TERM"
  return saved and 0 or 1
end

return {
  api = 1, name = "local", about = "The local Liveblocks",
  commands = {
    ["local"] = {
      about = "answer the whole API from memory, for development and tests", usage = "local [--port N] [--data FILE] ...",
      run = function(arguments) return task.run(serve, parse(arguments)) end,
      help = function() return parser():get_help() .. "\n" end,
    },
  },
}
