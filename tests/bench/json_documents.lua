-- Writes the documents that json.lua measures to files, for the codecs of other languages:
-- json_documents.lua DIR. Prints {"name":,"file":} for each.
local json = require("liveblocks").json

local here = (arg[0] or ""):match("^(.*/)") or "./"
for i, case in ipairs(dofile(here .. "documents.lua")(json)) do
  local path = ("%s/document-%d.json"):format(arg[1], i)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(json.encode(case[2])))
  print(json.encode { name = case[1], file = path })
end
