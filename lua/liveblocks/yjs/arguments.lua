--- What functions on Yjs documents are given, checked: each error names the function, and says what was expected and what came.
local call_options = require "liveblocks.options"
local core = require("liveblocks.core").yjs
local errors = require "liveblocks.errors"

local arguments = {}

local known = { version = "any", gc = "boolean", client_id = "any", key = "string", type = "string", formatting = "boolean" }

-- The names of functions by themselves: what the core refuses is named after the one that called it.
local names = {}

--- Says how functions are called.
---@param more table<function, string>
function arguments.name(more)
  for fn, name in pairs(more) do names[fn] = name end
end

-- The innermost of our functions that is running.
local function caller()
  if not (debug and debug.getinfo) then return nil end
  for level = 3, 30 do
    local info = debug.getinfo(level, "f")
    if not info then return nil end
    if names[info.func] then return names[info.func] end
  end
end

core.on_failure(function(kind, message)
  if kind == "usage" then errors.usage("%s: %s", caller() or "Yjs", message) end
  error(errors.new(kind, kind == "yjs" and "not a valid Yjs update: " .. message or message), 0)
end)

--- Raises a usage error unless `good`.
---@param good any
---@param what string the function
---@param expected string
---@param value any what came instead
function arguments.check(good, what, expected, value)
  if not good then errors.usage("%s: %s expected, got %s", what, expected, errors.a(type(value))) end
end

--- A string of bytes.
---@return string
function arguments.bytes(value, what)
  arguments.check(type(value) == "string", what, "a string of bytes", value)
  return value
end

--- Options of a call, of which only those that are named are known; metadata of a response in their place is none.
---@param given any
---@param what string
---@param ... string the names
---@return table
function arguments.options(given, what, ...)
  given = call_options.of_call(given)
  if given == nil then return {} end
  local types = {}
  for _, name in ipairs { ... } do types[name] = known[name] end
  return call_options.typed(what, given, types)
end

--- The encoding that options ask for, 1 or 2; other options are unknown unless they are named.
---@param given any
---@param what string
---@param ... string
---@return integer version
---@return table options
function arguments.version(given, what, ...)
  if given == nil then return 1, {} end
  local options = arguments.options(given, what, "version", ...)
  local version = options.version
  if version == nil then version = 1 end
  if version ~= 1 and version ~= 2 then errors.usage("%s: version must be 1 or 2, got %s", what, tostring(version)) end
  return version, options
end

--- The number of a client.
---@return integer
function arguments.client(id, what)
  if type(id) ~= "number" or id < 0 or id ~= math.floor(id) or id >= 2 ^ 53 then
    errors.usage("%s: an integer from 0 to 2^53 - 1 expected, got %s", what, tostring(id))
  end
  return id
end

return arguments
