--- lbhost local: the local Liveblocks on a port, until it is interrupted.
local globals = require "lbhost.cli.global_options"
local options_of = require "lbhost.local.options"
local printable = require "lbhost.util.printable"
local secrets = require "lbhost.util.secrets"
local signals = require "lbhost.signals"
local task = require "liveblocks.task"

local GRACE <const> = 2 -- seconds for requests in progress

local function greet(server, options)
  local url, secret = server.url, server.app.options.secret
  local signing = options.webhook_secret or require("lbhost.local.server").WEBHOOK_SECRET
  local webhooks = #options.webhooks > 0 and ("  webhooks sign  %s\n"):format(signing) or ""
  local host = options.host or "127.0.0.1"
  if not (host:find "^127%." or host == "::1" or host == "localhost") then
    options.warn(("it listens on %s: anyone who reaches it can read and change everything"):format(host))
  end
  io.stdout:write(([[
The local Liveblocks listens on %s
It is a stand-in for development and tests, without accounts. Ctrl-C ends it.

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
  options.port = options.port or options_of.PORT
  local function say(text) io.stderr:write(text, "\n") end
  options.warn = function(message) say("lbhost local: " .. printable.block(secrets.hide(message))) end
  options.on_error = function(err, request)
    options.warn(("%s %s: %s"):format(request.method, request.path, tostring(err)))
  end
  options.log = (options.log or globals.values.verbose) and say or nil
  local server = require("lbhost.local.server").start(options)
  local ended = task.event()
  for _, name in ipairs { "INT", "TERM" } do
    signals.on(name, function() ended:set() end)
  end
  signals.on("PIPE", function() end) -- the reader of the log may end before lbhost
  greet(server, options)
  ended:wait()
  local saved = server:stop(GRACE)
  signals.off "INT"
  signals.off "TERM"
  signals.off "PIPE"
  return saved and 0 or 1
end

return {
  api = 1, name = "local", about = "The local Liveblocks",
  commands = {
    ["local"] = {
      about = "serve the whole API from memory, for development and tests", usage = "local [--port N] [--data FILE] ...",
      run = function(arguments) return task.run(serve, options_of.parse(arguments, "local")) end,
      parser = options_of.parser,
      examples = { "lbhost local", "lbhost local --data state.json --webhook http://127.0.0.1:8787",
        "lbhost --local='--seed rooms.lua' run chore.lua" },
    },
  },
}
