--- The fields of values that have them without being tables, such as the metadata of a response.

--- @param value any
--- @return any a table with the fields of such a value; any other value as it is
return function(value)
  local meta = type(value) == "userdata" and getmetatable(value)
  if type(meta) ~= "table" or not meta.__pairs then return value end
  local fields = {}
  for key, item in pairs(value) do fields[key] = item end
  return fields
end
