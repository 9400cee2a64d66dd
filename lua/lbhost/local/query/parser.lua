--- Reads a string of the query language into its clauses; what they mean is for query.lua.
local responses = require "lbhost.local.http.response"
local javascript = require "lbhost.local.rules.javascript"

local parser = {}

-- ---- Errors --------------------------------------------------------------------------------------

--- Refuses a query with the line and column of a byte; columns count UTF-16 units.
---@param state { text: string, suggestion: string }
---@param at integer
function parser.fail(state, at, format, ...)
  local before = state.text:sub(1, at - 1)
  local _, lines = before:gsub("\n", "")
  local line = before:match("^.*\n(.*)$") or before
  local message = ("%s (at %d:%d)"):format(format:format(...), lines + 1, javascript.length(line) + 1)
  responses.fail(422, "INVALID_QUERY", message, state.suggestion)
end

local NAMED <const> = { ['"'] = '\\"', ["\\"] = "\\\\", ["\0"] = "\\0", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

-- The UTF-16 unit that stands here. Half of a character cannot be sent.
local function found(state)
  if state.at > #state.text then return "end of input" end
  local code = utf8.len(state.text, state.at, state.at) and utf8.codepoint(state.text, state.at)
  local char = code and code <= 0xFFFF and utf8.char(code) or "\u{FFFD}"
  if NAMED[char] then char = NAMED[char]
  elseif code and (code < 0x20 or code >= 0x7F and code < 0xA0) then char = ("\\x%02X"):format(code) end
  return '"' .. char .. '"'
end

local function expected(state, what)
  parser.fail(state, state.at, "Expected %s but %s found", what, found(state))
end

-- ---- Reading words -------------------------------------------------------------------------------

local function skip(state)
  state.at = state.text:match("^[ \t\r\n]*()", state.at)
end

local function take(state, pattern)
  local read, after = state.text:match("^(" .. pattern .. ")()", state.at)
  if read then state.at = after end
  return read
end

-- Whether a key word stands here, in capitals or small.
local function take_word(state, word)
  local read, after = state.text:match("^([%a_][%w_]*)()", state.at)
  if read ~= word and read ~= word:lower() then return false end
  state.at = after
  return true
end

local RESERVED <const> = { AND = true, ["and"] = true, OR = true, ["or"] = true, ["true"] = true, ["false"] = true }

local function take_name(state)
  local name, after = state.text:match("^([%a_][%w_]*)()", state.at)
  if not name or RESERVED[name] then return nil end
  state.at = after
  return name
end

-- The vendor reads escapes in two goes: \n, \r and \t where these two characters stand, even after a backslash, then
-- any other character with a backslash before it. A line end has none: \ before one is itself.
local function unescape(text)
  text = text:gsub("\\n", "\n"):gsub("\\r", "\r"):gsub("\\t", "\t")
  return (text:gsub("\\([^\r\n][\x80-\xBF]*)", function(char)
    return char ~= "\u{2028}" and char ~= "\u{2029}" and char or nil
  end))
end

-- A string in single or double quotes, or nil when none begins here.
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

-- "5." is not a number, ".5" is one, and "- 5" too.
local function number_value(state)
  local sign, at = state.text:match("^(%-?)[ \t\r\n]*()", state.at)
  local digits, after = state.text:match("^(%d*%.%d+)()", at)
  if not digits and not state.text:find("^%d+%.", at) then digits, after = state.text:match("^(%d+)()", at) end
  if not digits then return nil end
  state.at = after
  return tonumber(sign .. digits)
end

local WORDS <const> = { ["true"] = true, ["false"] = true, null = true }

local function any_value(state)
  local value = text_value(state)
  if value then return value, "string" end
  value = number_value(state)
  if value then return value, "number" end
  local word, after = state.text:match("^([%a_][%w_]*)()", state.at)
  if not WORDS[word] then expected(state, "a boolean, a number, a string, or null") end
  state.at = after
  if word == "null" then return nil, "null" end
  return word == "true", "boolean"
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

-- Field, operator and value.
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
  if read.type ~= "string" then skip(state) end -- the spaces after a string belong to what follows: see `alternatives`
  return read
end

-- ( condition OR condition ... ), which is refused, but only when it is well formed.
local function alternatives(state)
  local read, conditions = { at = state.at, alternatives = true }, 0
  state.at = state.at + 1
  local after, more
  repeat
    skip(state)
    condition(state, '"-" or <identifier>')
    conditions = conditions + 1
    after = state.at
    skip(state)
    more = take_word(state, "OR")
  until not more
  if conditions == 1 then
    state.at = after
    expected(state, "OR")
  end
  if not take(state, "%)") then expected(state, state.at == after and '")" or OR' or '")"') end
  return read
end

--- The clauses of a query: { at, negated, name, key, operator, value_at, value, type } or { at, alternatives = true }.
---@param state { text: string, suggestion: string, at: integer }
---@return table[]
function parser.parse(state)
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

return parser
