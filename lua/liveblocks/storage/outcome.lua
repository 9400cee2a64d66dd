--- Was a patch applied, when its answer was lost? The places that it changes tell, whatever else has changed meanwhile.
local pointer = require "liveblocks.storage.pointer"
local value = require "liveblocks.storage.value"
local node = require "liveblocks.storage.node"

local outcome = {}

local function is_object(v)
  return type(v) == "table" and not node.is_array(v)
end

-- The part of a pointer up to the first list, or to what one of the documents lacks: pointers of a patch into lists are
-- those of the moment.
local function region_of(path, before, after)
  local region = ""
  for _, step in ipairs(pointer.split(path)) do
    if not is_object(before) or not is_object(after) then return region end
    region = pointer.join(region, step)
    before, after = before[step], after[step]
  end
  return region
end

local function find(document, path)
  for _, step in ipairs(pointer.split(path)) do
    if not is_object(document) then return nil end
    document = document[step]
  end
  return document
end

local function print_of(document, path, hash)
  local found = find(document, path)
  if found == nil then return "" end
  local text = value.canonical(found)
  return hash and hash(text) or text
end

--- The places that a patch changes, each with what it holds before and after.
---@param patch table[]
---@param before any the document as a patch sees it
---@param after any
---@param hash (fun(text: string): string)? makes the texts short
---@return { path: string, before: string, after: string }[]
function outcome.places(patch, before, after, hash)
  local places, seen = {}, {}
  local function add(path)
    local region = region_of(path, before, after)
    if seen[region] then return end
    seen[region] = true
    local place = { path = region, before = print_of(before, region, hash), after = print_of(after, region, hash) }
    if place.before ~= place.after then places[#places + 1] = place end
  end
  for _, op in ipairs(patch) do
    if op.op ~= "test" then
      add(op.path)
      if op.from then add(op.from) end
    end
  end
  return places
end

--- What a document says: "made", "not made", or "unknown" when somebody else has changed the same places.
---@param places table[] of outcome.places
---@param now any the document as a patch sees it
---@param hash (fun(text: string): string)? the same as for the places
---@return "made"|"not made"|"unknown"
function outcome.judge(places, now, hash)
  local made, unmade = true, true
  for _, place in ipairs(places) do
    local print = print_of(now, place.path, hash)
    made, unmade = made and print == place.after, unmade and print == place.before
  end
  return made and "made" or unmade and "not made" or "unknown"
end

return outcome
