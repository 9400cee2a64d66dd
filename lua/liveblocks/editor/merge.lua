--- Which of the children of a node stay, which change and which come and go, so that as much as possible is left alone: what
--- others have their cursors in, and what comments are about. Children are items:
---
---   { kind = "text", segments = ... }  { kind = "element", name =, attributes =, children = ... }  { kind = "opaque", id = ... }
local align = require "liveblocks.storage.align"
local canonical = require "liveblocks.editor.canonical"
local runs = require "liveblocks.editor.runs"

local merge = {}

--- Are two JSON values the same?
function merge.equal(a, b) return a == b or a ~= nil and b ~= nil and canonical(a) == canonical(b) end

local CELLS = 1000 -- gaps up to this size are paired as well as it can be done

--- Gives equal items equal numbers in `item.same`, all the way down. `known` is a table for all that is compared.
---@param items table[]
---@param known table<string, integer>
function merge.number(items, known)
  for _, item in ipairs(items) do
    local key
    if item.kind == "text" then
      key = "text " .. (item.head and canonical(item.head) .. " " or "") .. runs.key(item.segments)
    elseif item.kind == "element" then
      merge.number(item.children, known)
      local parts = { "element", item.name, canonical(item.attributes) }
      for _, child in ipairs(item.children) do
        -- An editor shows nothing of an empty text.
        if child.kind ~= "text" or child.head or child.segments[1] then parts[#parts + 1] = child.same end
      end
      key = table.concat(parts, " ")
    else
      key = "opaque " .. item.id
    end
    local number = known[key]
    if not number then
      known.count = (known.count or 0) + 1
      number = known.count
      known[key] = number
    end
    item.same = number
  end
end

-- ---- How much two items have in common -----------------------------------------------------------

local function plain(item)
  local parts = {}
  for i, segment in ipairs(item.segments) do parts[i] = segment.text or "" end
  return table.concat(parts)
end

local function text_likeness(a, b)
  local old, new = plain(a), plain(b)
  local longest = math.max(#old, #new)
  if longest == 0 then return 1 end
  local first, last = runs.common(old, new)
  return (first + last) / longest
end

-- Above 0 when one can become the other: how many children stay, and how much of the first text that does not.
local function likeness(a, b)
  if a.kind ~= b.kind or a.name ~= b.name or a.kind == "opaque" then return 0 end
  if a.kind == "text" then return 0.1 + text_likeness(a, b) end
  local old, new = a.children, b.children
  local max, first, last = math.min(#old, #new), 0, 0
  while first < max and old[first + 1].same == new[first + 1].same do first = first + 1 end
  while first + last < max and old[#old - last].same == new[#new - last].same do last = last + 1 end
  local x, y = old[first + 1], new[first + 1]
  local rest = x and y and first + last < max and x.kind == "text" and y.kind == "text" and text_likeness(x, y) or 0
  -- An attribute that is the same, as an id, counts as a child does.
  local named = a.attributes.id ~= nil and a.attributes.id == b.attributes.id and 1 or 0
  return 0.1 + first + last + rest + named
end

-- ---- Pairing -------------------------------------------------------------------------------------

-- The pairs, in order, that have the most in common: pairs[j] = i.
local function best_pairs(old, new, from, old_stop, to, new_stop, pairs_of)
  local rows, score = { [old_stop + 1] = {} }, {}
  for j = to, new_stop + 1 do rows[old_stop + 1][j] = 0 end
  for i = old_stop, from, -1 do
    local row, below = { [new_stop + 1] = 0 }, rows[i + 1]
    score[i] = {}
    for j = new_stop, to, -1 do
      score[i][j] = likeness(old[i], new[j])
      row[j] = math.max(below[j], row[j + 1], score[i][j] > 0 and below[j + 1] + score[i][j] or 0)
    end
    rows[i] = row
  end
  local i, j = from, to
  while i <= old_stop and j <= new_stop do
    local here = rows[i][j]
    if score[i][j] > 0 and here == rows[i + 1][j + 1] + score[i][j] then
      pairs_of[j] = i
      i, j = i + 1, j + 1
    elseif here == rows[i + 1][j] then
      i = i + 1
    else
      j = j + 1
    end
  end
end

-- For long gaps: one after the other.
local function next_pairs(old, new, from, old_stop, to, new_stop, pairs_of)
  local i = from
  for j = to, new_stop do
    if i > old_stop then return end
    if old[i].kind == new[j].kind and old[i].name == new[j].name and old[i].kind ~= "opaque" then pairs_of[j] = i end
    i = i + 1
  end
end

--- What becomes of the children: a list of { "keep", old }, { "change", old, new }, { "delete", old }, { "insert", new } in the
--- order of the new list. Items must have been numbered.
---@param old table[]
---@param new table[]
---@return table[]
function merge.steps(old, new)
  local old_keys, new_keys = {}, {}
  for i, item in ipairs(old) do old_keys[i] = item.same end
  for j, item in ipairs(new) do new_keys[j] = item.same end
  local pairs_of = align.lists(old_keys, new_keys)
  local from, to = 1, 1
  for j = 1, #new + 1 do
    local i = j > #new and #old + 1 or pairs_of[j]
    if i then
      local cells = (i - from) * (j - to)
      if cells > 0 then (cells <= CELLS and best_pairs or next_pairs)(old, new, from, i - 1, to, j - 1, pairs_of) end
      from, to = i + 1, j + 1
    end
  end
  local steps, at = {}, 1
  local function delete_up_to(stop)
    for i = at, stop do steps[#steps + 1] = { "delete", old[i] } end
    at = math.max(at, stop + 1)
  end
  for j, item in ipairs(new) do
    local i = pairs_of[j]
    if i then
      delete_up_to(i - 1)
      at = i + 1
      steps[#steps + 1] = old[i].same == item.same and { "keep", old[i] } or { "change", old[i], item }
    else
      steps[#steps + 1] = { "insert", item }
    end
  end
  delete_up_to(#old)
  return steps
end

return merge
