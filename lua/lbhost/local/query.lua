--- The query language of rooms, threads and inbox notifications, read into a predicate.
---
---   roomId^'eng:' AND metadata["color"]:"blue"        metadata['n']>=3 resolved:false
---
--- Clauses are joined by AND or by nothing. A refused query answers 422 INVALID_QUERY with line and column, in the
--- words of the official development server.
--- Documentation: https://liveblocks.io/docs/guides/how-to-filter-rooms-using-query-language
local answer = require "lbhost.local.answer"

local query = {}

-- ---- What can be asked ---------------------------------------------------------------------------

local function metadata(object, key)
  return object.metadata and object.metadata[key]
end

local function has_threads(room)
  return room.threads ~= nil and next(room.threads) ~= nil
end

-- operator -> the types of value that a field takes with it
local TEXT <const>, FLAG <const> = { string = true }, { boolean = true }
local ANY <const> = { string = true, number = true, boolean = true, null = true }
local NUMBER <const> = { number = true }

-- kind -> field -> { read = how the field of an object is found, keyed = it is written field["key"], operator = types }
local FIELDS <const> = {
  rooms = {
    roomId = { read = function(room) return room.id end, [":"] = TEXT, ["^"] = TEXT },
    metadata = { read = metadata, keyed = true, [":"] = TEXT },
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
  ["<"] = function(a, b) return type(a) == "number" and a < b end,
  ["<="] = function(a, b) return type(a) == "number" and a <= b end,
  [">"] = function(a, b) return type(a) == "number" and a > b end,
  [">="] = function(a, b) return type(a) == "number" and a >= b end,
}

local function suggestion(kind)
  local names = {}
  for name, field in pairs(FIELDS[kind]) do names[#names + 1] = field.keyed and name .. '["KEY"]' or name end
  table.sort(names)
  return ("The fields of %s are: %s"):format(kind, table.concat(names, ", "))
end

-- ---- Errors --------------------------------------------------------------------------------------

local function fail(state, at, format, ...)
  local before = state.text:sub(1, at - 1)
  local _, lines = before:gsub("\n", "")
  local line = before:match("[^\n]*$")
  local message = ("%s (at %d:%d)"):format(format:format(...), lines + 1, (utf8.len(line) or #line) + 1)
  answer.fail(422, "INVALID_QUERY", message, suggestion(state.kind))
end

local FOUND <const> = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function expected(state, what)
  local found = state.text:match("^" .. utf8.charpattern, state.at) or state.text:sub(state.at, state.at)
  fail(state, state.at, "Expected %s but %s found", what,
    found == "" and "end of input" or '"' .. (FOUND[found] or found) .. '"')
end

-- ---- Reading words -------------------------------------------------------------------------------

local function skip(state)
  state.at = state.text:match("^%s*()", state.at)
end

local function take(state, pattern)
  local found, behind = state.text:match("^(" .. pattern .. ")()", state.at)
  if found then state.at = behind end
  return found
end

-- Whether a word stands here, in any case.
local function take_word(state, word)
  local found, behind = state.text:match("^([%a_][%w_]*)()", state.at)
  if not found or found:upper() ~= word then return false end
  state.at = behind
  return true
end

local RESERVED <const> = { AND = true, OR = true, ["true"] = true, ["false"] = true }

local function take_name(state)
  local name, behind = state.text:match("^([%a_][%w_]*)()", state.at)
  if not name or RESERVED[name] or RESERVED[name:upper()] then return nil end
  state.at = behind
  return name
end

local ESCAPES <const> = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function escaped(char, hex)
  if char == "u" and #hex == 4 then return utf8.char(tonumber(hex, 16)) end
  return (ESCAPES[char] or char) .. hex
end

-- A surrogate pair comes as two escapes, as in JSON.
local function pair(high, high_low, low, low_low)
  local a = (high:byte() & 0x0F) << 6 | high_low:byte() & 0x3F
  local b = (low:byte() & 0x0F) << 6 | low_low:byte() & 0x3F
  return utf8.char(0x10000 + (a << 10) + b)
end

local function unescape(text)
  text = text:gsub("\\(.)(%x?%x?%x?%x?)", escaped)
  return (text:gsub("\xED([\xA0-\xAF])([\x80-\xBF])\xED([\xB0-\xBF])([\x80-\xBF])", pair))
end

-- A text in single or double quotes, or nil when none begins here.
local function text_value(state)
  local quote = state.text:match("^['\"]", state.at)
  if not quote then return nil end
  local at = state.at + 1
  while true do
    local stop = state.text:find("[\\\n" .. quote .. "]", at)
    local char = stop and state.text:sub(stop, stop)
    if not stop or char == "\n" then return nil end
    if char == quote then
      local inner = state.text:sub(state.at + 1, stop - 1)
      state.at = stop + 1
      return inner:find("\\", 1, true) and unescape(inner) or inner
    end
    at = stop + 2
  end
end

-- "5." is no number, ".5" is one.
local function number_value(state)
  local digits = take(state, "%-?%d*%.%d+")
  if not digits and not state.text:find("^%-?%d+%.", state.at) then digits = take(state, "%-?%d+") end
  return digits and tonumber(digits)
end

local WORDS <const> = { ["true"] = true, ["false"] = true, null = true }

local function any_value(state)
  local from = state.at
  local value = text_value(state)
  if value then return value, "string" end
  value = number_value(state)
  if value then return value, "number" end
  local word = take(state, "[%a_][%w_]*")
  if word and WORDS[word] then
    if word == "null" then return nil, "null" end
    return word == "true", "boolean"
  end
  state.at = from
  expected(state, "a boolean, a number, a string, or null")
end

local function value_for(state, operator)
  if operator == ":" then return any_value(state) end
  local value
  if operator == "^" then value = text_value(state) else value = number_value(state) end
  if value == nil then expected(state, operator == "^" and "a string" or "a number") end
  return value, type(value)
end

local function index_of(state)
  if not take(state, "%[") then return nil end
  skip(state)
  local key = text_value(state)
  if not key then expected(state, "a string") end
  skip(state)
  if not take(state, "%]") then expected(state, '"]"') end
  skip(state)
  return key
end

-- ---- Reading clauses -----------------------------------------------------------------------------

-- Field, operator and value: { at, negated, name, key, operator, value_at, value, type }
local function condition(state, begins)
  local read = { at = state.at, negated = take(state, "%-") ~= nil }
  if read.negated then skip(state) end
  read.name = take_name(state)
  if not read.name then expected(state, read.negated and "<identifier>" or begins) end
  skip(state)
  read.key = index_of(state)
  read.operator = take(state, "[<>]=?") or take(state, "[:^]")
  if not read.operator then
    expected(state, read.key and '":", "<", "<=", ">", ">=", or "^"' or '":", "<", "<=", ">", ">=", "[", or "^"')
  end
  skip(state)
  read.value_at = state.at
  read.value, read.type = value_for(state, read.operator)
  return read
end

-- ( condition OR condition ... ), which is refused, but only when it is well formed.
local function alternatives(state)
  local read, conditions = { at = state.at, alternatives = true }, 0
  state.at = state.at + 1
  local behind, more
  repeat
    skip(state)
    condition(state, '"-" or <identifier>')
    conditions = conditions + 1
    behind = state.at
    skip(state)
    more = take_word(state, "OR")
  until not more
  if conditions == 1 then
    state.at = behind
    expected(state, "OR")
  end
  if not take(state, "%)") then expected(state, state.at == behind and '")" or OR' or '")"') end
  return read
end

local function parse(state)
  local clauses = {}
  skip(state)
  repeat
    local group = state.text:sub(state.at, state.at) == "("
    clauses[#clauses + 1] = group and alternatives(state) or condition(state, '"(", "-", or <identifier>')
    skip(state)
    if take_word(state, "AND") then
      skip(state)
      if state.at > #state.text then expected(state, '"(", "-", or <identifier>') end
    elseif state.at <= #state.text and not state.text:find("^[(-]", state.at) then
      local at = state.at
      if not take_name(state) then expected(state, '"(", "-", <identifier>, AND, or end of input') end
      state.at = at
    end
  until state.at > #state.text
  return clauses
end

-- ---- Meaning -------------------------------------------------------------------------------------

local function field_of(state, read)
  local field = FIELDS[state.kind][read.name]
  if not field then fail(state, read.at, "Invalid field: '%s'", read.name) end
  if field.keyed and not read.key then fail(state, read.at, "Field '%s' must be indexed", read.name) end
  if read.key and not field.keyed then fail(state, read.at, "Cannot index field '%s'", read.name) end
  if read.key == "" then fail(state, read.at, "Key of '%s' cannot be empty", read.name) end
  return field
end

local function check_value(state, read, shown, allowed)
  if allowed[read.type] then return end
  if read.type == "null" then fail(state, read.value_at, "Null not allowed in this query") end
  local names = {}
  for name in pairs(allowed) do names[#names + 1] = name end
  table.sort(names)
  fail(state, read.value_at, "Invalid value '%s' for field '%s': should be %s", tostring(read.value), shown,
    table.concat(names, " or "))
end

-- The test that a clause stands for.
local function test_of(state, read)
  if read.alternatives then fail(state, read.at, "OR-expressions are not allowed for this query") end
  if read.negated then fail(state, read.at, "Negation of conditions not allowed for this query") end
  local field = field_of(state, read)
  local shown = read.key and ('%s["%s"]'):format(read.name, read.key) or read.name
  local allowed = field[read.operator]
  if not allowed then fail(state, read.at, "Invalid operator for field '%s'", shown) end
  check_value(state, read, shown, allowed)
  local find, key, compare, value = field.read, read.key, COMPARE[read.operator], read.value
  return function(object) return compare(find(object, key), value) end
end

--- Reads a query; raises 422 INVALID_QUERY where it is wrong.
---@param text string?
---@param kind "rooms"|"threads"|"notifications"
---@return fun(object: table): boolean
function query.compile(text, kind)
  if not text or text == "" then return function() return true end end
  local state = { text = text, kind = kind, at = 1 }
  local tests = {}
  for i, clause in ipairs(parse(state)) do tests[i] = test_of(state, clause) end
  return function(object)
    for i = 1, #tests do
      if not tests[i](object) then return false end
    end
    return true
  end
end

return query
