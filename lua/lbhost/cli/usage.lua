--- The page that `lbhost help` shows: all commands of all plugins.
local globals = require "lbhost.cli.global_options"
local plugins = require "lbhost.plugin.registry"

local usage = {}

-- The order of those one meets first; the others follow by name.
local order = { "run", "repl", "call", "serve", "queue", "send", "migrate", "local", "plugins", "new", "help", "version" }

local function all_commands()
  local rows, place = {}, {}
  for i, name in ipairs(order) do place[name] = i end
  for _, plugin in ipairs(plugins.load_all().list) do
    for name, command in pairs(not plugin.off and plugin.commands or {}) do
      rows[#rows + 1] = { name = name, command = command, place = place[name] or #order + 1 }
    end
  end
  table.sort(rows, function(a, b)
    if a.place ~= b.place then return a.place < b.place end
    return a.name < b.name
  end)
  return rows
end

local WIDTH = 36

--- One command as a line, or two when its words are long.
local function line(row)
  local words = "  lbhost " .. (row.command.usage or row.name)
  if #words > WIDTH then words = words .. "\n" .. (" "):rep(WIDTH) else words = words .. (" "):rep(WIDTH - #words) end
  return words .. "  " .. row.command.about .. "\n"
end

--- The whole page.
---@return string
function usage.page()
  local out = { "lbhost - Liveblocks automations in Lua\n\n" }
  for _, row in ipairs(all_commands()) do out[#out + 1] = line(row) end
  out[#out + 1] = "\nGlobal options, before the command or among its words:\n" .. globals.help
  for _, refusal in ipairs(plugins.load_all().refused) do
    out[#out + 1] = ("\nrefused plugin: %s\n"):format(tostring(refusal))
  end
  return table.concat(out)
end

--- The names of all commands, as a set.
function usage.names()
  local names = {}
  for _, row in ipairs(all_commands()) do names[row.name] = true end
  return names
end

--- About one command.
---@param name string
---@param command table
---@return string
function usage.of(name, command)
  local more = type(command.help) == "function" and command.help() or command.help
  local head = ("lbhost %s\n  %s\n"):format(command.usage or name, command.about)
  return more and head .. "\n" .. more:gsub("\n*$", "\n") or head
end

return usage
