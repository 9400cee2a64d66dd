--- What `lbhost plugins` and `lbhost serve FILE --help` say about a plugin.
local contract = require "lbhost.plugin.contract"
local option_schema = require "lbhost.util.option_schema"
local sorted_keys = require "liveblocks.sorted_keys"

local description = {}

--- What a plugin takes part in: "commands: run; timers: 15m".
---@param plugin lbhost.Plugin
---@return string
function description.hooks(plugin)
  local parts = {}
  for _, hook in ipairs(contract.hooks) do
    local names = sorted_keys(plugin[hook])
    if names[1] then parts[#parts + 1] = hook .. ": " .. table.concat(names, ", ") end
  end
  if plugin.setup then parts[#parts + 1] = "setup" end
  if plugin.stop then parts[#parts + 1] = "stop" end
  return parts[1] and table.concat(parts, "; ") or "nothing"
end

--- Whether it takes part in `lbhost serve`: "off", "active" or "found".
---@param plugin lbhost.Plugin
---@return string
function description.state(plugin)
  if plugin.off then return "off" end
  return plugin.active and "active" or "found"
end

--- Several lines about a plugin.
---@param plugin lbhost.Plugin
---@return string
function description.text(plugin)
  local out = { plugin.name .. (plugin.version ~= "" and " " .. plugin.version or "") .. "\n" }
  if plugin.about ~= "" then out[#out + 1] = "  " .. plugin.about .. "\n" end
  out[#out + 1] = ("  origin   %s%s\n"):format(plugin.origin, plugin.origin == "built-in" and "" or ", " .. plugin.file)
  out[#out + 1] = ("  state    %s\n  hooks    %s\n"):format(description.state(plugin), description.hooks(plugin))
  for i, name in ipairs(sorted_keys(plugin.option_rows)) do
    out[#out + 1] = ("  %-8s %-12s %s\n"):format(i == 1 and "options" or "", name, option_schema.describe(plugin.option_rows[name]))
  end
  for _, warning in ipairs(plugin.warnings) do out[#out + 1] = "  warning  " .. warning .. "\n" end
  return table.concat(out)
end

return description
