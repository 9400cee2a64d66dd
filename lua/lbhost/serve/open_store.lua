--- The event store that an option names: a file, or a URL that a plugin knows.
local errors = require "liveblocks.errors"
local host = require "lbhost.host"
local secrets = require "lbhost.util.secrets"
local xdg = require "lbhost.util.xdg"

local function default_path(create)
  local directory = xdg.directory "STATE"
  if not directory then errors.usage("there is no home directory; say where the event store is with --store FILE") end
  if create then
    local made, problem = host.make_directory(directory)
    if not made then errors.usage("cannot make the directory of the event store: %s", problem) end
  end
  return directory .. "/events.db"
end

-- Plugins that give stores write their lines to the log of the service.
local function services_of(log)
  return log and { log = function(name, level, text, fields)
    local all = { plugin = name }
    for key, value in pairs(fields or {}) do all[key] = value end
    log(level, text, all)
  end }
end

--- @param name string? a path or a URL; the user's own store when absent
--- @param options { lock: boolean?, create: boolean?, log: function? }
--- @return table store, see lua/lbhost/serve/store.lua
return function(name, options)
  if name and name:find("^%a[%w+-]+:") then
    secrets.add_url(name)
    local store, plugin = require("lbhost.plugin.registry").open_store(name, options, services_of(options.log))
    return setmetatable({}, { __index = function(_, field)
      if field == "path" then return secrets.hide(name) end
      if field ~= "close" then
        local value = store[field]
        if type(value) ~= "function" then return value end
        return function(_, ...) return value(store, ...) end
      end
      return function(_, ...)
        store:close(...)
        require("lbhost.plugin.registry").stop(plugin)
      end
    end })
  end
  return require("lbhost.serve.store").open(name or default_path(options.create ~= false), options)
end
