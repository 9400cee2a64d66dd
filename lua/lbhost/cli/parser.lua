--- Parsers of command lines: argparse with one way to show options, defaults and errors.
local argparse = require "argparse"
local errors = require "liveblocks.errors"
local terminal = require "lbhost.util.terminal"

local parser = {}

local MARGIN = 26 -- the column of descriptions

--- A parser for `lbhost COMMAND`.
---@param command string
---@param about string
---@return table argparse's parser
function parser.new(command, about)
  local width = terminal.width()
  return argparse("lbhost " .. command, about):help_max_width(width):usage_max_width(width):help_description_margin(MARGIN)
end

--- A description with its default, where the default is not argparse's own (which shows it).
---@param about string
---@param default any nil: none
---@return string
function parser.with_default(about, default)
  if default == nil then return about end
  local text = math.tointeger(default) and ("%d"):format(default) or tostring(default)
  return ("%s (default: %s)"):format(about, text)
end

--- Reads a command's arguments; what is wrong with them is a usage error that names the command's help.
---@param self table argparse's parser
---@param arguments string[]
---@param name string of the command, such as "serve" or "queue list"
---@param hint? fun(problem: string): string? what to add to a problem
---@return table options
function parser.parse(self, arguments, name, hint)
  local ok, result = self:pparse(arguments)
  if ok then return result end
  local problem = result:gsub("%s*\n%s*", "; "):gsub("Did you mean", "did you mean")
  problem = problem:gsub("^(unknown option '%-.');.*", "%1") -- of one letter, any other would be near
  errors.usage("%s: %s%s (lbhost help %s)", name, problem, hint and hint(problem) or "", name:match("%l+"))
end

return parser
