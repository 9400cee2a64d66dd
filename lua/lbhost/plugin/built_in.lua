--- The plugins inside the program: its commands, and those that users switch on.
local built_in = {}

local prefixes = { "lbhost.commands.", "lbhost.plugins." }

--- The module of a built-in plugin; one that gives a single command has the command's name.
---@param name string
---@return string? module
function built_in.module_of(name)
  for _, prefix in ipairs(prefixes) do
    if package.preload[prefix .. name] then return prefix .. name end
  end
end

--- The modules of all built-in plugins, sorted.
---@return string[]
function built_in.modules()
  local list = {}
  for module in pairs(package.preload) do
    for _, prefix in ipairs(prefixes) do
      if module:sub(1, #prefix) == prefix then list[#list + 1] = module end
    end
  end
  table.sort(list)
  return list
end

return built_in
