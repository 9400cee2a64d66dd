--- lbhost doctor: checks what a first call needs, and says what to do about what is wrong.
local errors = require "liveblocks.errors"
local globals = require "lbhost.cli.global_options"
local host = require "lbhost.host"
local http = require "liveblocks.http"
local liveblocks = require "liveblocks"
local plugins = require "lbhost.plugin.registry"
local printable = require "lbhost.util.printable"
local secrets = require "lbhost.util.secrets"
local task = require "liveblocks.task"
local xdg = require "lbhost.util.xdg"

local CLOCK_DIFFERENCE <const> = 60 -- seconds: webhooks are refused from 300 on
local DEFAULT_URL <const> = "https://api.liveblocks.io"

local found = {} -- how many lines of each mark

local function report(mark, what, format, ...)
  found[mark] = (found[mark] or 0) + 1
  local text = select("#", ...) > 0 and format:format(...) or format
  io.stdout:write(("%-5s %-14s %s\n"):format(mark, what, printable.line(secrets.hide(text))))
end

local function check_program()
  report("ok", "program", "lbhost %s, %s", liveblocks.version, _VERSION)
end

local function check_configuration()
  local ok, settings = pcall(globals.config)
  if not ok then return report("FAIL", "configuration", tostring(settings)) end
  report("ok", "configuration", settings.path or "none (%s/lbhost.lua)", xdg.directory "CONFIG" or "~/.config/lbhost")
  for _, refusal in ipairs(plugins.load_all().refused) do report("FAIL", "plugin", tostring(refusal)) end
end

-- Where the key comes from; nil when there is none.
local function source_of_key()
  local values, settings = globals.values, globals.config()
  if values.secret then return "the local Liveblocks" end
  if values.secret_file then return "--secret-file " .. values.secret_file end
  if os.getenv "LIVEBLOCKS_SECRET_KEY" then return "LIVEBLOCKS_SECRET_KEY" end
  if settings.secret_file then return "secret_file of the configuration, " .. settings.secret_file end
end

local function make_client()
  local read, source = pcall(source_of_key)
  if not read then return nil end -- the configuration, which is reported
  if not source then
    report("FAIL", "secret key", "none: set LIVEBLOCKS_SECRET_KEY, or give --secret-file FILE (the key is in the dashboard, API keys)")
    return nil
  end
  local ok, client = pcall(liveblocks.new, { retries = 0, timeout = 10 })
  if not ok then
    report("FAIL", "secret key", "%s", tostring(client))
    return nil
  end
  report("ok", "secret key", "from %s", source)
  return client
end

local function address()
  local ok, options = pcall(globals.client)
  return ok and options.base_url or os.getenv "LIVEBLOCKS_BASE_URL" or DEFAULT_URL
end

-- Any response will do: it is asked for without the key.
local function check_address(url)
  local ok, problem = pcall(http.request, { url = url, retries = 0, timeout = 10 })
  if not ok and not (errors.is(problem) and problem.status) then
    report("FAIL", "address", "%s: %s", url, tostring(problem))
    return false
  end
  report("ok", "address", "%s responds", url)
  return true
end

local function check_key(client)
  local page, meta = client.try:get_rooms { limit = 1 }
  if not page then
    local advice = (meta.status == 401 or meta.status == 403) and "; the key is not accepted there: copy it from the dashboard again" or ""
    report("FAIL", "API", "%s%s", tostring(meta), advice)
    return nil
  end
  local room = page.data and page.data[1]
  report("ok", "API", "get_rooms responded in %.0f ms", meta.seconds * 1000)
  report("ok", "project", room and "its newest room is '%s', of %s" or "it has no rooms", room and room.id, room and room.createdAt)
  return meta
end

local MONTHS = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12 }

-- Seconds since 1970 of an HTTP date (RFC 9110, 5.6.7), in the form that servers send.
local function seconds_of(date)
  local day, month, year, hour, minute, second = date:match "(%d+) (%a+) (%d+) (%d+):(%d+):(%d+) GMT"
  if not MONTHS[month] then return nil end
  local there = os.time { day = day, month = MONTHS[month], year = year, hour = hour, min = minute, sec = second, isdst = false }
  local now = os.time()
  return there + os.difftime(os.time(os.date("*t", now)), os.time(os.date("!*t", now)))
end

local function check_clock(meta)
  local date = meta.headers and meta.headers.date
  local there = date and seconds_of(date)
  if not there then return end
  local difference = math.floor(host.wall_clock() / 1000 - there)
  if math.abs(difference) > CLOCK_DIFFERENCE then
    report("warn", "clock", "this machine is %d seconds %s the API: webhooks are refused from 300 on", math.abs(difference),
      difference > 0 and "ahead of" or "behind")
  else
    report("ok", "clock", "as the API's")
  end
end

local function check_webhook_secret()
  local text = os.getenv "LIVEBLOCKS_WEBHOOK_SECRET"
  if not text or text == "" then return report("ok", "webhook", "no LIVEBLOCKS_WEBHOOK_SECRET (only lbhost serve and send need it)") end
  for secret in text:gmatch "[^%s,]+" do
    local ok, problem = pcall(liveblocks.webhook.verifier, { secret })
    if not ok then return report("FAIL", "webhook", "LIVEBLOCKS_WEBHOOK_SECRET: %s", tostring(problem)) end
  end
  report("ok", "webhook", "LIVEBLOCKS_WEBHOOK_SECRET has the form of a secret")
end

local function run(arguments)
  if arguments[1] then errors.usage("doctor takes no arguments, got '%s'", arguments[1]) end
  check_program()
  check_configuration()
  local client = make_client()
  local reached = check_address(address())
  local meta = client and reached and check_key(client)
  if meta then check_clock(meta) end
  check_webhook_secret()
  io.stdout:write(found.FAIL and ("%d of the checks failed\n"):format(found.FAIL) or "all is well\n")
  return found.FAIL and 1 or 0
end

return {
  api = 1, name = "doctor", about = "Checks the set-up",
  commands = {
    doctor = {
      about = "check the key, the address, the configuration, the clock", usage = "doctor",
      run = function(arguments) return task.run(run, arguments) end,
      help = "It sends two requests and changes nothing. Exit status 1 when a check has failed.\n",
      examples = { "lbhost doctor", "lbhost --secret-file key doctor", "lbhost --local doctor" },
      environment = { "LIVEBLOCKS_SECRET_KEY", "LIVEBLOCKS_BASE_URL", "LIVEBLOCKS_WEBHOOK_SECRET", "SSL_CERT_FILE", "https_proxy" },
    },
  },
}
