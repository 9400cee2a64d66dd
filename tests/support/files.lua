--- Whole files.
---   files.read(path)          its bytes; raises when it cannot be read
---   files.content(path)       its bytes; "" when there is no such file
---   files.write(path, text)   makes or replaces it
local files = {}

function files.content(path)
  local file = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then file:close() end
  return text or ""
end

function files.read(path)
  local file = assert(io.open(path, "rb"))
  local text = assert(file:read("*a"))
  file:close()
  return text
end

function files.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

return files
