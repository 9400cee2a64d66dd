--- Checks of the tables that files of users return: plugins, migrations. A check is a function of the value that returns
--- nothing when the value is good, else the reason, and for a table the place in it; a second argument takes warnings.
---
---   local fields = { api = field_check.api(1), name = field_check.name, each = field_check.of_type "function",
---     timers = field_check.map(is_timer, field_check.of_type "function") }
---   local field, reason = field_check.first_problem(given, fields)
local errors = require "liveblocks.errors"
local sorted_keys = require "liveblocks.sorted_keys"

local field_check = {}

--- A value of one of these types, as type or math.type name them.
---@param ... string
function field_check.of_type(...)
  local wanted, names = { ... }, {}
  for i, name in ipairs(wanted) do names[i] = errors.a(name) end
  local all = table.concat(names, " or ")
  return function(value)
    for _, name in ipairs(wanted) do
      if type(value) == name or math.type(value) == name then return end
    end
    return ("must be %s, got %s"):format(all, type(value))
  end
end

local is_string, is_table = field_check.of_type "string", field_check.of_type "table"

function field_check.line(value)
  return is_string(value) or (value:find "%c" and "must be one line") or nil
end

function field_check.name(value)
  return is_string(value) or (not value:find "^%a[%w_-]*$" and "must be letters, digits, - and _") or nil
end

--- A list of strings.
function field_check.strings(value)
  local reason = is_table(value)
  if reason then return reason end
  for _, one in ipairs(value) do
    if type(one) ~= "string" then return ("must be a list of strings, got %s"):format(type(one)) end
  end
end

--- The version of a contract.
---@param version integer
function field_check.api(version)
  return function(value)
    if value ~= version then return ("is %s; this lbhost knows api = %d"):format(tostring(value), version) end
  end
end

--- A number in a range.
---@param kind "integer"|"number"
---@param min number
---@param max number
function field_check.range(kind, min, max)
  return function(value)
    local is_kind = kind == "number" and type(value) == "number" or math.type(value) == kind
    if not is_kind or not (value >= min and value <= max) then
      return ("must be %s of %s to %s"):format(errors.a(kind), min, max)
    end
  end
end

--- The first thing wrong with the fields of a table.
---@param given table
---@param fields table<string, function> the check of each field that there may be
---@param warn? fun(place: string, warning: string)
---@return string? field
---@return string? reason nil when there is no such field
function field_check.first_problem(given, fields, warn)
  for _, name in ipairs(sorted_keys(given)) do
    local check = fields[name]
    if not check then return tostring(name), nil end
    local reason, place = check(given[name], warn and function(at, warning) warn(name .. at, warning) end)
    if reason then return name .. (place or ""), reason end
  end
end

--- A table with these fields and no other.
---@param fields table<string, function>
---@param missing? fun(value: table): string? what it lacks
function field_check.record(fields, missing)
  return function(value)
    local reason = is_table(value)
    if reason then return reason end
    local field, problem = field_check.first_problem(value, fields)
    if problem then return ("%s %s"):format(field, problem) end
    if field then return ("has the unknown field '%s'%s"):format(field, errors.hint(field, fields)) end
    return missing and missing(value)
  end
end

--- A table from names to values. The check of a name may return a warning as its second value.
---@param check_name fun(name: string): string?, string?
---@param check_value fun(value: any): string?
function field_check.map(check_name, check_value)
  return function(value, warn)
    local reason = is_table(value)
    if reason then return reason end
    for _, name in ipairs(sorted_keys(value)) do
      local place = ("[%q]"):format(tostring(name))
      if type(name) ~= "string" then return "must have a string as its key", place end
      local problem, warning = check_name(name)
      if problem then return problem, place end
      if warning and warn then warn(place, warning) end
      problem = check_value(value[name])
      if problem then return problem, place end
    end
  end
end

return field_check
