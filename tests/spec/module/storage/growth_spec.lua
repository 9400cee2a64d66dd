-- How the work of an edit grows with the document: never faster than n log n.
local storage = require("liveblocks").storage
local json = require "liveblocks.json"
local live = require "tests.support.live"
local outcome = require "liveblocks.storage.outcome"
local sequence = require "liveblocks.storage.sequence"
local steps = require "tests.support.steps"

local MAX_GROWTH = 6 -- for four times as many items; n log n is 4.8

local object, list = live.object, live.list

local function todos(n, tag)
  local items = {}
  for i = 1, n do items[i] = object { id = tag .. i, done = false, rank = i * 7919 % 100003 } end
  return list(items)
end

local documents = {
  objects = function(n) return object { l = todos(n, "a"), other = todos(n, "b") } end,
  anonymous = function(n)
    local items = {}
    for i = 1, n do items[i] = object { text = "t" .. i } end
    return object { l = list(items) }
  end,
  equal = function(n)
    local items = {}
    for i = 1, n do items[i] = i % 2 end
    return object { l = list(items) }
  end,
  fields = function(n)
    local data = {}
    for i = 1, n do data["f" .. i] = i % 3 end
    return object(data)
  end,
  texts = function(n)
    local items = {}
    for i = 1, n do
      items[i] = object { t = { liveblocksType = "LiveText", data = json.array { json.array { "t" .. i } } } }
    end
    return object { l = list(items) }
  end,
}

local function item(i) return storage.object { id = "new" .. i, done = false } end

local edits = {
  { "changes one item", "objects", function(root) root.l[#root.l // 2].done = true end },
  { "changes one in a hundred", "objects", function(root)
    for i = 1, #root.l, 100 do root.l[i].done = true end
  end },
  { "changes all", "objects", function(root)
    for _, one in ipairs(root.l) do one.done = true end
  end },
  { "looks at all", "objects", function(root)
    local sum = 0
    for _, one in ipairs(root.l) do sum = sum + one.rank end
    root.sum = sum
  end },
  { "inserts all over", "objects", function(root)
    for i = #root.l, 1, -5 do root.l:insert(i, item(i)) end
  end },
  { "inserts at one place", "objects", function(root)
    for i = 1, #root.other do root.l:insert(#root.l // 2, item(i)) end
  end },
  { "inserts in front", "objects", function(root)
    for i = 1, #root.other do root.l:insert(1, item(i)) end
  end },
  { "appends", "objects", function(root)
    for i = 1, #root.other do root.l:insert(item(i)) end
  end },
  { "removes every second", "objects", function(root)
    for i = #root.l, 1, -2 do root.l:remove(i) end
  end },
  { "removes all, from the front", "objects", function(root)
    for _ = 1, #root.l do root.l:remove(1) end
  end },
  { "moves all over", "objects", function(root)
    local n = #root.l
    for i = 1, n do root.l:move(i, i * 7919 % n + 1) end
  end },
  { "sorts", "objects", function(root) table.sort(root.l, function(a, b) return a.rank < b.rank end) end },
  { "reverses", "objects", function(root)
    local l, n = root.l, #root.l
    for i = 1, n // 2 do l[i], l[n + 1 - i] = l[n + 1 - i], l[i] end
  end },
  { "carries every second into another list", "objects", function(root)
    for i = #root.l, 1, -2 do root.other:insert(i, root.l:remove(i)) end
  end },
  { "puts another list in its place", "objects", function(root)
    local kept = {}
    for i, one in ipairs(root.l) do
      if i % 3 > 0 then kept[#kept + 1] = one end
    end
    root.l = storage.list(kept)
  end },
  { "writes items without an id again", "anonymous", function(root)
    local again = {}
    for i, one in ipairs(root.l) do again[i] = storage.object { text = one.text } end
    root.l = storage.list(again)
  end },
  { "moves equal scalars", "equal", function(root)
    for _ = 1, #root.l // 2 + 1 do root.l:insert(root.l:remove(1)) end
  end },
  { "replaces equal scalars", "equal", function(root)
    for i = 1, #root.l do root.l[i] = i % 5 == 0 and "x" or root.l[i] end
  end },
  { "changes all fields", "fields", function(root)
    for name in pairs(root) do root[name] = "x" end
  end },
  { "renames fields with equal values", "fields", function(root)
    for name, value in pairs(root) do root["new" .. name], root[name] = value, nil end
  end },
  { "boxes objects with a LiveText", "texts", function(root)
    local boxes = {}
    for i, one in ipairs(root.l) do boxes[i] = storage.object { inner = one } end
    root.boxes, root.l = storage.list(boxes), nil
  end },
  { "sets texts", "texts", function(root)
    for _, one in ipairs(root.l) do one.t.data = "x" end
  end },
}

describe("the work of an edit that", function()
  local n = os.getenv "LBHOST_TEST_GC" and 200 or 500

  for _, edit in ipairs(edits) do
    it(edit[1] .. " grows with what it edits", function()
      local growth = steps.growth(function(size)
        local lson = documents[edit[2]](size)
        return function()
          local document = storage.open(lson)
          edit[3](document.root)
          storage.patch(document, { guard = "values" })
        end
      end, n)
      assert.is_true(growth < MAX_GROWTH, ("%.1f times the work for 4 times the items"):format(growth))
    end)
  end

  it("compares two documents grows with them", function()
    local growth = steps.growth(function(size)
      local before, after = documents.objects(size), documents.objects(size)
      for i = 1, size, 2 do after.data.l.data[i].data.done = true end
      return function() assert.equal(size, 2 * #storage.diff(before, after, { guard = "none" })) end
    end, n)
    assert.is_true(growth < MAX_GROWTH, ("%.1f"):format(growth))
  end)

  it("changes one thing deep inside grows with the depth", function()
    local growth = steps.growth(function(depth)
      local lson = object { x = 1 }
      for _ = 1, depth do lson = object { a = lson } end
      return function()
        local document = storage.open(lson)
        local at = document.root
        while at.a do at = at.a end
        at.x = 2
        assert.equal(2, #storage.patch(document))
      end
    end, 50)
    assert.is_true(growth < MAX_GROWTH, ("%.1f"):format(growth))
  end)

  it("is checked afterwards grows with the patch", function()
    local growth = steps.growth(function(size)
      local lson = documents.objects(size)
      local document = storage.open(lson)
      for i = #document.root.l, 1, -2 do document.root.l:remove(i) end
      local patch = storage.patch(document, { guard = "none" })
      return function() assert.equal("not made", outcome.check(outcome.snapshot(patch, lson), lson)) end
    end, n)
    assert.is_true(growth < MAX_GROWTH, ("%.1f"):format(growth))
  end)

  it("only looks takes less than one that changes what it looks at", function()
    local lson = documents.objects(n)
    local function work(fn)
      local document = storage.open(lson)
      fn(document.root)
      return steps.of(function() storage.patch(document) end)
    end
    local changing = work(edits[3][3])
    local looking = work(edits[4][3])
    assert.equal("changes all", edits[3][1])
    assert.is_true(looking < changing, ("%d of %d"):format(looking, changing))
  end)
end)

describe("a sequence", function()
  -- What the same calls do to a plain array.
  it("holds what an array holds, wherever items go in and out", function()
    local random = 7
    local function pick(most)
      random = (random * 1103515245 + 12345) % 2147483648
      return random // 65536 % most + 1
    end
    for _, tracked in ipairs { false, true } do
      local items, plain = sequence.of({}, tracked), {}
      for round = 1, 6000 do
        local what = pick(10)
        if what <= (round < 3500 and 7 or 2) then
          local at, one = pick(#plain + 1), tracked and {} or round
          items:insert(at, one)
          table.insert(plain, at, one)
        elseif what <= 9 and plain[1] then
          local at = pick(#plain)
          assert.equal(table.remove(plain, at), items:remove(at))
        elseif plain[1] then
          local at, one = pick(#plain), tracked and {} or -round
          items:set(at, one)
          plain[at] = one
        end
        assert.equal(#plain, items.n)
        local at = plain[1] and pick(#plain)
        if at then
          assert.equal(plain[at], items:get(at))
          if tracked then assert.equal(at, items:index_of(plain[at])) end
        end
        if round % 1000 == 0 then
          local all = items:array()
          assert.equal(#plain, #all)
          for i = 1, #plain do assert.equal(plain[i], all[i]) end
        end
      end
      if tracked then assert.is_nil(items:index_of {}) end
      while items.n > 0 do items:remove(pick(items.n)) end
      items:insert(1, plain)
      assert.equal(plain, items:get(1))
    end
  end)

  it("is counted as quadratic while it is an array, so that the growth above is seen", function()
    local growth = steps.growth(function(size)
      return function()
        local array = {}
        for i = 1, size do table.insert(array, 1, i) end
      end
    end, 500)
    assert.is_true(growth > 10, tostring(growth))
  end)
end)
