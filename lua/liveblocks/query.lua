--- The query language of rooms, threads and notifications, written from a table.
---
---   { roomId = { startsWith = "eng:" }, metadata = { color = "blue", n = { gt = 1 } } }
---   -> roomId^'eng:' metadata['color']:'blue' metadata['n']>1
---
--- Documentation: https://liveblocks.io/docs/guides/how-to-filter-rooms-using-query-language
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"

local query = {}

local operators = {
  { "startsWith", "^" }, { "lt", "<" }, { "gt", ">" }, { "gte", ">=" }, { "lte", "<=" },
}
local operator_names = {}
for _, pair in ipairs(operators) do operator_names[pair[1]] = true end

local function quote(value)
  local text = json.encode(value)
  if text:find("'", 1, true) then return text end
  return "'" .. text:sub(2, -2):gsub('\\"', '"') .. "'"
end

local function literal(value, where)
  if type(value) == "string" then return quote(value) end
  if type(value) == "number" then value = math.tointeger(value) or value end
  if type(value) == "number" or type(value) == "boolean" or value == json.null then return json.encode(value) end
  errors.usage("query: %s is a %s; a string, number, boolean or null can be compared", where, type(value))
end

-- A table is a comparison when all of its keys are operators.
local function is_comparison(value)
  if type(value) ~= "table" or next(value) == nil then return false end
  for key in pairs(value) do
    if not operator_names[key] then return false end
  end
  return true
end

local function sorted(fields)
  local names = {}
  for name in pairs(fields) do
    if type(name) ~= "string" or not name:find("%S") then errors.usage("query: a field name must be a string that is not empty") end
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function add_fields(out, fields, write_name)
  local names, nested = sorted(fields), {}
  for _, name in ipairs(names) do
    local value = fields[name]
    if type(value) ~= "table" then out[#out + 1] = write_name(name) .. ":" .. literal(value, name) end
  end
  for _, name in ipairs(names) do
    local value = fields[name]
    if is_comparison(value) then
      for _, pair in ipairs(operators) do
        if value[pair[1]] ~= nil then
          local wanted = pair[1] == "startsWith" and "string" or "number"
          if type(value[pair[1]]) ~= wanted then errors.usage("query: %s.%s must be a %s", name, pair[1], wanted) end
          out[#out + 1] = write_name(name) .. pair[2] .. literal(value[pair[1]], name)
        end
      end
    elseif type(value) == "table" then
      nested[#nested + 1] = name
    end
  end
  return nested
end

--- Writes a table as text of the query language. Names are written in alphabetical order.
---@param fields liveblocks.Query|string a string is returned as it is
---@return string
function query.format(fields)
  if type(fields) == "string" then return fields end
  if type(fields) ~= "table" then errors.usage("query must be a string or a table, got %s", type(fields)) end
  local out = {}
  local nested = add_fields(out, fields, function(name)
    if not name:find("^[%a_][%w_]*$") then errors.usage("query: '%s' is not a valid field name", name) end
    return name
  end)
  for _, name in ipairs(nested) do
    local deeper = add_fields(out, fields[name], function(key) return ("%s[%s]"):format(name, quote(key)) end)
    if deeper[1] then
      errors.usage("query: %s.%s is neither a value nor a comparison (startsWith, lt, gt, gte, lte)", name, deeper[1])
    end
  end
  return table.concat(out, " ")
end

return query
