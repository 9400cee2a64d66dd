--- Applies operations of a patch to a document as a patch sees it (RFC 6902, without `test`).
local json = require "liveblocks.json"
local node = require "liveblocks.storage.node"
local pointer = require "liveblocks.storage.pointer"
local sequence = require "liveblocks.storage.sequence"

-- A value given in a patch as the document has it: files stay marked, other Live structures are what they hold.
local function taken(given)
  if type(given) ~= "table" then return given end
  local shape = node.kinds[node.kind_of(given)]
  if shape and given.liveblocksType ~= "LiveFile" then return taken(given.data) end
  local out = node.is_array(given) and json.array {} or json.object {}
  for key, item in pairs(given) do
    if shape then out[key] = item else out[key] = taken(item) end
  end
  return out
end

---@class liveblocks.storage.Patched
---@field root table a table with the document as its only entry
---@field lists table<table, liveblocks.storage.Sequence> the items of lists that operations went into
local Patched = {}
Patched.__index = Patched

function Patched:items(list)
  local items = self.lists[list]
  if not items then
    items = sequence.of(list)
    self.lists[list] = items
  end
  return items
end

-- The container that a pointer's last step is in (a sequence for a list), and its key there.
function Patched:find(path)
  local steps = pointer.split(path)
  local at, is_list, key = self.root, false, 1
  for i = 1, #steps do
    local inner
    if is_list then inner = at:get(key) else inner = at[key] end
    if type(inner) ~= "table" then error("nothing at " .. path, 0) end
    at, key, is_list = inner, steps[i], node.is_array(inner)
    if is_list then
      at = self:items(inner)
      key = key == "-" and at.n + 1 or (math.tointeger(tonumber(key)) or -1) + 1
      if key < 1 or key > at.n + 1 then error("nothing at " .. path, 0) end
    end
  end
  return at, key, is_list
end

function Patched:get(path)
  local container, key, is_list = self:find(path)
  local item
  if is_list then item = container:get(key) else item = container[key] end
  if item == nil then error("nothing at " .. path, 0) end
  return item
end

function Patched:add(path, item)
  local container, key, is_list = self:find(path)
  if is_list then container:insert(key, item) else container[key] = item end
end

function Patched:remove(path)
  local item = self:get(path)
  local container, key, is_list = self:find(path)
  if is_list then container:remove(key) else container[key] = nil end
  return item
end

function Patched:replace(path, item)
  self:get(path)
  local container, key, is_list = self:find(path)
  if is_list then container:set(key, item) else container[key] = item end
end

-- Lists are tables with their items again.
function Patched:finish()
  for list, items in pairs(self.lists) do
    local array = items:array()
    if array ~= list then
      for i = 1, math.max(#list, #array) do list[i] = array[i] end
    end
  end
  return self.root[1]
end

local operations = {
  add = function(patched, op) patched:add(op.path, taken(op.value)) end,
  replace = function(patched, op) patched:replace(op.path, taken(op.value)) end,
  remove = function(patched, op) patched:remove(op.path) end,
  move = function(patched, op) patched:add(op.path, patched:remove(op.from)) end,
  copy = function(patched, op) patched:add(op.path, taken(patched:get(op.from))) end,
}

--- Returns the changed document; raises when an operation cannot be applied.
---@param document any is changed
---@param patch table[]
---@return any
return function(document, patch)
  local patched = setmetatable({ root = { document }, lists = {} }, Patched)
  for _, op in ipairs(patch) do
    if op.op ~= "test" then operations[op.op](patched, op) end
  end
  return patched:finish()
end
