--- The keys of a table in an order that is the same in each run: what is sent is then the same for the same call.
local function by_text(a, b)
  if type(a) == "string" and type(b) == "string" then return a < b end
  return tostring(a) < tostring(b)
end

---@param map table
---@return any[] keys strings by their bytes; other keys as tostring() writes them
return function(map)
  local keys, strings = {}, true
  for key in pairs(map) do
    keys[#keys + 1] = key
    strings = strings and type(key) == "string"
  end
  if strings then table.sort(keys) else table.sort(keys, by_text) end
  return keys
end
