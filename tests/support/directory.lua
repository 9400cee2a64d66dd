-- A directory that a test fills with files and that goes away with it.
local quote = require "tests.support.quote"
local directory = {}
directory.__index = directory

function directory.new()
  local path = os.tmpname()
  os.remove(path)
  assert(os.execute("mkdir -m 700 " .. quote(path)))
  return setmetatable({ path = path }, directory)
end

--- Writes a file, with the directories above it; returns its path.
function directory:write(name, text)
  local path = self.path .. "/" .. name
  os.execute("mkdir -p " .. quote(path:match("^(.*)/")))
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

--- The bytes of a file, or nil.
function directory:read(name)
  local file = io.open(self.path .. "/" .. name, "rb")
  local text = file and file:read("*a")
  if file then file:close() end
  return text
end

function directory:remove()
  os.execute("rm -rf " .. quote(self.path))
end

directory.__close = directory.remove

return directory
