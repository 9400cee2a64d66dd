--- lbhost plugins: what was found, where, what it does; what was refused and why.
local contract = require "lbhost.plugin.contract"
local errors = require "liveblocks.errors"
local plugins = require "lbhost.plugin.registry"
local printable = require "lbhost.util.printable"
local secrets = require "lbhost.util.secrets"

local function names_of(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- "commands: run; timers: 15m"
local function hooks_of(plugin)
  local parts = {}
  for _, hook in ipairs(contract.hooks) do
    local names = names_of(plugin[hook])
    if names[1] then parts[#parts + 1] = hook .. ": " .. table.concat(names, ", ") end
  end
  if plugin.setup then parts[#parts + 1] = "setup" end
  if plugin.stop then parts[#parts + 1] = "stop" end
  return parts[1] and table.concat(parts, "; ") or "nothing"
end

local function state_of(plugin)
  if plugin.off then return "off" end
  return plugin.active and "active" or "found"
end

local function type_text(row)
  local text = row.type
  if row.required then text = text .. ", required" end
  if row.default ~= nil then
    local default = type(row.default) == "table" and table.concat(row.default, ", ") or tostring(row.default)
    text = ("%s, default %s"):format(text, default == "" and "empty" or default)
  end
  if row.env then text = text .. ", or " .. row.env .. " in the environment" end
  return row.about and text .. ": " .. row.about or text
end

local function describe(plugin)
  local out = { plugin.name .. (plugin.version ~= "" and " " .. plugin.version or "") .. "\n" }
  if plugin.about ~= "" then out[#out + 1] = "  " .. plugin.about .. "\n" end
  out[#out + 1] = ("  origin   %s%s\n"):format(plugin.origin, plugin.origin == "built-in" and "" or ", " .. plugin.file)
  out[#out + 1] = ("  state    %s\n  hooks    %s\n"):format(state_of(plugin), hooks_of(plugin))
  for i, name in ipairs(names_of(plugin.option_rows)) do
    out[#out + 1] = ("  %-8s %-12s %s\n"):format(i == 1 and "options" or "", name, type_text(plugin.option_rows[name]))
  end
  for _, warning in ipairs(plugin.warnings) do out[#out + 1] = "  warning  " .. warning .. "\n" end
  return table.concat(out)
end

local function list_all(all)
  local width, out = 8, {}
  for _, plugin in ipairs(all.list) do width = math.max(width, #plugin.name) end
  for _, plugin in ipairs(all.list) do
    out[#out + 1] = ("%-" .. width .. "s  %-7s %-14s %s\n"):format(plugin.name, state_of(plugin), plugin.origin,
      hooks_of(plugin))
    if plugin.origin ~= "built-in" then out[#out + 1] = (" "):rep(width + 10) .. plugin.file .. "\n" end
    for _, warning in ipairs(plugin.warnings) do
      out[#out + 1] = (" "):rep(width + 10) .. "warning: " .. warning .. "\n"
    end
  end
  return table.concat(out)
end

local function run(arguments)
  local all, name = plugins.load_all(), arguments[1]
  if name then
    local names = {}
    for _, plugin in ipairs(all.list) do
      names[plugin.name] = true
      if plugin.name == name then
        io.stdout:write(printable.block(describe(plugin)))
        return 0
      end
    end
    for _, refusal in ipairs(all.refused) do
      if refusal.file:match("([^/]+)%.%w+$") == name then errors.usage("refused: %s", tostring(refusal)) end
    end
    errors.usage("there is no plugin '%s'%s", name, errors.hint(name, names))
  end
  io.stdout:write(printable.block(list_all(all)))
  for i, refusal in ipairs(all.refused) do
    if i == 1 then io.stdout:write("\nrefused:\n") end
    io.stdout:write("  ", printable.message(secrets.hide(tostring(refusal))), "\n")
  end
  return all.refused[1] and 1 or 0
end

return {
  api = 1, name = "plugins", about = "Lists plugins",
  commands = {
    plugins = {
      about = "the plugins: origin, hooks, and which were refused", usage = "plugins [NAME]", run = run,
      help = [[
"active" plugins take part in lbhost serve; of those that are only "found",
commands and stores can be used. Plugins are found inside the program, in
~/.config/lbhost/plugins, in lbhost/plugins on the Lua paths, in the
configuration and by --plugin. With a name, its options are listed as well.
Status 1 when a plugin was refused.]],
      examples = { "lbhost plugins", "lbhost plugins heartbeat" }, environment = { "XDG_CONFIG_HOME" },
    },
  },
}
