--- Are two decoded JSON values the same? Where they differ, the second result says so: "$.a[2]: 1.0 became 1".
local json = require "liveblocks.json"

local function show(value)
  local ok, text = pcall(json.encode, value)
  return ok and #text <= 60 and text or type(value)
end

--- Also in the kind of a number and the sign of zero.
local function exactly(a, b)
  return math.type(a) == math.type(b) and a == b and (a ~= 0 or 1 / a == 1 / b)
end

--- As a JavaScript program can distinguish them: it has one kind of number, the double, and writes no -0.
local function as_doubles(a, b)
  return type(a) == "number" and type(b) == "number" and a + 0.0 == b + 0.0
end

local function compare(a, b, where, numbers)
  if type(a) == "number" and numbers(a, b) then return true end
  if type(a) ~= "table" or a == json.null then
    if type(a) ~= "number" and a == b then return true end
    return false, ("%s: %s became %s"):format(where, show(a), show(b))
  end
  if type(b) ~= "table" or json.is_array(a) ~= json.is_array(b) then
    return false, ("%s: %s became %s"):format(where, show(a), show(b))
  end
  for key, value in pairs(a) do
    local step = json.is_array(a) and ("%s[%d]"):format(where, key - 1) or ("%s[%q]"):format(where, key)
    local good, difference = compare(value, b[key], #where < 200 and step or where, numbers)
    if not good then return false, difference end
  end
  for key in pairs(b) do
    if a[key] == nil then return false, ("%s: %s came into being"):format(where, show(key)) end
  end
  return true
end

return {
  exactly = function(a, b) return compare(a, b, "$", exactly) end,
  as_doubles = function(a, b) return compare(a, b, "$", as_doubles) end,
}
