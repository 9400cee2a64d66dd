require "liveblocks"
local cases = require "tests.support.storage_cases"
local json = require "liveblocks.json"
local live = require "tests.support.live"
local outcome = require "liveblocks.storage.outcome"
local storage = require "liveblocks.storage"
local value = require "liveblocks.storage.value"

local object, list = live.object, live.list
local function decode(text) return json.decode(text) end

describe("the outcome of a patch whose response was lost", function()
  local function document(n, o, l, other) return object { n = n, o = object(o), l = list(l), other = other } end
  local before = document(1, { a = 1, b = 2 }, { 1, 2, 3 }, 0)
  local after = document(2, { a = 1, c = 2 }, { 2, 3, 4 }, 0)
  local patch = decode [[ [{"op":"test","path":"/other","value":0}, {"op":"replace","path":"/n","value":2},
    {"op":"move","from":"/o/b","path":"/o/c"}, {"op":"remove","path":"/l/0"}, {"op":"add","path":"/l/-","value":4}] ]]
  -- As it is after it was kept.
  local snapshot = decode(json.encode(outcome.snapshot(patch, before)))

  it("is found by what it changes, lists as a whole", function()
    local paths = {}
    for i, place in ipairs(snapshot.places) do paths[i] = place.path end
    assert.same({ "/n", "/o/c", "/o/b", "/l" }, paths)
    assert.same({ 1, nil, 2, list { 1, 2, 3 } }, { snapshot.places[1].before, nil, snapshot.places[3].before,
      snapshot.places[4].before })
  end)

  it("is made or not made, whatever others have changed beside it", function()
    assert.equal("made", outcome.check(snapshot, after))
    assert.equal("not made", outcome.check(snapshot, before))
    assert.equal("made", outcome.check(snapshot, document(2.0, { x = 9, c = 2 }, { 2, 3, 4 }, 7)))
    assert.equal("not made", outcome.check(snapshot, document(1, { b = 2 }, { 1, 2, 3 })))
  end)

  it("is unknown when others have changed the same places", function()
    assert.equal("unknown", outcome.check(snapshot, document(3, { a = 1, c = 2 }, { 2, 3, 4 })))
    assert.equal("unknown", outcome.check(snapshot, document(2, { a = 1, b = 2 }, { 1, 2, 3 })))
    assert.equal("unknown", outcome.check(snapshot, document(2, { a = 1, c = 2 }, { 2, 3, 4, 5 })))
    assert.equal("unknown", outcome.check(snapshot, object {}))
  end)

  it("does not take an empty list for an empty object, nor an absent value for null", function()
    local one = outcome.snapshot(decode '[{"op":"add","path":"/t","value":[]}]', object {})
    assert.equal("made", outcome.check(one, object { t = list {} }))
    assert.equal("unknown", outcome.check(one, object { t = object {} }))
    assert.equal("unknown", outcome.check(one, object { t = json.null }))
    assert.equal("not made", outcome.check(one, object {}))
  end)

  it("keeps a part once, and nothing of the rest", function()
    local kept = outcome.snapshot(decode [[ [{"op":"replace","path":"/l/0","value":7}, {"op":"remove","path":"/l/1"},
      {"op":"add","path":"/l/-","value":{"a":1}}] ]], before)
    assert.same({ "/l" }, { kept.places[1].path, kept.places[2] })
    assert.equal(before.data.l, kept.places[1].before)
  end)

  it("keeps plain JSON whole, also when it looks like a Live structure inside", function()
    local function with(x) return object { plain = { inner = { liveblocksType = "LiveObject", data = { x = x } } } } end
    local one = outcome.snapshot(decode '[{"op":"replace","path":"/plain/inner/data/x","value":2}]', with(1))
    assert.equal("/plain", one.places[1].path)
    assert.equal("not made", outcome.check(one, with(1)))
    assert.equal("made", outcome.check(one, with(2)))
  end)

  it("leaves the document that was read as it is", function()
    local text = json.encode(before, { pretty = true })
    outcome.check(outcome.snapshot(patch, before), after)
    assert.equal(text, json.encode(before, { pretty = true }))
  end)

  it("is found for random edits of random documents", function()
    local found = 0
    for n = 1, os.getenv "LBHOST_TEST_GC" and 15 or 1500 do
      local read, change = cases.make(n)
      local edited = storage.open(read)
      local ok, made = pcall(function()
        change(edited.root)
        return storage.patch(edited, { allow_conversion = true, allow_map = true })
      end)
      if ok and made[1] then
        local now = value.form(edited.replaced or edited.root_node, "lson")
        local kept = decode(json.encode(outcome.snapshot(made, read)))
        local same = value.equal(value.before(read), value.before(now))
        assert.equal("made", outcome.check(kept, now), "seed " .. n)
        if not same then
          assert.equal("not made", outcome.check(kept, read), "seed " .. n)
          found = found + 1
        end
      end
    end
    assert.is_true(found > 5)
  end)
end)
