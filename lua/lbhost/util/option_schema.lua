--- Typed options: what a plugin declares, checked against what the configuration gives.
---
---   options = {
---     channel = "string",                                          -- may be left out
---     url     = { type = "string", required = true, env = "CHAT_URL", about = "where to post" },
---     limit   = { type = "integer", default = 20, min = 1, max = 100 },
---     format  = { type = "string", default = "text", one_of = { "text", "html" } },
---     kinds   = { type = "list", default = {} },                   -- of strings
---     value   = "json",                                            -- anything
---     token   = { type = "string", secret = true },                -- hidden in logs and errors; also of a list
---   }
local errors = require "liveblocks.errors"
local trim = require "liveblocks.trim"
local json = require "liveblocks.json"
local secrets = require "lbhost.util.secrets"

local options = {}

local function is_list(value)
  if type(value) ~= "table" then return false end
  local count = 0
  for _ in pairs(value) do count = count + 1 end
  for i = 1, count do
    if type(value[i]) ~= "string" then return false end
  end
  return true
end

-- type -> what it is called, whether a value is one, and how text of the environment becomes one
local types = {
  string = { "a string", function(v) return type(v) == "string" end, function(text) return text end },
  number = { "a number", function(v) return type(v) == "number" end, tonumber },
  integer = { "an integer", function(v) return type(v) == "number" and math.tointeger(v) ~= nil end,
    function(text) return math.tointeger(tonumber(text)) end },
  boolean = { "true or false", function(v) return type(v) == "boolean" end,
    function(text) return ({ ["true"] = true, ["1"] = true, ["false"] = false, ["0"] = false })[text] end },
  list = { "a list of strings", is_list, function(text)
    local list = {}
    for word in text:gmatch("[^,]+") do list[#list + 1] = trim.both(word) end
    return list
  end },
  json = { "JSON", function(v) return v ~= nil end, function(text) return (json.try_decode(text)) end },
}

local row_fields = { type = "string", required = "boolean", env = "string", about = "string", default = "any", secret = "boolean",
  min = "number", max = "number", one_of = "table" }

local function check_value(row, value)
  local known = types[row.type]
  if not known[2](value) then return ("must be %s, got %s"):format(known[1], type(value)) end
  if (row.min and value < row.min) or (row.max and value > row.max) then
    return ("is %s, allowed is %s to %s"):format(value, row.min or "any", row.max or "any")
  end
  if not row.one_of then return nil end
  local allowed = {}
  for _, one in ipairs(row.one_of) do allowed[one] = true end
  if not allowed[value] then
    return ("must be one of %s, got '%s'%s"):format(table.concat(row.one_of, ", "), value, errors.hint(value, allowed))
  end
end

local function check_row(row)
  if type(row) == "string" then row = { type = row } end
  if type(row) ~= "table" then return nil, "must be the name of a type or a table, got " .. type(row) end
  for field, value in pairs(row) do
    local wanted = row_fields[field]
    if not wanted then
      return nil, ("has the unknown field '%s'%s"):format(tostring(field), errors.hint(field, row_fields))
    end
    if wanted ~= "any" and type(value) ~= wanted then return nil, ("%s must be a %s"):format(field, wanted) end
  end
  if not types[row.type] then
    return nil, ("has the unknown type '%s'%s"):format(tostring(row.type), errors.hint(row.type, types))
  end
  if (row.min or row.max) and row.type ~= "integer" and row.type ~= "number" then
    return nil, "has min or max, which are for numbers"
  end
  if row.one_of and (row.type ~= "string" or not row.one_of[1] or not is_list(row.one_of)) then
    return nil, "has one_of, which is a list of the strings that an option of type string may be"
  end
  if row.default ~= nil then
    local problem = check_value(row, row.default)
    if problem then return nil, "default " .. problem end
  end
  return row
end

--- Checks a declaration.
---@param declared table
---@return table? rows by name
---@return string? name of the option that is wrong
---@return string? reason
function options.declare(declared)
  local rows = {}
  for name, given in pairs(declared) do
    if type(name) ~= "string" or not name:find("^%a[%w_]*$") then
      return nil, tostring(name), "is not a valid name; use letters, digits and _"
    end
    local row, problem = check_row(given)
    if not row then return nil, name, problem end
    rows[name] = row
  end
  return rows
end

--- The value that a string stands for, or nil when it is not of the option's type.
---@param row table of options.declare
---@param text string
function options.parse(row, text)
  return types[row.type][3](text)
end

--- What a value may be, for people: "string, required", "integer, default 20: rooms at most".
---@param row table of options.declare
---@return string
function options.describe(row)
  local text = row.one_of and table.concat(row.one_of, "|") or row.type
  if row.required then text = text .. ", required" end
  if row.default ~= nil then
    local default = row.default
    if type(default) == "table" then default = row.type == "list" and table.concat(default, ", ") or json.encode(default) end
    default = tostring(default)
    text = ("%s, default %s"):format(text, default == "" and "empty" or default)
  end
  if row.env then text = text .. ", or " .. row.env .. " in the environment" end
  return row.about and text .. ": " .. row.about or text
end

-- A value that is not for everybody's eyes: what it is hidden by is registered.
local function register(value)
  for _, text in ipairs(type(value) == "table" and value or { value }) do secrets.add(text) end
end

local function value_of(row, given)
  if given ~= nil then return given end
  local text = row.env and os.getenv(row.env)
  if not text then return row.default end
  local value = types[row.type][3](text)
  if value == nil then return nil, ("in the environment (%s) must be %s, got '%s'"):format(row.env, types[row.type][1], text) end
  return value
end

--- The values that hold: given, else of the environment, else the default.
---@param rows table of options.declare
---@param given table?
---@param where string? where they are given ("in the configuration")
---@return table? values
---@return string? name of the option that is wrong
---@return string? reason
function options.resolve(rows, given, where)
  local values = {}
  for name in pairs(given or {}) do
    if not rows[name] then return nil, tostring(name), "is not an option" .. errors.hint(name, rows) end
  end
  for name, row in pairs(rows) do
    local value, problem = value_of(row, given and given[name])
    if value == nil and row.required then
      problem = problem or ("is required: set it %s%s"):format(where or "in the configuration",
        row.env and " or as " .. row.env .. " in the environment" or "")
    elseif value ~= nil then
      problem = check_value(row, value)
    end
    if row.secret then register(value) end
    if problem then return nil, name, problem end
    if row.type == "integer" and value ~= nil then value = math.tointeger(value) end -- 200 * 2^20 is one, too
    values[name] = value
  end
  return values
end

return options
