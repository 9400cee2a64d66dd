local complete = require "lbhost.repl.complete"
local evaluate = require "lbhost.repl.evaluate"
local history = require "lbhost.repl.history"
local helper = require "tests.support.client"
local json = require "liveblocks.json"
local liveblocks = require "liveblocks"
local printer = require "lbhost.repl.print"
local seed = require "tests.support.seed"
local display_text = require "lbhost.util.display_text"

local function show(value, options)
  local all = { paint = function(_, s) return s end, width = 60 }
  for name, option in pairs(options or {}) do all[name] = option end
  return printer.new(all):show(value)
end

describe("the printer of the REPL", function()
  it("writes values as Lua does, on one line where they fit", function()
    for expected, value in pairs {
      ["nil"] = json.decode "[]"[1], ["1"] = 1, ["1.0"] = 1.0, ["0.1"] = 0.1, ["true"] = true, ["null"] = json.null,
      ['"a\\n\\"\\\\é\\x1b"'] = 'a\n"\\é\27', ['"\\xff\\xc3"'] = "\xff\xc3", ["{}"] = {}, ["[]"] = json.array {},
      ["{ 1, { 2 }, x = { y = 1 } }"] = { 1, { 2 }, x = { y = 1 } },
      ['{ id = "b", a = 1, ["a-b"] = 2, ["end"] = 3 }'] = { ["end"] = 3, ["a-b"] = 2, a = 1, id = "b" },
      ["{ [true] = 4 }"] = { [true] = 4 },
      ["inf"] = math.huge,
    } do
      assert.equal(expected, show(value))
    end
  end)

  it("spreads what is wide, and cuts what is long, deep or circular", function()
    assert.equal('{\n  a = "' .. ("x"):rep(40) .. '",\n  b = { 1 },\n}', show { a = ("x"):rep(40), b = { 1 } })
    local long = {}
    for i = 1, 100 do long[i] = i end
    assert.matches("  30,\n  %-%- 70 more items\n}$", show(long))
    assert.matches("  100,\n}$", show(long, { full = true }))
    assert.equal('"' .. ("é"):rep(200) .. '"…<1000 bytes>', show(("é"):rep(500)))
    local ring = { name = "ring" }
    ring.ring = ring
    assert.equal('{ name = "ring", ring = <the table it is in> }', show(ring))
    local deep = {}
    for _ = 1, 20 do deep = { deep } end
    assert.matches("{ … }", show(deep), 1, true)
  end)

  it("never fails on a hostile object, and never sends its bytes to the terminal", function()
    assert.equal("an object that cannot be shown", show(setmetatable({}, { __tostring = error })))
    assert.is_nil(show({ ["\27[2J"] = "\27]0;title\7", x = "\u{9b}31m" }):find("[\27\7]"))
    assert.is_nil(show({ x = "\u{9b}31m" }):find("\xC2\x9B"))
  end)

  it("shows metadata of a response as its fields, and completion knows them", function()
    local srv <close> = helper.server()
    local _, meta = helper.client(srv):get_room("r")
    local shown = show(meta)
    for _, field in ipairs { "status = 200", "attempts = 1", "seconds = 0", "headers = <" } do
      assert.is_truthy(shown:find(field, 1, true), shown)
    end
    local names = {}
    for _, candidate in ipairs(complete.candidates("meta.", { meta = meta })) do names[#names + 1] = candidate[1] end
    assert.equal("attempts headers seconds status", table.concat(names, " "))
  end)

  it("shows lists of objects as rows that fit the width", function()
    assert.equal("id  n     o\na   1     {}\nbb  null  { x = 1 }\n-- 2 rows",
      show { { id = "a", n = 1, o = {} }, { id = "bb", n = json.null, o = { x = 1 } } })
    local wide = {}
    for i = 1, 3 do wide[i] = { id = ("i"):rep(50), a = ("a"):rep(50), b = ("b"):rep(50) } end
    local out = show(wide)
    for line in out:gmatch("[^\n]+") do assert.is_true(display_text.width(line) <= 60, line) end
    assert.matches("…", out, 1, true)
    local many = {}
    for i = 1, 120 do many[i] = { n = i } end
    assert.matches("\n50\n%-%- 50 of 120 rows$", show(many))
    assert.matches("\n120\n%-%- 120 rows$", show(many, { full = true }))
    assert.equal('{ "a", { x = 1 } }', show { "a", { x = 1 } })
    assert.equal("id\na\n-- 1 row, nextCursor = null", show { data = { { id = "a" } }, nextCursor = json.null })
    assert.equal('{ data = [], nextCursor = null }', show { data = json.array {}, nextCursor = json.null })
  end)

  it("keeps rows in line with wide characters", function()
    assert.equal("id      n\n日本    1\na       2\n-- 2 rows", (show { { id = "日本", n = 1 }, { id = "a", n = 2 } }
      :gsub("id    n", "id      n"):gsub("日本  1", "日本    1"):gsub("a     2", "a       2")))
  end)
end)

describe("completion in the REPL", function()
  local env = { client = liveblocks.new { secret = "sk_x" }, liveblocks = liveblocks,
    room = { id = "r", metadata = { ["a-b"] = 1, color = "blue" }, list = { { x = 1 } } } }
  -- Running anything while completing would be wrong.
  env.trap = setmetatable({}, { __index = function() error "touched" end })

  local function names(before)
    local found = complete.candidates(before, env)
    local out = {}
    for i, candidate in ipairs(found) do out[i] = candidate[1] .. (candidate.tail or "") end
    return table.concat(out, " ")
  end

  it("knows calls, iterators and their shape", function()
    assert.equal("get_rooms { ", names "client:get_rooms")
    assert.equal("get_room( get_room_notification_settings( get_room_subscription_settings( get_rooms { ", names "x = client:get_room")
    assert.equal("iter_rooms { ", names "for r in client:iter_r")
    assert.equal("trigger_inbox_notification { ", names "client:tri")
    assert.equal("mutate_storage( mutate_yjs(", names "client:mut")
    assert.equal("try:", names "client.try")
    assert.equal("get_thread( get_thread_inbox_notifications( get_thread_participants( get_thread_subscriptions( get_threads(",
      names "client.try:get_thread")
  end)

  it("knows the fields of a call, those of a field, and the values of an enumeration", function()
    assert.equal("limit = ", names "client:get_rooms { li")
    assert.equal("metadata = ", names "client:create_room { id = 'x', me")
    assert.equal("metadata = ", names "client:create_room({ id = f(1, { 2 }), me")
    assert.equal("", names "client:create_room { id = 'x', i = id")
    assert.equal("body = ", names "client:create_thread('r', { comment = { userId = 'u', b")
    assert.equal("private' public'", names "client:create_thread('r', { visibility = '")
    assert.equal("retries = ", names "liveblocks.new { retr")
    assert.is_nil(names("client:create_room { id = 'x', "):find("id = ", 1, true))
  end)

  it("knows globals, keywords, keys and methods of values", function()
    assert.equal("room", names "print(roo")
    assert.equal("while", names "whil")
    assert.equal("id list metadata", names "room.")
    assert.equal("x", names "room.list[1].")
    assert.equal("color", names "room['metadata'].co")
    assert.equal("a-b'] color']", names "room.metadata['")
    assert.equal("upper(", names "('x'):up")
    assert.equal("upper(", names "room.id:up")
    assert.equal("spawn(", names "liveblocks.task.sp")
    assert.equal("units(", names "liveblocks.yjs.uni")
    env.doc = liveblocks.yjs.open()
    assert.equal("subdocument_guids( subdocuments(", names "doc:su")
    env.text = env.doc:get_text()
    assert.equal("insert( insert_embed(", names "text:ins")
    assert.equal('liveblocks.webhook"', names 'require "liveblocks.web')
    assert.equal('threads"', names 'help "threads')
  end)

  it("is silent in comments, strings and numbers, and where it would have to run something", function()
    for _, before in ipairs { "-- roo", "'roo", "[[ roo", "f().roo", "trap.", "trap.x.y", "nothing.x", "3." } do
      assert.equal("", names(before), before)
    end
  end)
end)

describe("completion and inputs of the REPL", function()
  it("never fail, whatever is typed", function()
    seed.start()
    local env = { client = liveblocks.new { secret = "sk_x" }, liveblocks = liveblocks }
    local pieces = { "client", ":", ".", "{", "}", "(", ")", "[", "]", "'", '"', "--", "[[", "]]", "=", ",", "get_rooms",
      "liveblocks", "\\", "\n", "1", " ", "\xff", "é", "local ", "end", "function" }
    for _ = 1, 3000 do
      local typed = {}
      for i = 1, math.random(1, 12) do typed[i] = pieces[math.random(#pieces)] end
      local input = table.concat(typed)
      local ok, problem = pcall(complete.candidates, input, env)
      assert.is_true(ok, ("%q: %s"):format(input, problem))
      ok, problem = pcall(evaluate.compile, input, env)
      assert.is_true(ok, ("%q: %s"):format(input, problem))
    end
  end)
end)

describe("inputs of the REPL", function()
  it("are expressions, statements, incomplete or wrong", function()
    local env = {}
    local function kind(input)
      local chunk, problem, is_expression = evaluate.compile(input, env)
      return chunk and (is_expression and "expression" or "statement") or problem and "wrong" or "incomplete"
    end
    for input, expected in pairs {
      ["1 + 1"] = "expression", ["f()"] = "expression", ["= 1"] = "expression", ["x = 1"] = "statement",
      ["for i = 1, 2 do"] = "incomplete", ["f("] = "incomplete", ["{ 1,"] = "incomplete", ["[[ text"] = "incomplete",
      ["local function f()"] = "incomplete", ["x = = 1"] = "wrong", ["end"] = "wrong", ["'text"] = "wrong", ["'text\\"] = "incomplete",
      ["-- only a comment"] = "expression",
    } do
      assert.equal(expected, kind(input), input)
    end
  end)

  it("keep what a local at their start sets", function()
    for input, expected in pairs { ["local x = 5"] = 5, ["local x, y = 4, 5"] = 4, ["  local x=3"] = 3,
      ["local function x() end"] = "function", ["local x <const> = 5"] = "nil", ["local x"] = "nil",
      ["localx = 1"] = "nil", ["local x = 1; local y = 2"] = 1 } do
      local env = {}
      local chunk = assert(evaluate.compile(input, env), input)
      chunk()
      if type(expected) == "number" then assert.equal(expected, env.x, input) else assert.equal(expected, type(env.x), input) end
    end
  end)

  it("with a secret are not kept", function()
    for _, input in ipairs { "secret = 'sk_prod_x'", "whsec_abc", "lbs_x", "h = 'Bearer abc'", "t = 'eyJhbGciOi.eyJ.x'" } do
      assert.is_true(history.is_secret(input), input)
    end
    assert.is_false(history.is_secret "client:get_rooms { limit = 5 }")
    assert.equal("for i = 1, 2 do print(i) end", history.one_line "for i = 1, 2 do\n  print(i)\nend\n")
    assert.is_nil(history.one_line "x = 1 -- one\ny = 2")
    assert.is_nil(history.one_line "x = [[\n]]")
  end)
end)
