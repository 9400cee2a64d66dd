--- What lbhost offers to a plugin: the `host` of its setup, and the `ctx` of its commands.
---
---   host.log(level, text, fields)   level: "debug", "info", "warn" or "error"; fields: a table or nothing
---   host.client                     a Liveblocks client, made at the first use
---   host.options                    the plugin's options, checked, with their defaults
---   host.name, host.version         of the plugin; of lbhost
local globals = require "lbhost.cli.global_options"
local liveblocks = require "liveblocks"

local plugin_host = {}

local function log_to_stderr(name, level, text, fields)
  if level == "debug" and not globals.values.verbose then return end
  local parts = { ("lbhost: %s: %s"):format(name, text) }
  for _, key in ipairs(require("liveblocks.sorted_keys")(fields or {})) do
    parts[#parts + 1] = ("%s=%s"):format(tostring(key), tostring(fields[key]))
  end
  local hidden = require("lbhost.util.secrets").hide(table.concat(parts, " "))
  io.stderr:write(require("lbhost.util.printable").line(hidden), "\n")
end

--- @param plugin lbhost.Plugin configured
--- @param services { log: function?, client: liveblocks.Client? }? log(name, level, text, fields)
--- @return table host
function plugin_host.make(plugin, services)
  services = services or {}
  local log = services.log or log_to_stderr
  local host = { name = plugin.name, version = liveblocks.version, options = plugin.options,
    log = function(level, text, fields) log(plugin.name, level, text, fields) end }
  return setmetatable(host, {
    __index = function(self, field)
      if field ~= "client" then return nil end
      local client = services.client or liveblocks.new()
      rawset(self, "client", client)
      return client
    end,
  })
end

return plugin_host
