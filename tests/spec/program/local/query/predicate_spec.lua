local responses = require "lbhost.local.http.response"
local query = require "lbhost.local.query.predicate"
local seed = require "tests.support.seed"

-- The message of a refused query; fails when the query passes.
local function refusal(text, kind)
  local ok, failure = pcall(query.compile, text, kind or "rooms")
  assert.is_false(ok, text)
  assert.is_true(responses.is_failure(failure), tostring(failure))
  assert.equal(422, failure.status)
  assert.equal("INVALID_QUERY", failure.code)
  assert.matches("^The fields of ", failure.suggestion)
  return failure.message
end

local function matches(text, kind, object)
  return query.compile(text, kind)(object)
end

local room = { id = "eng:plan", metadata = { color = "blue", ["it's"] = "a\"b", tags = { "x", "y" } }, threads = { th_1 = {} } }
local thread = { resolved = false, visibility = "private",
  metadata = { n = 3, x = 1.5, done = true, name = "Ada", zero = 0 } }

describe("the query language", function()
  it("takes everything when nothing is asked", function()
    assert.is_true(matches(nil, "rooms", room))
    assert.is_true(matches("", "rooms", room))
  end)

  it("filters rooms by id, metadata and threads", function()
    for text, expected in pairs {
      ["roomId^'eng:'"] = true, ["roomId^'ops:'"] = false, ["roomId:'eng:plan'"] = true, ["roomId:'eng:'"] = false,
      ["roomId:''"] = false, ['metadata["color"]:"blue"'] = true, ['metadata["color"]:"red"'] = false,
      ["metadata[ 'color' ] : 'blue'"] = true, ["metadata['none']:'blue'"] = false, ["metadata['tags']:'x'"] = false,
      ["metadata[\"it's\"]:'a\"b'"] = true, ["metadata['it\\'s']:\"a\\\"b\""] = true,
      ["hasThreads:true"] = true, ["hasThreads:false"] = false,
    } do
      assert.equal(expected, matches(text, "rooms", room), text)
    end
  end)

  it("filters threads by every type of value and every operator", function()
    for text, expected in pairs {
      ["resolved:false"] = true, ["resolved:true"] = false,
      ["visibility:'private'"] = true, ['visibility:"public"'] = false,
      ["metadata['n']:3"] = true, ["metadata['n']:3.0"] = true, ["metadata['n']:'3'"] = false, ["metadata['n']:-3"] = false,
      ["metadata['n']>- 3"] = true,
      ["metadata['n']>2"] = true, ["metadata['n']>3"] = false, ["metadata['n']>=3"] = true, ["metadata['n']<=3"] = true,
      ["metadata['n']<3"] = false, ["metadata['n']<3.5"] = true, ["metadata['x']>.5"] = true, ["metadata['zero']<1"] = true,
      ["metadata['name']>1"] = false, ["metadata['none']<1"] = false,
      ["metadata['done']:true"] = true, ["metadata['done']:false"] = false, ["metadata['none']:false"] = false,
      ["metadata['none']:null"] = true, ["metadata['done']:null"] = false,
      ["metadata['name']^'A'"] = true, ["metadata['name']^'a'"] = false, ["metadata['n']^'3'"] = false,
    } do
      assert.equal(expected, matches(text, "threads", thread), text)
    end
  end)

  it("filters inbox notifications by whether they were read", function()
    assert.is_true(matches("unread:true", "notifications", {}))
    assert.is_false(matches("unread:true", "notifications", { read = 5 }))
    assert.is_true(matches("unread:false", "notifications", { read = 5 }))
  end)

  it("joins clauses by AND, and, spaces, line ends or nothing", function()
    for _, joined in ipairs { " AND ", " and ", " ", "\r\n\t", "", "AND " } do
      local text = "resolved:false" .. joined .. "visibility:'private'"
      if joined == "" then text = "visibility:'private'" .. "resolved:false" end
      if joined == "AND " then text = "visibility:'private'AND resolved:false" end
      assert.is_true(matches(text, "threads", thread), text)
      assert.is_false(matches(text .. " metadata['n']:4", "threads", thread), text)
    end
  end)

  it("reads escapes as the vendor does: line ends and tabs first, then what else has a backslash before it", function()
    for text, expected in pairs {
      ["a\\tb"] = "a\tb", ["a\\rb"] = "a\rb", ["\\u0041\\b"] = "u0041b", ["\\\\u0041"] = "\\u0041", ["\\q\\é"] = "qé",
      ["\\n12ab"] = "\n12ab", ["\\\\"] = "\\", ["\\\""] = '"', ["a\\\\nb"] = "a\\\nb", ["a\\\\\\nb"] = "a\\\nb",
      ["a\\\nb"] = "a\\\nb", ["\\\u{2028}"] = "\\\u{2028}",
    } do
      assert.is_true(matches(('roomId:"%s"'):format(text), "rooms", { id = expected }), text)
    end
  end)

  it("takes what the client writes from a table", function()
    local format = require("liveblocks.query").format
    local text = format { resolved = false, metadata = { name = { startsWith = "A" }, n = { gt = 1, lte = 3 }, done = true,
      none = require("liveblocks.json").null } }
    assert.is_true(matches(text, "threads", thread), text)
  end)

  it("knows rooms without threads", function()
    assert.is_true(matches("hasThreads:false", "rooms", { id = "a" }))
    assert.is_true(matches("hasThreads:false", "rooms", { id = "a", threads = {} }))
  end)
end)

-- What the official development server returned for the same queries; it was compared with random ones, too.
describe("a refused query", function()
  for text, message in pairs {
    ['metadata["color"]^"blue"'] = "Invalid operator for field 'metadata[\"color\"]' (at 1:1)",
    ["foo:1"] = "Invalid field: 'foo' (at 1:1)",
    ["roomId:"] = "Expected a boolean, a number, a string, or null but end of input found (at 1:8)",
    ["roomId>'a'"] = "Expected a number but \"'\" found (at 1:8)",
    ["roomId^'a"] = "Expected a string but \"'\" found (at 1:8)",
    ["metadata[color]:1"] = 'Expected a string but "c" found (at 1:10)',
    ['metadata["a"]:null'] = "Null not allowed in this query (at 1:15)",
    ["roomId:'a' AND"] = 'Expected "(", "-", or <identifier> but end of input found (at 1:15)',
    ["AND roomId:'a'"] = 'Expected "(", "-", or <identifier> but "A" found (at 1:1)',
    ["roomId:'a' OR roomId:'b'"] = 'Expected "(", "-", <identifier>, AND, or end of input but "O" found (at 1:12)',
    ["roomId:'a')"] = 'Expected "(", "-", <identifier>, AND, or end of input but ")" found (at 1:11)',
    [" "] = 'Expected "(", "-", or <identifier> but end of input found (at 1:2)',
    ["%"] = 'Expected "(", "-", or <identifier> but "%" found (at 1:1)',
    ["roomId:true"] = "Invalid value 'true' for field 'roomId': should be string (at 1:8)",
    ["roomId:-1.5"] = "Invalid value '-1.5' for field 'roomId': should be string (at 1:8)",
    ["roomId:5."] = 'Expected a boolean, a number, a string, or null but "5" found (at 1:8)',
    ["roomId^12"] = 'Expected a string but "1" found (at 1:8)',
    ["metadata.a:1"] = 'Expected ":", "<", "<=", ">", ">=", "[", or "^" but "." found (at 1:9)',
    ["roomId:1e3"] = 'Expected ":", "<", "<=", ">", ">=", "[", or "^" but end of input found (at 1:11)',
    ["-roomId:'a'"] = "Negation of conditions not allowed for this query (at 1:1)",
    ["--roomId:'a'"] = 'Expected <identifier> but "-" found (at 1:2)',
    ["(roomId:'a' OR roomId:'b')"] = "OR-expressions are not allowed for this query (at 1:1)",
    ["(roomId:'a')"] = 'Expected OR but ")" found (at 1:12)',
    ["()"] = 'Expected "-" or <identifier> but ")" found (at 1:2)',
    ["(roomId:'a' OR roomId:'b' x"] = 'Expected ")" but "x" found (at 1:27)',
    ["(roomId:'a' OR roomId:'b'-"] = 'Expected ")" or OR but "-" found (at 1:26)',
    ["foo:1 roomId:'b')"] = 'Expected "(", "-", <identifier>, AND, or end of input but ")" found (at 1:17)',
    ["true:1"] = 'Expected "(", "-", or <identifier> but "t" found (at 1:1)',
    ["null:1"] = "Invalid field: 'null' (at 1:1)",
    ['"a"'] = 'Expected "(", "-", or <identifier> but "\\"" found (at 1:1)',
    ["roomId:1.5.5"] = 'Expected "(", "-", <identifier>, AND, or end of input but "." found (at 1:11)',
    ["roomId:1metadata:2"] = "Invalid value '1' for field 'roomId': should be string (at 1:8)",
    ["roomId:'a\nb'"] = "Expected a boolean, a number, a string, or null but \"'\" found (at 1:8)",
    ["NOT roomId:'a'"] = 'Expected ":", "<", "<=", ">", ">=", "[", or "^" but "r" found (at 1:5)',
    ["metadata:'a'"] = "Field 'metadata' must be indexed (at 1:1)",
    ["metadata['']:'a'"] = "Key of 'metadata' cannot be empty (at 1:1)",
    ["roomId['a']:'b'"] = "Cannot index field 'roomId' (at 1:1)",
    ["roomId: 'é' x:1"] = "Invalid field: 'x' (at 1:13)",
    ["roomId:TRUE"] = 'Expected a boolean, a number, a string, or null but "T" found (at 1:8)',
    ["roomId<=-0.5"] = "Invalid operator for field 'roomId' (at 1:1)",
    ["metadata['a'"] = 'Expected "]" but end of input found (at 1:13)',
    ["metadata['a']"] = 'Expected ":", "<", "<=", ">", ">=", or "^" but end of input found (at 1:14)',
    ["roomId"] = 'Expected ":", "<", "<=", ">", ">=", "[", or "^" but end of input found (at 1:7)',
    ["roomId^'a' AND AND roomId^'b'"] = 'Expected "(", "-", or <identifier> but "A" found (at 1:16)',
    ["roomId :'a'\n\t roomId:\n'b' x"] = 'Expected ":", "<", "<=", ">", ">=", "[", or "^" but end of input found (at 3:6)',
    ["roomId:'a' ANDroomId:'b'"] = "Invalid field: 'ANDroomId' (at 1:12)",
    -- What a value must be comes before what its field's key must be, that before prefixes, those before fields, all before null.
    ["metadata^'' metadatametadata['k']:'v'"] = "Prefix matches cannot be empty (at 1:10)",
    ["roomId^ ''"] = "Prefix matches cannot be empty (at 1:9)",
    ["foo^''"] = "Prefix matches cannot be empty (at 1:5)",
    ["roomId['']^''"] = "Prefix matches cannot be empty (at 1:12)",
    ["metadata['k']^''"] = "Invalid operator for field 'metadata[\"k\"]' (at 1:1)",
    ["metadata['']^''"] = "Invalid operator for field 'metadata[\"\"]' (at 1:1)",
    ["metadata['']:1"] = "Invalid value '1' for field 'metadata[\"\"]': should be token (at 1:14)",
    ["metadata['']:null"] = "Key of 'metadata' cannot be empty (at 1:1)",
    ["roomId['k']:null"] = "Cannot index field 'roomId' (at 1:1)",
    ["-roomId^''"] = "Negation of conditions not allowed for this query (at 1:1)",
    ["foo:1 roomId^''"] = "Invalid field: 'foo' (at 1:1)",
    ["roomId^'' roomId:5."] = 'Expected a boolean, a number, a string, or null but "5" found (at 1:18)',
    -- Keys and numbers are shown as JavaScript shows them.
    ["metadata['k\"\\'\\n\\\\\1\v']:true"] =
      "Invalid value 'true' for field 'metadata[\"k\\\"\\'\\n\\\\\\u0001\\u000b\"]': should be token (at 1:24)",
    ["roomId:1.0"] = "Invalid value '1' for field 'roomId': should be string (at 1:8)",
    ["roomId:-0"] = "Invalid value '0' for field 'roomId': should be string (at 1:8)",
    ["roomId:0.0000001"] = "Invalid value '1e-7' for field 'roomId': should be string (at 1:8)",
    ["roomId:.000001234"] = "Invalid value '0.000001234' for field 'roomId': should be string (at 1:8)",
    ["roomId:9007199254740993"] = "Invalid value '9007199254740992' for field 'roomId': should be string (at 1:8)",
    ["roomId:12345678901234567890"] = "Invalid value '12345678901234567000' for field 'roomId': should be string (at 1:8)",
    ["roomId:-123456789012345678901234567890"] =
      "Invalid value '-1.2345678901234568e+29' for field 'roomId': should be string (at 1:8)",
    ["roomId:1" .. ("0"):rep(21)] = "Invalid value '1e+21' for field 'roomId': should be string (at 1:8)",
    ["roomId:1" .. ("0"):rep(400)] = "Invalid value 'null' for field 'roomId': should be string (at 1:8)",
    ["roomId:-\n.5"] = "Invalid value '-0.5' for field 'roomId': should be string (at 1:8)",
    ["roomId:- 5."] = 'Expected a boolean, a number, a string, or null but "-" found (at 1:8)',
    -- Columns count units of UTF-16; what is found is one of them.
    ["foo:'😀' %"] = 'Expected "(", "-", <identifier>, AND, or end of input but "%" found (at 1:10)',
    ["😀"] = 'Expected "(", "-", or <identifier> but "\u{FFFD}" found (at 1:1)',
    ["\0"] = 'Expected "(", "-", or <identifier> but "\\0" found (at 1:1)',
    ["\froomId:1"] = 'Expected "(", "-", or <identifier> but "\\x0C" found (at 1:1)',
    ["\27"] = 'Expected "(", "-", or <identifier> but "\\x1B" found (at 1:1)',
    ["\u{80}"] = 'Expected "(", "-", or <identifier> but "\\x80" found (at 1:1)',
    ["\u{A0}"] = 'Expected "(", "-", or <identifier> but "\u{A0}" found (at 1:1)',
    -- Key words are written in capitals or small.
    ["Or:1"] = "Invalid field: 'Or' (at 1:1)",
    ["foo:1 And bar:1"] = 'Expected ":", "<", "<=", ">", ">=", "[", or "^" but "b" found (at 1:11)',
    ["(x:1 or y:2)"] = "OR-expressions are not allowed for this query (at 1:1)",
    ["(x:1 oR y:2)"] = 'Expected OR but "o" found (at 1:6)',
    -- The spaces after a string belong to the OR that may follow; those after other values do not.
    ["(x:1 y:2)"] = 'Expected OR but "y" found (at 1:6)',
    ["(x:'a' y:2)"] = 'Expected OR but " " found (at 1:7)',
    ["(x:1 OR y:true x"] = 'Expected ")" or OR but "x" found (at 1:16)',
  } do
    it(("says where it is wrong: %q"):format(text), function()
      assert.equal(message, refusal(text))
    end)
  end

  it("names the types a field takes", function()
    assert.equal("Invalid value '\"x\"' for field 'resolved': should be boolean (at 1:10)", refusal("resolved:'x'", "threads"))
    assert.equal("Invalid field: 'roomId' (at 1:1)", refusal("roomId:'x'", "notifications"))
  end)

  it("stays a refusal for any bytes", function()
    seed.start()
    local pieces = { "roomId", "metadata", "[", "]", "'", '"', "\\", ":", "^", "<", "=", "(", ")", "-", " ", "AND", "1", ".",
      "true", "null", "\xff", "\xed\xa0\x80", "\0", "é", "\n", "u00" }
    for _ = 1, 3000 do
      local text = {}
      for i = 1, math.random(12) do text[i] = pieces[math.random(#pieces)] end
      local ok, failure = pcall(query.compile, table.concat(text), "rooms")
      assert.is_true(ok or responses.is_failure(failure), tostring(failure))
    end
  end)
end)
