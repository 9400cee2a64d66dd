--- The plugins that take part: loaded, set up, replaced by new versions, stopped.
local plugins = require "lbhost.plugin.registry"

---@class lbhost.serve.Handlers
local Handlers = {}
Handlers.__index = Handlers

local handlers = {}

--- @param paths string[] handler files
--- @param services { log: function, client: liveblocks.Client } for lbhost.plugin_host
function handlers.new(paths, services)
  return setmetatable({ paths = paths, services = services, list = {}, refused = {}, missing = {}, by_type = {}, in_use = {},
    retired = {} }, Handlers)
end

-- Loads one source after the other; the plugins are not set up yet.
local function load_all(self)
  local list, refused = {}, {}
  for _, path in ipairs(self.paths) do
    local plugin, refusal = plugins.load_file(path)
    list[#list + 1], refused[#refused + 1] = plugin, refusal
  end
  local active, others = plugins.active()
  for _, plugin in ipairs(active) do list[#list + 1] = plugin end
  table.move(others, 1, #others, #refused + 1, refused)
  return list, refused
end

-- Names distinguish plugins: what an event's `handled` and the timers are stored under.
local function check_names(list, refused)
  local good, taken = {}, {}
  local contract = require "lbhost.plugin.contract"
  for _, plugin in ipairs(list) do
    if taken[plugin.name] then
      refused[#refused + 1] = contract.refusal(plugin.file, "name", ("'%s' is taken by %s"):format(plugin.name,
        taken[plugin.name]))
    else
      taken[plugin.name] = plugin.file
      good[#good + 1] = plugin
    end
  end
  return good
end

local function start_all(self, list, refused)
  local started = {}
  for _, plugin in ipairs(list) do
    local offered, refusal = plugins.start(plugin, self.services)
    if offered then
      plugin.host = offered
      for _, warning in ipairs(plugin.warnings) do self.services.log(plugin.name, "warn", warning) end
      started[#started + 1] = plugin
    else
      refused[#refused + 1] = refusal
    end
  end
  return started
end

local function set(self, list, refused)
  self.list, self.refused, self.by_type = list, refused, {}
end

--- Loads and sets up everything.
---@return lbhost.Refusal[] refused
function Handlers:load()
  local list, refused = load_all(self)
  set(self, start_all(self, check_names(list, refused), refused), refused)
  self.missing = refused
  return refused
end

--- Loads everything again. A file that is refused now keeps its old version, so that its events are still handled.
---@return lbhost.Refusal[] refused
---@return string[] kept files whose old version stays
function Handlers:reload()
  plugins.reset()
  local ok, list, refused = pcall(load_all, self)
  local old = self.list
  if not ok then -- the configuration is wrong: everything stays
    local kept = {}
    for i, plugin in ipairs(old) do kept[i] = plugin.file end
    return { list }, kept
  end
  local fresh = start_all(self, check_names(list, refused), refused)
  local files = {}
  for _, plugin in ipairs(fresh) do files[plugin.file] = true end
  local failed = {}
  for _, refusal in ipairs(refused) do failed[refusal.file] = true end
  local stopped, kept, in_use = {}, {}, {}
  for _, plugin in ipairs(old) do
    if failed[plugin.file] and not files[plugin.file] then
      fresh[#fresh + 1] = plugin
      kept[#kept + 1] = plugin.file
      in_use[plugin.file] = true
    else
      stopped[#stopped + 1] = plugin
    end
  end
  set(self, fresh, refused)
  self.missing = {}
  for _, refusal in ipairs(refused) do
    if not files[refusal.file] and not in_use[refusal.file] then self.missing[#self.missing + 1] = refusal end
  end
  for _, plugin in ipairs(stopped) do self:retire(plugin) end
  return refused, kept
end

-- ---- Stopping ------------------------------------------------------------------------------------

--- A function of the plugin begins: it is not stopped until that has ended, when a new version has taken its place.
function Handlers:hold(plugin)
  self.in_use[plugin] = (self.in_use[plugin] or 0) + 1
end

function Handlers:release(plugin)
  local count = self.in_use[plugin] - 1
  self.in_use[plugin] = count > 0 and count or nil
  if count == 0 and self.retired[plugin] then
    self.retired[plugin] = nil
    self:stop_one(plugin)
  end
end

-- Stops a plugin once nothing of it runs any more.
function Handlers:retire(plugin)
  if self.in_use[plugin] then self.retired[plugin] = true else self:stop_one(plugin) end
end

function Handlers:stop_one(plugin)
  local ok, problem = plugins.stop(plugin)
  if not ok then self.services.log(plugin.name, "warn", problem) end
end

function Handlers:stop()
  for _, plugin in ipairs(self.list) do self:stop_one(plugin) end
  for plugin in pairs(self.retired) do self:stop_one(plugin) end
  self.retired = {}
  set(self, {}, {})
end

--- The handlers of a type of events: { key, fn, plugin }; those of "*" come after the others of their plugin.
---@param kind string
---@return { key: string, fn: function, plugin: lbhost.Plugin }[]
function Handlers:of(kind)
  local found = self.by_type[kind]
  if found then return found end
  found = {}
  for _, plugin in ipairs(self.list) do
    for _, name in ipairs { kind, "*" } do
      local fn = plugin.events[name]
      if fn then found[#found + 1] = { key = plugin.name .. ":" .. name, fn = fn, plugin = plugin } end
    end
  end
  -- Types that nobody knows come from outside: they are not kept.
  if #found > 0 or require("lbhost.plugin.contract").event_types[kind] then self.by_type[kind] = found end
  return found
end

return handlers
