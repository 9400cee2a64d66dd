--- Dry runs: a client that reads and never writes. What would be written is given to a function instead.
---
---   local client = dry.client(real, function(call) ... end)   -- call = { name, row, arguments }
---
--- Clients that a hook makes are made such ones by lua/lbhost/migrate/guard.lua.
local client_module = require "liveblocks.client"
local errors = require "liveblocks.errors"

local dry = {}

local rows = client_module.rows

-- Calls that read, though their method is POST.
local reads = { request_storage_mutation = true }

--- Does a call only read?
---@param row table of the endpoint table
---@return boolean
function dry.is_read(row)
  return row.method == "GET" or reads[row.name] == true
end

-- What a call that was not made would have returned, as far as its arguments say.
local function stand_in(row, arguments)
  local result = {}
  for i, name in ipairs(row.parameters) do result[name:gsub("_(%a)", string.upper)] = arguments[i] end
  local last = arguments[#row.parameters + 1]
  if type(last) == "table" then
    for name, value in pairs(last) do result[name] = value end
  end
  result.id = result.id or arguments[#row.parameters]
  if row.response == "none" then result = true end
  return result, { status = 0, attempts = 0, seconds = 0, headers = {} }
end

local function planned(row, report)
  return function(_, ...)
    local arguments = { ... }
    report { name = row.name, row = row, arguments = arguments }
    return stand_in(row, arguments)
  end
end

local function refuse(what)
  errors.usage("%s is not possible in a dry run, for it may write", what)
end

local function outcome(ok, ...)
  if ok then return ... end
  if errors.is((...)) then return nil, (...) end
  error((...), 0)
end

--- A client that does what reads, and reports what writes.
---@param real liveblocks.Client
---@param report fun(call: { name: string, row: table, arguments: any[] })
---@return liveblocks.Client
function dry.client(real, report)
  local special = {}
  function special.request(_, method, path, options)
    if method ~= "GET" and method ~= "HEAD" then
      report { name = "request", row = { method = method, path = path, parameters = {} }, arguments = { options } }
      return {}, { status = 0, attempts = 0, seconds = 0, headers = {} }
    end
    return real:request(method, path, options)
  end
  function special.submit(_, name, ...)
    if rows[name] and not dry.is_read(rows[name]) then refuse("submit of " .. name) end
    return real:submit(name, ...)
  end
  function special.upload_file(_, room, options)
    report { name = "upload_file", row = { method = "PUT", path = "a file", parameters = { "room_id" } },
      arguments = { room, options } }
    return { id = options.id, name = options.name, size = 0 }
  end
  function special.mutate_storage(_, room, fn, options)
    local all = { dry_run = true }
    for name, value in pairs(options or {}) do
      if name ~= "before_send" then all[name] = value end
    end
    all.dry_run = true
    local patch, info = real:mutate_storage(room, fn, all)
    if patch[1] then report { name = "mutate_storage", room = room, patch = patch, old = info.old } end
    return patch, info
  end
  function special.mutate_yjs(_, room, fn, options)
    local all = { dry_run = true }
    for name, value in pairs(options or {}) do
      if name ~= "before_send" then all[name] = value end
    end
    all.dry_run = true
    local text, info = real:mutate_yjs(room, fn, all)
    if options and options.dry_run then return text, info end
    if info.update then
      report { name = "mutate_yjs", room = room, guid = all.guid, changed = info.changed, text = text }
    end
    return info.update, info
  end
  function special.with(_, options) return dry.client(real:with(options), report) end
  function special.close() return real:close() end

  local proxy = {}
  local function method(name)
    if special[name] then return special[name] end
    local row = rows[name]
    if row and not dry.is_read(row) then return planned(row, report) end
    local original = real[name]
    if type(original) ~= "function" then return original end
    return function(_, ...) return original(real, ...) end
  end
  proxy.try = setmetatable({}, { __index = function(_, name)
    local fn = method(name)
    return function(_, ...) return outcome(pcall(fn, proxy, ...)) end
  end })
  return setmetatable(proxy, {
    __index = function(_, name)
      if name == "core" then return nil end
      return method(name)
    end,
    __tostring = function() return tostring(real) .. " (dry run)" end,
  })
end

return dry
