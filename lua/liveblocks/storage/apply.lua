--- Applies operations of a patch to a document as a patch sees it (RFC 6902, without `test`).
local json = require "liveblocks.json"
local node = require "liveblocks.storage.node"
local pointer = require "liveblocks.storage.pointer"

-- A value given in a patch as the document has it: text and files stay marked, other Live structures are what they hold.
local function taken(given)
  if type(given) ~= "table" then return given end
  local shape = node.kinds[node.kind_of(given)]
  if shape and shape ~= "leaf" then given = given.data end
  local out = node.is_array(given) and json.array {} or json.object {}
  for key, item in pairs(given) do
    if shape == "leaf" then out[key] = item else out[key] = taken(item) end
  end
  return out
end

-- The container that a pointer's last step is in, and its key there.
local function find(root, path)
  local steps = pointer.split(path)
  local at = root[1]
  for i = 1, #steps do
    local key = steps[i]
    if type(at) ~= "table" then error("nothing at " .. path, 0) end
    if node.is_array(at) then key = key == "-" and #at + 1 or (math.tointeger(tonumber(key)) or -1) + 1 end
    if i == #steps then return at, key end
    at = at[key]
  end
  return root, 1
end

local function add(root, path, item)
  local container, key = find(root, path)
  if container ~= root and node.is_array(container) then return table.insert(container, key, item) end
  container[key] = item
end

local function remove(root, path)
  local container, key = find(root, path)
  local item = container[key]
  if item == nil then error("nothing at " .. path, 0) end
  if container ~= root and node.is_array(container) then table.remove(container, key) else container[key] = nil end
  return item
end

local operations = {
  add = function(root, op) add(root, op.path, taken(op.value)) end,
  replace = function(root, op)
    local container, key = find(root, op.path)
    container[key] = taken(op.value)
  end,
  remove = function(root, op) remove(root, op.path) end,
  move = function(root, op) add(root, op.path, remove(root, op.from)) end,
  copy = function(root, op)
    local container, key = find(root, op.from)
    add(root, op.path, taken(container[key]))
  end,
}

--- Returns the changed document; raises when an operation has no place in it.
---@param document any is changed
---@param patch table[]
---@return any
return function(document, patch)
  local root = { document }
  for _, op in ipairs(patch) do
    if op.op ~= "test" then operations[op.op](root, op) end
  end
  return root[1]
end
