--- Values as strings that are equal when the values are equal in JavaScript, where 1 and 1.0 are the same.
local json = require "liveblocks.json"
local values = require "liveblocks.yjs.values"

local canonical

local function of_table(value)
  if value == values.undefined then return "undefined" end
  local kind = values.stands_for(value)
  if kind == "binary" then
    return "binary " .. value.bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
  end
  if kind == "document" then return "document " .. value.guid end
  if kind == "shared" then return "type " .. value._yjs end
  local parts = {}
  if json.is_array(value) or #value > 0 then
    for i, one in ipairs(value) do parts[i] = canonical(one) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = tostring(key) end
  table.sort(keys)
  for i, key in ipairs(keys) do parts[i] = json.encode(key) .. ":" .. canonical(value[key]) end
  return "{" .. table.concat(parts, ",") .. "}"
end

function canonical(value)
  local kind = type(value)
  if kind == "table" then return of_table(value) end
  if kind == "number" and value == math.floor(value) and value > -2 ^ 53 and value < 2 ^ 53 then
    return ("%.0f"):format(value)
  end
  return json.encode(value)
end

---@param value any
---@return string
return canonical
