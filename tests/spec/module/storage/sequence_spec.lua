-- A sequence is compared with a plain array after each of many random edits.
require "liveblocks"
local sequence = require "liveblocks.storage.sequence"

local SEED = tonumber(os.getenv "LBHOST_SEED" or 1)

local function new_item(i) return { i } end

local function check(s, model, tracked)
  assert.equal(#model, s.n)
  for position = 1, #model do
    assert.equal(model[position], s:get(position))
    if tracked then assert.equal(position, s:index_of(model[position])) end
  end
end

-- How likely a position near an end is, in percent: insertions there split and empty the outer nodes.
local function position_of(most)
  local chance = math.random(100)
  if chance <= 15 then return 1 end
  if chance <= 30 then return most end
  return math.random(most)
end

local function edit(s, model, tracked, inserts, made)
  local kind = math.random(100)
  if #model == 0 or kind <= inserts then
    local position, item = position_of(#model + 1), new_item(made)
    table.insert(model, position, item)
    s:insert(position, item)
  elseif kind <= 90 then
    local position = position_of(#model)
    assert.equal(table.remove(model, position), s:remove(position))
  elseif kind <= 96 then
    local position, item = position_of(#model), new_item(made)
    local before = model[position]
    model[position] = item
    s:set(position, item)
    if tracked then assert.is_nil(s:index_of(before)) end
  elseif tracked then
    local position = position_of(#model)
    assert.equal(position, s:index_of(model[position]))
  elseif kind == 97 then
    assert.same(model, s:array())
  end
end

describe("a sequence", function()
  for name, tracked in pairs { ["of anything"] = false, ["that knows the positions of its items"] = true } do
    for _, start in ipairs { 0, 1, 64, 65, 3000 } do
      it(("%s is what an array would be, from %d items"):format(name, start), function()
        math.randomseed(SEED + start)
        local model, given = {}, {}
        for i = 1, start do
          model[i] = new_item(i)
          given[i] = model[i]
        end
        local s = sequence.of(given, tracked)
        for round, inserts in ipairs { 70, 10, 60, 45, 2 } do -- grows, shrinks, and ends almost empty
          for i = 1, 1200 do edit(s, model, tracked, inserts, round * 10000 + i) end
          check(s, model, tracked)
        end
        while model[1] do assert.equal(table.remove(model), s:remove(s.n)) end
        check(s, model, tracked)
        s:insert(1, new_item(1))
        assert.equal(1, s.n)
        assert.same({ new_item(1) }, s:array())
      end)
    end
  end
end)
