-- A small RFC 6902: applies a patch to a JSON value, or says which operation failed.
local json = require "liveblocks.json"
local pointer = require "liveblocks.storage.pointer"
local value = require "liveblocks.storage.value"

local patch = {}

local function is_list(t) return getmetatable(t) == json.array_mt end

local function copy(v)
  if type(v) ~= "table" then return v end
  local out = setmetatable({}, getmetatable(v))
  for k, item in pairs(v) do out[k] = copy(item) end
  return out
end
patch.copy = copy

-- The key of a step in a container: nil when there is no such member (`one_more` allows the index after the last).
local function key_of(container, step, one_more)
  if type(container) ~= "table" then error("a scalar on the way", 0) end
  if not is_list(container) then return step end
  if step == "-" then return one_more and #container + 1 or error("- names no item", 0) end
  if not (step == "0" or step:find "^[1-9]%d*$") then error("no position: " .. step, 0) end
  local index = math.tointeger(step) + 1
  if index > #container + (one_more and 1 or 0) then error("no such position: " .. step, 0) end
  return index
end

local function find(root, path, one_more)
  local steps = pointer.split(path)
  local at = root
  for i = 1, #steps - 1 do
    at = at[key_of(at, steps[i])]
    if at == nil then error("no parent: " .. path, 0) end
  end
  return at, #steps > 0 and key_of(at, steps[#steps], one_more) or nil
end

local function get(root, path)
  if path == "" then return root end
  local container, key = find(root, path)
  local found = container[key]
  if found == nil then error("no value: " .. path, 0) end
  return found
end

local function add(root, path, v)
  if path == "" then return v end
  local container, key = find(root, path, true)
  if is_list(container) then table.insert(container, key, v) else container[key] = v end
  return root
end

local function remove(root, path)
  get(root, path)
  local container, key = find(root, path)
  if is_list(container) then table.remove(container, key) else container[key] = nil end
  return root
end

local operations = {
  add = function(root, op) return add(root, op.path, copy(op.value)) end,
  remove = function(root, op) return remove(root, op.path) end,
  replace = function(root, op)
    get(root, op.path)
    if op.path == "" then return copy(op.value) end
    local container, key = find(root, op.path)
    container[key] = copy(op.value)
    return root
  end,
  move = function(root, op)
    if (op.path .. "/"):sub(1, #op.from + 1) == op.from .. "/" and op.path ~= op.from then error("into itself", 0) end
    local v = get(root, op.from)
    return add(remove(root, op.from), op.path, v)
  end,
  copy = function(root, op) return add(root, op.path, copy(get(root, op.from))) end,
  test = function(root, op)
    if not value.equal(get(root, op.path), op.value) then error("test failed: " .. op.path, 0) end
    return root
  end,
}

--- Returns the changed document, or nil and what failed; the document given stays as it is.
function patch.apply(document, list)
  local root = copy(document)
  for i, op in ipairs(list) do
    local ok, result = pcall(operations[op.op], root, op)
    if not ok then return nil, ("operation %d (%s %s): %s"):format(i, op.op, op.path, tostring(result)) end
    root = result
  end
  return root
end

return patch
