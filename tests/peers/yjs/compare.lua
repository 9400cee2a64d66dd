-- What our code makes of the documents of cases.mjs: the same JSON as Yjs, from the updates in any order and joined.
--
--   lbhost run compare.lua CASES OUT    writes the cases with `merged` to OUT
local crypto = require "liveblocks.crypto"
local json = require "liveblocks.json"
local yjs = require "liveblocks.yjs"

local function canonical(value)
  return (json.encode(value, { pretty = true }):gsub("\n *", ""))
end

local out = assert(io.open(arg[2], "wb"))
local count, parts = 0, 0
for line in io.lines(arg[1]) do
  local case = json.decode(line)
  local updates = {}
  for i, text in ipairs(case.updates) do updates[i] = crypto.base64_decode(text) end
  local merged = yjs.merge(updates)
  for name, wanted in pairs(case.shown) do
    -- Where nothing was ever written there is no shared type.
    local empty = canonical(wanted.value):find("^[\"%[{][\"%]}]$")
    local got = canonical(yjs.to_json(merged, { key = name, type = wanted.type }))
    if got ~= canonical(wanted.value) and not (empty and got == canonical { [name] = "" }) then
      io.stderr:write(("yjs: case %d, %s:\nwanted %s\ngot    %s\n"):format(count + 1, name, canonical(wanted.value), got))
      os.exit(1)
    end
  end
  case.merged = crypto.base64_encode(merged)
  out:write(json.encode(case), "\n")
  count, parts = count + 1, parts + #updates
end
out:close()
print(("yjs: %d documents of %d updates read as Yjs does"):format(count, parts))
