--- Tables of options: their names and types; the options of a client, with their limits.
local errors = require "liveblocks.errors"

local options = {}

local types = {
  secret = "string", base_url = "string", ca_file = "string", user_agent = "string", timeout = "number",
  connect_timeout = "number", rate = "number", backoff = "number", max_backoff = "number", retries = "integer",
  max_in_flight = "integer", max_response = "integer", warn = "function", log = "function",
}

-- Earlier names, which are accepted where the new one is not given.
local renamed = { max_reply = "max_response" }

local limits = { retries = 0x100000, max_in_flight = 0x100000, max_response = 0x10000000000 }

--- A float with an integral value as the integer: 200 * 2^20 is a float. Anything else as it is.
---@param value any
---@return any
function options.integer(value)
  return type(value) == "number" and math.tointeger(value) or value
end

--- Options with the names they have now: `given` itself when it has no earlier name.
---@param given any
---@param names table<string, string> earlier name -> name
---@return any
function options.rename(given, names)
  if type(given) ~= "table" then return given end -- for the checks
  local copy
  for earlier, name in pairs(names) do
    if given[earlier] ~= nil then
      if not copy then
        copy = {}
        for key, value in pairs(given) do copy[key] = value end
      end
      if copy[name] == nil then copy[name] = copy[earlier] end
      copy[earlier] = nil
    end
  end
  return copy or given
end

local function is_of(value, wanted)
  if wanted == "list" then return type(value) == "table" or type(value) == "string" end
  return wanted == "any" or type(value) == wanted or wanted == "integer" and math.type(value) == "integer"
end

--- Checks the names and types of options; returns a copy of them, with floats that are whole numbers as integers.
---@param what string for messages
---@param given any
---@param wanted_types table<string, string> name -> type, "integer", "list" (or one string of it) or "any"
---@return table
function options.typed(what, given, wanted_types)
  if type(given) ~= "table" then errors.usage("%s: a table of options expected, got %s", what, type(given)) end
  local plain = {}
  for name, value in pairs(given) do
    local wanted = wanted_types[name]
    if not wanted then errors.usage("%s: unknown option '%s'%s", what, tostring(name), errors.hint(name, wanted_types)) end
    if wanted == "integer" then value = options.integer(value) end
    if not is_of(value, wanted) then
      errors.usage("%s: option '%s' must be %s, got %s", what, name, errors.a(wanted), type(value))
    end
    plain[name] = value
  end
  return plain
end

--- Checks options of a client; returns them as the core takes them.
---@param given table
---@param what string for messages
---@return table
function options.check(given, what)
  local plain = options.typed(what, options.rename(given, renamed), types)
  for name, value in pairs(plain) do
    if name == "retries" and value < 0 then errors.usage("%s: option 'retries' must be 0 or more", what) end
    if type(value) == "number" and name ~= "retries" and not (value > 0 and value < math.huge) then
      errors.usage("%s: option '%s' must be greater than 0", what, name)
    end
    if limits[name] and value > limits[name] then
      errors.usage("%s: option '%s' must be at most %d", what, name, limits[name])
    end
    if type(value) == "string" and value:find("\0", 1, true) then
      errors.usage("%s: option '%s' contains a NUL character", what, name)
    end
  end
  plain.max_attempts = plain.retries and plain.retries + 1
  return plain
end

--- The options of a call, where the metadata of a response can stand in their place: `f(client:get_room("r"))` hands on all
--- results of the inner call.
---@param given any
---@return any given nil for metadata
function options.of_call(given)
  local mt = type(given) == "userdata" and getmetatable(given)
  if mt and mt.__name == "liveblocks.meta" then return nil end
  return given
end

--- Name -> type.
options.types = types

--- Name -> the largest value.
options.limits = limits

return options
