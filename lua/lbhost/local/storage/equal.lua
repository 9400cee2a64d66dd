--- Equality of decoded JSON values: numbers by value, so that 1 is 1.0; objects whatever the order of their keys.
local json = require "liveblocks.json"

local function is_list(value)
  return json.is_array(value) or #value > 0
end

local function equal(a, b)
  if a == b then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return false end
  if next(a) ~= nil and next(b) ~= nil and is_list(a) ~= is_list(b) then return false end
  if next(a) == nil and next(b) == nil then return json.is_array(a) == json.is_array(b) end
  for key, value in pairs(a) do
    if not equal(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

return equal
