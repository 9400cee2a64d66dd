--- Random queries of rooms: valid ones, well-formed ones that may mean nothing, such with one fault,
--- and garbage.
local random_query = {}

local random = math.random

local function one_of(list) return list[random(#list)] end

-- ---- Words ---------------------------------------------------------------------------------------

local spaces =  { "", "", "", " ", " ", "  ", "\n", "\t", "\r", "\r\n", " \n\t " }
-- hasThreads is newer than the dev server.
local names = { "roomId", "metadata", "foo", "x", "_1", "null", "Or", "And", "True", "TRUE", "ANDy", "orb", "NOT" }
local inner = { "", "a", "k", "eng:", "a b", "é", "😀", "\\n", "\\t", "\\r", "\\\\", "\\u0041", "\\q", "\\é", "\\😀", "\\\n", "\t", "\r",
  "\1", "\0", "\f", "\127", "\xc2\xa0", "\xe2\x80\xa8", "\\\xe2\x80\xa8", "\\\\n", "\\\\\\n", "n",
  "%", "&", "+", "(", ")", ":", "^", "-", " OR ", "]" }
local numbers = { "0", "1", "-1", "- 5", "-\n7", "1.5", "-.5", ".5", "- .5", "00.50", "1.0", "-0", "-0.0", "007", "9007199254740993",
  "9223372036854775807", "9223372036854775808", "12345678901234567890", "0.0000001", "0.00000123", "123456789012345678901234567890",
  "0.1234567890123456789", "100000000000000000000.5", "999999999999999999999", "1000000000000000000000" }
local comparisons = { "<", "<=", ">", ">=" }

-- What garbage is made of, and what a fault puts in.
local pieces = {
  "roomId", "roomId", "metadata", "metadata", "['k']", '["k"]', "['']", "[", "]", "'a'", '"b"', "''", "'it\\'s'", '"\\u0041"', "'", '"',
  ":", ":", "^", "<", "<=", ">", ">=", "=", "(", ")", "-", "--", " ", " ", "\n", "\t", "\f", "AND", "and", "OR", "or", "NOT", "AND2",
  "1", "-1", "1.5", ".5", "5.", "1.5.5", "1..2", "-.", "00.50", "1e3", "1OR", "true", "false", "null", "truex", "x", "_y", "$",
  "é", "😀", "\0", "\27", "\xc2\x85", "\xc2\xa0", "\\", "&", ",", ".", " OR ", "(", "metadata['k']:'v'", "roomId^'x'", " AND ", " ",
}

local function blank() return one_of(spaces) end

-- A string in quotes of at most `most` parts.
local function text(most)
  local quote, parts = one_of { "'", '"' }, {}
  for i = 1, random(0, most) do parts[i] = random(8) == 1 and "\\" .. quote or one_of(inner) end
  return quote .. table.concat(parts) .. quote
end

local function filled_text()
  local made
  repeat made = text(4) until #made > 2
  return made
end

local function value(operator)
  if operator == "^" then return text(2) end
  if operator ~= ":" then return one_of(numbers) end
  local kind = random(5)
  if kind <= 2 then return text(3) end
  return kind == 3 and one_of(numbers) or kind == 4 and "null" or one_of { "true", "false" }
end

-- ---- Queries -------------------------------------------------------------------------------------
-- Each is a list of words, so that a fault can change one.

local function add(words, ...)
  for _, word in ipairs { ... } do
    if word ~= "" then words[#words + 1] = word end
  end
end

local function taken_clause(words)
  if random(3) == 1 then
    return add(words, "metadata", blank(), "[", blank(), filled_text(), blank(), "]", blank(), ":", blank(), text(3))
  end
  if random(2) == 1 then return add(words, "roomId", blank(), ":", blank(), text(3)) end
  add(words, "roomId", blank(), "^", blank(), filled_text())
end

local function any_condition(words)
  if random(10) == 1 then add(words, "-", blank()) end
  add(words, one_of(names), blank())
  if random(2) == 1 then add(words, "[", blank(), text(2), blank(), "]", blank()) end
  local operator = one_of { ":", ":", "^", one_of(comparisons) }
  add(words, operator, blank(), value(operator))
end

local function any_clause(words)
  local kind = random(12)
  if kind <= 5 then return taken_clause(words) end
  if kind <= 10 then return any_condition(words) end
  add(words, "(", blank())
  any_condition(words)
  for _ = 1, random(2) do
    add(words, blank(), one_of { "OR", "or" }, blank())
    any_condition(words)
  end
  add(words, blank(), ")")
end

-- A name must not run into the word before it.
local function joined(clause, most)
  local words = {}
  add(words, blank())
  for i = 1, random(most) do
    if i > 1 then add(words, one_of { " ", "\n", " AND ", " and ", "\tAND\n" }) end
    clause(words)
  end
  add(words, blank())
  return words
end

local function faulty()
  local words = joined(any_clause, 3)
  local at, kind = random(#words), random(5)
  if kind == 1 then table.remove(words, at)
  elseif kind == 2 then table.insert(words, at, one_of(pieces))
  elseif kind == 3 then words[at] = one_of(pieces)
  elseif kind == 4 then table.insert(words, at, words[random(#words)])
  else
    local whole = table.concat(words)
    return whole:sub(1, utf8.offset(whole, random(utf8.len(whole))) - 1)
  end
  return table.concat(words)
end

local function garbage()
  local words = {}
  for i = 1, random(9) do words[i] = one_of(pieces) end
  return table.concat(words)
end

local kinds = {
  function() return table.concat(joined(taken_clause, 4)) end,
  function() return table.concat(joined(any_clause, 3)) end,
  faulty,
  garbage,
}

---@return string
function random_query.make()
  return one_of(kinds)()
end

return random_query
