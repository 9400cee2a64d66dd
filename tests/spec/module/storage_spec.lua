if os.getenv "LBHOST_TEST_GC" then collectgarbage("incremental", 1, 1000) end
local liveblocks = require "liveblocks"
local align = require "liveblocks.storage.align"
local cases = require "tests.support.storage_cases"
local instructions = require "tests.support.instructions"
local json = require "liveblocks.json"
local json_patch = require "tests.support.json_patch"
local live = require "tests.support.live"
local pointer = require "liveblocks.storage.pointer"
local storage = liveblocks.storage
local value = require "liveblocks.storage.value"

local null = liveblocks.null

local object, map, list, text = live.object, live.map, live.list, live.text

-- The operations that change something, as text, of an edit without guards.
local function edit(data, fn, options)
  local document = storage.open(object(data))
  fn(document.root)
  options = options or { guard = "none" }
  local lines = {}
  for i, op in ipairs(storage.patch(document, options)) do
    lines[i] = ("%s %s%s%s"):format(op.op, op.from and op.from .. " " or "", op.path,
      op.value == nil and "" or " " .. json.encode(op.value))
  end
  return lines
end

local function refused(data, fn, options)
  local document = storage.open(object(data))
  local ok, err = pcall(function()
    fn(document.root)
    return storage.patch(document, options)
  end)
  assert.is_false(ok)
  assert.equal("usage", err.kind)
  return err.message
end

local function todos(...)
  local items = {}
  for i, name in ipairs { ... } do items[i] = object { id = name } end
  return list(items)
end

-- The functions of `table` hear metamethods since Lua 5.3.
local function skip() end
local is_older = _VERSION < "Lua 5.3"
local older_it, newer_it = is_older and it or skip, is_older and skip or it

describe("a JSON Pointer", function()
  it("escapes ~ and / and takes every name", function()
    assert.equal("/a~1b/m~0n//0", pointer.join(pointer.join(pointer.join(pointer.join("", "a/b"), "m~n"), ""), 0))
    assert.same({ "a/b", "m~n", "", "~1" }, pointer.split "/a~1b/m~0n//~01")
  end)
end)

describe("a view", function()
  local root
  before_each(function()
    root = storage.open(object {
      title = "t", none = null, todos = todos("a", "b", "c"), tags = list { "x", "y" }, m = map { k = 1 },
      settings = { deep = { 1, 2 } }, note = text { { "hi" } },
      picture = { liveblocksType = "LiveFile", data = { id = "fl_1", name = "p.png", size = 3, mimeType = "image/png" } },
    }).root
  end)

  it("reads fields, null and what is not there", function()
    assert.equal("t", root.title)
    assert.equal(null, root.none)
    assert.is_nil(root.absent)
    assert.equal("b", root.todos[2].id)
    assert.equal(2, root.settings.deep[2])
    assert.equal(root.todos, root.todos)
  end)

  it("is gone through and counted in every Lua", function()
    local seen = {}
    for i, item in root.todos:each() do seen[i] = item.id end
    assert.same({ "a", "b", "c" }, seen)
    assert.same({ 3, 2 }, { root.todos:length(), #root.tags })
    root.tags:insert "z"
    assert.equal(3, root.tags:length())
    local names = {}
    for name in storage.each(root) do names[#names + 1] = name end
    assert.same({ "m", "none", "note", "picture", "settings", "tags", "title", "todos" }, names)
    for i, item in storage.each(root.tags) do seen[i] = item end
    assert.same({ "x", "y", "z" }, seen)
    for given, kind in pairs { [root.note] = "LiveText", [5] = "number" } do
      local ok, err = pcall(storage.each, given)
      assert.is_false(ok)
      assert.matches("a list of a document expected, got " .. kind, err.message, 1, true)
    end
  end)

  -- What would do nothing, silently, raises an error.
  older_it("is refused by what cannot hear it", function()
    for name, use in pairs {
      ["table.insert"] = function() table.insert(root.tags, "z") end,
      ["table.remove"] = function() table.remove(root.tags) end,
      ["table.sort"] = function() table.sort(root.tags) end,
      ["table.concat"] = function() return table.concat(root.tags) end,
      ["next"] = function() return next(root) end,
      ["rawset"] = function() rawset(root, "title", "x") end,
    } do
      local ok, problem = pcall(use)
      assert.is_false(ok, name)
      assert.matches("table expected", problem, 1, true)
    end
    assert.same({ 2, "t" }, { root.tags:length(), root.title })
  end)

  newer_it("is a list for #, ipairs, pairs and the functions of table", function()
    assert.equal(3, #root.todos)
    local seen = {}
    for i, item in ipairs(root.todos) do seen[i] = item.id end
    assert.same({ "a", "b", "c" }, seen)
    table.insert(root.tags, "z")
    table.insert(root.tags, 1, "w")
    assert.equal("x", table.remove(root.tags, 2))
    table.sort(root.tags, function(a, b) return a > b end)
    assert.equal("z,y,w", table.concat(root.tags, ","))
    assert.same({ "z", "y", "w" }, { table.unpack(root.tags) })
    local copy = {}
    for i, tag in pairs(root.tags) do copy[i] = tag end
    assert.same({ "z", "y", "w" }, copy)
  end)

  it("goes through the fields in order, and may be written meanwhile", function()
    local names = {}
    for name in storage.each(root) do
      names[#names + 1] = name
      root[name .. "2"] = 1
      root.title = nil
    end
    assert.same({ "m", "none", "note", "picture", "settings", "tags", "todos" }, names)
  end)

  it("names its kind", function()
    assert.equal("LiveMap", storage.kind(root.m))
    assert.equal("plain", storage.kind(root.settings))
    assert.is_nil(storage.kind(root.title))
    assert.equal("LiveList of 3", tostring(root.todos))
  end)

  it("gives the segments of a text and the fields of a file", function()
    assert.same({ { "hi" } }, root.note.data)
    assert.equal("p.png", root.picture.name)
  end)

  it("cannot be taken for an empty table by an encoder", function()
    assert.has_error(function() json.encode(root) end)
    assert.equal('["x","y"]', json.encode(storage.to_json(root.tags)))
    assert.equal('{"data":["x","y"],"liveblocksType":"LiveList"}',
      (json.encode(storage.to_lson(root.tags), { pretty = true }):gsub("%s", "")))
  end)

  it("refuses what has no place in a document, and says where", function()
    local function fails(fn) return select(2, pcall(fn)).message end
    assert.matches("a list of 2 is written at 1 to 3, got 5", fails(function() root.tags[5] = 1 end))
    assert.matches("use list:remove%(1%)", fails(function() root.tags[1] = nil end))
    assert.matches("position 9 is outside of 1 to 3", fails(function() root.tags:insert(9, "x") end))
    assert.matches("LiveObject.f: a function cannot be stored", fails(function() root.f = print end))
    assert.matches("has no JSON form", fails(function() root.f = 0 / 0 end))
    assert.matches("a field of an object or map has a name", fails(function() root[1] = 1 end))
    assert.matches("methods each, length, insert, remove and move", fails(function() return root.tags.first end))
    assert.matches("has a hole", fails(function() root.f = storage.list { 1, nil, 3 } end))
    assert.matches("cannot stand inside plain JSON", fails(function() root.f = { storage.list {} } end))
    assert.matches("contains itself", fails(function()
      local t = {}
      t[1] = t
      root.f = t
    end))
  end)
end)

describe("the patch of an edit", function()
  it("is empty when nothing changed, also when something was written", function()
    assert.same({}, edit({ a = 1, l = list { 1, 2 } }, function(root)
      root.a = 1
      root.l:insert(3)
      root.l:remove(3)
      root.l = storage.list { 1, 2 }
    end))
  end)

  it("adds, replaces and removes fields", function()
    assert.same({ "replace /a 2", "remove /b", "add /c null" }, edit({ a = 1, b = 1 }, function(root)
      root.a, root.b, root.c = 2, nil, null
    end))
  end)

  it("makes an equal part again where the one that was there goes elsewhere", function()
    local document = storage.open { liveblocksType = "LiveObject", data = { b = 1,
      k = { liveblocksType = "LiveObject", data = { x = 1 } } } }
    document.root.b = document.root.k
    document.root.k = storage.object { x = 1 }
    local patch = storage.patch(document, { guard = "none" })
    assert.same({ { op = "move", from = "/k", path = "/b" }, { op = "add", path = "/k", value = { x = 1 } } }, patch)
  end)

  it("moves a renamed field", function()
    assert.same({ "move /old /new" }, edit({ old = "x" }, function(root) root.new, root.old = root.old, nil end))
    assert.same({ "move /old /new" }, edit({ old = todos "a" }, function(root) root.new, root.old = root.old, nil end))
  end)

  it("escapes names", function()
    assert.same({ "add /a~1b/m~0n 1" }, edit({ ["a/b"] = object {} }, function(root) root["a/b"]["m~n"] = 1 end))
  end)

  newer_it("inserts, removes and moves items of a list instead of writing it again", function()
    local function items(fn) return edit({ l = todos("a", "b", "c", "d") }, function(root) fn(root.l) end) end
    assert.same({ "remove /l/1" }, items(function(l) l:remove(2) end))
    assert.same({ "remove /l/0" }, items(function(l) table.remove(l, 1) end))
    assert.same({ 'add /l/0 {"id":"e"}' }, items(function(l) l:insert(1, storage.object { id = "e" }) end))
    assert.same({ 'add /l/- {"id":"e"}' }, items(function(l) l:insert(storage.object { id = "e" }) end))
    assert.same({ "move /l/3 /l/0" }, items(function(l) l:move(4, 1) end))
    assert.same({ "move /l/0 /l/3" }, items(function(l) l:move(1, 4) end))
    assert.same({ 'replace /l/2 {"name":"x"}' }, items(function(l) l[3] = storage.object { name = "x" } end))
    assert.same({ "add /l/2/done true" }, items(function(l) l[3].done = true end))
  end)

  newer_it("sorts a list with as few moves as can be", function()
    local lines = edit({ l = todos("b", "c", "d", "a", "e") }, function(root)
      table.sort(root.l, function(x, y) return x.id < y.id end)
    end)
    assert.same({ "move /l/3 /l/0" }, lines)
  end)

  newer_it("understands a list that was filtered into a new one", function()
    local lines = edit({ l = todos("a", "b", "c") }, function(root)
      local kept = {}
      for _, item in ipairs(root.l) do
        if item.id ~= "b" then kept[#kept + 1] = item end
      end
      root.l = storage.list(kept)
    end)
    assert.same({ "remove /l/1" }, lines)
  end)

  it("moves an item from one list to another", function()
    local lines = edit({ a = todos("x", "y"), b = todos "z" }, function(root) root.b:insert(1, root.a:remove(1)) end)
    assert.same({ "move /a/0 /b/0" }, lines)
    lines = edit({ a = list { object { l = list {} }, object { id = 1 } } }, function(root)
      root.a[1].l:insert(root.a:remove(2))
    end)
    assert.same({ "move /a/1 /a/0/l/-" }, lines)
  end)

  it("makes nested structures", function()
    assert.same({ 'add /board {"columns":[{"cards":[]}]}' }, edit({}, function(root)
      root.board = storage.object { columns = storage.list { storage.object { cards = storage.list {} } } }
    end))
  end)

  it("adds a field called liveblocksType by its own pointer", function()
    assert.same({ 'add /a {"b":1}', 'add /a/liveblocksType "x"' }, edit({}, function(root)
      root.a = storage.object { b = 1, liveblocksType = "x" }
    end))
    assert.same({ "add /l/0 {}", 'add /l/0/liveblocksType "x"' }, edit({ l = list {} }, function(root)
      root.l:insert(storage.object { liveblocksType = "x" })
    end))
  end)

  describe("with a LiveText, which has no paths below its own,", function()
    local function note() return text { { "a" }, { "b", json.object { bold = true } } } end
    local guarded = { guard = "values" }

    it("replaces its segments and tests them", function()
      assert.same({ 'test /note [["a"],["b",{"bold":true}]]', 'replace /note [["a"],["c",{"bold":true}]]' },
        edit({ note = note() }, function(root)
          local segments = root.note.data
          segments[2][1] = "c"
          root.note.data = segments
        end, guarded))
      assert.same({ 'replace /note [["new"]]' }, edit({ note = note() }, function(root) root.note.data = "new" end))
      assert.same({ "replace /l/1 []" }, edit({ l = list { 1, note() } }, function(root) root.l[2].data = "" end))
      assert.same({}, edit({ note = note() }, function(root) root.note.data = root.note.data end))
    end)

    it("gives one the segments of a new one that takes its place", function()
      assert.same({ 'replace /note [["new"]]' }, edit({ note = note() }, function(root) root.note = storage.text "new" end))
      assert.same({ 'replace /l/0 [["new"]]' }, edit({ l = list { note() } }, function(root)
        root.l[1] = storage.text "new"
      end))
      assert.same({ 'replace /o/note [["x"]]' }, edit({ o = object { note = note() } }, function(root)
        root.o = storage.object { note = storage.text "x" }
      end))
    end)

    it("removes one before anything else takes its place, which would become its content", function()
      assert.same({ "remove /note", 'add /note "plain"' }, edit({ note = note() }, function(root) root.note = "plain" end))
      assert.same({ "remove /l/0", "add /l/- []" }, edit({ l = list { note() } }, function(root)
        root.l[1] = storage.list {}
      end))
      assert.same({ "remove /note" }, edit({ note = note() }, function(root) root.note = nil end))
    end)

    it("moves one, alone or with what it is in", function()
      assert.same({ "move /note /renamed" }, edit({ note = note() }, function(root)
        root.renamed, root.note = root.note, nil
      end))
      assert.same({ "move /l/1 /l/0" }, edit({ l = list { 1, object { note = note() } } }, function(root) root.l:move(2, 1) end))
      assert.same({ "move /a/0 /b/-" }, edit({ a = list { object { note = note() } }, b = list {} }, function(root)
        root.b:insert(root.a:remove(1))
      end))
      assert.same({ "move /note /new", 'replace /new [["x"]]' }, edit({ note = note() }, function(root)
        root.note.data = "x"
        root.new, root.note = root.note, nil
      end))
    end)

    it("moves two that change places", function()
      assert.same({ "move /a /_a", "move /b /a", "move /_a /b" }, edit({ a = note(), b = text { { "b" } } }, function(root)
        root.a, root.b = root.b, root.a
      end))
      assert.same({ "move /a /__a", "move /b /a", "move /__a /b" },
        edit({ a = object { t = note() }, b = object { t = text { { "b" } } }, _a = 1 }, function(root)
          root.a, root.b = root.b, root.a
        end))
    end)

    it("moves one into a new structure", function()
      assert.same({ "add /doc {}", "move /note /doc/body", 'add /doc/title "t"' }, edit({ note = note() }, function(root)
        root.doc, root.note = storage.object { title = "t", body = root.note }, nil
      end))
      assert.same({ "add /all []", "add /all/- {}", "move /card /all/0/card" },
        edit({ card = object { note = note() } }, function(root)
          root.all, root.card = storage.list { storage.object { card = root.card } }, nil
        end))
      assert.same({ "add /x {}", "move /o /x/o", "move /note /x/o/t" }, edit({ o = object {}, note = note() }, function(root)
        root.o.t, root.note = root.note, nil
        root.x, root.o = storage.object { o = root.o }, nil
      end))
    end)

    it("makes none", function()
      for _, fn in ipairs {
        function(root) root.new = storage.text "x" end, function(root) root.new = storage.object { t = storage.text "x" } end,
        function(root) root.copy = root.note end, function(root) root.title = storage.text "x" end,
        function(root) root.l:insert(storage.text "x") end, function(root) root.l[1] = storage.text "x" end,
        function(root) root.moved, root.note = root.note, storage.text "x" end,
        function(root) root.both = storage.list { root.note, root.note } end,
      } do
        assert.matches("the API has no way to make a LiveText by a patch; set the `data`",
          refused({ note = note(), title = "t", l = list { 1 } }, fn))
      end
    end)
  end)

  newer_it("keeps digits", function()
    assert.same({ "replace /n 9007199254740993" }, edit({ n = 1, f = 0.1 }, function(root) root.n = 9007199254740993 end))
  end)

  it("does not change the document it was read from", function()
    local lson = object { l = todos("a", "b"), p = { 1 } }
    local before = json.encode(lson, { pretty = true })
    local document = storage.open(lson)
    document.root.l[1].id = "z"
    document.root.l:remove(2)
    document.root.p[1] = 2
    storage.patch(document, { allow_conversion = true })
    assert.equal(before, json.encode(lson, { pretty = true }))
  end)
end)

describe("the guards of a patch", function()
  local values = { guard = "values" }

  it("test what was read and what is replaced", function()
    assert.same({ "test /a 1", "test /b 5", "replace /b 6" }, edit({ a = 1, b = 5 }, function(root)
      if root.a == 1 then root.b = 6 end
    end, values))
  end)

  it("test what is removed, whole", function()
    assert.same({ 'test /o {"x":[1]}', "remove /o" }, edit({ o = object { x = list { 1 } } }, function(root)
      root.o = nil
    end, values))
  end)

  it("test that the items on the way are the same, by id where they have one", function()
    assert.same({ 'test /l/1/id "b"', "add /l/1/done true" }, edit({ l = todos("a", "b") }, function(root)
      root.l[2].done = true
    end, values))
    assert.same({ 'test /l/0 {"t":1}', "add /l/0/done true" }, edit({ l = list { object { t = 1 } } }, function(root)
      root.l[1].done = true
    end, values))
  end)

  newer_it("test a list as a whole when most of its items were read", function()
    assert.same({ 'test /l [{"id":"a"},{"id":"b"},{"id":"c"},{"id":"d"},{"id":"e"}]', "add /n 1" },
      edit({ l = todos("a", "b", "c", "d", "e") }, function(root)
        for _, item in ipairs(root.l) do
          if item.id == "none" then return end
        end
        root.n = 1
      end, values))
  end)

  it("leave an append free", function()
    assert.same({ "add /l/- 3" }, edit({ l = list { 1, 2 } }, function(root) root.l:insert(3) end, values))
  end)

  it("test the names and positions that were looked at, when asked to", function()
    local function fn(root)
      if #root.l == 2 and root.m.x == nil then root.n = 2 end
    end
    assert.same({ "add /n 2" }, edit({ l = list { 1, 2 }, m = map { k = 1 } }, fn, values))
    assert.same({ "test /l [1,2]", 'test /m {"k":1}', "add /n 2" },
      edit({ l = list { 1, 2 }, m = map { k = 1 } }, fn, { guard = "structure" }))
  end)

  it("do not repeat what a whole part tests already", function()
    assert.same({ 'test /o {"x":1}', "remove /o" }, edit({ o = object { x = 1 } }, function(root)
      if root.o.x == 1 then root.o = nil end
    end, values))
  end)

  it("notice that another changed the document", function()
    local before = object { l = todos("a", "b"), n = 1 }
    local document = storage.open(before)
    document.root.l[2].done = document.root.n
    local patch = storage.patch(document)
    local function on(other) return (json_patch.apply(value.before(other), patch)) end
    assert.is_table(on(before))
    assert.is_nil(on(object { l = todos("b", "a"), n = 1 }))
    assert.is_nil(on(object { l = todos "b", n = 1 }))
    assert.is_nil(on(object { l = todos("a", "b"), n = 2 }))
  end)
end)

describe("an edit that the API cannot express", function()
  it("is refused where plain JSON would become a Live structure, unless allowed", function()
    local message = refused({ p = { a = 1 } }, function(root) root.p.a = 2 end)
    assert.matches("^/p: the API turns plain objects and lists into LiveObject and LiveList", message)
    assert.matches("^/q: ", refused({}, function(root) root.q = { 1 } end))
    assert.matches("^/q: ", refused({}, function(root) root.q = storage.list { { 1 } } end))
    assert.matches("^/l/1: .* would move it", refused({ l = list { 1, { a = 1 } } }, function(root) root.l:move(2, 1) end))
    assert.same({ 'replace /p {"a":2}' }, edit({ p = { a = 1 } }, function(root) root.p.a = 2 end,
      { guard = "none", allow_conversion = true }))
  end)

  it("leaves plain JSON beside it alone", function()
    assert.same({ "remove /l/0" }, edit({ l = list { 1, { a = 1 } }, p = {} }, function(root) root.l:remove(1) end))
  end)

  it("is refused where a LiveMap would be made or moved, unless allowed", function()
    assert.matches("allow_map", refused({}, function(root) root.m = storage.map { a = 1 } end))
    assert.matches("allow_map", refused({ m = map {} }, function(root) root.n, root.m = root.m, nil end))
    local lines = edit({}, function(root) root.m = storage.map { a = 1 } end, { guard = "none", allow_map = true })
    assert.matches('"liveblocksType":"LiveMap"', lines[1])
  end)

  it("is refused where a part would stand in itself", function()
    assert.matches("contain itself", refused({ a = object {} }, function(root) root.a.a = root.a end))
    assert.matches("contain itself", refused({}, function(root) root.a = root end))
    assert.matches("contain itself", refused({ l = list {} }, function(root) root.l:insert(root) end))
    assert.matches("contain itself", refused({ l = list {} }, function(root) root.l:insert(root.l) end))
    assert.same({ "move /a/b /b", "move /a /b/a" }, edit({ a = object { b = object {} } }, function(root)
      local a, b = root.a, root.a.b
      a.b, root.a, root.b, b.a = nil, nil, b, a
    end))
  end)

  it("comes too late when the document has been sent", function()
    local document = storage.open(object {})
    document.closed = true
    assert.has_error(function() document.root.a = 1 end)
  end)
end)

describe("random edits of random documents", function()
  local count = os.getenv "LBHOST_TEST_GC" and 15 or 2000

  local function check(n, document, before, guard)
    local ok, patch = pcall(storage.patch, document, { allow_conversion = true, allow_map = true, guard = guard })
    if not ok then
      local why = tostring(patch)
      local text_refused = why:find("make a LiveText", 1, true)
      if not text_refused then assert.matches("contain itself", why, ("seed %d"):format(n)) end
      return text_refused and 1 or 0
    end
    local got, why = json_patch.apply(value.before(before), cases.plain_patch(patch))
    if not got or not value.equal(got, value.form(document.replaced or document.root_node, "patch")) then
      error(("seed %d, guard %s: %s"):format(n, guard, why or "another document"))
    end
    return 0
  end

  it("give patches that make exactly the edited document", function()
    local texts = 0
    for n = 1, count do
      local before, change = cases.make(n)
      local text_before = json.encode(before, { pretty = true })
      local document = storage.open(before)
      if pcall(change, document.root) then
        for _, guard in ipairs { "values", "structure", "none" } do
          texts = texts + check(n, document, before, guard)
        end
      end
      assert.equal(text_before, json.encode(before, { pretty = true }))
    end
    assert.is_true(texts < count / 10, ("%d of %d refused for a LiveText"):format(texts, count * 3))
  end)

  it("turn any document into any other", function()
    for n = 1, count do
      local before, after = cases.document(n), cases.without_texts(cases.document(n + 1))
      local patch = storage.diff(before, after, { allow_conversion = true, allow_map = true })
      local got, why = json_patch.apply(value.before(before), cases.plain_patch(patch))
      if not got or not value.equal(got, value.before(after)) then error(("seed %d: %s"):format(n, why or "differs")) end
    end
  end)
end)

describe("the alignment of two lists", function()
  it("is as long as can be", function()
    local kept = align.lists({ "a", "b", "a", "c" }, { "b", "a", "a", "c" })
    local n = 0
    for j, i in pairs(kept) do
      n = n + 1
      assert.equal(({ "a", "b", "a", "c" })[i], ({ "b", "a", "a", "c" })[j])
    end
    assert.equal(3, n)
  end)

  newer_it("does not cost more than the lists are longer", function()
    local function reversed(count)
      local a, b = {}, {}
      for i = 1, count do a[i], b[count + 1 - i] = i % math.floor(count / 3), i % math.floor(count / 3) end
      return instructions(align.lists, a, b)
    end
    local growth = reversed(8000) / reversed(2000)
    assert.is_true(growth < 6, ("%g times for four times as long"):format(growth))
  end)
end)
