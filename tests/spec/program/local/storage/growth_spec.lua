-- How the work of a JSON Patch grows with its size and with the document: never faster than n log n, also when it is made to
-- do harm.
local responses = require "lbhost.local.http.response"
local document = require "lbhost.local.storage.document"
local json = require "liveblocks.json"
local json_patch = require "lbhost.local.storage.json_patch"
local live_text = require "lbhost.local.storage.live_text"
local positions = require "lbhost.local.storage.positions"
local steps = require "tests.support.steps"
local storage_ops = require "lbhost.local.storage.operations"

local MAX_GROWTH <const> = 6 -- for four times as much; n log n is 4.8

local function open(content)
  local doc = document.open(document.empty())
  json_patch.apply(doc, { { op = "replace", path = "", value = content } })
  return doc
end

local function numbers(n)
  local list = json.array {}
  for i = 1, n do list[i] = { id = i } end
  return list
end

-- n operations, each made by op(i).
local function patch_of(n, op)
  local patch = {}
  for i = 1, n do patch[i] = op(i) end
  return patch
end

local function add(path, value) return { op = "add", path = path, value = value } end
local function remove(path) return { op = "remove", path = path } end
local function move(from, path) return { op = "move", from = from, path = path } end

-- Each makes a document of size n and a patch of n operations for it.
local cases = {
  { "inserts in front", function(n) return { l = numbers(n) }, patch_of(n, function(i) return add("/l/0", i) end) end },
  { "inserts in the middle, always at one place", function(n)
    return { l = numbers(n) }, patch_of(n, function(i) return add("/l/" .. n // 2, i) end)
  end },
  { "appends", function(n) return { l = numbers(n) }, patch_of(n, function(i) return add("/l/-", { i = i }) end) end },
  { "inserts all over", function(n)
    return { l = numbers(n) }, patch_of(n, function(i) return add("/l/" .. i * 7919 % n, i) end)
  end },
  { "removes from the front", function(n) return { l = numbers(n) }, patch_of(n, function() return remove "/l/0" end) end },
  { "removes every second", function(n)
    return { l = numbers(n) }, patch_of(n // 2, function(i) return remove("/l/" .. i - 1) end)
  end },
  { "moves items", function(n)
    return { l = numbers(n) }, patch_of(n, function(i) return move("/l/" .. i - 1, "/l/" .. i * 7919 % n) end)
  end },
  { "replaces items", function(n)
    return { l = numbers(n) }, patch_of(n, function(i) return { op = "replace", path = "/l/" .. i - 1, value = {} } end)
  end },
  { "replaces one key", function(n)
    return { k = 1 }, patch_of(n, function(i) return { op = "replace", path = "/k", value = { i = i } } end)
  end },
  { "adds and removes one key", function(n)
    return {}, patch_of(n, function(i) return i % 2 == 1 and add("/k", { a = { b = i } }) or remove "/k" end)
  end },
  { "moves a large part to and fro", function(n)
    return { a = numbers(n) }, patch_of(n, function(i) return i % 2 == 1 and move("/a", "/b") or move("/b", "/a") end)
  end },
  { "moves a large item within its list", function(n)
    return { l = json.array { 1, { large = numbers(n) }, 3 } }, patch_of(n, function(i)
      return i % 2 == 1 and move("/l/1", "/l/0") or move("/l/0", "/l/1")
    end)
  end },
  { "tests one value", function(n)
    return { l = numbers(n) }, patch_of(n, function() return { op = "test", path = "/l/0/id", value = 1 } end)
  end },
  { "adds to what it has added", function(n)
    local depth = 100
    local path = ("/a"):rep(depth)
    return {}, patch_of(n + depth, function(i)
      if i <= depth then return add(("/a"):rep(i), {}) end
      return add(path .. "/f" .. i, {})
    end)
  end },
  { "copies a part", function(n)
    return { a = { 1, 2 } }, patch_of(n, function(i) return { op = "copy", from = "/a", path = "/c" .. i } end)
  end },
}

describe("the work of a patch that", function()
  local n = os.getenv "LBHOST_TEST_GC" and 200 or 500

  for _, case in ipairs(cases) do
    it(case[1] .. " grows with patch and document", function()
      local growth = steps.growth(function(size)
        local content, patch = case[2](size)
        local doc = open(content)
        return function() json_patch.apply(doc, patch) end
      end, n)
      assert.is_true(growth < MAX_GROWTH, ("%.1f times the work for 4 times as much"):format(growth))
    end)

    it(case[1] .. " and is refused in the end grows as well", function()
      local growth = steps.growth(function(size)
        local content, patch = case[2](size)
        local doc = open(content)
        patch[#patch + 1] = remove "/not/there"
        return function()
          local ok, err = pcall(json_patch.apply, doc, patch)
          assert.is_false(ok)
          assert.is_true(responses.is_failure(err), tostring(err))
        end
      end, n)
      assert.is_true(growth < MAX_GROWTH, ("%.1f times the work for 4 times as much"):format(growth))
      local content, patch = case[2](n)
      local doc = open(content)
      local before = json.encode(doc.saved, { pretty = true })
      patch[#patch + 1] = remove "/not/there"
      pcall(json_patch.apply, doc, patch)
      doc.saved.last_id = json.decode(before).last_id -- numbers are not given twice
      assert.equal(before, json.encode(doc.saved, { pretty = true }))
    end)
  end

  it("nests deeper and deeper grows with its bytes", function()
    local function work(depth)
      local patch = patch_of(depth, function(i) return add(("/a"):rep(i), {}) end)
      local doc = open {}
      return steps.of(function() json_patch.apply(doc, patch) end) / #json.encode(json.array(patch))
    end
    assert.is_true(work(400 - 2) / work(100) < 1.5)
  end)

  it("changes one item of a long list does not grow with the list", function()
    local growth = steps.growth(function(size)
      local doc = open { l = numbers(size) }
      return function()
        json_patch.apply(doc, { add("/l/-", 1), add("/l/10", 2), remove "/l/11", { op = "replace", path = "/l/5/id", value = 7 } })
      end
    end, 2000)
    assert.is_true(growth < 5, tostring(growth)) -- inserting shifts what comes after, once
  end)

  for name, change in pairs {
    ["inserts into a text"] = function(i) return { type = "insert", index = i * 5, text = "x😀" } end,
    ["deletes from a text"] = function(i) return { type = "delete", index = i, length = 3 } end,
    ["formats a text"] = function(i) return { type = "format", index = i * 7, length = 5, attributes = { bold = i % 2 == 0 } } end,
  } do
    it(name .. " grows with the text and its changes", function()
      local growth = steps.growth(function(size)
        local data, changes = json.array { json.array { ("text 😀 "):rep(size * 2) } }, patch_of(size, change)
        return function() live_text.apply(data, changes) end
      end, n)
      assert.is_true(growth < MAX_GROWTH, tostring(growth))
    end)
  end

  it("changes a text without having seen very many other changes is refused", function()
    local doc = document.open(document.empty())
    storage_ops.apply(doc, { { opId = "1:1", type = 9, id = "1:1", parentId = "root", parentKey = "t", version = 0,
      data = json.array { json.array { "a" } } } })
    local function send(count, base)
      local changes = patch_of(count, function() return { type = "insert", index = 0, text = "x" } end)
      return storage_ops.apply(doc, { { opId = "1:2", type = 10, id = "1:1", baseVersion = base, ops = changes } })
    end
    send(1200, 0)
    local replies = send(1200, 0)
    assert.equal("LiveText operation base version is too old", replies[1][1].reason)
    assert.equal(1, doc.nodes["1:1"].version)
    send(1200, 1)
    assert.equal(2401, #doc.nodes["1:1"].data[1][1])
  end)

  it("sends operations to one list grows with them", function()
    local growth = steps.growth(function(size)
      local doc, ops = open { l = numbers(size) }, {}
      local list = doc.root.children.l
      local last = list.items[#list.items].key
      for i = 1, size do
        local key = positions.after(last)
        last = key
        ops[i] = { opId = "1:" .. i, type = 8, id = "1:" .. i, parentId = list.id, parentKey = key, data = i, intent = "push" }
        ops[size + i] = { opId = "2:" .. i, type = 5, id = list.items[i].id }
      end
      return function() storage_ops.apply(doc, ops) end
    end, n)
    assert.is_true(growth < MAX_GROWTH, tostring(growth))
  end)
end)

describe("positions", function()
  it("of many items at one place stay short and in order", function()
    local doc = open { l = numbers(3) }
    local list = doc.root.children.l
    for round = 1, 5 do
      json_patch.apply(doc, patch_of(1000, function(i) return add(round % 2 == 0 and "/l/1" or "/l/" .. i, i) end))
    end
    json_patch.apply(doc, patch_of(1000, function(i) return add("/l/0", i) end))
    assert.equal(6003, #list.items)
    local widest = 0
    for i, item in ipairs(list.items) do
      assert.is_true(positions.is_valid(item.key))
      assert.is_true(i == 1 or list.items[i - 1].key < item.key)
      widest = math.max(widest, #item.key)
    end
    assert.is_true(widest < 30, tostring(widest))
  end)

  it("are all replaced when one of them has become too long", function()
    local doc = open { l = numbers(2) }
    local list = doc.root.children.l
    for i = 1, 2000 do json_patch.apply(doc, { add("/l/1", i) }) end
    local widest = 0
    for i, item in ipairs(list.items) do
      assert.is_true(i == 1 or list.items[i - 1].key < item.key)
      widest = math.max(widest, #item.key)
    end
    assert.is_true(widest <= 128, tostring(widest))
    assert.equal(2000, list.items[2].data)
    assert.equal(1, list.items[2001].data)
  end)
end)
