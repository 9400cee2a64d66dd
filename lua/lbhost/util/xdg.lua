--- Directories of the XDG base directories.
local xdg = {}

local defaults = { CONFIG = ".config", STATE = ".local/state", DATA = ".local/share", CACHE = ".cache" }

--- lbhost's own directory, such as ~/.config/lbhost; nil when there is no home directory.
---@param kind "CONFIG"|"STATE"|"DATA"|"CACHE"
---@return string?
function xdg.directory(kind)
  local base, home = os.getenv("XDG_" .. kind .. "_HOME"), os.getenv "HOME"
  -- a relative one is to be ignored, says the specification
  if base and base:sub(1, 1) == "/" then return base .. "/lbhost" end
  return home and home:sub(1, 1) == "/" and ("%s/%s/lbhost"):format(home, defaults[kind]) or nil
end

return xdg
