--- Was a patch applied, when its response was lost? What it changes shows it, whatever else has changed meanwhile.
---
--- What is kept of an edit ahead of its request must cost little, for it is kept of every edit: the operations, and the
--- parts they change as they were read. What these become is worked out when somebody asks.
local apply = require "liveblocks.storage.apply"
local json = require "liveblocks.json"
local node = require "liveblocks.storage.node"
local pointer = require "liveblocks.storage.pointer"
local value = require "liveblocks.storage.value"

local outcome = {}

-- The part of a pointer up to the first list, or to what the document lacks: pointers of a patch into lists are those of
-- the moment. And what plain LSON has there.
local function region_of(path, lson)
  local region = ""
  for step in path:gmatch "/([^/]*)" do
    if type(lson) ~= "table" or node.kinds[node.kind_of(lson)] ~= "object" then break end
    region = region .. "/" .. step
    lson = lson.data[pointer.unescape(step)]
  end
  return region, lson
end

-- Is a path among those seen, or below one of them?
local function covered(path, seen)
  local slash = path:find("/", 1, true)
  while slash do
    if seen[path:sub(1, slash - 1)] then return true end
    slash = path:find("/", slash + 1, true)
  end
  return seen[path]
end

--- What shows later whether a patch was applied; may be kept as JSON. It shares tables with what is given.
---@param patch table[]
---@param lson table the document as it was read, plain LSON
---@return { ops: table[], places: { path: string, before: any }[] }
function outcome.snapshot(patch, lson)
  local ops, places, seen = json.array {}, json.array {}, {}
  local function keep(path)
    if covered(path, seen) then return end
    local region, before = region_of(path, lson)
    if seen[region] then return end
    seen[region] = true
    places[#places + 1] = { path = region, before = before }
  end
  for _, op in ipairs(patch) do
    if op.op ~= "test" then
      ops[#ops + 1] = op
      keep(op.path)
      if op.from then keep(op.from) end
    end
  end
  return { ops = ops, places = places }
end

local function copy(v)
  if type(v) ~= "table" then return v end
  local out = setmetatable({}, getmetatable(v))
  for key, item in pairs(v) do out[key] = copy(item) end
  return out
end

-- A document of nothing but these parts, as a patch sees it.
local function before_of(places)
  local root = {}
  for _, place in ipairs(places) do
    local at, key = root, 1
    for _, step in ipairs(pointer.split(place.path)) do
      at[key] = at[key] or json.object {}
      at, key = at[key], step
    end
    at[key] = copy(value.before(place.before))
  end
  return root[1]
end

local function find(document, path)
  for _, step in ipairs(pointer.split(path)) do
    if type(document) ~= "table" or node.is_array(document) then return nil end
    document = document[step]
  end
  return document
end

--- What a document says: "made", "not made", or "unknown" when somebody else has changed the same parts.
---@param snapshot table of outcome.snapshot
---@param lson table the document now, plain LSON
---@return "made"|"not made"|"unknown"
function outcome.check(snapshot, lson)
  local before, now = before_of(snapshot.places), value.before(lson)
  local ok, after = pcall(apply, before_of(snapshot.places), snapshot.ops)
  if not ok then return "unknown" end
  local made, unmade = true, true
  for _, place in ipairs(snapshot.places) do
    local was, is, shall = find(before, place.path), find(now, place.path), find(after, place.path)
    if not value.equal(was, shall) then
      made, unmade = made and value.equal(is, shall), unmade and value.equal(is, was)
    end
  end
  return made and "made" or unmade and "not made" or "unknown"
end

return outcome
