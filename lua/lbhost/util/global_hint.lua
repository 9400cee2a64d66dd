--- What a script may have meant by a global variable that is not there.
local errors = require "liveblocks.errors"

-- What one expects to be a global, and how one gets it.
local expected = {
  liveblocks = 'local liveblocks = require "liveblocks"', client = 'local client = require("liveblocks").new()',
  task = 'local task = require("liveblocks").task', json = 'local json = require("liveblocks").json',
  null = 'local null = require("liveblocks").null', cjson = 'local cjson = require "cjson"',
}

--- "did you mean 'print'?", or how one gets what the name stands for; nil when nothing is near.
---@param message any an error: Lua's message names the global variable
---@param env table the globals that the script had, besides the standard ones
---@return string?
return function(message, env)
  local name = type(message) == "string" and message:match("global '([%a_][%w_]*)'")
  if not name or env[name] ~= nil then return nil end
  if expected[name] then return ("write %s"):format(expected[name]) end
  local names = {}
  for key in pairs(env) do names[key] = true end
  for key in pairs(_G) do names[key] = true end
  local near = errors.nearest(name, names)
  return near and ("did you mean '%s'?"):format(near)
end
