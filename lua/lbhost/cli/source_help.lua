--- help(function): the comment above a function in its source, be it a file or a module inside the program.
local host = require "lbhost.host"

local source_help = {}

local function source_of(about)
  local first = about.source:sub(1, 1)
  if first == "=" then return host.embedded_source(about.source:sub(2)) end
  if first ~= "@" then return nil end
  local file <close> = io.open(about.source:sub(2), "rb")
  return file and file:read("a")
end

--- The signature and the comment; nil where there is nothing to show.
---@param fn function
---@return string?
function source_help.about(fn)
  local about = debug.getinfo(fn, "S")
  local text = about.what == "Lua" and source_of(about)
  if not text then return nil end
  local lines = {}
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    lines[#lines + 1] = line
    if #lines == about.linedefined then break end
  end
  local definition = lines[about.linedefined]
  if not definition then return nil end
  local first = about.linedefined
  while lines[first - 1] and lines[first - 1]:find("^%s*%-%-") do first = first - 1 end
  local out = { "  " .. definition:match("^%s*(.-)%s*$"), "" }
  for i = first, about.linedefined - 1 do
    local comment = lines[i]:gsub("^%s*%-%-%-?%s?", "")
    local tag, rest = comment:match("^@(%a+)%s+(.*)$")
    if tag == "return" then comment = "returns " .. rest
    elseif tag == "param" then comment = "  " .. rest
    elseif tag then comment = nil end
    if comment then out[#out + 1] = "  " .. comment end
  end
  if #out == 2 then out[2] = nil end
  return table.concat(out, "\n") .. "\n"
end

return source_help
