--- The ready-made scripts, by their names: beside the program where it is installed (share/lbhost), or in the checkout that
--- it was built in.
local host = require "lbhost.host"
local errors = require "liveblocks.errors"

local shipped = {}

-- Where scripts may be, relative to the directory of the program.
local places = { "/../share/lbhost/", "/../../scripts/" }

local function directories(kinds)
  local program = host.real_path "/proc/self/exe"
  local list = {}
  for _, place in ipairs(program and places or {}) do
    for _, kind in ipairs(kinds) do
      local directory = host.real_path(program:match "^(.*)/" .. place .. kind)
      if directory then list[#list + 1] = directory end
    end
  end
  return list
end

--- The names of ready-made scripts, as a set.
---@param kinds string[] "migrations", "webhooks", "notifications"
---@return table<string, string> paths by name
function shipped.names(kinds)
  local paths = {}
  for _, directory in ipairs(directories(kinds)) do
    for _, file in ipairs(host.list_directory(directory) or {}) do
      local name = file:match "^(.*)%.lua$"
      if name then paths[name] = paths[name] or directory .. "/" .. file end
    end
  end
  return paths
end

--- The path that a word of the command line names: a file, or a ready-made script by its bare name. Raises a usage error
--- with the nearest name where a bare word is neither.
---@param word string
---@param kinds string[]
---@return string path
function shipped.resolve(word, kinds)
  if not word:find "^[%w_-]+$" then return word end
  local file = io.open(word, "rb")
  if file then
    file:close()
    return word
  end
  local paths = shipped.names(kinds)
  if not paths[word] then
    errors.usage("there is no file '%s', and no ready-made script of that name%s", word, errors.hint(word, paths))
  end
  return paths[word]
end

return shipped
