--- The local Liveblocks inside of another command: --local.
local errors = require "liveblocks.errors"
local options_of = require "lbhost.local.options"
local task = require "liveblocks.task"

local inside = {}

--- Starts it on a free port of this machine; the program does not wait for it to end.
---@param values { inside: true|string } with --local="OPTIONS" the options as one text
---@return { base_url: string, secret: string }
function inside.start(values)
  local options, arguments = {}, {}
  if type(values.inside) == "string" then
    for argument in values.inside:gmatch("%S+") do arguments[#arguments + 1] = argument end
    options = options_of.parse(arguments, "--local")
    if options.data then
      errors.usage("--local: --data is for lbhost local: what is inside of a command ends with it")
    end
  end
  local server = task.run(function()
    task.background()
    return require("lbhost.local.server").start(options)
  end)
  return { base_url = server.url, secret = server.app.options.secret }
end

return inside
