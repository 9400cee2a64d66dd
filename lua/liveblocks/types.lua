--- The type notation of the endpoint table, and the check of values against it.
---
---   string  string(..4000)  integer  integer(1..100)  number  boolean  false  null  any  object  date  uri
---   'literal'   T[]   T[](1..10)   map<T>   A|B   {name: T, optional?: T, ...}
---
--- A check returns the value to send (an empty table takes the kind of its field) or raises a usage error that
--- names the field. Values of the caller are never changed.
local core = require "liveblocks.core"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"

local types = {}
local named

local function is_null(v) return v == json.null end

local function kind_of(v)
  if is_null(v) then return "null" end
  if json.is_number(v) then return math.type(v) == "integer" and "integer" or "number" end
  if type(v) ~= "table" then return type(v) end
  if json.is_array(v) or #v > 0 then return "list" end
  return next(v) == nil and "empty table" or "table"
end

local function refuse(where, what, v)
  return nil, ("%s must be %s, got %s"):format(where, what, kind_of(v))
end

-- Each maker returns check(value, where) -> value | nil, message. `nil, message` is never a valid value.
local function of_type(lua_type, what)
  return function(v, where)
    if type(v) == lua_type then return v end
    return refuse(where, what or "a " .. lua_type, v)
  end
end

local function integer(low, high)
  return function(v, where)
    local n = type(v) == "number" and math.tointeger(v)
    if not n then return refuse(where, "an integer", v) end
    if (low and n < low) or (high and n > high) then
      return nil, ("%s is %d, allowed is %s to %s"):format(where, n, low or "any", high or "any")
    end
    return n
  end
end

local function text(low, high)
  return function(v, where)
    if type(v) ~= "string" then return refuse(where, "a string", v) end
    local n = utf8.len(v, 1, -1, true) or #v
    if (low and n < low) or (high and n > high) then
      return nil, ("%s has %d characters, allowed is %s to %s"):format(where, n, low or 0, high or "any")
    end
    return v
  end
end

local function pattern(lua_pattern, what)
  return function(v, where)
    if type(v) == "string" and v:find(lua_pattern) then return v end
    if type(v) == "string" then return nil, ("%s must be %s, got '%s'"):format(where, what, v) end
    return refuse(where, what, v)
  end
end

local function list(item, low, high)
  return function(v, where)
    if type(v) ~= "table" or (next(v) ~= nil and #v == 0 and not json.is_array(v)) or is_null(v) then
      return refuse(where, "a list", v)
    end
    local n = #v
    if (low and n < low) or (high and n > high) then
      return nil, ("%s has %d elements, allowed is %s to %s"):format(where, n, low or 0, high or "any")
    end
    local copy
    for i = 1, n do
      local value, message = item(v[i], ("%s[%d]"):format(where, i))
      if message then return nil, message end
      if value ~= v[i] and not copy then copy = table.move(v, 1, n, 1, {}) end
      if copy then copy[i] = value end
    end
    if copy then return json.array(copy) end
    return n == 0 and json.array {} or v
  end
end

local function copy_of(v)
  local copy = setmetatable({}, getmetatable(v))
  for key, value in pairs(v) do copy[key] = value end
  return copy
end

local function is_object(v)
  return type(v) == "table" and not json.is_array(v) and #v == 0
end

local function map(item)
  return function(v, where)
    if not is_object(v) then return refuse(where, "a table of names and values", v) end
    local copy
    for key, old in pairs(v) do
      if type(key) ~= "string" then return nil, ("%s has a key that is not a string"):format(where) end
      local value, message = item(old, ("%s.%s"):format(where, key))
      if message then return nil, message end
      if value ~= old then
        copy = copy or copy_of(v)
        copy[key] = value
      end
    end
    return copy or v
  end
end

local function record(fields, open)
  return function(v, where)
    if not is_object(v) then return refuse(where, "a table", v) end
    local copy
    for key, old in pairs(v) do
      local field = fields[key]
      if field then
        local value, message = field.check(old, ("%s.%s"):format(where, key))
        if message then return nil, message end
        if value ~= old then
          copy = copy or copy_of(v)
          copy[key] = value
        end
      elseif not open then
        return nil, ("unknown field '%s' in %s%s"):format(tostring(key), where, errors.hint(key, fields))
      end
    end
    for name, field in pairs(fields) do
      if field.required and v[name] == nil then return nil, ("%s.%s is required"):format(where, name) end
    end
    return copy or v
  end
end

local function union(alternatives, source)
  return function(v, where)
    local best
    for _, check in ipairs(alternatives) do
      local value, message = check(v, where)
      if message == nil then return value end
      -- a message from inside the value says more than one about its kind
      if not message:find(where .. " must be", 1, true) then best = best or message end
    end
    if best then return nil, best end
    return refuse(where, source:gsub("'", ""):gsub("|", " or "), v)
  end
end

local function literal(wanted)
  return function(v, where)
    if v == wanted then return v end
    if type(v) == "string" then return nil, ("%s must be '%s', got '%s'"):format(where, wanted, v) end
    return refuse(where, ("'%s'"):format(wanted), v)
  end
end

local function one_of(values)
  local set = {}
  for _, value in ipairs(values) do set[value] = true end
  return function(v, where)
    if set[v] then return v end
    local near = type(v) == "string" and errors.hint(v, set) or ""
    return nil, ("%s must be one of %s, got %s%s"):format(where, table.concat(values, ", "),
      type(v) == "string" and "'" .. v .. "'" or kind_of(v), near)
  end
end

-- Plain LSON: the data of a list or text is a list also when it is empty.
local function lson(v)
  if type(v) ~= "table" then return v end
  local kind = v.liveblocksType
  local copy
  local function put(key, value)
    if value == v[key] then return end
    copy = copy or copy_of(v)
    copy[key] = value
  end
  for key, value in pairs(v) do put(key, lson(value)) end
  if (kind == "LiveList" or kind == "LiveText") and type(v.data) == "table" and next(v.data) == nil then
    put("data", json.array {})
  end
  return copy or v
end

local events = {}
for word in ([[storageUpdated ydocUpdated userEntered userLeft roomCreated roomDeleted commentCreated commentEdited
  commentDeleted commentReactionAdded commentReactionRemoved commentMetadataUpdated threadCreated threadDeleted
  threadMetadataUpdated threadMarkedAsResolved threadMarkedAsUnresolved notification]]):gmatch("%a+") do
  events[#events + 1] = word
end
types.events = events

types.permissions = core.permissions

-- ---- Reading the notation ------------------------------------------------------------------------

local function parse(source)
  local at = 1
  local parse_union

  local function skip() at = source:find("%S", at) or #source + 1 end
  local function take(token)
    skip()
    if source:sub(at, at + #token - 1) ~= token then return false end
    at = at + #token
    return true
  end
  local function expect(token)
    if not take(token) then error(("type '%s': '%s' expected at %d"):format(source, token, at)) end
  end
  local function range()
    local low, high, stop = source:match("^%((%-?%d*)%.%.(%-?%d*)%)()", at)
    if stop then at = stop end
    return tonumber(low), tonumber(high)
  end

  local function parse_fields()
    local fields, open = {}, false
    while not take("}") do
      if take("...") then
        open = true
      else
        skip()
        local name, optional, stop = source:match("^([%w_]+)(%??)()", at)
        at = stop
        expect(":")
        local check, text_of = parse_union()
        fields[name] = { check = check, required = optional == "", type = text_of }
      end
      take(",")
    end
    return fields, open
  end

  local function parse_item()
    skip()
    if take("{") then return record(parse_fields()) end
    local quoted, after = source:match("^'([^']*)'()", at)
    if quoted then
      at = after
      return literal(quoted), quoted
    end
    local name, stop = source:match("^([%w_]+)()", at)
    at = stop
    if name == "map" then
      expect("<")
      local item = parse_union()
      expect(">")
      return map(item)
    end
    if name == "integer" then return integer(range()) end
    if name == "string" then return text(range()) end
    return (assert(named[name], name))
  end

  function parse_union()
    skip()
    local start, all, literals = at, {}, {}
    repeat
      local check, quoted = parse_item()
      while take("[]") do
        local item = check
        check, quoted = list(item, range()), nil
      end
      all[#all + 1] = check
      literals[#literals + 1] = quoted
    until not take("|")
    local text_of = source:sub(start, at - 1)
    if #all == 1 then return all[1], text_of end
    if #literals == #all then return one_of(literals), text_of end
    return union(all, text_of), text_of
  end

  if take("{") then
    local fields, open = parse_fields()
    return record(fields, open), fields
  end
  return (parse_union())
end

named = {
  number = function(v, where)
    if json.is_number(v) then return v end
    return refuse(where, "a number", v)
  end,
  boolean = of_type("boolean"),
  any = function(v) return v end,
  path = of_type("string"),
  null = function(v, where) if is_null(v) then return v end return refuse(where, "null", v) end,
  ["false"] = function(v, where) if v == false then return v end return refuse(where, "false", v) end,
  object = function(v, where)
    if is_object(v) then return v end
    return refuse(where, "a table of names and values", v)
  end,
  date = pattern("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d", "a date such as 2026-01-31T12:00:00.000Z"),
  uri = pattern("^%a[%w+.-]*:", "a URL"),
  kind = pattern("^%$[%a_]+$", "a kind such as $myKind: $, then letters and _"),
  event = one_of(events), permission = one_of(types.permissions),
  LsonFields = function(v, where)
    if is_object(v) then return lson(v) end
    return refuse(where, "a table of names and values", v)
  end,
}
named.scalar = parse "string(..4000)|number|boolean"
named.Block = parse "{type: string, children?: object[], ...}"
named.CommentBody = parse "{version: integer, content: Block[], ...}"

local cache = {}

--- The check of a type, and its fields when it is a record.
---@param source string
---@return fun(value: any, where: string): any, string? check
---@return table? fields
function types.compile(source)
  local known = cache[source]
  if not known then
    known = table.pack(parse(source))
    cache[source] = known
  end
  return known[1], known[2]
end

--- Checks a value; raises a usage error that begins with `call`.
function types.check(source, value, where, call)
  local checked, message = types.compile(source)(value, where)
  if message then errors.usage("%s: %s", call, message) end
  return checked
end

return types
