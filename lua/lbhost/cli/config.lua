--- The configuration: a Lua file that returns a table. --config FILE, else $XDG_CONFIG_HOME/lbhost/lbhost.lua.
---
---   return {
---     base_url = "...", secret_file = "...", timeout = 30, rate = 50,    -- as the global options, and so
---     max_response = 200 * 2^20, ca_file = "ca.pem",                       -- are these
---     plugins  = {
---       serve    = { port = 8080 },         -- the options of a plugin, built-in ones too
---       journal  = true,                    -- on, with its defaults
---       mentions = false,                   -- off, though it lies in the directory of plugins
---     },
---     files    = { "handlers/slack.lua" },  -- more plugins; relative to this file
---   }
local client_options = require "liveblocks.options"
local errors = require "liveblocks.errors"
local options = require "lbhost.util.option_schema"
local sandbox = require "lbhost.util.sandbox"

local config = {}

local rows = options.declare { base_url = "string", secret_file = "string", files = { type = "list", default = {} },
  timeout = { type = "number", min = 0 }, rate = { type = "number", min = 0 },
  max_response = { type = "integer", min = 1 }, ca_file = "string" }

local function check_plugins(given, path)
  if type(given) ~= "table" then errors.usage("%s: plugins must be a table, got %s", path, type(given)) end
  for name, value in pairs(given) do
    if type(name) ~= "string" or (type(value) ~= "table" and type(value) ~= "boolean") then
      errors.usage("%s: plugins.%s must be a table of options, true or false", path, tostring(name))
    end
  end
end

-- A path in the configuration means what it would mean beside the file.
local function beside(path, directory)
  return path:sub(1, 1) == "/" and path or directory .. path
end

local function check(given, path)
  given = client_options.rename(given, { max_reply = "max_response" })
  if type(given) ~= "table" then errors.usage("%s: must return a table, returned %s", path, type(given)) end
  local plain, plugins = {}, given.plugins or {}
  for name, value in pairs(given) do
    if name ~= "plugins" then plain[name] = value end
  end
  check_plugins(plugins, path)
  local known = { plugins = true }
  for name in pairs(rows) do known[name] = true end
  for name in pairs(plain) do
    if not known[name] then errors.usage("%s: unknown field '%s'%s", path, tostring(name), errors.hint(name, known)) end
  end
  local values, name, reason = options.resolve(rows, plain)
  if not values then errors.usage("%s: %s %s", path, name, reason) end
  local directory = path:match("^(.*/)[^/]*$") or ""
  for i, file in ipairs(values.files) do values.files[i] = beside(file, directory) end
  for _, field in ipairs { "secret_file", "ca_file" } do
    if values[field] then values[field] = beside(values[field], directory) end
  end
  values.plugins, values.path = plugins, path
  return values
end

--- Reads a configuration; what is wrong with it raises a usage error that names the file.
---@param path string
---@return table values with plugins, files, path and the global options
function config.read(path)
  local chunk, problem = sandbox.load_file(path, sandbox.new("the configuration"))
  if not chunk then errors.usage("cannot read the configuration: %s", problem) end
  local ok, given = pcall(chunk)
  if not ok then errors.usage("the configuration fails: %s", tostring(given)) end
  return check(given, path)
end

return config
