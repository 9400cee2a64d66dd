--- Positions of the items of a list: strings of the characters 32 to 126, compared byte by byte, so that there is
--- always room between two of them. They never end in a space, the digit zero.
local divided = require "liveblocks.storage.divided"

local positions = {}

local ZERO <const>, MAX <const> = 32, 126
local ONE = string.char(ZERO + 1)

function positions.is_valid(text)
  return type(text) == "string" and text ~= "" and not text:find("[^ -~]") and text:sub(-1) ~= " "
end

local function digit(char)
  if #char == 4 then return string.char(MAX, MAX) end -- two units of UTF-16
  local code = char:byte()
  return string.char(code < ZERO and ZERO or code > MAX and MAX or code)
end

--- The position that a string stands for: itself, or the nearest one.
---@param text string
---@return string
function positions.nearest(text)
  if positions.is_valid(text) then return text end
  text = text:gsub(utf8.charpattern, digit):gsub(" +$", "") -- quadratic: a position is short
  return text ~= "" and text or ONE
end

-- Adds one to the first `width` digits; nil when they are all at their highest.
local function increment(text, width)
  local digits = { text:byte(1, width) }
  for i = #digits + 1, width do digits[i] = ZERO end
  local i = width
  while i > 0 and digits[i] == MAX do
    digits[i] = ZERO
    i = i - 1
  end
  if i == 0 then return nil end
  digits[i] = digits[i] + 1
  return (string.char(table.unpack(digits)):gsub(" +$", "")) -- quadratic: a position is short
end

--- A position after another: it grows by three digits only when the present ones are used up.
---@param text string
---@return string
function positions.after(text)
  local width = 2
  while width < #text do width = width + 3 end
  while true do
    local next_one = increment(text, width)
    if next_one then return next_one end
    width = width + 3
  end
end

--- A position before another.
---@param text string
---@return string
function positions.before(text)
  local first = text:find("[^ ]")
  if first < #text then return text:sub(1, first) end
  if text:byte(first) > ZERO + 1 then return text:sub(1, first - 1) .. string.char(text:byte(first) - 1) end
  -- 1 becomes 0, and a zero at the end needs a digit after it.
  return text:sub(1, first - 1) .. string.char(ZERO, MAX)
end

local function between(low, high)
  local out, bounded, i = {}, true, 1
  while true do
    local l = low:byte(i) or ZERO
    local h = bounded and (high:byte(i) or ZERO) or MAX
    if h - l > 1 then
      out[#out + 1] = string.char((l + h) // 2)
      return table.concat(out)
    end
    out[#out + 1] = string.char(l)
    if h - l == 1 then bounded = false end
    i = i + 1
  end
end

--- A position between two others; nil stands for the beginning and the end of the list.
---@param low string?
---@param high string?
---@return string? position nil when both stand for the same one
function positions.make(low, high)
  low, high = low and positions.nearest(low), high and positions.nearest(high)
  if low and high then
    if low == high then return nil end
    return low < high and between(low, high) or between(high, low)
  end
  if low then return positions.after(low) end
  if high then return positions.before(high) end
  return ONE
end

-- ---- Many positions at once ----------------------------------------------------------------------

-- A list in which positions have got longer than this gets new ones.
local LONG <const> = 128

local function renumber(items)
  local key
  for _, item in ipairs(items) do
    divided.point()
    key = positions.make(key, nil)
    item.key = key
  end
end

-- Positions for the items from first to last between two others: the middle one first, so that all stay short.
local function spread(items, first, last, low, high)
  if first > last then return end
  divided.point()
  local middle = (first + last) // 2
  local key = between(low, high)
  items[middle].key = key
  spread(items, first, middle - 1, low, key)
  spread(items, middle + 1, last, key, high)
end

-- Positions for the items from first to last, which have none; false when there is no room for them.
local function fill_gap(items, first, last)
  local before, after = items[first - 1], items[last + 1]
  local low, high = before and before.key, after and after.key
  if not (positions.is_valid(low or ONE) and positions.is_valid(high or ONE)) or low and high and low >= high then return false end
  if not high or first == last then
    for i = first, last do
      divided.point()
      low = positions.make(low, high)
      items[i].key = low
    end
  else
    spread(items, first, last, low or "", high)
  end
  return #items[first].key <= LONG and #items[last].key <= LONG
end

--- Gives the items of a list that have no position one between their neighbours, or all of them new ones.
---@param items { key: string? }[]
function positions.fill(items)
  local i = 1
  while items[i] do
    divided.point()
    local last = i
    if not items[i].key then
      while items[last + 1] and not items[last + 1].key do last = last + 1 end
      if not fill_gap(items, i, last) then return renumber(items) end
    end
    i = last + 1
  end
end

return positions
