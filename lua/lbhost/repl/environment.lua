--- What one finds at the prompt: client, liveblocks, task, json, null, help, full; and _ with the last result.
local endpoint_help = require "lbhost.cli.endpoint_help"
local errors = require "liveblocks.errors"
local globals = require "lbhost.cli.global_options"
local liveblocks = require "liveblocks"
local source_help = require "lbhost.cli.source_help"
local topics = require "lbhost.cli.topics"

local environment = {}

local INTRO = [[
  client:get_rooms { limit = 5 }     one call; Tab completes calls, their fields, and keys of values
  for room in client:iter_rooms() do print(room.id) end
  t = task.spawn(function() ... end)  goes on while you type

  _            the last result            _err   the last error
  full(value)  the value without cuts     null   JSON null
  help "threads", help(client.get_room), help(task.map), help "keys"

  https://liveblocks.io/docs/api-reference/rest-api-endpoints
]]

local KEYS = [[
  Tab          complete; again: what there is
  Up, Down     earlier inputs that begin with what is typed
  Ctrl-R       search the history
  Ctrl-A, Ctrl-E, Ctrl-W, Ctrl-U, Ctrl-K   as in the shell; more in ~/.editrc (see editrc(5))
  Ctrl-C       interrupts what runs, or gives the line up
  Ctrl-D       leaves, as do exit and quit
]]

--- A client to look methods up in.
local function any_client()
  environment.looked_up = environment.looked_up or liveblocks.new { secret = "sk_none" }
  return environment.looked_up
end

-- The endpoint whose method a function is. Methods are the same for all clients.
local function row_of_method(fn)
  local client = any_client()
  for _, row in ipairs(liveblocks.endpoints()) do
    if client[row.name] == fn then return row end
    if row.page and client["iter_" .. row.name:gsub("^get_", "")] == fn then return row end
  end
end

local function about(topic)
  if topic == nil then return INTRO end
  if type(topic) == "string" then
    if topic == "keys" then return KEYS end
    local text = topics.about(topic)
    if not text then
      errors.usage("no help about '%s'%s", topic, errors.hint(topic, topics.names()))
    end
    return text
  end
  if type(topic) == "function" then
    local row = row_of_method(topic)
    local text = row and endpoint_help.call(row) or source_help.about(topic)
    return text or "  nothing is written about this function\n"
  end
  if type(topic) == "table" and getmetatable(topic) == getmetatable(any_client()) then
    return "  a client; its calls by group: help \"rooms\", help \"comments\", ...\n\n" .. endpoint_help.groups()
  end
  errors.usage("help takes a call, a function, or a topic as text")
end

-- help alone shows the introduction: it is a value that says so when it is printed.
local help = setmetatable({}, {
  __call = function(_, ...)
    if select("#", ...) > 0 and (...) == nil then errors.usage("help(nil): there is no such value") end
    io.stdout:write(about((...)))
  end,
  __tostring = function() return (about(nil):gsub("\n$", "")) end,
})

local function has_secret()
  return os.getenv "LIVEBLOCKS_SECRET_KEY" or globals.values.secret or globals.values.secret_file
    or globals.config().secret_file
end

--- The globals of the inputs.
---@param full fun(value: any) prints a value without cuts
---@return table env
---@return string? problem why there is no client
function environment.new(full)
  local env = { liveblocks = liveblocks, task = liveblocks.task, json = liveblocks.json, null = liveblocks.null,
    help = help, full = full }
  env._G = env
  -- A script's os.exit would leave the terminal as it is.
  env.os = setmetatable({ exit = function(status) error({ exit = status == true and 0 or status or 0 }, 0) end },
    { __index = os })
  setmetatable(env, { __index = _G })
  local problem
  if has_secret() then
    local ok, client = pcall(liveblocks.new)
    if ok then env.client = client else problem = tostring(client) end
  else
    problem = "no client: LIVEBLOCKS_SECRET_KEY is not set. client = liveblocks.new { secret = ... }, or lbhost repl --local"
  end
  return env, problem
end

return environment
