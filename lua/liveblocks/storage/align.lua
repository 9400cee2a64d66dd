--- Which items of a list stay where they are when it becomes another: a longest common subsequence.
local divided = require "liveblocks.storage.divided"

local align = {}

local CELLS = 40000 -- the exact table is made up to this size

-- Positions (i in a, j in b) that pair the k-th occurrence of a key in a with the k-th in b.
local function occurrences(a, b, from, a_last, b_last)
  local places, unique = {}, true
  for i = from, a_last do
    divided.point()
    local list = places[a[i]]
    if list then
      list[#list + 1] = i
      unique = false
    else
      places[a[i]] = { i, used = 0 }
    end
  end
  local partner = {}
  for j = from, b_last do
    local list = places[b[j]]
    if list then
      if list.used > 0 then unique = false end
      list.used = list.used + 1
      partner[j] = list[list.used]
    end
  end
  return partner, unique
end

-- The longest increasing run of partners, by patience sorting.
local function increasing(partner, from, b_last, kept)
  local tops, before, heads = {}, {}, {}
  for j = from, b_last do
    divided.point()
    local value = partner[j]
    if value then
      local low, high = 1, #tops + 1
      while low < high do
        local middle = math.floor((low + high) / 2)
        if tops[middle] < value then low = middle + 1 else high = middle end
      end
      tops[low], heads[low] = value, j
      before[j] = heads[low - 1]
    end
  end
  local j = heads[#tops]
  while j do
    kept[j] = partner[j]
    j = before[j]
  end
end

-- The textbook table, for lists in which keys are repeated.
local function exact(a, b, from, a_last, b_last, kept)
  local width = b_last - from + 2
  local rows = { [a_last + 1] = {} }
  for j = 1, width do rows[a_last + 1][j] = 0 end
  for i = a_last, from, -1 do
    local row, below = { [width] = 0 }, rows[i + 1]
    for j = width - 1, 1, -1 do
      if a[i] == b[from + j - 1] then
        row[j] = below[j + 1] + 1
      else
        row[j] = below[j] >= row[j + 1] and below[j] or row[j + 1]
      end
      if j % 16 == 0 then divided.point() end
    end
    rows[i] = row
  end
  local i, j = from, 1
  while i <= a_last and j < width do
    if a[i] == b[from + j - 1] then
      kept[from + j - 1] = i
      i, j = i + 1, j + 1
    elseif rows[i + 1][j] >= rows[i][j + 1] then
      i = i + 1
    else
      j = j + 1
    end
  end
end

--- For each position in b that stays, its position in a.
---@param a any[] keys; no NaN
---@param b any[]
---@return table<integer, integer>
function align.lists(a, b)
  local kept, from, a_last, b_last = {}, 1, #a, #b
  while from <= a_last and from <= b_last and a[from] == b[from] do
    kept[from] = from
    from = from + 1
  end
  while a_last >= from and b_last >= from and a[a_last] == b[b_last] do
    kept[b_last] = a_last
    a_last, b_last = a_last - 1, b_last - 1
  end
  if from > a_last or from > b_last then return kept end
  local partner, unique = occurrences(a, b, from, a_last, b_last)
  if unique or (a_last - from + 1) * (b_last - from + 1) > CELLS then
    increasing(partner, from, b_last, kept)
  else
    exact(a, b, from, a_last, b_last, kept)
  end
  return kept
end

return align
