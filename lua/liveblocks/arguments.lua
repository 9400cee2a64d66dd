--- The arguments of a call, checked against its row of the endpoint table and turned into what is sent.
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local sorted_keys = require "liveblocks.sorted_keys"
local types = require "liveblocks.types"

local arguments = {}

local function write_list(value, name, call)
  if type(value) == "string" then return value end
  if type(value) ~= "table" then errors.usage("%s: '%s' must be a list or a string, got %s", call, name, type(value)) end
  for i, item in ipairs(value) do
    if type(item) ~= "string" then errors.usage("%s: %s[%d] must be a string, got %s", call, name, i, type(item)) end
    if item:find(",", 1, true) then
      errors.usage("%s: %s[%d] contains a comma, which ends an element of this list", call, name, i)
    end
  end
  return table.concat(value, ",")
end

-- How each query type becomes text; nil leaves the parameter out.
local writers = {
  string = function(value, field, call)
    if type(value) ~= "string" then errors.usage("%s: '%s' must be a string, got %s", call, field.name, type(value)) end
    return value
  end,
  integer = function(value, field, call)
    local n = type(value) == "number" and math.tointeger(value)
    if not n then errors.usage("%s: '%s' must be an integer, got %s", call, field.name,
      type(value) == "string" and "'" .. value .. "'" or tostring(value)) end
    if n < field.min or n > field.max then
      errors.usage("%s: '%s' is %d, allowed is %d to %d", call, field.name, n, field.min, field.max)
    end
    return tostring(n)
  end,
  flag = function(value, field, call)
    if type(value) ~= "boolean" then errors.usage("%s: '%s' must be true or false", call, field.name) end
    return value and "true" or nil
  end,
  enum = function(value, field, call)
    for word in field.values:gmatch("[^|]+") do
      if word == value then return value end
    end
    errors.usage("%s: '%s' must be one of %s, got %s", call, field.name, field.values:gsub("|", ", "), tostring(value))
  end,
  list = function(value, field, call) return write_list(value, field.name, call) end,
  query = function(value) return require("liveblocks.query").format(value) end,
}

local function add_query(out, row, field, value)
  if field.type == "map" then
    if type(value) ~= "table" then errors.usage("%s: '%s' must be a table", row.name, field.name) end
    for _, key in ipairs(sorted_keys(value)) do
      local text = value[key]
      if type(key) ~= "string" or type(text) ~= "string" then
        errors.usage("%s: '%s' must be a table of strings by name, got %s for '%s'", row.name, field.name, type(text),
          tostring(key))
      end
      out[#out + 1] = ("%s.%s"):format(field.name, key)
      out[#out + 1] = text
    end
    return
  end
  local text = writers[field.type](value, field, row.name)
  if text then
    out[#out + 1] = field.name
    out[#out + 1] = text
  end
end

-- What is worked out once for each row.
local function plan_of(row)
  if row.plan then return row.plan end
  local plan = { query = {}, names = {}, fills = {} }
  for _, field in ipairs(row.query) do
    plan.query[field.name] = field
    plan.names[field.name] = true
  end
  if row.body == "bytes" then plan.names.contentType = true end
  if row.type and row.body ~= "bytes" then
    local check, fields = types.compile(row.type)
    plan.check = check
    if row.body == "fields" then
      plan.fields = fields
      for name, field in pairs(fields) do
        plan.names[name] = true
        -- A path parameter that the API wants in the body again.
        if field.type == "path" then
          for i, parameter in ipairs(row.parameters) do
            if parameter:gsub("_(%a)", string.upper) == name then plan.fills[name] = i end
          end
        end
      end
    end
  end
  row.plan = plan
  return plan
end

local function split(row, plan, given)
  local query, body = {}, row.body == "fields" and json.object {} or nil
  for name, value in pairs(given) do
    if plan.fields and plan.fields[name] then
      body[name] = value
    elseif name == "contentType" and row.body == "bytes" then
      if type(value) ~= "string" then errors.usage("%s: 'contentType' must be a string, got %s", row.name, type(value)) end
      query.content_type = value
    elseif not plan.query[name] then
      errors.usage("%s: unknown field '%s'%s", row.name, tostring(name), errors.hint(name, plan.names))
    end
  end
  for _, field in ipairs(row.query) do -- in the order of the endpoint table, so that the same call is the same request
    local value = given[field.name]
    if field.required and (value or "") == "" then errors.usage("%s: '%s' is required", row.name, field.name) end
    if value ~= nil then add_query(query, row, field, value) end
  end
  return query, body
end

local function encode(row, value)
  local ok, text = pcall(json.encode, value)
  if not ok then errors.usage("%s: %s", row.name, text) end
  return text
end

local function check_fields(row, plan, body, path)
  for name, i in pairs(plan.fills) do
    if body[name] == nil then body[name] = path[i] end
  end
  for name, field in pairs(plan.fields) do
    if field.required and body[name] == nil then errors.usage("%s: '%s' is required", row.name, name) end
  end
  for name, value in pairs(body) do
    local checked, message = plan.fields[name].check(value, name)
    if message then errors.usage("%s: %s", row.name, message) end
    body[name] = checked
  end
  return body
end

--- Refuses what is not a table of fields.
function arguments.check_table(row, given)
  if type(given) ~= "table" then errors.usage("%s: a table of fields expected, got %s", row.name, type(given)) end
end

local function set_bytes(settings, row, value)
  if type(value) == "string" then
    settings.body = value
  elseif type(value) == "table" and type(value.file) == "string" then
    for name, given in pairs(value) do
      if name ~= "file" and not ((name == "offset" or name == "length") and math.type(given) == "integer") then
        errors.usage("%s: the body is { file = path, offset = bytes, length = bytes }; '%s' does not fit", row.name,
          tostring(name))
      end
    end
    settings.file, settings.offset, settings.length = value.file, value.offset, value.length
  else
    errors.usage("%s: the body must be a string of bytes or { file = path }, got %s", row.name, type(value))
  end
end

--- The settings of a call (what core.begin takes) from what follows its path parameters.
---@param row table
---@param path string[] its path parameters
---@param ... any the body, when it is not a table of fields, and the table of fields
---@return table settings
function arguments.settings(row, path, ...)
  local plan, settings = plan_of(row), {}
  local body, given
  local takes_body = row.body == "value" or row.body == "bytes"
  if select(takes_body and 3 or 2, ...) ~= nil then
    errors.usage("%s: too many arguments; the table of fields is the last", row.name)
  end
  if takes_body then
    if select("#", ...) == 0 then errors.usage("%s: the body is missing", row.name) end
    body, given = ...
  else
    given = ...
  end
  if given ~= nil then arguments.check_table(row, given) end
  local query, fields = split(row, plan, given or {})
  settings.query = query[1] and query or nil
  settings.content_type = query.content_type
  if row.body == "bytes" then
    set_bytes(settings, row, body)
  elseif row.body == "value" then
    local checked, message = plan.check(body, "the body")
    if message then errors.usage("%s: %s", row.name, message) end
    settings.body = encode(row, checked)
  elseif row.body == "fields" then
    settings.body = encode(row, check_fields(row, plan, fields, path))
  end
  return settings
end

--- The path parameters, checked; integers become strings.
---@param row table
---@param path any[] is changed
function arguments.check_path(row, path)
  for i, name in ipairs(row.parameters) do
    local value = path[i]
    if type(value) == "number" and math.type(value) == "integer" then value = tostring(value) end
    if type(value) ~= "string" then errors.usage("%s: '%s' must be a string, got %s", row.name, name, type(path[i])) end
    if value == "" then errors.usage("%s: '%s' must not be empty", row.name, name) end
    path[i] = value
  end
end

return arguments
