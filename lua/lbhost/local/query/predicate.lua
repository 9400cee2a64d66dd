--- The query language of rooms, threads and inbox notifications, read into a predicate.
---
---   roomId^'eng:' AND metadata["color"]:"blue"        metadata['n']>=3 resolved:false
---
--- Clauses are joined by AND or by nothing. A refused query gets 422 INVALID_QUERY with line and column, in the
--- words of the official development server.
--- Documentation: https://liveblocks.io/docs/guides/how-to-filter-rooms-using-query-language
local javascript = require "lbhost.local.rules.javascript"
local json = require "liveblocks.json"
local parser = require "lbhost.local.query.parser"

local query = {}

-- ---- What can be asked ---------------------------------------------------------------------------

local function metadata(object, key)
  return object.metadata and object.metadata[key]
end

local function has_threads(room)
  return room.threads ~= nil and next(room.threads) ~= nil
end

-- The types of value that a field takes with an operator, and what messages call them.
local TEXT <const>, TOKEN <const> = { called = "string", string = true }, { called = "token", string = true }
local FLAG <const>, NUMBER <const> = { called = "boolean", boolean = true }, { called = "number", number = true }
local ANY <const> = { string = true, number = true, boolean = true, null = true }

-- kind -> field -> { read = how the field of an object is found, keyed = it is written field["key"], operator = types }
local FIELDS <const> = {
  rooms = {
    roomId = { read = function(room) return room.id end, [":"] = TEXT, ["^"] = TEXT },
    metadata = { read = metadata, keyed = true, [":"] = TOKEN },
    hasThreads = { read = has_threads, [":"] = FLAG },
  },
  threads = {
    metadata = { read = metadata, keyed = true, [":"] = ANY, ["^"] = TEXT,
      ["<"] = NUMBER, ["<="] = NUMBER, [">"] = NUMBER, [">="] = NUMBER },
    resolved = { read = function(thread) return thread.resolved == true end, [":"] = FLAG },
    visibility = { read = function(thread) return thread.visibility or "public" end, [":"] = TEXT },
  },
  notifications = {
    unread = { read = function(object) return object.read == nil end, [":"] = FLAG },
  },
}

local COMPARE <const> = {
  [":"] = function(a, b) return a == b end,
  ["^"] = function(a, b) return type(a) == "string" and a:sub(1, #b) == b end,
  ["<"] = function(a, b) return json.is_number(a) and a < b end,
  ["<="] = function(a, b) return json.is_number(a) and a <= b end,
  [">"] = function(a, b) return json.is_number(a) and a > b end,
  [">="] = function(a, b) return json.is_number(a) and a >= b end,
}

local function suggestion(kind)
  local names = {}
  for name, field in pairs(FIELDS[kind]) do names[#names + 1] = field.keyed and name .. '["KEY"]' or name end
  table.sort(names)
  return ("The fields of %s are: %s"):format(kind, table.concat(names, ", "))
end

-- ---- Meaning -------------------------------------------------------------------------------------

local fail = parser.fail

local function quoted(text)
  return (json.encode(text):gsub("'", "\\'"))
end

local function shown(value)
  if json.is_number(value) then return javascript.number(value) end
  return type(value) == "string" and quoted(value) or tostring(value)
end

-- Whether a field, written as it must be, can be compared so with such a value.
local function check_comparison(state, read, field)
  local name = read.key and ("%s[%s]"):format(read.name, quoted(read.key)) or read.name
  local allowed = field[read.operator]
  if not allowed then fail(state, read.at, "Invalid operator for field '%s'", name) end
  if not allowed[read.type] and read.type ~= "null" then
    fail(state, read.value_at, "Invalid value '%s' for field '%s': should be %s", shown(read.value), name, allowed.called)
  end
  if read.key == "" then fail(state, read.at, "Key of '%s' cannot be empty", read.name) end
end

-- Refuses what the vendor refuses, in the vendor's order: of several errors the first here is reported.
local function check(state, read)
  if read.alternatives then fail(state, read.at, "OR-expressions are not allowed for this query") end
  if read.negated then fail(state, read.at, "Negation of conditions not allowed for this query") end
  local field = FIELDS[state.kind][read.name]
  local keyed = field and field.keyed or false
  if field and keyed == (read.key ~= nil) then check_comparison(state, read, field) end
  if read.operator == "^" and read.value == "" then fail(state, read.value_at, "Prefix matches cannot be empty") end
  if not field then fail(state, read.at, "Invalid field: '%s'", read.name) end
  if keyed and not read.key then fail(state, read.at, "Field '%s' must be indexed", read.name) end
  if read.key and not keyed then fail(state, read.at, "Cannot index field '%s'", read.name) end
  if not field[read.operator][read.type] then fail(state, read.value_at, "Null not allowed in this query") end
end

-- The test that a clause stands for.
local function test_of(state, read)
  check(state, read)
  local find, key, compare, value = FIELDS[state.kind][read.name].read, read.key, COMPARE[read.operator], read.value
  return function(object) return compare(find(object, key), value) end
end

--- Reads a query; raises 422 INVALID_QUERY where it is wrong.
---@param text string?
---@param kind "rooms"|"threads"|"notifications"
---@return fun(object: table): boolean
function query.compile(text, kind)
  if not text or text == "" then return function() return true end end
  local state = { text = text, kind = kind, suggestion = suggestion(kind), at = 1 }
  local tests = {}
  for i, clause in ipairs(parser.parse(state)) do tests[i] = test_of(state, clause) end
  return function(object)
    for i = 1, #tests do
      if not tests[i](object) then return false end
    end
    return true
  end
end

return query
