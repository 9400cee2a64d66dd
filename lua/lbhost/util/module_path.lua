--- Where `require` looks: nowhere relative to the current directory, in the directories of the files that were named on
--- the command line, and for Lua text alone.
local sandbox = require "lbhost.util.sandbox"
local host = require "lbhost.host"

local module_path = {}

local dropped = {} -- entries of the environment's paths that are not searched, since they depend on the current directory
local inexpressible = {} -- directories of named files that are not searched

local function keep_absolute(path)
  local kept = {}
  for entry in path:gmatch("[^;]+") do
    local list = entry:sub(1, 1) == "/" and kept or dropped
    list[#list + 1] = entry
  end
  return table.concat(kept, ";")
end

-- The standard searcher for Lua files would load bytecode.
local function search_text(name)
  local path, tried = package.searchpath(name, package.path)
  if not path then
    if dropped[1] then
      tried = ("%s\n\tnot searched, since relative to the current directory: '%s'"):format(tried, table.concat(dropped, "', '"))
    end
    if inexpressible[1] then
      tried = ("%s\n\tnot searched, since a path cannot have ';' or '?' in a directory: '%s'"):format(tried,
        table.concat(inexpressible, "', '"))
    end
    return tried
  end
  local chunk, problem = sandbox.load_file(path)
  if not chunk then error(("error loading module '%s' from file '%s':\n\t%s"):format(name, path, problem), 0) end
  return chunk, path
end

--- Takes relative entries out of package.path and package.cpath, and replaces the searcher for Lua files.
function module_path.install()
  package.path, package.cpath = keep_absolute(package.path), keep_absolute(package.cpath)
  package.searchers[2] = search_text
end

-- Searches the directory of a file, before all others.
local function add_directory_of(file)
  local directory = host.real_path(file:match("^(.*)/[^/]*$") or ".")
  if not directory then return end
  if directory:find "[;?]" then
    inexpressible[#inexpressible + 1] = directory
    return
  end
  local function add(path, ...)
    for _, template in ipairs { ... } do
      local entry = directory:gsub("/$", "") .. template
      if not (";" .. path .. ";"):find(";" .. entry .. ";", 1, true) then path = path == "" and entry or entry .. ";" .. path end
    end
    return path
  end
  package.path = add(package.path, "/?/init.lua", "/?.lua")
  package.cpath = add(package.cpath, "/?.so")
end

--- Loads a file that was named (a script, a plugin, a migration, a seed), whose modules may lie beside it.
---@param file string
---@param env table? as for sandbox.load_file, and so are the results
---@return function? chunk
---@return string? problem
---@return boolean? unreadable
function module_path.load_file(file, env)
  local chunk, problem, unreadable = sandbox.load_file(file, env)
  if chunk then add_directory_of(file) end
  return chunk, problem, unreadable
end

return module_path
