-- A folder that a test fills with files and that goes away with it.
local quote = require "tests.support.quote"
local folder = {}
folder.__index = folder

function folder.new()
  local path = os.tmpname()
  os.remove(path)
  assert(os.execute("mkdir -m 700 " .. quote(path)))
  return setmetatable({ path = path }, folder)
end

--- Writes a file, with the folders above it; returns its path.
function folder:write(name, text)
  local path = self.path .. "/" .. name
  os.execute("mkdir -p " .. quote(path:match("^(.*)/")))
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

--- The bytes of a file, or nil.
function folder:read(name)
  local file = io.open(self.path .. "/" .. name, "rb")
  local text = file and file:read("*a")
  if file then file:close() end
  return text
end

function folder:remove()
  os.execute("rm -rf " .. quote(self.path))
end

folder.__close = folder.remove

return folder
