--- Colours, on a terminal alone: colors.make(on) -> paint(name, text). NO_COLOR (https://no-color.org) is honoured.
local host = require "lbhost.host"

local colors = {}

local codes = { string = "32", number = "36", word = "35", key = "34", dim = "2", bold = "1", error = "1;31", prompt = "1;32" }

--- Are colours wanted on standard output?
---@return boolean
function colors.wanted()
  local no, terminal = os.getenv "NO_COLOR", os.getenv "TERM"
  return host.isatty(1) and (not no or no == "") and terminal ~= nil and terminal ~= "dumb"
end

---@param on boolean
---@return fun(name: string, text: string): string
function colors.make(on)
  if not on then return function(_, text) return text end end
  return function(name, text) return ("\27[%sm%s\27[0m"):format(codes[name], text) end
end

return colors
