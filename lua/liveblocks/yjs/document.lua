--- A Yjs document, put together from structs: items find their place by YATA, the algorithm of Yjs, in whatever order they
--- arrive.
---
--- A shared type is { start = first item of its list, map = { key = last item }, kind, name }; an item is
--- { client, clock, length, kind, content, origin, right_origin, left, right, parent, sub, deleted }.
local update = require "liveblocks.yjs.update"

local document = {}

---@class liveblocks.yjs.Document
---@field roots table<string, table> shared types by their names
---@field names string[] in the order in which they came up
local Document = {}
Document.__index = Document

local function new_type(kind, name)
  return { kind = kind, name = name, map = {} }
end

-- ---- Finding and splitting -----------------------------------------------------------------------

-- The place of the item of a client that holds a clock.
local function place_of(list, clock)
  local low, high = 1, #list
  while low < high do
    local middle = math.floor((low + high + 1) / 2)
    if list[middle].clock <= clock then low = middle else high = middle - 1 end
  end
  return low
end

local function split(self, item, count)
  local list = self.items[item.client]
  local rest = { client = item.client, clock = item.clock + count, length = item.length - count, kind = item.kind,
    deleted = item.deleted }
  if item.kind ~= "gc" then
    rest.origin = { client = item.client, clock = item.clock + count - 1 }
    rest.right_origin, rest.parent, rest.sub = item.right_origin, item.parent, item.sub
    item.content, rest.content = update.split(item.kind, item.content, count)
    rest.left, rest.right = item, item.right
    if rest.right then
      rest.right.left = rest
    elseif rest.sub and rest.parent then
      rest.parent.map[rest.sub] = rest
    end
    item.right = rest
  end
  item.length = count
  table.insert(list, place_of(list, item.clock) + 1, rest)
  return rest
end

local function item_at(self, id)
  local list = self.items[id.client]
  return list[place_of(list, id.clock)]
end

-- The item that begins at an id.
local function starting_at(self, id)
  local item = item_at(self, id)
  if item.clock == id.clock then return item end
  return split(self, item, id.clock - item.clock)
end

-- The item that ends with an id.
local function ending_at(self, id)
  local item = item_at(self, id)
  if item.kind ~= "gc" and id.clock < item.clock + item.length - 1 then split(self, item, id.clock - item.clock + 1) end
  return item
end

-- ---- Placing an item -----------------------------------------------------------------------------

local function same_id(a, b)
  if not a or not b then return a == b end
  return a.client == b.client and a.clock == b.clock
end

local function root(self, name)
  if not self.roots[name] then
    self.roots[name] = new_type()
    table.insert(self.names, name)
  end
  return self.roots[name]
end

-- The neighbours and the parent of an item, from what its struct says; no parent when they are gone.
local function resolve(self, item, struct)
  if item.origin then
    item.left = ending_at(self, item.origin)
    item.origin = { client = item.left.client, clock = item.left.clock + item.left.length - 1 }
  end
  if item.right_origin then item.right = starting_at(self, item.right_origin) end
  if (item.left and item.left.kind == "gc") or (item.right and item.right.kind == "gc") then return end
  local neighbour = item.left or item.right
  if neighbour then
    item.parent, item.sub = neighbour.parent, neighbour.sub
  elseif type(struct.parent) == "string" then
    item.parent, item.sub = root(self, struct.parent), struct.sub
  else
    local holder = item_at(self, struct.parent)
    item.parent, item.sub = holder.kind == "type" and holder.shared or nil, struct.sub
  end
end

local function first_of(parent, sub)
  if not sub then return parent.start end
  local item = parent.map[sub]
  while item and item.left do item = item.left end
  return item
end

-- Among items that were inserted at the same place: the one after which this one goes.
local function find_left(self, item)
  local left = item.left
  local other = left and left.right
  if not left then other = first_of(item.parent, item.sub) end
  local before_origin, conflicting = {}, {}
  while other and other ~= item.right do
    before_origin[other], conflicting[other] = true, true
    if same_id(item.origin, other.origin) then
      if other.client < item.client then
        left, conflicting = other, {}
      elseif same_id(item.right_origin, other.right_origin) then
        break
      end
    else
      local origin = other.origin and item_at(self, other.origin)
      if not origin or not before_origin[origin] then break end
      if not conflicting[origin] then left, conflicting = other, {} end
    end
    other = other.right
  end
  return left
end

local function link(item)
  local parent, sub = item.parent, item.sub
  if item.left then
    item.right, item.left.right = item.left.right, item
  else
    item.right = first_of(parent, sub)
    if not sub then parent.start = item end
  end
  if item.right then
    item.right.left = item
    -- Of the values of a key the last one counts.
    if sub then item.deleted = true end
  elseif sub then
    parent.map[sub] = item
    if item.left then item.left.deleted = true end
  end
end

local function integrate(self, struct, skip)
  local list = self.items[struct.client] or {}
  self.items[struct.client] = list
  local item = { client = struct.client, clock = struct.clock + skip, length = struct.length - skip, kind = struct.kind }
  list[#list + 1] = item
  if struct.kind == "gc" then
    item.deleted = true
    return
  end
  item.content, item.origin, item.right_origin = struct.content, struct.origin, struct.right
  if skip > 0 then
    local _, rest = update.split(struct.kind, struct.content, skip)
    item.content, item.origin = rest, { client = struct.client, clock = item.clock - 1 }
  end
  resolve(self, item, struct)
  if not item.parent then
    -- What it was in is gone for good.
    item.kind, item.content, item.left, item.right, item.deleted = "gc", nil, nil, nil, true
    return
  end
  if item.kind == "type" then item.shared = new_type(item.content.kind, item.content.name) end
  item.deleted = item.kind == "deleted"
  local left = item.left
  if (not left and (not item.right or item.right.left)) or (left and left.right ~= item.right) then
    item.left = find_left(self, item)
  end
  link(item)
end

-- ---- Applying structs ----------------------------------------------------------------------------

local function state_of(self, client)
  local list = self.items[client]
  local last = list and list[#list]
  return last and last.clock + last.length or 0
end

-- The client whose structs a struct has to wait for, or nil.
local function awaited(self, struct)
  local parent = type(struct.parent) == "table" and struct.parent or nil
  for _, id in ipairs { struct.origin or false, struct.right or false, parent or false } do
    if id and id.clock >= state_of(self, id.client) then return id.client end
  end
end

-- What a client's next struct waits for: "end" when there is none, "nothing", or a client.
local function next_wait(self, client, queue)
  local pair = queue and queue.list[queue.at]
  if not pair then return "end" end
  local struct, skip = pair[1], pair[2]
  if struct.kind == "skip" or struct.clock + skip > state_of(self, client) then return "end" end
  return awaited(self, struct) or "nothing"
end

-- Applies structs client by client, those that others wait for first. What never becomes possible is left out.
local function apply_structs(self, structs)
  local queues, count = {}, 0
  for client, list in pairs(structs) do queues[client] = { list = update.choose(list), at = 1 } end
  local function work(first)
    local stack, on_stack, returned = { first }, { [first] = true }, {}
    local function pop()
      on_stack[stack[#stack]] = nil
      stack[#stack] = nil
    end
    while stack[1] do
      local client = stack[#stack]
      local queue = queues[client]
      local wait = queue and not queue.stuck and next_wait(self, client, queue) or "end"
      if wait == "nothing" then
        local pair = queue.list[queue.at]
        integrate(self, pair[1], pair[2])
        queue.at, count = queue.at + 1, count + 1
      elseif wait == "end" then
        if queue then queue.stuck = true end
        pop()
      elseif on_stack[wait] and returned[wait] ~= count then
        -- What it waited for itself may have come meanwhile.
        returned[wait] = count
        while stack[#stack] ~= wait do pop() end
      elseif on_stack[wait] or not queues[wait] or queues[wait].stuck then
        queue.stuck = true
      else
        stack[#stack + 1], on_stack[wait] = wait, true
      end
    end
  end
  for client in pairs(queues) do work(client) end
end

local function delete_range(self, client, range)
  local list, stop = self.items[client], range.clock + range.length
  if not list or range.clock >= state_of(self, client) then return end
  local item = starting_at(self, { client = client, clock = range.clock })
  local place = place_of(list, item.clock)
  while item and item.clock < stop do
    if item.clock + item.length > stop then split(self, item, stop - item.clock) end
    item.deleted = true
    place = place + 1
    item = list[place]
  end
end

--- The document that updates make together.
---@param updates string[]
---@return liveblocks.yjs.Document
function document.new(updates)
  local self = setmetatable({ items = {}, roots = {}, names = {} }, Document)
  local structs, deleted = update.read_all(updates)
  apply_structs(self, structs)
  for client, ranges in pairs(deleted) do
    for _, range in ipairs(ranges) do delete_range(self, client, range) end
  end
  return self
end

--- Iterates over the items of a shared type's list that are not deleted.
---@param shared table
---@return fun(): table?
function document.items(shared)
  local item = shared.start
  return function()
    while item and item.deleted do item = item.right end
    local found = item
    item = item and item.right
    return found
  end
end

return document
