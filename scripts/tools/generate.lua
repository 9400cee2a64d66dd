-- Writes what is made from the endpoint table and the comments in the sources: most of lua/meta, the endpoint list of README.md.
-- With --check it writes nothing and fails when a file is out of date.
local core = require "liveblocks.core"

local annotations = dofile "scripts/tools/annotations.lua"
local check = arg[1] == "--check"
local stale = {}

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read("a")
  if file then file:close() end
  return text
end

local function write(path, text)
  if read(path) == text then return end
  if check then
    stale[#stale + 1] = path
    return
  end
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function endpoint_list()
  local out, group = {}, nil
  for _, row in ipairs(core.endpoints()) do
    if row.group ~= group then
      group = row.group
      out[#out + 1] = ("\n**%s**\n\n| call | | |\n|---|---|---|\n"):format(group)
    end
    out[#out + 1] = ("| `%s` | `%s %s` | %s |\n"):format(row.name, row.method, row.path, row.help)
  end
  return table.concat(out)
end

for path, text in pairs(annotations()) do write(path, text) end
local readme = read("README.md")
local head, tail = readme:match("^(.-<!%-%- endpoints %-%->\n).-(<!%-%- /endpoints %-%->.*)$")
assert(head, "README.md has no endpoint list between its marks")
write("README.md", head .. endpoint_list() .. tail)
if stale[1] then error("out of date: " .. table.concat(stale, ", ") .. "; run ./dev generate", 0) end
