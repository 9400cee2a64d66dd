-- Random Storage documents and random edits of them, the same for the same seed and number.
local json = require "liveblocks.json"
local seed = require "tests.support.seed"
local storage = require "liveblocks.storage"
local value = require "liveblocks.storage.value"

local cases = {}

-- The files that documents name.
cases.files = {}
for i = 1, 9 do cases.files[i] = ("fl_%021d"):format(i) end

local random, state
local first = (seed.value - 1) * 1000003 -- of the cases that belong to this seed
-- The same in every Lua: a product is less than 2^53 (Park and Miller's generator).
local MODULUS = 2 ^ 31 - 1
local function begin(n)
  state = math.tointeger((first + n) % 1000000 * 2654435 % MODULUS) + 1
  random(0, 1)
end
function random(low, high)
  state = math.tointeger(state * 16807 % MODULUS)
  return low + math.floor(state / 256) % (high - low + 1)
end
local function pick(list) return list[random(1, #list)] end

local names = { "a", "b", "c", "title", "id", "x/y", "m~n", "~1", "", "liveblocksType", "data", "ключ", "-", "0" }
local numbers = { 0, 1, -1, 9007199254740993, 9223372036854775807, 0.1, 1e-7, 123456789.123456789, 1e300, -0.5 }
local words = { "", "x", "y", "hello", "é", "a\0b", "LiveList", "\xf0\x9f\x98\x80" }

local function scalar()
  local kind = random(1, 6)
  if kind <= 2 then return pick(numbers) end
  if kind <= 4 then return pick(words) end
  if kind == 5 then return random(0, 1) == 1 end
  return json.null
end

local function plain(depth)
  if depth <= 0 or random(1, 3) > 1 then return scalar() end
  local out = random(1, 2) == 1 and json.array {} or json.object {}
  for i = 1, random(0, 3) do
    if getmetatable(out) == json.array_mt then out[i] = plain(depth - 1) else out[pick(words)] = plain(depth - 1) end
  end
  return out
end

local function segments()
  local data = json.array {}
  for i = 1, random(0, 3) do
    data[i] = json.array { pick(words) .. i, random(1, 2) == 1 and json.object { bold = true } or nil }
  end
  return data
end

local function live(kind, data) return json.object { liveblocksType = kind, data = data } end

local function document(depth, kind)
  kind = kind or pick { "LiveObject", "LiveObject", "LiveMap", "LiveList", "LiveList", "LiveText", "LiveFile" }
  if kind == "LiveText" then return live(kind, segments()) end
  if kind == "LiveFile" then
    local file = cases.files[random(1, #cases.files)]
    return live(kind, json.object { id = file, name = "n", size = 1, mimeType = "text/plain" })
  end
  local data = kind == "LiveList" and json.array {} or json.object {}
  for i = 1, random(0, 5) do
    local what = random(1, 10)
    local item = what <= 4 and scalar() or what == 5 and plain(2) or depth > 0 and document(depth - 1) or scalar()
    if kind == "LiveList" then data[i] = item else data[pick(names)] = item end
  end
  return live(kind, data)
end

-- ---- Edits ---------------------------------------------------------------------------------------

-- A view in the document that has entries and may be written.
local function container(root)
  local at = root
  for _ = 1, random(0, 3) do
    local children = {}
    for _, item in pairs(at) do
      local kind = storage.kind(item)
      if kind == "LiveObject" or kind == "LiveMap" or kind == "LiveList" then children[#children + 1] = item end
    end
    if not children[1] then return at end
    at = pick(children)
  end
  return at
end

local function is_list(v) return storage.kind(v) == "LiveList" end

local function fresh(depth)
  local kind = random(1, depth > 0 and 3 or 1)
  if kind == 2 then
    local fields = {}
    for _ = 1, random(0, 3) do fields[pick(names)] = fresh(depth - 1) end
    return storage.object(fields)
  elseif kind == 3 then
    local items = {}
    for i = 1, random(0, 3) do items[i] = fresh(depth - 1) end
    return storage.list(items)
  end
  return scalar()
end

local function name_in(object)
  local list = {}
  for name in pairs(object) do list[#list + 1] = name end
  return list[1] and pick(list)
end

local edits = {}

function edits.set(at)
  if is_list(at) then
    if #at > 0 then at[random(1, #at)] = fresh(2) end
  else
    at[pick(names)] = fresh(2)
  end
end

function edits.delete(at)
  if is_list(at) then
    if #at > 0 then at:remove(random(1, #at)) end
  else
    local name = name_in(at)
    if name then at[name] = nil end
  end
end

function edits.rename(at)
  if is_list(at) then return edits.shift(at) end
  local old, new = name_in(at), pick(names)
  if old and old ~= new then at[old], at[new] = nil, at[old] end
end

function edits.insert(at)
  if not is_list(at) then return edits.set(at) end
  at:insert(random(1, #at + 1), fresh(2))
end

function edits.append(at)
  if is_list(at) then at:insert(fresh(1)) end
end

function edits.shift(at)
  if is_list(at) and #at > 0 then at:move(random(1, #at), random(1, #at)) end
end

function edits.library(at)
  if not is_list(at) then return end
  if #at > 0 and random(1, 2) == 1 then table.remove(at, random(1, #at)) else table.insert(at, 1, fresh(1)) end
end

function edits.reverse(at)
  if not is_list(at) then return end
  for i = 1, math.floor(#at / 2) do at[i], at[#at + 1 - i] = at[#at + 1 - i], at[i] end
end

function edits.filter(_, root)
  for name, item in pairs(root) do
    if is_list(item) then
      local kept = {}
      for i, one in ipairs(item) do
        if i % 2 == 1 then kept[#kept + 1] = one end
      end
      root[name] = storage.list(kept)
    end
  end
end

-- Takes a part out of one container and puts it into another, unless it would come to stand in itself.
function edits.carry(at, root)
  local key
  if is_list(at) then key = #at > 0 and random(1, #at) or nil else key = name_in(at) end
  if not key then return end
  local part = at[key]
  if is_list(at) then at:remove(key) else at[key] = nil end
  local to = container(root)
  if is_list(to) then to:insert(random(1, #to + 1), part) else to[pick(names)] = part end
end

function edits.swap(at)
  if is_list(at) then return edits.reverse(at) end
  local a, b = name_in(at), name_in(at)
  if a and a ~= b then at[a], at[b] = at[b], at[a] end
end

function edits.duplicate(at, root)
  local name = not is_list(at) and name_in(at)
  if not name then return end
  local to = container(root)
  local part = at[name]
  -- Not into itself: only into the root, or as a scalar.
  if storage.kind(part) then to = root end
  if not is_list(to) then to[pick(names)] = part end
end

function edits.text(at)
  for key, item in pairs(at) do
    if storage.kind(item) == "LiveText" then
      local data = item.data
      if data[1] then data[1][1] = pick(words) end
      if random(1, 3) == 1 then data[#data + 1] = { "more" } end
      if random(1, 2) == 1 then item.data = data else at[key] = storage.text(data) end
    end
  end
end

-- What replaces a LiveText is not one.
function edits.no_text(at)
  for key, item in pairs(at) do
    if storage.kind(item) == "LiveText" and random(1, 4) == 1 then at[key] = pick(words) end
  end
end

-- A part with all that is in it comes to stand in a new structure.
function edits.box(at)
  local name = not is_list(at) and name_in(at)
  if not name then return end
  local part = at[name]
  at[name] = random(1, 2) == 1 and storage.object { part = part, n = 1 } or storage.list { "first", part, scalar() }
end

function edits.wrap(at)
  local name = not is_list(at) and name_in(at)
  if name then at[name] = storage.object { inner = at[name], list = storage.list { at[name] } } end
end

function edits.plain(at)
  for _, item in pairs(at) do
    if storage.kind(item) == "plain" and not pcall(function() item.changed = 1 end) then item[1] = "changed" end
  end
end

local kinds = {}
for name in pairs(edits) do kinds[#kinds + 1] = name end
table.sort(kinds)

--- A document, in plain LSON, and a function that edits its root.
---@param n integer the number of the case
function cases.make(n)
  begin(n)
  local before = document(3, "LiveObject")
  local function edit(root)
    for _ = 1, random(1, 6) do edits[pick(kinds)](container(root), root) end
  end
  return before, edit
end

--- Another document that has something to do with the last one.
function cases.document(n)
  begin(n)
  return document(3, "LiveObject")
end

--- A document with lists of strings in the place of its texts, which no patch can make.
function cases.without_texts(v)
  if type(v) ~= "table" then return v end
  local out = setmetatable({}, getmetatable(v))
  for key, item in pairs(v) do out[key] = cases.without_texts(item) end
  if v.liveblocksType == "LiveText" then
    out.liveblocksType, out.data = "LiveList", json.array {}
    for i, segment in ipairs(v.data) do out.data[i] = segment[1] end
  end
  return out
end

-- In a patch a LiveMap is plain LSON; for plain RFC 6902 it is an object.
local function unmarked(v)
  if type(v) ~= "table" then return v end
  if v.liveblocksType == "LiveMap" and type(v.data) == "table" then return value.before(v) end
  local out = setmetatable({}, getmetatable(v))
  for key, item in pairs(v) do out[key] = unmarked(item) end
  return out
end

--- A patch as one for any RFC 6902 implementation.
function cases.plain_patch(patch)
  local out = json.array {}
  for i, op in ipairs(patch) do
    out[i] = json.object { op = op.op, path = op.path, from = op.from }
    if op.value ~= nil then out[i].value = op.op == "test" and op.value or unmarked(op.value) end
  end
  return out
end

return cases
