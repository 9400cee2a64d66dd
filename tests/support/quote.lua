--- An argument for the shell, whatever is in it.
---@param text string
---@return string
return function(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end
