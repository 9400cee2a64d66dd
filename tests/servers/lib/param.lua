-- Parameters of scenarios: how a row declares them, and how a path gives them.

local param = {}

--- A parameter that is a number.
---@param key string
---@param default number? none: the row does without
---@param about string
function param.number(key, default, about)
  return { key = key, kind = "number", default = default, about = about }
end

--- A parameter that is text.
---@param key string
---@param default string?
---@param about string
function param.text(key, default, about)
  return { key = key, kind = "text", default = default, about = about }
end

local function decode(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function find(list, key)
  for _, one in ipairs(list) do
    if one.key == key then return one end
  end
end

local function value_of(one, text)
  if one.kind == "text" then return text end
  local number = tonumber(text)
  if not number then return nil, ("'%s' must be a number, not '%s'"):format(one.key, text) end
  return math.tointeger(number) or number
end

--- Splits NAME or NAME=VALUE, each followed by any ,KEY=VALUE; values are percent-decoded.
---@param text string
---@return string name
---@return table[] given pairs of key ("" for the value of NAME) and value
function param.split(text)
  local given, name = {}, nil
  for item in text:gmatch("[^,]+") do
    local key, value = item:match("^([^=]*)=(.*)$")
    key = key or item
    if not name then
      name, key = key, ""
    end
    if value then given[#given + 1] = { key, decode(value) } end
  end
  return name or "", given
end

--- The parameters of a row as a table by key.
---@param row table
---@param common table[] parameters that every row has
---@param given table[] from param.split
---@return table? params nil with a message
---@return string? message
function param.bind(row, common, given)
  local params = {}
  for _, list in ipairs { common, row.params or {} } do
    for _, one in ipairs(list) do params[one.key] = one.default end
  end
  for _, pair in ipairs(given) do
    local key = pair[1] == "" and row.main or pair[1]
    local one = find(common, key) or find(row.params or {}, key)
    if not one then
      return nil, ("'%s' has no parameter '%s'; see http.lua --help"):format(row.name, key or "")
    end
    local value, err = value_of(one, pair[2])
    if err then return nil, row.name .. ": " .. err end
    params[one.key] = value
  end
  return params
end

--- One line of help.
---@param one table
---@return string
function param.help(one)
  local default = one.default == nil and "" or "=" .. tostring(one.default):gsub("%c.*", "...")
  return ("      %-22s %s"):format(one.key .. default, one.about)
end

return param
