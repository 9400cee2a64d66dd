--- The keys of a table in an order that is the same in each run: what is sent is then the same for the same call.
---@param map table
---@return any[] keys strings by their bytes; other keys as their text would be
return function(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if type(a) == "string" and type(b) == "string" then return a < b end
    return tostring(a) < tostring(b)
  end)
  return keys
end
