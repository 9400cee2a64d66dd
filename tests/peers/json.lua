-- JSON for the peer tests. It is on purpose not the codec of the client: what is compared must not
-- be read by what is tested. Arrays and objects stay apart, integers stay integers.

local json = { null = require("cjson").null }

local ARRAY = { __name = "json.array" }
local ORDERED = { __name = "json.ordered" }

---Marks a sequence as a JSON array, which matters when it is empty.
---@param list table
---@return table
function json.array(list)
  return setmetatable(list, ARRAY)
end

---An object whose keys are written in the order given.
---@param pairs_list table list of {key, value}
---@return table
function json.ordered(pairs_list)
  return setmetatable(pairs_list, ORDERED)
end

---@param value any
---@return boolean
function json.is_array(value)
  if type(value) ~= "table" or getmetatable(value) == ORDERED then return false end
  return getmetatable(value) == ARRAY or value[1] ~= nil
end

local ESCAPES = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
}

local function quote(text)
  return '"' .. text:gsub('[%c"\\\127]', function(char)
    return ESCAPES[char] or ("\\u%04x"):format(char:byte())
  end) .. '"'
end

local function number(value)
  if math.type(value) == "integer" then return ("%d"):format(value) end
  assert(value == value and value - value == 0, "a JSON number must be finite")
  for digits = 15, 17 do
    local text = ("%%.%dg"):format(digits):format(value)
    if tonumber(text) == value then
      return text:find("[.eE]") and text or text .. ".0"
    end
  end
end

local encode

local function members(value)
  if getmetatable(value) == ORDERED then return value end
  local list = {}
  for key, item in pairs(value) do list[#list + 1] = { key, item } end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

local function encode_table(value)
  local parts = {}
  if json.is_array(value) then
    for index, item in ipairs(value) do parts[index] = encode(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for index, member in ipairs(members(value)) do
    parts[index] = quote(member[1]) .. ":" .. encode(member[2])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function encode(value)
  local kind = type(value)
  if value == json.null then return "null" end
  if kind == "table" then return encode_table(value) end
  if kind == "string" then return quote(value) end
  if kind == "number" then return number(value) end
  if kind == "boolean" then return tostring(value) end
  error("cannot write a " .. kind .. " as JSON")
end

json.encode = encode

local UNESCAPE = {
  b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/",
}

local function fail(text, at, what)
  error(("bad JSON at byte %d: %s: %s"):format(at, what, text:sub(at, at + 20)), 0)
end

local function code_point(text, at)
  local hex = text:match("^%x%x%x%x", at) or fail(text, at, "four hex digits expected")
  return tonumber(hex, 16), at + 4
end

local function read_escape(text, at)
  local letter = text:sub(at, at)
  if letter ~= "u" then
    return UNESCAPE[letter] or fail(text, at, "unknown escape"), at + 1
  end
  local code, next_at = code_point(text, at + 1)
  if code >= 0xD800 and code < 0xDC00 and text:sub(next_at, next_at + 1) == "\\u" then
    local low
    low, next_at = code_point(text, next_at + 2)
    code = 0x10000 + (code - 0xD800) * 0x400 + (low - 0xDC00)
  end
  return utf8.char(code), next_at
end

local function read_string(text, at)
  local parts = {}
  while true do
    local stop = text:find('["\\]', at) or fail(text, at, "unfinished string")
    parts[#parts + 1] = text:sub(at, stop - 1)
    if text:byte(stop) == 34 then return table.concat(parts), stop + 1 end
    parts[#parts + 1], at = read_escape(text, stop + 1)
  end
end

local read_value

local function skip(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

local function read_array(text, at)
  local list = json.array({})
  at = skip(text, at)
  if text:sub(at, at) == "]" then return list, at + 1 end
  while true do
    list[#list + 1], at = read_value(text, at)
    at = skip(text, at)
    local mark = text:sub(at, at)
    if mark == "]" then return list, at + 1 end
    if mark ~= "," then fail(text, at, "',' or ']' expected") end
    at = at + 1
  end
end

local function read_object(text, at)
  local object = {}
  at = skip(text, at)
  if text:sub(at, at) == "}" then return object, at + 1 end
  while true do
    at = skip(text, at)
    if text:sub(at, at) ~= '"' then fail(text, at, "a key expected") end
    local key
    key, at = read_string(text, at + 1)
    at = skip(text, at)
    if text:sub(at, at) ~= ":" then fail(text, at, "':' expected") end
    object[key], at = read_value(text, at + 1)
    at = skip(text, at)
    local mark = text:sub(at, at)
    if mark == "}" then return object, at + 1 end
    if mark ~= "," then fail(text, at, "',' or '}' expected") end
    at = at + 1
  end
end

local WORDS = { ["true"] = true, ["false"] = false, null = json.null }

function read_value(text, at)
  at = skip(text, at)
  local mark = text:sub(at, at)
  if mark == "{" then return read_object(text, at + 1) end
  if mark == "[" then return read_array(text, at + 1) end
  if mark == '"' then return read_string(text, at + 1) end
  local word = text:match("^%a+", at)
  if word and WORDS[word] ~= nil then return WORDS[word], at + #word end
  local digits = text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  local value = digits and tonumber(digits)
  if not value then fail(text, at, "a value expected") end
  return value, at + #digits
end

---Reads one JSON text. Raises on bad text.
---@param text string
---@return any
function json.decode(text)
  local value, at = read_value(text, 1)
  at = skip(text, at)
  if at <= #text then fail(text, at, "nothing expected") end
  return value
end

---Turns a JSON value into a flat table from path to scalar text, so that two values can be compared
---place by place. Empty containers are places of their own.
---@param value any
---@param path string
---@param into table
---@return table
function json.flatten(value, path, into)
  if type(value) ~= "table" then
    into[path] = type(value) == "number" and json.number_text(value) or encode(value)
  elseif next(value) == nil then
    into[path] = json.is_array(value) and "[]" or "{}"
  elseif json.is_array(value) then
    for index, item in ipairs(value) do json.flatten(item, ("%s[%d]"):format(path, index - 1), into) end
  else
    for key, item in pairs(value) do json.flatten(item, path .. "." .. key, into) end
  end
  return into
end

---JSON has one number type: 1, 1.0 and 1e0 are the same value.
---@param value number
---@return string
function json.number_text(value)
  return encode(math.tointeger(value) or value)
end

return json
