--- What a program that runs scripts of others puts around the module: options for the clients that they make, clients of
--- its own in their place.
---
---   local remove = liveblocks.hook { options = function(given) given.timeout = given.timeout or 5 return given end }
local errors = require "liveblocks.errors"

local hooks = {}

---@class liveblocks.Hook
---@field options? fun(given: table): table  the options that liveblocks.new() was given, a copy; returns those to use
---@field client? fun(client: table): table  a client that liveblocks.new() has made; returns what the caller gets
---@field request? fun(options: table, send: function): table  in the place of liveblocks.http.request(); send(options) is it
---@field mail? fun(options: table, send: function): table  in the place of liveblocks.mail.send(); send(options) is it

local kinds = { options = true, client = true, request = true, mail = true }
local list = {} -- in the order in which they were added; never changed, so that a hook may remove itself

--- Adds a hook. One that was added later is nearer to the caller: its `options` come first, its `client` last.
---@param hook liveblocks.Hook
---@return fun() remove takes it away again
function hooks.add(hook)
  if type(hook) ~= "table" then errors.usage("liveblocks.hook: a table of functions expected, got %s", type(hook)) end
  for kind, fn in pairs(hook) do
    if not kinds[kind] then
      errors.usage("liveblocks.hook: unknown hook '%s'%s", tostring(kind), errors.hint(kind, kinds))
    end
    if type(fn) ~= "function" then errors.usage("liveblocks.hook: '%s' must be a function, got %s", kind, type(fn)) end
  end
  local added, longer = {}, {}
  for i, other in ipairs(list) do longer[i] = other end
  for kind, fn in pairs(hook) do added[kind] = fn end
  longer[#longer + 1] = added
  list = longer
  return function()
    local shorter = {}
    for _, other in ipairs(list) do
      if other ~= added then shorter[#shorter + 1] = other end
    end
    list = shorter
  end
end

--- The options to use.
---@param given table
---@return table
function hooks.options(given)
  if not list[1] then return given end
  local options = {}
  for name, value in pairs(given) do options[name] = value end
  for i = #list, 1, -1 do
    if list[i].options then options = list[i].options(options) end
  end
  return options
end

--- What the caller gets for a client.
function hooks.client(client)
  for _, hook in ipairs(list) do
    if hook.client then client = hook.client(client) end
  end
  return client
end

-- Calls the hooks of a kind that are left, the nearest to the caller first, and in the end what they stand for.
local function call(kind, hooked, i, options, send)
  while i > 0 and not hooked[i][kind] do i = i - 1 end
  if i == 0 then return send(options) end
  return hooked[i][kind](options, function(changed) return call(kind, hooked, i - 1, changed, send) end)
end

--- Sends something, through the hooks.
---@param kind "request"|"mail"
---@param options table
---@param send fun(options: table): table
---@return table
function hooks.send(kind, options, send)
  if not list[1] then return send(options) end
  return call(kind, list, #list, options, send)
end

return hooks
