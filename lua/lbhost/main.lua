--- The command line: finds the command, gives it its arguments, returns the exit status.
local errors = require "liveblocks.errors"
local liveblocks = require "liveblocks"

local commands = {
  run = "lbhost.run", call = "lbhost.call", help = "lbhost.help", version = "lbhost.version",
}

local usage = [[
lbhost - Liveblocks automations in Lua

  lbhost run FILE|- [ARG...]             run a script as a task
  lbhost -e CODE [ARG...]                run a line of Lua
  lbhost call NAME [PATH...] [k=v...]    one call of the API, JSON out (call --list: all calls)
  lbhost help [NAME]                     a call, a group of calls, or this page
  lbhost version

Options before the command:
  --base-url URL      instead of LIVEBLOCKS_BASE_URL or https://api.liveblocks.io
  --secret-file FILE  the secret key, instead of LIVEBLOCKS_SECRET_KEY
  --timeout SECONDS   for a call with its retries (30)
  --rate N            requests a second
  -v                  a line on standard error for each call
]]

local function fail(message)
  io.stderr:write("lbhost: ", message, "\n")
  return 2
end

local function read_secret(path)
  local file, problem = io.open(path, "r")
  if not file then errors.usage("cannot read the secret file: %s", problem) end
  local text = file:read("a") or ""
  file:close()
  return (text:gsub("%s+$", ""))
end

-- option -> how many values, and what it does with them
local globals = {
  ["--base-url"] = function(options, value) options.base_url = value end,
  ["--secret-file"] = function(options, value) options.secret = read_secret(value) end,
  ["--timeout"] = function(options, value)
    options.timeout = tonumber(value) or errors.usage("--timeout takes a number of seconds, got '%s'", value)
  end,
  ["--rate"] = function(options, value)
    options.rate = tonumber(value) or errors.usage("--rate takes a number, got '%s'", value)
  end,
}

local warned = {}
local function warn(text)
  if warned[text] then return end
  warned[text] = true
  io.stderr:write("lbhost: warning: ", text, "\n")
end

local function log(row, meta)
  io.stderr:write(("%s %s: %d, %.0f ms, %d attempt%s\n"):format(row.method, row.path, meta.status,
    meta.seconds * 1000, meta.attempts, meta.attempts == 1 and "" or "s"))
end

-- Reads the options before the command; returns the index of the first argument that is none.
local function read_globals(arguments, options)
  local i = 1
  while arguments[i] do
    local word = arguments[i]
    local name, value = word:match("^(%-%-[%w-]+)=(.*)$")
    local set = globals[name or word]
    if word == "-v" then
      options.log = log
      i = i + 1
    elseif not set then
      return i
    else
      if not name then
        value = arguments[i + 1]
        i = i + 1
      end
      if not value then errors.usage("%s needs a value", word) end
      set(options, value)
      i = i + 1
    end
  end
  return i
end

local function main(arguments)
  local options = { warn = warn }
  local first = read_globals(arguments, options)
  -- Clients made by scripts take the options of the command line as their defaults.
  local new = liveblocks.new
  function liveblocks.new(given)
    local all = {}
    for name, value in pairs(options) do all[name] = value end
    for name, value in pairs(given or {}) do all[name] = value end
    return new(all)
  end
  local name = arguments[first]
  if not name or name == "--help" or name == "-h" then
    io.stdout:write(usage)
    return name and 0 or 2
  end
  if name == "--version" then name = "version" end
  local module = name == "-e" and "lbhost.run" or commands[name]
  if not module then
    return fail(("unknown command '%s'%s (lbhost --help)"):format(name, errors.hint(name, commands)))
  end
  return require(module)(name, { table.unpack(arguments, first + 1) })
end

return function(arguments)
  local ok, result = pcall(main, arguments)
  if ok then return result end
  if errors.is(result) then return fail(tostring(result)) end
  error(result, 0)
end
