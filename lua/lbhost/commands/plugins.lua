--- lbhost plugins: what was found, where, what it does; what was refused and why.
local description = require "lbhost.plugin.description"
local errors = require "liveblocks.errors"
local plugins = require "lbhost.plugin.registry"
local printable = require "lbhost.util.printable"
local secrets = require "lbhost.util.secrets"

local function list_all(all)
  local width, out = 8, {}
  for _, plugin in ipairs(all.list) do width = math.max(width, #plugin.name) end
  for _, plugin in ipairs(all.list) do
    out[#out + 1] = ("%-" .. width .. "s  %-7s %-14s %s\n"):format(plugin.name, description.state(plugin), plugin.origin,
      description.hooks(plugin))
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
        io.stdout:write(printable.block(description.text(plugin)))
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
