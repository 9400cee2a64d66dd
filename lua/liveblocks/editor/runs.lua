--- Text with formats, as a list of segments { text =, attributes = } or { embed =, attributes = }, and the smallest delta that
--- makes one of another. Lengths are in UTF-16 units, as in Yjs.
local align = require "liveblocks.storage.align"
local canonical = require "liveblocks.editor.canonical"
local json = require "liveblocks.json"

local runs = {}

local EMBED = "\255" -- stands for an embedded value; no UTF-8 has this byte

--- The length of a string in UTF-16 units.
---@param text string
---@return integer
function runs.units(text)
  local _, inner = text:gsub("[\128-\191]", "")
  local _, long = text:gsub("[\240-\247]", "")
  return #text - inner + long
end

--- The length of segments in UTF-16 units.
function runs.length(segments)
  local length = 0
  for _, segment in ipairs(segments) do length = length + (segment.text and runs.units(segment.text) or 1) end
  return length
end

local function same_attributes(a, b)
  return a == b or canonical(a or {}) == canonical(b or {})
end

--- Neighbours with the same formats become one, empty ones none.
function runs.tidy(segments)
  local out = {}
  for _, segment in ipairs(segments) do
    local last = out[#out]
    if segment.text ~= "" then
      if last and last.text and segment.text and same_attributes(last.attributes, segment.attributes) then
        out[#out] = { text = last.text .. segment.text, attributes = last.attributes }
      else
        out[#out + 1] = segment
      end
    end
  end
  return out
end

--- Segments as one string that is equal when they are.
function runs.key(segments)
  local parts = {}
  for _, segment in ipairs(segments) do
    parts[#parts + 1] = segment.text and json.encode(segment.text) or "embed " .. canonical(segment.embed)
    parts[#parts + 1] = segment.attributes and next(segment.attributes) ~= nil and canonical(segment.attributes) or ""
  end
  return table.concat(parts, " ")
end

-- ---- Which characters stay -----------------------------------------------------------------------

-- The text of segments with EMBED for each embedded value, where each segment ends, and the keys of the embedded values.
local function flat(segments)
  local parts, ends, embeds, at = {}, {}, {}, 0
  for i, segment in ipairs(segments) do
    parts[i] = segment.text or EMBED
    at = at + #parts[i]
    ends[i] = at
    if not segment.text then embeds[at] = EMBED .. canonical(segment.embed) end
  end
  return { text = table.concat(parts), ends = ends, embeds = embeds, segments = segments }
end

-- Words, each with what stands after it, and embedded values: keys, and where each ends.
local function tokens(side)
  local keys, ends, at, text = {}, {}, 1, side.text
  while at <= #text do
    local stop = side.embeds[at] and at + 1 or text:match("^[%w_\128-\247]+[^%w_\128-\255]*()", at)
      or text:match("^[^%w_\128-\255]+()", at)
    keys[#keys + 1] = side.embeds[at] or text:sub(at, stop - 1)
    ends[#ends + 1] = stop - 1
    at = stop
  end
  return keys, ends
end

local function is_inner(text, at)
  local byte = text:byte(at)
  return byte ~= nil and byte >= 128 and byte < 192
end

--- How many bytes two strings share at the beginning and at the end, whole characters.
---@param a string
---@param b string
---@return integer first
---@return integer last
function runs.common(a, b)
  local max = math.min(#a, #b)
  local first = 0
  -- In steps, which compare faster than single bytes.
  local step = 4096
  while step > 0 do
    while first + step <= max and a:sub(first + 1, first + step) == b:sub(first + 1, first + step) do first = first + step end
    step = math.floor(step / 8)
  end
  while first > 0 and (is_inner(a, first + 1) or is_inner(b, first + 1)) do first = first - 1 end
  local last = 0
  max = max - first
  step = 4096
  while step > 0 do
    while last + step <= max and a:sub(#a - last - step + 1, #a - last) == b:sub(#b - last - step + 1, #b - last) do
      last = last + step
    end
    step = math.floor(step / 8)
  end
  while last > 0 and is_inner(a, #a - last + 1) do last = last - 1 end
  return first, last
end

-- Adds a gap, from byte to byte of both sides, without what is the same at its ends.
local function add_gap(gaps, old, new, from, old_stop, to, new_stop)
  if from > old_stop and to > new_stop then return end
  local a, b = old.text:sub(from, old_stop), new.text:sub(to, new_stop)
  if not a:find(EMBED, 1, true) and not b:find(EMBED, 1, true) then
    local first, last = runs.common(a, b)
    from, to, old_stop, new_stop = from + first, to + first, old_stop - last, new_stop - last
  end
  gaps[#gaps + 1] = { from = from, old_stop = old_stop, to = to, new_stop = new_stop }
end

local PER_INSERTION, PER_DELETION = 10, 3 -- bytes of an update, about

local function cost(gaps)
  local bytes = 0
  for _, gap in ipairs(gaps) do
    local inserted = gap.new_stop - gap.to + 1
    if inserted > 0 then bytes = bytes + PER_INSERTION + inserted end
    if gap.old_stop >= gap.from then bytes = bytes + PER_DELETION end
  end
  return bytes
end

-- What differs: word for word, or as one, whichever is the smaller update.
local function find_gaps(old, new)
  local old_keys, old_ends = tokens(old)
  local new_keys, new_ends = tokens(new)
  local kept, gaps = align.lists(old_keys, new_keys), {}
  local i, from, to = 0, 1, 1
  for j = 1, #new_keys do
    if kept[j] then
      add_gap(gaps, old, new, from, old_ends[kept[j] - 1] or 0, to, new_ends[j - 1] or 0)
      i, from, to = kept[j], old_ends[kept[j]] + 1, new_ends[j] + 1
    end
  end
  if i < #old_keys or to <= #new.text then add_gap(gaps, old, new, from, #old.text, to, #new.text) end
  if #gaps > 1 then
    local first, last = gaps[1], gaps[#gaps]
    local one = { { from = first.from, to = first.to, old_stop = last.old_stop, new_stop = last.new_stop } }
    if cost(one) < cost(gaps) then return one end
  end
  return gaps
end

-- ---- The delta -----------------------------------------------------------------------------------

-- What changes the formats `old` into `new`: nil when they are the same.
local function change(old, new)
  local changed
  old, new = old or {}, new or {}
  for name, value in pairs(new) do
    if old[name] == nil or canonical(old[name]) ~= canonical(value) then
      changed = changed or {}
      changed[name] = value
    end
  end
  for name in pairs(old) do
    if new[name] == nil then
      changed = changed or {}
      changed[name] = json.null
    end
  end
  return changed
end

local function add(delta, operation)
  local last = delta[#delta]
  if operation.retain and last and last.retain and not last.attributes and not operation.attributes then
    last.retain = last.retain + operation.retain
  elseif operation.delete and last and last.delete then
    last.delete = last.delete + operation.delete
  else
    delta[#delta + 1] = operation
  end
end

-- The segment that a byte is in, found from one that is not after it.
local function segment_at(side, at)
  while side.ends[side.at] < at do side.at = side.at + 1 end
  return side.segments[side.at], side.ends[side.at]
end

local function add_kept(delta, old, new, from, to, count)
  while count > 0 do
    local a, a_end = segment_at(old, from)
    local b, b_end = segment_at(new, to)
    local size = math.min(count, a_end - from + 1, b_end - to + 1)
    add(delta, { retain = runs.units(old.text:sub(from, from + size - 1)), attributes = change(a.attributes, b.attributes) })
    from, to, count = from + size, to + size, count - size
  end
end

local function add_inserted(delta, new, to, stop)
  while to <= stop do
    local segment, segment_end = segment_at(new, to)
    local last = math.min(stop, segment_end)
    local insert = segment.embed
    if segment.text then insert = new.text:sub(to, last) end
    add(delta, { insert = insert, attributes = segment.attributes or {} })
    to = last + 1
  end
end

--- The delta that makes `new` of `old`, both tidy; nil when they are the same.
---@param old table[]
---@param new table[]
---@return table[]?
function runs.difference(old, new)
  local a, b = flat(old), flat(new)
  a.at, b.at = 1, 1
  local delta, from, to = {}, 1, 1
  for _, gap in ipairs(find_gaps(a, b)) do
    add_kept(delta, a, b, from, to, gap.from - from)
    add_inserted(delta, b, gap.to, gap.new_stop)
    if gap.old_stop >= gap.from then add(delta, { delete = runs.units(a.text:sub(gap.from, gap.old_stop)) }) end
    from, to = gap.old_stop + 1, gap.new_stop + 1
  end
  add_kept(delta, a, b, from, to, #a.text - from + 1)
  while delta[#delta] and delta[#delta].retain and not delta[#delta].attributes do delta[#delta] = nil end
  return delta[1] and delta
end

--- Segments from a delta as Yjs gives it.
function runs.of_delta(delta)
  local segments = {}
  for i, part in ipairs(delta) do
    local attributes = part.attributes
    if attributes and next(attributes) == nil then attributes = nil end
    segments[i] = type(part.insert) == "string" and { text = part.insert, attributes = attributes }
      or { embed = part.insert, attributes = attributes }
  end
  return segments
end

return runs
