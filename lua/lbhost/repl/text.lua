--- Text on a terminal: how wide it is, cut and padded to a width, without control characters.
local printable = require "lbhost.util.printable"

local text = {}

-- Blocks whose characters take two columns: East Asian wide ones and emoji.
local wide = { { 0x1100, 0x115F }, { 0x2E80, 0xA4CF }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF }, { 0xFE30, 0xFE6F },
  { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F6FF }, { 0x1F900, 0x1F9FF },
  { 0x20000, 0x3FFFD } }
-- and those that take none: combining marks, joiners, variation selectors
local narrow = { { 0x0300, 0x036F }, { 0x200B, 0x200F }, { 0x20D0, 0x20FF }, { 0xFE00, 0xFE0F } }

local function within(blocks, code)
  for _, block in ipairs(blocks) do
    if code >= block[1] and code <= block[2] then return true end
  end
  return false
end

local function columns_of(code)
  if code < 0x300 then return 1 end
  return within(narrow, code) and 0 or within(wide, code) and 2 or 1
end

--- Columns that a string takes.
---@param s string
---@return integer
function text.width(s)
  if not s:find("[\x80-\xff]") then return #s end
  if not utf8.len(s) then return #s end
  local sum = 0
  for _, code in utf8.codes(s) do sum = sum + columns_of(code) end
  return sum
end

--- The text, or as much of it as fits, with an ellipsis.
---@param s string
---@param width integer
---@return string
function text.cut(s, width)
  if text.width(s) <= width then return s end
  if not utf8.len(s) then return s:sub(1, math.max(width - 1, 0)) .. "…" end
  local sum = 0
  for place, code in utf8.codes(s) do
    sum = sum + columns_of(code)
    if sum > width - 1 then return s:sub(1, place - 1) .. "…" end
  end
  return s
end

--- Cut and filled up with spaces.
---@param s string
---@param width integer
---@return string
function text.pad(s, width)
  s = text.cut(s, width)
  return s .. (" "):rep(width - text.width(s))
end

--- As Lua would write it between quotes; valid UTF-8 stays readable, other bytes are escaped.
---@param s string
---@return string
function text.quote(s)
  return '"' .. printable.line((s:gsub('[\\"]', "\\%0"))) .. '"'
end

return text
