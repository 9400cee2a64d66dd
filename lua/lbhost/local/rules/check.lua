--- What a request must satisfy before its handler sees it, and the limits that handlers share. All of them raise 422.
local responses = require "lbhost.local.http.response"
local divided = require "liveblocks.storage.divided"
local iso_date = require "liveblocks.iso_date"
local json = require "liveblocks.json"
local types = require "liveblocks.types"

local check = {}

local invalid = responses.invalid

-- The fields of a row's body are those that are known: what else a client sends is ignored, as the vendor does.
function check.open(source)
  return (source:gsub("{", "{..., "))
end

-- Lua counts from 1, what is on the wire from 0: the places in a message that the types have added to `where`.
local function count_from_zero(message, where)
  if message:sub(1, #where) ~= where then return message end
  local place, rest = message:match("^([%w_.%[%]]*)(.*)$", #where + 1)
  return where .. place:gsub("%[(%d+)%]", function(n) return ("[%d]"):format(n - 1) end) .. rest
end

--- Checks a decoded body against the type of the endpoint's row, and gives an empty table the kind of its field.
---@param row table
---@param value any
---@return any
function check.body(row, value)
  if not row.type then return value end
  row.server_type = row.server_type or check.open(row.type)
  local checked, message = types.compile(row.server_type)(value, "body")
  if message then invalid("%s", count_from_zero(message, "body")) end
  return checked
end

local DEPTH <const> = 100

local function depth_of(value, depth)
  if type(value) ~= "table" then return end
  divided.point()
  if depth > DEPTH then invalid("the body is nested deeper than %d levels", DEPTH) end
  for _, item in pairs(value) do depth_of(item, depth + 1) end
end

--- Refuses values that are nested so deeply that a response which holds them could not be written.
---@param value any
function check.depth(value)
  depth_of(value, 1)
end

--- Checks a value against a type of the table's notation (lua/liveblocks/types.lua).
---@param value any
---@param source string
---@param where string how messages name it
---@return any
function check.value(value, source, where)
  local checked, message = types.compile(source)(value, where)
  if message then invalid("%s", count_from_zero(message, where)) end
  return checked
end

local query_checks = {
  integer = function(field, text)
    local n = text:find("^-?%d+$") and math.tointeger(tonumber(text))
    if not n then invalid("query parameter '%s' must be an integer, got '%s'", field.name, text) end
    if n < field.min or n > field.max then
      invalid("query parameter '%s' is %d, allowed is %d to %d", field.name, n, field.min, field.max)
    end
  end,
  enum = function(field, text)
    for word in field.values:gmatch("[^|]+") do
      if word == text then return end
    end
    invalid("query parameter '%s' must be one of %s, got '%s'", field.name, field.values:gsub("|", ", "), text)
  end,
}

--- Checks the query parameters of a row.
---@param row table
---@param query table<string, string>
function check.query(row, query)
  for _, field in ipairs(row.query) do
    local text = query[field.name]
    if not text or text == "" then
      if field.required then invalid("query parameter '%s' is missing", field.name) end
    elseif query_checks[field.type] then
      query_checks[field.type](field, text)
    end
  end
end

--- An id: a string of 1 to `limit` characters (128) without NUL.
---@param value any
---@param where string
---@param limit integer?
function check.id(value, where, limit)
  limit = limit or 128
  if type(value) ~= "string" then invalid("%s must be a string", where) end
  local n = utf8.len(value, 1, -1, true) or #value
  if n == 0 then invalid("%s must not be empty", where) end
  if n > limit then invalid("%s has %d characters, allowed are %d", where, n, limit) end
  if value:find("\0", 1, true) then invalid("%s contains a NUL character", where) end
  return value
end

--- An id made by a client: prefix, then 21 characters of A-Z, a-z, 0-9, _ and -.
---@param value any
---@param prefix string
---@param where string
function check.client_id(value, prefix, where)
  if type(value) ~= "string" or #value ~= #prefix + 21 or value:sub(1, #prefix) ~= prefix
      or value:find("[^%w_-]", #prefix + 1) then
    responses.fail(400, "Bad Request", ("%s must be %s and 21 characters of A-Z, a-z, 0-9, _ and -"):format(where, prefix))
  end
  return value
end

--- The number of entries in a table of names and values.
---@param map table
function check.count(map)
  local n = 0
  for _ in pairs(map) do n = n + 1 end
  return n
end

---@class lbhost.local.MetadataLimits
---@field entries integer
---@field key integer
---@field value integer

check.room_metadata = { entries = 50, key = 40, value = 256 }
check.comment_metadata = { entries = 50, key = 40, value = 4000 }

local function check_text(text, limit, where)
  local n = utf8.len(text, 1, -1, true) or #text
  if n > limit then invalid("%s has %d characters, allowed are %d", where, n, limit) end
end

--- Checks keys and the lengths of values; their types are checked by the row's type.
---@param metadata table
---@param limits lbhost.local.MetadataLimits
---@param where string
function check.metadata(metadata, limits, where)
  for key, value in pairs(metadata) do
    if key == "" then invalid("%s has an empty key", where) end
    check_text(key, limits.key, ("the key '%s' of %s"):format(key, where))
    for _, text in ipairs(type(value) == "table" and value or { value }) do
      if type(text) == "string" then check_text(text, limits.value, ("%s.%s"):format(where, key)) end
    end
  end
  if check.count(metadata) > limits.entries then
    invalid("%s has %d entries, allowed are %d", where, check.count(metadata), limits.entries)
  end
end

--- Merges changes into metadata; null deletes a key. Returns a new table; checks the result.
---@param old table
---@param changes table
---@param limits lbhost.local.MetadataLimits
---@param where string
---@return table
function check.merge_metadata(old, changes, limits, where)
  local merged = {}
  for key, value in pairs(old) do merged[key] = value end
  for key, value in pairs(changes) do
    if value == json.null then merged[key] = nil else merged[key] = value end
  end
  check.metadata(merged, limits, where)
  return merged
end

--- Reads an ISO 8601 date with time.
---@param text string
---@param where string
---@return integer milliseconds since 1970
function check.date(text, where)
  local milliseconds = iso_date.milliseconds(text)
  if not milliseconds then invalid("%s must be a date such as 2026-01-31T12:00:00.000Z, got '%s'", where, tostring(text)) end
  return milliseconds
end

return check
