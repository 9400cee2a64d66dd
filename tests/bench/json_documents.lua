-- Writes the documents that json.lua measures to files, for the codecs of other languages:
-- json_documents.lua DIR. Prints {"name":,"file":} for each, with the name json.lua gives it.
-- json.lua makes its documents itself; a codec that notes what it is given to decode catches them.
local json = require("liveblocks").json

local dir = arg[1]
local here = (arg[0] or ""):match("^(.*/)") or "./"
local texts, names, seen = {}, {}, {}

local noting = setmetatable({
  decode = function(text)
    if not seen[text] then
      seen[text] = true
      texts[#texts + 1] = text
    end
    return json.decode(text)
  end,
}, { __index = json })

local environment = setmetatable({
  arg = { [0] = here .. "json.lua", "0.00001" },
  require = function(name) return name == "liveblocks.json" and noting or require(name) end,
  print = function(line)
    local name = line:match("^decode, (.-%S)%s%s")
    if name then names[#names + 1] = name end
  end,
}, { __index = _G })

assert(loadfile(here .. "json.lua", "t", environment))("0.00001")
assert(#texts == 2 and #names == 2, "json.lua does not decode two documents any more")
for i, text in ipairs(texts) do
  local path = ("%s/document-%d.json"):format(dir, i)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
  print(json.encode { name = names[i], file = path })
end
